import { z } from "zod";

/** An address, not an identity: a reply finds its session by the message it answers, then by thread. */
export const Thread = z.object({ chat: z.string(), channel: z.string(), thread: z.string().nullable() });
export type Thread = z.infer<typeof Thread>;

/** `id` is the linked person: votes, roles and audit use only it. `user` is the platform's own id. */
export const Person = z.object({ id: z.string(), chat: z.string(), user: z.string(), name: z.string() });
export type Person = z.infer<typeof Person>;

/** `chat`: who has it, when that is not the chat of the session's home. */
export const File = z.object({
  id: z.string(),
  name: z.string(),
  mime: z.string(),
  bytes: z.number(),
  chat: z.string().optional(),
});
export type File = z.infer<typeof File>;

/** One run of an agent. `took` names the queued messages whose words its prompt carries. */
export const Turn = z.object({
  kind: z.enum(["plan", "write"]),
  agent: z.string(),
  prompt: z.string(),
  files: z.array(File),
  took: z.array(z.string()),
});
export type Turn = z.infer<typeof Turn>;

export const Step = z.object({ title: z.string(), state: z.enum(["open", "doing", "done"]) });
export type Step = z.infer<typeof Step>;

export const Vote = z.object({ by: Person.nullable(), via: z.enum(["button", "words", "policy"]), at: z.number() });
export type Vote = z.infer<typeof Vote>;

/** The move of a ref, decided and saved before it is made. `onto` null: the ref must not exist yet. */
export const Aim = z.object({
  ref: z.string(),
  onto: z.string().nullable(),
  commit: z.string(),
  /** Where the ref is checked out: that folder and the paths that the move writes there. */
  checkout: z.object({ path: z.string(), paths: z.array(z.string()) }).nullable(),
});
export type Aim = z.infer<typeof Aim>;

export const How = z.enum(["merge", "pr", "discard", "undo", "revert", "clean"]);
export type How = z.infer<typeof How>;

/** Takes back what was landed before, instead of landing something. */
export const takesBack = (how: How): how is "undo" | "revert" => how === "undo" || how === "revert";

/** Makes something new of the base, so the repository's checks run before it. An undo goes back to what was. */
export const isVetted = (how: How): boolean => how === "merge" || how === "revert";

export const FileChange = z.object({ path: z.string(), added: z.number(), removed: z.number() });
export type FileChange = z.infer<typeof FileChange>;

/** What git says of a workspace compared with its target. */
export const Changes = z.object({
  /** The commit that was looked at. */
  head: z.string(),
  commits: z.number(),
  files: z.array(FileChange),
  /** Commits on the target that the workspace lacks. */
  behind: z.number(),
  /** Paths that would conflict with the target. */
  conflicts: z.array(z.string()),
  /** The target already has all of it. */
  released: z.boolean(),
  /** What a discard would not keep: ignored files, files over 50 MB. */
  notKept: z.array(z.string()),
  /** The commit of the target that it was compared with; empty in sessions of before it was kept. */
  onto: z.string().default(""),
  /** Uncommitted edits where the target is checked out, and which of them a merge would have to overwrite. */
  edits: z
    .object({ checkout: z.string(), count: z.number(), inTheWay: z.array(z.string()) })
    .nullable()
    .default(null),
  /** New files that look like notes of the agent, files with a line that looks like a secret, and what checks execute. */
  doubts: z.array(z.object({ why: z.enum(["planning", "secret", "check"]), path: z.string() })).default([]),
  /** The commit that the repository's checks must pass before this lands; null: there are none, or nothing would land. */
  candidate: z.string().nullable().default(null),
  /** Whose commits on the branch came from its server. */
  others: z.array(z.object({ by: z.string(), commits: z.number() })).default([]),
});
export type Changes = z.infer<typeof Changes>;

/** What the repository's checks said about one commit: the exact result of landing, as it would be. */
export const Checks = z.object({
  commit: z.string(),
  ok: z.boolean(),
  /** In order, up to the first that failed. `log`: the end of what it said. */
  runs: z.array(z.object({ command: z.string(), ok: z.boolean(), ms: z.number(), log: z.string() })),
});
export type Checks = z.infer<typeof Checks>;

/** Why a landing stopped before it moved anything. */
export const Block = z.discriminatedUnion("why", [
  z.object({ why: z.literal("conflict"), files: z.array(z.string()) }),
  /** Uncommitted edits in the checkout that has the base. */
  z.object({ why: z.literal("overlap"), checkout: z.string(), files: z.array(z.string()) }),
  z.object({ why: z.literal("locked"), file: z.string(), ageMs: z.number() }),
  /** The target moved five times while we aimed. */
  z.object({ why: z.literal("moving") }),
  /** The undo's ref has moved on: what was landed is no longer its tip. */
  z.object({ why: z.literal("moved_on") }),
  /** They failed on the base as it is now. */
  z.object({ why: z.literal("checks"), checks: Checks }),
  /** A pull request: the push or the server said no. `until`: when it may be tried again, if that is what it waits for. */
  z.object({
    why: z.literal("pull"),
    reason: z.enum([
      // The push.
      "server",
      "private",
      "auth",
      "protected",
      "behind",
      "offline",
      // The pull request.
      "token",
      "scope",
      "limited",
      "base",
      "refused",
    ]),
    error: z.string(),
    until: z.number().nullable(),
  }),
  z.object({ why: z.literal("failed"), error: z.string() }),
]);
export type Block = z.infer<typeof Block>;

/** The base moved while a plan waited. `named`: files among them that the plan names. */
export const Moved = z.object({ commits: z.number(), named: z.array(z.string()) });
export type Moved = z.infer<typeof Moved>;

export const Usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number(),
  estimated: z.boolean(),
  /** Time that agents worked. */
  workedMs: z.number(),
});
export type Usage = z.infer<typeof Usage>;

/** Something an agent does while it works. Shown and kept in the transcript, never in the session. */
export const Activity = z.object({
  id: z.string(),
  kind: z.enum(["command", "edit", "read", "search", "tool", "note"]),
  title: z.string(),
  state: z.enum(["open", "ok", "failed"]),
});
export type Activity = z.infer<typeof Activity>;
