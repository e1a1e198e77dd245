import { z } from "zod";
import { Ask } from "./ask.ts";
import { FailedOutcome } from "./outcome.ts";
import { Aim, Block, Changes, How, Moved, Person, Turn, Usage, Vote } from "./parts.ts";

/** What an inspection without changes leads to. */
export const Empty = z.enum(["no_change", "answered", "rejected"]);
export type Empty = z.infer<typeof Empty>;

export const Closing = z.enum(["merged", "pr_merged", "released", "dismissed", "no_change", "answered", "rejected"]);
export type Closing = z.infer<typeof Closing>;

/**
 * How to treat the repository's set-up command: `auto` runs the configured or remembered one and asks about a detected
 * one; `accept` and `decline` are the remembered answer; `skip` leaves it out this once.
 */
export const Setup = z.enum(["auto", "accept", "decline", "skip"]);
export type Setup = z.infer<typeof Setup>;

const work = z.number();
const offer = z.number();

export const Preparing = z.object({
  at: z.literal("preparing"),
  work,
  turn: Turn,
  setup: Setup,
  /** The target is merged in first, and what conflicts stands in the files: the turn is to resolve it. */
  merge: z.boolean().default(false),
});
export const Running = z.object({
  at: z.literal("running"),
  work,
  turn: Turn,
  asks: z.array(Ask),
  /** Restarts of the process without a new step of the agent. */
  restarts: z.number(),
  moved: Moved.nullable(),
  /** What this turn has used so far; added to the session's usage when the turn is over. */
  spent: Usage,
});
export const Inspecting = z.object({
  at: z.literal("inspecting"),
  work,
  answer: z.string(),
  empty: Empty,
  blocked: Block.nullable(),
});
/** The repository's checks run on the commit that would land. */
export const Checking = z.object({
  at: z.literal("checking"),
  work,
  answer: z.string(),
  changes: Changes.extend({ candidate: z.string() }),
  blocked: Block.nullable(),
});
export const Landing = z.object({
  at: z.literal("landing"),
  work,
  how: How,
  by: z.array(Vote),
  aim: Aim.nullable(),
  answer: z.string(),
  /** The outcome that the session closes with when this has landed. */
  next: Closing,
  /** It lands whatever its checks said. */
  waived: z.boolean().default(false),
});
/** What a paused session goes on with: a turn that was cut off has become the preparation of a new one. */
const Resumable = z.discriminatedUnion("at", [Preparing, Inspecting, Landing]);
export type Resumable = z.infer<typeof Resumable>;

export const Asking = z.object({ at: z.literal("asking"), offer, asks: z.array(Ask).min(1), next: Preparing });
export const Deciding = z.object({
  at: z.literal("deciding"),
  offer,
  votes: z.array(Vote),
  moved: Moved.nullable(),
  remindAt: z.number().nullable(),
});
export const Reviewing = z.object({
  at: z.literal("reviewing"),
  offer,
  answer: z.string(),
  changes: Changes,
  blocked: Block.nullable(),
  votes: z.array(Vote),
  remindAt: z.number().nullable(),
});
export const Why = z.discriminatedUnion("why", [
  z.object({ why: z.literal("stopped"), by: Person }),
  z.object({ why: z.literal("failed"), outcome: FailedOutcome }),
  z.object({ why: z.literal("restarts") }),
]);
export type Why = z.infer<typeof Why>;
export const Paused = z.object({
  at: z.literal("paused"),
  offer,
  why: Why,
  retry: Resumable,
  files: z.number(),
  /** When it goes on by itself: somebody chose to wait for a limit. */
  resumeAt: z.number().nullable(),
});
export const Closed = z.object({
  at: z.literal("closed"),
  offer,
  outcome: Closing,
  answer: z.string(),
  /** Why an undo could not be made. */
  blocked: Block.nullable(),
  since: z.number(),
});

/** The process is ended and waited for, and the workspace is counted; then `next` is entered. */
export const Stopping = z.object({
  at: z.literal("stopping"),
  work,
  next: z.discriminatedUnion("at", [Paused, Asking, Inspecting]),
  /** What the turn had used, as far as it was saved. */
  spent: Usage,
});

/** Where a session stands. Active phases carry `work`, resting ones `offer`. */
export const Phase = z.discriminatedUnion("at", [
  Preparing,
  Running,
  Stopping,
  Inspecting,
  Checking,
  Landing,
  Asking,
  Deciding,
  Reviewing,
  Paused,
  Closed,
]);
export type Phase = z.infer<typeof Phase>;
export type At<K extends Phase["at"]> = Extract<Phase, { at: K }>;
export type Active = At<"preparing" | "running" | "stopping" | "inspecting" | "checking" | "landing">;

const ACTIVE: ReadonlySet<string> = new Set(["preparing", "running", "stopping", "inspecting", "checking", "landing"]);
export const isActive = (phase: Phase): phase is Active => ACTIVE.has(phase.at);
