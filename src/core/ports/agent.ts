import type { Answer, What } from "../ask.ts";
import type { Outcome } from "../outcome.ts";
import type { Activity, Step, Turn, Usage } from "../parts.ts";
import type { Policy } from "../policy.ts";
import type { Spawn } from "./spawn.ts";

/** Contract: exactly one `ended`, always last; a failure is an outcome, never a throw. */
export type AgentEvent =
  | { type: "token"; token: string }
  | { type: "text"; text: string }
  | { type: "activity"; activity: Activity }
  | { type: "steps"; steps: Step[] }
  /** `id` is the agent's own; asks of one key are answered together. */
  | { type: "asked"; ask: { id: string; key: string; what: Extract<What, { kind: "permission" | "question" }> } }
  | { type: "heard"; messages: string[] }
  /** Of this turn so far, not a difference. */
  | { type: "spent"; usage: Usage }
  | { type: "ended"; outcome: Outcome };

export interface Run extends AsyncIterable<AgentEvent> {
  answer(askId: string, answer: Answer): void;
  /** Puts words into the running turn; they count as delivered only when a `heard` names them. */
  steer?(words: { message: string; text: string }[]): void;
}

/** A server of tools that the owner's configuration names. The values of its variables are secrets: never arguments. */
export type McpServer =
  | { is: "command"; name: string; command: string; args: string[]; env: Readonly<Record<string, string>> }
  /** `token`: the variable that it stands in, and what it is; sent as a bearer's. */
  | { is: "url"; name: string; url: string; token: { name: string; value: string } | null };

/** What the agent gets to work with. */
export interface Desk {
  /** Absolute path of the workspace. */
  cwd: string;
  /** `fork`: begin a conversation of its own from there (from `point`, where the agent can). */
  memory: { token: string; fork: boolean; point: string | null } | null;
  /** Null: the agent's own default. */
  model: string | null;
  effort: string | null;
  trust: Policy["trust"];
  /** Commands that are not asked about: of the repository, and of the approved plan. */
  commands: readonly string[];
  /** Names of what the owner allows beyond the workspace: `fetch`, `mcp:<server>`. */
  allow: readonly string[];
  /** The servers of tools of this turn: in a plan turn only those that the owner allows by name. */
  mcp: readonly McpServer[];
  /** Absolute paths that no tool may read: oca's data folder, its `.env`, /proc. */
  hidden: readonly string[];
  /** `spawn` shows the machine read-only but for `home` and `tmp`: only then a plan turn may have a shell. */
  contained: boolean;
  /** Folder of the agent's own state, its login included; one for all sessions. */
  home: string;
  /** TMPDIR of the session. */
  tmp: string;
  /** The turn's files from the chat, already on the disk. */
  files: readonly { path: string; name: string; mime: string }[];
  /** The environment that this agent may have: no chat tokens, no keys of other providers. */
  env: Readonly<Record<string, string>>;
  spawn: Spawn;
  /** Ends the turn: the agent reports `ended {interrupted}` when its process is gone. */
  signal: AbortSignal;
}

/** What a wire can do, or how oca makes up for it. */
export const ABILITIES = [
  "plan",
  "permission",
  "question",
  "steer",
  "interrupt",
  "resume",
  "fork",
  "cost",
  "images",
] as const;
export type Ability = (typeof ABILITIES)[number];
/**
 * `own`: the agent does it. `gate`: its tools are refused by oca. `kernel`: only inside a sandbox. `text`: as the end of the turn.
 * `queue`: the words wait for the next turn. `summary`: a new conversation starts from a summary. `estimate`: from a price list.
 * `path`: it is told where the file lies. `none`: not at all, and said.
 */
export type Can = "own" | "gate" | "kernel" | "text" | "queue" | "summary" | "estimate" | "path" | "none";

export interface Probe {
  /** Null: not installed. */
  version: string | null;
  /** The versions that were tested, as a semver range. */
  tested: string;
  /** Null: unknown until the first turn. */
  loggedIn: boolean | null;
  model: string | null;
  /** What to do when it is missing or not logged in. */
  fix: string | null;
  can: Readonly<Record<Ability, Can>>;
}

/** One coding agent. One call of `run` is one turn; between turns there is no process. */
export interface Agent {
  readonly name: string;
  run(turn: Turn, at: Desk): Run;
  /** Looks at what is installed; never throws, starts no conversation, and takes a few seconds at most. */
  probe(at: Pick<Desk, "home" | "env" | "spawn" | "signal">): Promise<Probe>;
}
