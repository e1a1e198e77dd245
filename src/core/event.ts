import { z } from "zod";
import { Ask } from "./ask.ts";
import { Role } from "./authority.ts";
import { Outcome } from "./outcome.ts";
import { Aim, Block, Changes, Checks, File, Moved, Person, Step, Thread, Usage } from "./parts.ts";
import { Land, OwnPolicy, Policy, Rule } from "./policy.ts";
import { News, Pull } from "./pull.ts";
import { From, Plan } from "./session.ts";

/** A person with the role that the platform's identity has in the session's home channel, judged when the event came. */
export const Actor = Person.extend({ role: Role });
export type Actor = z.infer<typeof Actor>;

/** What a button, a word, a reaction or a command says. */
export const Verb = z.enum([
  "approve",
  "revise",
  "reject",
  "stop",
  "resume",
  "answer",
  "pick",
  "merge",
  // Merges although the checks failed.
  "force",
  "resolve",
  // Opens a pull request, or brings it up to date.
  "pr",
  // What was said about the pull request becomes work.
  "address",
  // Removes the workspace of work that the base has already.
  "tidy",
  "later",
  "discard",
  "undo",
  // Takes back by a commit on top what an undo could not.
  "revert",
  // Settings of the session: `text` is the new value.
  "agent",
  "model",
  "effort",
  // Takes back permissions that were given for the whole session; `text` is the key of one, or null for all.
  "revoke",
]);
export type Verb = z.infer<typeof Verb>;

/** `id` names the delivery, so that the same one twice changes nothing: `web:m12`, a click's id, `work:17:ended`. */
const base = z.object({ id: z.string(), at: z.number() });
const person = base.extend({ by: Actor });
const work = base.extend({ by: z.null(), work: z.number() });

/** Everything that happens to a session. */
export const Event = z.discriminatedUnion("type", [
  /** The first message. The only birth. */
  person.extend({
    type: z.literal("opened"),
    session: z.string(),
    thread: Thread,
    message: z.string(),
    /** The words of the request, without the address ("Let oca ...") and hints. */
    text: z.string(),
    files: z.array(File),
    /** Earlier words of the thread, as quotation for the agent; empty when there are none. */
    context: z.string(),
    /** Null: not known yet, so `repos` are offered. */
    repo: z.string().nullable(),
    repos: z.array(z.string()),
    base: z.string().nullable(),
    agent: z.string(),
    from: z.object({ repo: From, agent: From, plan: From }),
    /** What this channel's policy asks for; hints of the person are checked against it in `step`. */
    policy: Policy,
    /** Another session's conversation and commit to go on from. */
    fork: z.object({ of: z.string(), agent: z.string(), token: z.string(), start: z.string().nullable() }).nullable(),
    /** `--no-plan` was said. */
    skipPlan: z.boolean(),
    /** How it is to land, where somebody said so. */
    land: Land.nullable().default(null),
    /** `--off` was said: it is to work in the user's own checkout. */
    off: z.boolean().default(false),
    /** What each of `repos` says of its own about how work lands. */
    policies: z.record(z.string(), OwnPolicy).default({}),
  }),
  person.extend({ type: z.literal("said"), message: z.string(), text: z.string(), files: z.array(File) }),
  /** A message was edited, or deleted (`text` null), by its author. */
  person.extend({ type: z.literal("edited"), message: z.string(), text: z.string().nullable() }),
  /** It is shown in another thread too, with the same buttons. */
  person.extend({ type: z.literal("followed"), thread: Thread }),
  /** `key` is the offer's number, or `<ask id>.<option>`; `text` is what was typed with it. */
  person.extend({
    type: z.literal("pressed"),
    verb: Verb,
    key: z.string(),
    via: z.enum(["button", "words"]),
    text: z.string().nullable(),
  }),
  work.extend({ type: z.literal("prepared"), target: z.string(), baseCommit: z.string(), moved: Moved.nullable() }),
  /** The agent asks, or a preparation does (repository, base, set-up). */
  work.extend({ type: z.literal("asked"), ask: Ask }),
  /** What the running turn has come to: saved every few seconds and at its end. */
  work.extend({
    type: z.literal("noted"),
    token: z.string().nullable(),
    steps: z.array(Step).nullable(),
    usage: Usage.nullable(),
  }),
  /** The agent confirmed words that were put into the running turn. */
  work.extend({ type: z.literal("heard"), messages: z.array(z.string()) }),
  work.extend({
    type: z.literal("ended"),
    outcome: Outcome,
    plan: Plan.omit({ version: true, baseCommit: true }).nullable(),
    token: z.string().nullable(),
    usage: Usage.nullable(),
  }),
  work.extend({
    type: z.literal("stopped"),
    files: z.number(),
    token: z.string().nullable(),
    usage: Usage.nullable(),
  }),
  work.extend({ type: z.literal("inspected"), changes: Changes }),
  /** The base moved while a review waits. `offer`: the one that was looked at. */
  base.extend({ type: z.literal("compared"), by: z.null(), offer: z.number(), changes: Changes }),
  work.extend({ type: z.literal("checked"), checks: Checks }),
  work.extend({ type: z.literal("aimed"), aim: Aim }),
  work.extend({ type: z.literal("landed"), kept: z.string(), pushed: z.boolean() }),
  work.extend({ type: z.literal("blocked"), block: Block }),
  /** The branch is pushed, and its pull request stands. */
  work.extend({ type: z.literal("proposed"), pull: Pull }),
  /** The work threw: nobody foresaw it. */
  work.extend({ type: z.literal("failed"), error: z.string() }),
  /** How the pull request stands, and everything that is said about it now. */
  base.extend({
    type: z.literal("pulled"),
    by: z.null(),
    number: z.number(),
    state: z.enum(["open", "merged", "closed"]),
    draft: z.boolean(),
    news: z.array(News),
  }),
  /** An owner has said what the repository allows from now on; null: it is to be asked again. */
  base.extend({ type: z.literal("ruled"), by: z.null(), rule: Rule.nullable() }),
  base.extend({ type: z.literal("due"), by: z.null() }),
  base.extend({ type: z.literal("restarted"), by: z.null() }),
]);
export type Event = z.infer<typeof Event>;
export type EventOf<K extends Event["type"]> = Extract<Event, { type: K }>;

/** Why an event of a person changed nothing. The view puts it into words for that person. */
export type Refusal =
  /** The button belongs to an older card. `plan`: the version that is newest now. */
  | { refused: "superseded"; plan: number | null }
  /** Somebody decided before: who, if it was not this person. */
  | { refused: "already"; by: Person | null }
  | { refused: "voted"; missing: number }
  | { refused: "role"; needs: Role; id: string }
  /** Too late: the ref is moving. */
  | { refused: "late" }
  /** The repository does not allow it. */
  | { refused: "policy"; rule: Rule }
  /** A revision that does not say what should change. */
  | { refused: "words" }
  /** Nothing runs that could be stopped, or the session does not offer this now. */
  | { refused: "idle" }
  /** The agent has the words already. */
  | { refused: "heard" }
  | { refused: "gone" };

export const isRefusal = (value: object): value is Refusal => "refused" in value;
