import { readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { GitExit, type Run } from "./run.ts";

/** Somebody else's lock in the user's repository did not go away. */
export class Locked extends Error {
  readonly file: string;
  readonly ageMs: number;
  constructor(file: string, ageMs: number) {
    super(
      `${file} has been there for ${Math.round(ageMs / 1000)} s: another git is at work, or one died. If none runs, delete the file and try again`,
    );
    this.file = file;
    this.ageMs = ageMs;
  }
}

export interface Patience {
  /** How long a lock of the user's repository is waited for. */
  waitMs: number;
  /** A lock of ours that is older was left by a process that died. */
  staleMs: number;
}

/**
 * Git that waits for lock files: one below a worktree in `folder`, or of a ref of ours, is removed when it is stale; any
 * other is waited for, then `Locked` is thrown. Commands fail at a lock before they change anything, so they run again.
 */
export function patient(run: Run, folder: string, { waitMs, staleMs }: Patience): Run {
  const yielded = async (file: string, until: number, signal?: AbortSignal): Promise<void> => {
    const ageMs = await ageOf(file);
    if (ageMs === null) return;
    if (ageMs >= staleMs && (await isOurs(file, folder))) return rm(file, { force: true });
    if (Date.now() >= until) throw new Locked(file, ageMs);
    await wait(Math.min(100, staleMs), undefined, signal && { signal });
  };
  return async (cwd, args, call) => {
    const until = Date.now() + waitMs;
    for (;;) {
      try {
        return await run(cwd, args, call);
      } catch (error) {
        const file = lockIn(error);
        if (file === null) throw error;
        await yielded(file, until, call?.signal);
      }
    }
  };
}

const LOCK = /Unable to create '(.+\.lock)': File exists/;

const lockIn = (error: unknown): string | null =>
  error instanceof GitExit ? (LOCK.exec(error.stderr)?.[1] ?? null) : null;

async function ageOf(file: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return null; // it is gone: that is what we wait for
  }
}

async function isOurs(file: string, folder: string): Promise<boolean> {
  if (file.includes("/refs/heads/oca/") || file.includes("/refs/oca/")) return true;
  try {
    return (await readFile(join(dirname(file), "gitdir"), "utf8")).startsWith(`${folder}/`);
  } catch {
    return false; // no worktree's folder: it belongs to the repository
  }
}
