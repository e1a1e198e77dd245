import { GitError, GitPluginError, type SimpleGitOptions, simpleGit } from "simple-git";

/** What a call may ask for beside its arguments. */
export interface Call {
  /** Goes to standard input. */
  input?: string;
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Ends a call that has said nothing for so long: for the network. */
  silenceMs?: number;
  /** Gets what is printed as it is: the answer itself is text. */
  take?: (chunk: Buffer) => void;
  /** Only `push` runs the user's hooks, and only from the user's own repository. */
  hooks?: boolean;
}

/** Runs one git command in a folder and gives what it printed. Rejects with `GitExit` for every other exit code than 0. */
export type Run = (folder: string, args: string[], call?: Call) => Promise<string>;

/** Stands for the exit code of a git that a signal has ended: the system had no memory left, or somebody killed it. */
const KILLED = -1;
/** Stands for the exit code of a git that was ended because the other side had nothing to say. */
const SILENT = -2;

/** Git said no, or failed. `code` 1 is its *no* to a question. */
export class GitExit extends GitError {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  constructor(code: number, stdout: string, stderr: string) {
    // What a git that was killed has said so far is no reason.
    super(undefined, code === KILLED ? "git was killed" : (stderr || stdout).trim() || `git ended with ${code}`);
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/**
 * The only way to git. Nothing that an agent wrote runs through it: no hooks, no file system monitor, no `ext::` remotes,
 * no submodules; nothing asks at a terminal, and nothing tidies up the user's repository in the background.
 */
export function createRun(env: Readonly<Record<string, string | undefined>>): Run {
  const clean = environment(env);
  return async (folder, args, { input, env: more = {}, signal, silenceMs, take, hooks = false } = {}) => {
    signal?.throwIfAborted();
    const options: Partial<SimpleGitOptions> = {
      baseDir: folder,
      config: hooks ? SAFE : [...SAFE, "core.hooksPath=/dev/null"],
      // simple-git takes a silent exit with 1 for success, and also an end by a signal, which has no code.
      errors: (error, { exitCode, stdOut, stdErr }) => {
        if (exitCode === 0 || (error && !exitCode)) return error;
        return new GitExit(exitCode ?? KILLED, text(stdOut), text(stdErr));
      },
      unsafe: UNSAFE,
      allowEnvironment: GUARDED,
      // A long answer may not have been read to its end when git exits; but what git started for the network may outlive it.
      completion: { onClose: true, onExit: hooks || silenceMs !== undefined ? 1_000 : false },
      ...(signal && { abort: signal }),
      ...(input !== undefined && { input: () => input }),
      ...(silenceMs !== undefined && { timeout: { block: silenceMs } }),
    };
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      simpleGit(options)
        .env({ ...clean, ...more })
        .outputHandler((_, stdout) => take && stdout.on("data", take))
        .raw(args)
        .then(resolve, (error: unknown) => reject(isSilence(error) ? new GitExit(SILENT, "", error.message) : error));
    });
  };
}

const isSilence = (error: unknown): error is GitPluginError =>
  error instanceof GitPluginError && error.plugin === "timeout";

/** The value that answers, or null when git says no. */
export async function unlessNo(answer: Promise<string>): Promise<string | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitExit && error.code === 1) return null;
    throw error;
  }
}

/** The parts of an answer made with `-z`. */
export const split = (answer: string): string[] => answer.split("\0").filter((part) => part !== "");

const SAFE = [
  "core.fsmonitor=false",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
];

/** simple-git refuses these switches to callers that pass on text of strangers; ours are constants, above. */
const UNSAFE = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeConfigPaths: true,
};

/** What git and its ways to a remote need of our own environment. No tokens. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|TZ|TMPDIR|XDG_\w+|SSH_AUTH_SOCK|SSH_AGENT_PID|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL)|GIT_SSH_COMMAND|GIT_CONFIG_(GLOBAL|NOSYSTEM))$/i;

const GUARDED = [
  "GIT_TERMINAL_PROMPT",
  "GIT_OPTIONAL_LOCKS",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_AUTHOR_NAME",
  "GIT_AUTHOR_EMAIL",
  "GIT_AUTHOR_DATE",
  "GIT_COMMITTER_NAME",
  "GIT_COMMITTER_EMAIL",
  "GIT_COMMITTER_DATE",
  "GIT_SSH_COMMAND",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
];

function environment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && INHERITED.test(name) ? [[name, value] as const] : [],
  );
  // Messages of git are read for the names of lock files; optional locks would get into the user's way.
  return { ...Object.fromEntries(kept), LC_ALL: "C.UTF-8", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };
}

const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");
