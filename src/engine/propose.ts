import type { EventOf } from "../core/event.ts";
import type { Standing } from "../core/ports/forge.ts";
import type { Request } from "../core/pull.ts";
import type { Session } from "../core/session.ts";
import { type Doing, headOf, type Job, placeOf } from "./work.ts";

/** Before anything is pushed to a pull request: it may have been merged since it was looked at. False: then this landing is over. */
export async function isStill(s: Session, job: Job, { forge, emit, now, log }: Doing): Promise<boolean> {
  const { pull } = s;
  if (pull?.is !== "request" || pull.state === "closed") return true;
  try {
    const standing = await forge.look(pull);
    if (standing.is === "limited") return true;
    const after = await emit(pulledOf(pull, standing, now()));
    return after?.phase.at === "landing" && after.phase.work === job.work;
  } catch (error) {
    log.warn({ session: s.id, pull: pull.url, error }, "cannot see how the pull request stands; going on");
    return true;
  }
}

/** What a look at a pull request has found, as an event. */
export function pulledOf(
  { number }: Request,
  { state, draft, news }: Extract<Standing, { is: "known" }>,
  at: number,
): EventOf<"pulled"> {
  return { type: "pulled", id: `pulled:${at}`, at, by: null, number, state, draft, news };
}

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
