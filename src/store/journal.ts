import { open } from "node:fs/promises";
import { z } from "zod";
import { Event } from "../core/event.ts";
import { Broken, parse, readText } from "../lib/durable.ts";

/** One event of a session and the revision that it led to. */
const Line = z.object({ rev: z.number(), event: Event });
export type Line = z.infer<typeof Line>;

/** Where a journal ends: the last revision in it (0 when empty) and its length up to there. */
interface Tail {
  rev: number;
  bytes: number;
}

/** Writes a line behind the first `bytes` bytes, on the disk when it resolves; returns the new length. */
export async function append(file: string, bytes: number, line: Line): Promise<number> {
  const data = Buffer.from(`${JSON.stringify(line)}\n`);
  const handle = await open(file, "a", 0o600);
  try {
    const { size } = await handle.stat();
    // A put that failed half-way left something: its event counts as not happened.
    if (size > bytes) await handle.truncate(bytes);
    await handle.writeFile(data);
    await handle.datasync();
    return Math.min(size, bytes) + data.length;
  } finally {
    await handle.close();
  }
}

/**
 * Finds the end of a journal without reading all of it. A last line that a crash tore is cut off: nobody was told that
 * it is saved. Throws `Broken` when the line before it is no line either.
 */
export async function mend(file: string): Promise<Tail> {
  const handle = await open(file, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null; // not written yet
    throw error;
  });
  if (!handle) return { rev: 0, bytes: 0 };
  try {
    const { size } = await handle.stat();
    for (let span = 4096; ; span *= 8) {
      const from = Math.max(0, size - span);
      const chunk = Buffer.alloc(size - from);
      await handle.read(chunk, 0, chunk.length, from);
      const tail = tailOf(chunk, { from, file });
      if (tail && tail.bytes < size) await handle.truncate(tail.bytes);
      if (tail) return tail;
    }
  } finally {
    await handle.close();
  }
}

/** All lines; throws `Broken` naming the first that is none. */
export async function readLines(file: string): Promise<Line[]> {
  const lines = ((await readText(file)) ?? "").split("\n").slice(0, -1);
  return lines.map((line, index) => parse(`${file}:${index + 1}`, line, Line));
}

const NEWLINE = 0x0a;
const Head = z.object({ rev: z.number() });

/** The tail in the last bytes of a file, or null when they do not reach back far enough. */
function tailOf(chunk: Buffer, { from, file }: { from: number; file: string }): Tail | null {
  let fault: Broken | null = null;
  for (let end = chunk.lastIndexOf(NEWLINE); end >= 0; ) {
    const before = end === 0 ? -1 : chunk.lastIndexOf(NEWLINE, end - 1);
    if (before < 0 && from > 0) return null;
    const head = headOf(chunk.toString("utf8", before + 1, end), file);
    if (!(head instanceof Broken)) return { rev: head.rev, bytes: from + end + 1 };
    if (fault) throw fault;
    fault = head;
    end = before;
  }
  return from > 0 ? null : { rev: 0, bytes: 0 };
}

function headOf(line: string, file: string): z.infer<typeof Head> | Broken {
  try {
    return parse(file, line, Head);
  } catch (error) {
    if (error instanceof Broken) return error;
    throw error;
  }
}
