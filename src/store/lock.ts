import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "./folder.ts";

export interface Lock {
  release(): void;
}

/**
 * Makes the data folder this process's own. The kernel drops the lock when the process ends, however it ends, so there
 * is never a stale one. Throws when another process holds it.
 */
export async function lock(folder: string): Promise<Lock> {
  await makeFolder(folder);
  const file = join(folder, "lock");
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // In memory: a killed process leaves no second file behind.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    await chmod(file, 0o600);
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new Error(
      `the data folder ${folder} is in use by another oca: stop that one, or give this one a data folder of its own`,
      { cause: error },
    );
  }
  return { release: () => database.close() };
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
