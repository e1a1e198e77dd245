import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Adapter } from "lowdb";
import { z } from "zod";

/** A file that exists but cannot be understood. `reason` says where it is wrong. */
export class Broken extends Error {
  readonly file: string;
  readonly reason: string;
  constructor(file: string, reason: string) {
    super(`${file} cannot be read: ${reason}`);
    this.name = "Broken";
    this.file = file;
    this.reason = reason;
  }
}

/**
 * A file for lowdb's `Low` that survives a power cut: a resolved `write` is on the disk, whole, and a reader sees the old
 * or the new document, never a part. Writes asked for while one is under way are written once, the newest. `read` gives
 * null when there is no file and throws `Broken` when it does not fit the schema. The folder must exist.
 */
export function durable<T>(file: string, schema: z.ZodType<T>): Adapter<T> {
  let newest: T;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return {
    read: async () => {
      const text = await readText(file);
      return text === null ? null : parse(file, text, schema);
    },
    write: (data) => {
      newest = data;
      next ??= last
        .catch(() => undefined) // whoever asked for that write has heard of its failure
        .then(() => {
          next = null;
          last = writeDurably(file, JSON.stringify(newest));
          return last;
        });
      return next;
    },
  };
}

/** Replaces a file in one step, readable by its owner only; when it resolves, the disk has it. The folder must exist. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Makes the names in a folder durable: a rename or a new file is on the disk only after this. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of a file, or null when there is none. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Reads JSON of a known shape; throws `Broken` naming the file. */
export function parse<T>(file: string, text: string, schema: z.ZodType<T>): T {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new Broken(file, error instanceof Error ? error.message : String(error));
  }
  const result = schema.safeParse(raw);
  if (!result.success) throw new Broken(file, z.prettifyError(result.error));
  return result.data;
}
