import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

export const FILE_BYTES = 20_000_000;

const FileId = z.string().regex(/^[0-9a-f]{32}$/);

/** What people hand over, each under a name nobody can guess. */
export interface Files {
  /** Null when it is longer than 20 MB: then nothing is kept. */
  save(body: AsyncIterable<Uint8Array>): Promise<{ id: string; bytes: number } | null>;
  /** Null when there is no such file. */
  bytes(id: string): Promise<number | null>;
  read(id: string): AsyncIterable<Uint8Array>;
}

export async function openFiles(folder: string): Promise<Files> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = (id: string): string => join(folder, FileId.parse(id));
  return {
    save: async (body) => {
      const id = randomBytes(16).toString("hex");
      const draft = `${path(id)}.part`;
      const count = { bytes: 0 };
      try {
        await pipeline(limit(body, count), createWriteStream(draft, { mode: 0o600, flush: true }));
        await rename(draft, path(id));
      } catch (error) {
        await rm(draft, { force: true });
        if (error instanceof TooLong) return null;
        throw error;
      }
      return { id, bytes: count.bytes };
    },
    bytes: async (id) => {
      if (!FileId.safeParse(id).success) return null;
      return await stat(path(id)).then(
        (found) => found.size,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return null;
          throw error;
        },
      );
    },
    read: (id) => createReadStream(path(id)),
  };
}

class TooLong extends Error {}

async function* limit(body: AsyncIterable<Uint8Array>, count: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count.bytes += chunk.byteLength;
    if (count.bytes > FILE_BYTES) throw new TooLong();
    yield chunk;
  }
}
