import { z } from "zod";
import type { Ask } from "./ask.ts";
import { Aim, Checks, File, Person, Step, Thread, Usage, Vote } from "./parts.ts";
import { isActive, Phase } from "./phase.ts";
import { Policy } from "./policy.ts";
import { Pull } from "./pull.ts";

/** Where the branches of servers stand, and of the one that is pushed to. */
export const SERVERS = "refs/remotes/";
export const SERVER = `${SERVERS}origin/`;

/**
 * Where a session's agent works. The path is derived from data folder, repository and session id and stays the same for
 * every generation `n`, because agents key their memory by working directory.
 */
export const Workspace = z.object({
  repo: z.string(),
  /** `repo`: the user's own checkout, as it is. Nothing is fetched, made, committed, landed or removed there by oca. */
  kind: z.enum(["worktree", "repo"]),
  /** Generation: a reopened session works on a new branch from the current base. */
  n: z.number(),
  /** A worktree's own. In a checkout no branch is made: what is checked out there is the target. */
  branch: z.string(),
  /** The base branch somebody asked for; null is the repository's own default. */
  base: z.string().nullable(),
  /** Full ref that is branched from and landed on, fixed by the first `prepared`. In a checkout: the branch that it has. */
  target: z.string().nullable(),
  /** The commit that a fork begins at; null: at the base. */
  start: z.string().nullable(),
  baseCommit: z.string().nullable(),
  /** A write turn was made ready in this generation: the set-up command has run, or was skipped by a person. */
  ready: z.boolean(),
});
export type Workspace = z.infer<typeof Workspace>;

export const Plan = z.object({
  version: z.number(),
  /** SHA-256 of `markdown`, hexadecimal. */
  digest: z.string(),
  markdown: z.string(),
  steps: z.array(z.string()),
  files: z.array(z.string()),
  commands: z.array(z.string()),
  baseCommit: z.string().nullable(),
});
export type Plan = z.infer<typeof Plan>;

/** What a write turn rests on. `digest` null: the channel's policy, or somebody who may approve, asked for no plan. */
export const Warrant = z.object({ digest: z.string().nullable(), votes: z.array(Vote) });
export type Warrant = z.infer<typeof Warrant>;

/** A permission that is not asked again: once in the next turn, or for the rest of the session. */
export const Grant = z.object({ key: z.string(), scope: z.enum(["once", "session"]), by: Person });
export type Grant = z.infer<typeof Grant>;

/** Something a person said while the bot was busy. `id` is the platform's message id. `vote`: its author may approve. */
export const Queued = z.object({
  id: z.string(),
  by: Person,
  text: z.string(),
  files: z.array(File),
  vote: z.boolean(),
  at: z.number(),
});
export type Queued = z.infer<typeof Queued>;

/** A line of the record: what was landed or discarded, on whose word, and where the rescue is kept. */
export const Landed = z.object({
  how: z.enum(["merge", "discard", "undo", "revert"]),
  by: z.array(Vote),
  aim: Aim,
  /** `refs/oca/kept/<id>/<work>` */
  kept: z.string(),
  pushed: z.boolean(),
  /** `waived`: somebody who may merge said "merge anyway". `none`: the repository has none. */
  checks: z.enum(["passed", "waived", "none"]).default("none"),
  at: z.number(),
});
export type Landed = z.infer<typeof Landed>;

/** Who decided an offer or an ask, kept so that a late click is told so. `key`: the offer's number, or the ask's id. */
export const Decision = z.object({
  key: z.string(),
  verb: z.string(),
  by: Person.nullable(),
  at: z.number(),
  /** The chosen option's label, or the words. */
  answer: z.string().nullable(),
});
export type Decision = z.infer<typeof Decision>;

/** Where a setting of the session came from: the first card says so. */
export const From = z.enum(["only", "default", "channel", "words", "asked"]);
export type From = z.infer<typeof From>;

export const Session = z.object({
  id: z.string(),
  schema: z.literal(1),
  rev: z.number(),
  /** [0] is home: roles are judged there. */
  threads: z.array(Thread).min(1),
  requester: Person,
  /** The request's first line, for headings. */
  title: z.string(),
  /** `[a-z0-9-]{1,24}`, for the branch. */
  name: z.string(),
  /** The first message, whole: what the work is about. */
  request: z.string(),
  agent: z.string(),
  /** Null: the agent's own default. */
  model: z.string().nullable(),
  effort: z.string().nullable(),
  from: z.object({ repo: From, agent: From, plan: From }),
  policy: Policy,
  workspace: Workspace.nullable(),
  /** Opaque to everybody but the agent that made it. `fork`: it is another session's; the first turn makes its own. */
  memory: z.object({ agent: z.string(), token: z.string(), fork: z.boolean() }).nullable(),
  /** The session whose conversation this one began from. */
  forkOf: z.string().nullable(),
  steps: z.array(Step),
  plans: z.array(Plan),
  warrant: Warrant.nullable(),
  grants: z.array(Grant),
  landed: z.array(Landed),
  /** Of this generation of the workspace. */
  pull: Pull.nullable().default(null),
  /** What the repository's checks said last. Counts for that commit only. */
  checks: Checks.nullable().default(null),
  /** The last 50. */
  decided: z.array(Decision),
  queue: z.array(Queued),
  /** The last 500 deliveries from people. */
  seen: z.array(z.string()),
  usage: Usage,
  work: z.number(),
  offer: z.number(),
  phase: Phase,
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Session = z.infer<typeof Session>;

/** Works in the user's own checkout: oca restores, discards, commits and lands nothing there. */
export const isOwn = ({ workspace }: Pick<Session, "workspace">): boolean => workspace?.kind === "repo";

/** Names the pieces of work that should be running: the engine keeps exactly these alive. */
export const works = (s: Session): number[] => (isActive(s.phase) ? [s.phase.work] : []);

/** Names the moment for which a person is asked to act; null while the bot moves. A new name is a new message. */
export function court(s: Session): string | null {
  const [ask] = asksOf(s);
  if (ask) return `ask:${ask.id}`;
  if (isActive(s.phase)) return null;
  if (s.phase.at !== "closed") return `offer:${s.phase.offer}`;
  return s.phase.outcome === "answered" || s.phase.outcome === "no_change" ? `offer:${s.phase.offer}` : null;
}

/** The questions that stand open, oldest first. */
export const asksOf = (s: Session): Ask[] => (s.phase.at === "running" || s.phase.at === "asking" ? s.phase.asks : []);
