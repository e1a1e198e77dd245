import type { Answer, What } from "./ask.ts";
import type { Event } from "./event.ts";
import type { Outcome } from "./outcome.ts";
import type { Activity, Aim, Block, Changes, Checks, File, Moved, Person, Step, Thread, Turn, Usage } from "./parts.ts";
import type { At, Setup } from "./phase.ts";
import type { Policy } from "./policy.ts";
import type { News, Pull, Request } from "./pull.ts";
import type { Session, Workspace } from "./session.ts";
import type { View } from "./view.ts";

// --- Agents -----------------------------------------------------------------------------------------------------------

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

// --- Processes --------------------------------------------------------------------------------------------------------

export interface Order {
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  /** Ends the whole process group: SIGTERM, 5 s later SIGKILL. */
  signal: AbortSignal;
}

export interface Child {
  readonly pid: number;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  write(text: string): Promise<void>;
  closeInput(): void;
  /** SIGINT for the whole group, as a terminal sends it: the process may end in its own way. */
  interrupt(): void;
  /** Resolves when the process and its group are gone; rejects only if it could not be started. */
  readonly done: Promise<{ code: number | null; signal: string | null }>;
}

/** The one way a process is started. */
export type Spawn = (order: Order) => Child;

// --- Git --------------------------------------------------------------------------------------------------------------

/** The session as git needs it: names of branch and folder come from it and never change for one generation. */
export interface Place {
  session: string;
  workspace: Workspace;
}

/** What preparing came to: a base, or a question that a person must answer first. */
export type Prepared =
  | { ok: true; target: string; baseCommit: string; moved: Moved | null }
  | { ok: false; ask: Extract<What, { kind: "diverged" | "setup" | "setup_failed" }> };

/** A server that a repository is pushed to: its address for people, and where the repository is there. */
export interface Remote {
  /** `https://github.com` */
  web: string;
  /** `owner/name` */
  path: string;
}
export interface Remotes {
  origin: Remote;
  /** What the origin was forked from, if it is a fork. */
  upstream: Remote | null;
}

/** Every call may run twice, and may be killed at any instruction and run again. */
export interface Git {
  /** Absolute path of the workspace, the same for every generation. */
  path(place: Place): string;
  /**
   * Fetches, creates or restores the workspace and brings an untouched one to a moved base. `named` are the files of the
   * plan. With `merge` the target is merged into the branch, and what conflicts is left in the files. With `write` the repository's files to copy are copied and its set-up command is run, as `setup` says.
   */
  prepare(
    place: Place,
    how: { push: boolean; write: boolean; setup: Setup; merge: boolean; named: string[]; signal: AbortSignal },
  ): Promise<Prepared>;
  /**
   * Remembers the workspace as it is before a turn that must not change it. What it resolves to puts back what was changed
   * since and resolves to what that was; ignored files can only be named.
   */
  watch(place: Place): Promise<() => Promise<string[]>>;
  /**
   * Remembers the git directory that the workspace shares with the user. What it resolves to names what was changed since
   * of its config, hooks, info and stash.
   */
  watchShared(place: Place): Promise<() => Promise<string[]>>;
  /** What the project tells agents, as it stands in the base commit: CLAUDE.md, AGENTS.md and the like, whole. */
  instructions(place: Place): Promise<{ path: string; text: string }[]>;
  /** Files that differ from the base: committed, uncommitted and untracked ones. */
  changed(place: Place): Promise<string[]>;
  /**
   * Commits what the turn left and compares with the target. With `since` a pull request of the branch of before was merged:
   * what came after it is first put on the server's base, as a branch of the workspace's own.
   */
  inspect(place: Place, by: Author, since: Since | null): Promise<Changes>;
  /** The same comparison, changing nothing. */
  compare(place: Place): Promise<Changes>;
  /** The servers of the repository; null when it has none, or only a folder. */
  remotes(place: Place): Promise<Remotes | null>;
  /** First lines of the commits that the target lacks, oldest first. */
  subjects(place: Place): Promise<string[]>;
  /** Where the targets stand, by session; asks each repository once, whatever the number of sessions. */
  tips(places: readonly Place[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Makes the exact result (rebase, squash, merge commit, snapshot), keeps it under `refs/oca/kept/`, calls `aim` and
   * moves the ref by compare-and-swap only when that has returned. With `at.aim` set (after a restart) it first looks
   * whether the ref already contains the commit. One landing per repository at a time.
   */
  land(
    place: Place,
    at: LandingOrder,
    aim: (aim: Aim) => Promise<void>,
  ): Promise<{ ok: true; kept: string; pushed: boolean } | { ok: false; block: Block }>;
  /**
   * Runs the repository's checks on a commit, in a worktree of its own that is thrown away: set up like any other, with no
   * tokens. `said` gets what each command said, whole (its last 64 KB).
   */
  check(
    place: Place,
    at: { commit: string; signal: AbortSignal; said: (command: string, log: string) => void },
  ): Promise<Checks>;
  /** Workspaces that stand in the data folder, whoever knows them. */
  standing(): Promise<{ repo: string; session: string; path: string }[]>;
  /** Lets go of everything that was kept for these sessions. */
  expire(places: readonly Place[]): Promise<void>;
  /** The commit that the workspace has checked out, or its branch when the folder is gone; null when neither is there. */
  head(place: Place): Promise<string | null>;
  /** Unified diff of the workspace (or of what was landed) against its base. */
  diff(place: Place, of: { from: string; to: string } | null): Promise<string>;
}

/** A branch, and the commit of it that a pull request was merged with. */
export interface Since {
  branch: string;
  commit: string;
  work: number;
}

export interface Author {
  title: string;
  requestedBy: Person;
  approvedBy: Person[];
}

export interface LandingOrder extends Author {
  how: At<"landing">["how"];
  style: Session["policy"]["style"];
  push: boolean;
  /**
   * The commit that has passed the repository's checks, null for none: another one is checked before the ref moves.
   * `waived`: nothing is.
   */
  checked: string | null | "waived";
  /** What each check said, whole. */
  said: (command: string, log: string) => void;
  /** The saved aim of an attempt that was cut off. */
  aim: Aim | null;
  /** For undo and revert: what was landed. */
  undo: Session["landed"][number] | null;
  work: number;
  signal: AbortSignal;
}

// --- Pull requests ----------------------------------------------------------------------------------------------------

/** A branch that is pushed, and what its pull request is to say. */
export interface Proposal {
  remotes: Remotes;
  /** Short names of branches. */
  base: string;
  branch: string;
  head: string;
  title: string;
  /** Markdown. Text of people and agents in it is quoted and mentions nobody. */
  body: string;
  signal: AbortSignal;
}

/** How a pull request stands, and all that is said about it now. */
export type Standing =
  | ({ is: "known"; news: News[] } & Pick<Request, "state" | "draft">)
  /** The server wants no questions before this time. */
  | { is: "limited"; until: number };

/** Servers where a branch becomes a pull request: one port, whatever they are. */
export interface Forge {
  /**
   * Makes it true that the branch has an open pull request that says this, however often it runs: what is there is
   * brought up to date, never doubled, and what people wrote into it stays. A server that oca only knows by its address
   * gives a page where a person opens it.
   */
  propose(proposal: Proposal): Promise<{ ok: true; pull: Pull } | { ok: false; block: Block }>;
  /** Rejects when the server cannot be asked. */
  look(request: Request): Promise<Standing>;
}

// --- Chats ------------------------------------------------------------------------------------------------------------

export interface Message extends Thread {
  id: string;
}

interface Delivery {
  /** Identity of the delivery: a redelivered one has the same. */
  id: string;
  /** The platform's time, epoch ms. */
  at: number;
  by: Person;
  thread: Thread;
  /** Language of the person, for what only that person sees. */
  locale: string;
  /** IANA name of the person's time zone, where the platform knows it. */
  timezone?: string;
}

export type Incoming =
  | (Delivery & {
      type: "message";
      message: string;
      text: string;
      files: File[];
      /** The message it answers. */
      replyTo: string | null;
      /** It mentions the bot, is a direct message or came by a command. */
      addressed: boolean;
    })
  | (Delivery & { type: "edited"; message: string; text: string | null })
  /**
   * `action` is what a button of ours carries: `verb:session:key`, or `/oca` and a command. `message` null: it was pressed in
   * an overview that is made for this person and shown nowhere else.
   */
  | (Delivery & { type: "click"; message: string | null; action: string; text: string | null })
  /** oca was put into a channel by this person. */
  | (Delivery & { type: "joined" });

/** An earlier word of a thread. */
export interface Said {
  by: string;
  at: number;
  text: string;
}

/** One chat platform. Knows limits, markup and retries; knows nothing about sessions. */
export interface Chat {
  readonly name: string;
  /**
   * `receive` resolves when the delivery is saved (then the platform may get its acknowledgement) and rejects when it
   * could not be saved. It never waits for an agent.
   */
  start(receive: (incoming: Incoming) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  /**
   * Throws `Gone` when nothing can be written there. A person's `user`, as a channel, is what is said to that person alone;
   * the message that comes of it names its real channel.
   */
  post(thread: Thread, view: View): Promise<Message>;
  /** A message that somebody took away is no error; a channel that is gone is `Gone`. */
  edit(message: Message, view: View): Promise<void>;
  /** Answers one person only: ephemeral message, callback alert, dialog. */
  reply(incoming: Incoming, view: View): Promise<void>;
  /** Earlier words of the thread, oldest first; empty where the platform has no history. */
  context(thread: Thread, before: string): Promise<Said[]>;
  fetch(file: File): Promise<AsyncIterable<Uint8Array>>;
}

/** The thread, its channel, or oca's place in it is not there any more: only people can mend that. */
export class Gone extends Error {}

// --- Store ------------------------------------------------------------------------------------------------------------

/** A message that shows a session in one of its threads, as it was last drawn. */
export interface Card {
  thread: Thread;
  /** The living card shows progress; a decision card asks a person to act. */
  role: "living" | "decision";
  message: Message;
  /** The moment it was posted for (`court` of the session); null for the living card. */
  court: string | null;
  /** The offer that its buttons carry; null for a card without. */
  offer: number | null;
  /** When the platform acknowledged the post, by our clock. */
  postedAt: number;
  /** Messages that were written below it since. */
  below: number;
  /** Drawn again only when it differs. */
  view: View;
}

/** A line of a session's transcript: what the agent said and did. */
export interface Entry {
  at: number;
  work: number;
  event: Exclude<AgentEvent, { type: "token" | "spent" }>;
}

export interface Store {
  get(id: string): Promise<Session | undefined>;
  all(): Promise<readonly Session[]>;
  /** Durable when it resolves: journal line, then session. Throws `Race` when the stored rev is not `rev`. */
  put(session: Session, event: Event, rev: number | null): Promise<void>;
  cards(id: string): Promise<readonly Card[]>;
  setCards(id: string, cards: readonly Card[]): Promise<void>;
  /** Resolves when the line is written: a moment later, together with others. */
  note(id: string, entry: Entry): Promise<void>;
  transcript(id: string): Promise<Entry[]>;
  /** Who did what when: the journal, oldest first. */
  journal(id: string): Promise<{ rev: number; event: Event }[]>;
}

/** The stored session is newer than the one that was stepped from: step again. */
export class Race extends Error {}
