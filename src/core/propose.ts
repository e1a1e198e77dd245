import type { EventOf } from "./event.ts";
import { begin, enter, generation, isVote, personOf, shown, votedFor } from "./move.ts";
import type { Vote } from "./parts.ts";
import type { At } from "./phase.ts";
import { prompt } from "./prompt.ts";
import { newsOf, type Pull, type Request } from "./pull.ts";
import type { Session } from "./session.ts";

/** A pull request, from its first push to its end. */

/** It stands, and is up to date. What was said about it before is still to be dealt with; checks are about a commit. */
export function proposed(s: Session, { answer }: At<"landing">, e: EventOf<"proposed">): Session {
  const comments = newsOf(s.pull).filter(({ kind }) => kind === "comment");
  const told = s.pull?.is === "request" ? s.pull.told : [];
  const pull = e.pull.is === "request" ? { ...e.pull, news: comments, told } : e.pull;
  return enter({ ...s, pull }, { ...AGAIN, answer });
}

const AGAIN = { at: "inspecting", work: 0, empty: "no_change", blocked: null } as const;

/** News of the pull request, in whatever phase; a review shows them as a new card. */
export function pulled(s: Session, e: EventOf<"pulled">): Session {
  const { pull, phase } = s;
  if (pull?.is !== "request" || pull.number !== e.number || phase.at === "closed") return s;
  const news = e.news.filter(({ id }) => !pull.told.includes(id));
  // What was merged stays so: an answer that comes late says how it was before.
  const state = pull.state === "merged" ? pull.state : e.state;
  const next: Request = { ...pull, state, draft: e.draft, news };
  const after: Session = { ...s, pull: next };
  if (phase.at === "landing" && phase.how === "pr" && isTooLate(pull, e))
    return enter(after, { ...AGAIN, answer: phase.answer });
  if (JSON.stringify(next) === JSON.stringify(pull)) return s;
  if (phase.at !== "reviewing") return after;
  if (isHome(after, phase.changes)) return home(after, phase.answer);
  if (isLeft(after, phase.changes)) return left(after, phase.answer);
  const isNew = state !== pull.state || news.some(({ id }) => !pull.news.some((known) => known.id === id));
  return isNew ? enter(after, { ...phase, votes: [] }) : shown(s, after, e.at);
}

/** Nothing more is pushed to a pull request that has been merged, or closed since somebody asked for it. */
const isTooLate = (before: Request, { state }: EventOf<"pulled">): boolean =>
  state === "merged" || (state === "closed" && before.state === "open");

/** Merged there, and nothing has been made here since. */
export const isHome = ({ pull }: Session, { head }: { head: string }): boolean =>
  pull?.is === "request" && pull.state === "merged" && pull.head === head;

/** Merged there, and there is more here. */
export const isLeft = ({ pull }: Session, { head }: { head: string }): boolean =>
  pull?.is === "request" && pull.state === "merged" && pull.head !== head;

/** What the pull request did not have goes on as the workspace's next generation; whether it is anything, git will say. */
export function left(s: Session, answer: string): Session {
  const { pull, workspace } = s;
  if (pull?.is !== "request" || !workspace) return s;
  const { number, url, head } = pull;
  const next = { ...generation(workspace, pull), baseCommit: head };
  const merged: Pull = { is: "merged", number, url, head, branch: workspace.branch };
  return enter({ ...s, pull: merged, workspace: next }, { ...AGAIN, answer });
}

/** The work has got home by its pull request: what is left of it here goes, and is kept for a while. */
export const home = (s: Session, answer: string): Session =>
  enter(s, { at: "landing", work: 0, how: "clean", by: [], aim: null, answer, next: "pr_merged", waived: false });

/** What was said about the pull request becomes work: at once on a vote, by a plan on anybody else's word. */
export function address(s: Session, e: EventOf<"pressed">): Session {
  const { pull } = s;
  if (pull?.is !== "request") return s;
  const told = [...pull.told, ...pull.news.map(({ id }) => id)].slice(-TOLD);
  const after: Session = { ...s, pull: { ...pull, news: [], told } };
  const vote: Vote = { by: personOf(e.by), via: e.via, at: e.at };
  const kind = isVote(s, e.by) ? "write" : "plan";
  const words = { prompt: prompt.address(pull), files: [], took: [] };
  return begin(kind === "write" ? votedFor(after, vote) : after, kind, words);
}

/** News that a session remembers to have dealt with. */
const TOLD = 1000;
