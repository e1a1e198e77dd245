import type { Session } from "../core/session.ts";
import { type Doing, headOf, type Job, placeOf } from "./work.ts";

/** The branch is pushed: its pull request is opened, or what is there is brought up to date. */
export async function propose(s: Session, job: Job, { git, forge, pitch, emit, now }: Doing): Promise<void> {
  const place = placeOf(s);
  const { target, branch } = place.workspace;
  const remotes = await git.remotes(place);
  const head = await git.head(place);
  if (!remotes || !target || !head) {
    const error = `${branch} has no server that it could be pushed to`;
    const block = { why: "pull" as const, reason: "server" as const, error, until: null };
    await emit({ ...headOf(job, "blocked", now()), type: "blocked", block });
    return;
  }
  const base = target.replace(/^refs\/(?:heads|remotes\/origin)\//, "");
  const words = pitch(s, await git.subjects(place));
  const made = await forge.propose({ remotes, base, branch, head, ...words, signal: job.abort.signal });
  if (made.ok) await emit({ ...headOf(job, "proposed", now()), type: "proposed", pull: made.pull });
  else await emit({ ...headOf(job, "blocked", now()), type: "blocked", block: made.block });
}
