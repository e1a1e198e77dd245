import { appendFile, stat } from "node:fs/promises";
import { z } from "zod";
import { What } from "../core/ask.ts";
import { Outcome } from "../core/outcome.ts";
import { Activity, Step } from "../core/parts.ts";
import type { Entry } from "../core/ports/store.ts";
import { readText, writeDurably } from "../lib/durable.ts";
import { clip } from "../lib/text.ts";

interface Transcripts {
  /** Adds lines. Lost in a power cut, perhaps: nothing depends on them. Calls for one file must not overlap. */
  note(file: string, ...entries: Entry[]): Promise<void>;
  /** The lines that are left, oldest first; a torn one is skipped. */
  read(file: string): Promise<Entry[]>;
}

const TEXT_MAX = 16_000;

/** Keeps what agents said and did, at most `maxBytes` a file: a full one loses its older half, behind one marker line. */
export function createTranscripts({
  maxBytes,
  redact,
}: {
  maxBytes: number;
  redact: (text: string) => string;
}): Transcripts {
  const sizes = new Map<string, number>();
  const tidy = (_key: string, value: unknown): unknown =>
    typeof value === "string" ? clip(redact(value), TEXT_MAX) : value;
  return {
    note: async (file, ...entries) => {
      const known = sizes.get(file);
      const size = known ?? (await sizeOf(file));
      // The line before this process may be torn.
      const start = known === undefined && size > 0 ? "\n" : "";
      const lines = start + entries.map((entry) => `${JSON.stringify(entry, tidy)}\n`).join("");
      await appendFile(file, lines, { mode: 0o600 });
      const grown = size + Buffer.byteLength(lines);
      sizes.set(file, grown <= maxBytes ? grown : await halve(file, maxBytes / 2));
    },
    read: async (file) => ((await readText(file)) ?? "").split("\n").flatMap(entryIn),
  };
}

const [Permission, Question] = What.options;

/** Lenient: a later oca may have written it, and one strange line must not hide the others. */
const Line: z.ZodType<Entry> = z.object({
  at: z.number(),
  work: z.number(),
  event: z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("activity"), activity: Activity }),
    z.object({ type: z.literal("steps"), steps: z.array(Step) }),
    z.object({
      type: z.literal("asked"),
      ask: z.object({ id: z.string(), key: z.string(), what: z.discriminatedUnion("kind", [Permission, Question]) }),
    }),
    z.object({ type: z.literal("heard"), messages: z.array(z.string()) }),
    z.object({ type: z.literal("ended"), outcome: Outcome }),
  ]),
});

function entryIn(line: string): Entry[] {
  if (line === "") return [];
  try {
    const entry = Line.safeParse(JSON.parse(line));
    return entry.success ? [entry.data] : [];
  } catch {
    return []; // torn by a crash
  }
}

/** Returns the new length. */
async function halve(file: string, bytes: number): Promise<number> {
  const text = Buffer.from((await readText(file)) ?? "");
  const start = text.indexOf("\n", Math.max(0, text.length - bytes)) + 1;
  const kept = `${JSON.stringify({ droppedBytes: start })}\n${text.toString("utf8", start)}`;
  await writeDurably(file, kept);
  return Buffer.byteLength(kept);
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0, // not there yet; any other reason comes back when it is written
  );
