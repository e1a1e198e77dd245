import type { What } from "../ask.ts";
import type { Aim, Block, Changes, Checks, Moved, Person } from "../parts.ts";
import type { At, Setup } from "../phase.ts";
import type { Session, Workspace } from "../session.ts";

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
    how: {
      push: boolean;
      /** It gets home by pull requests only: a fork's are made to the project that it was forked from. */
      pulls: boolean;
      write: boolean;
      setup: Setup;
      merge: boolean;
      named: string[];
      signal: AbortSignal;
    },
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
