import { glob, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Desk } from "../../core/ports/agent.ts";
import { json } from "../lines.ts";
import type { Quirks } from "../quirks.ts";
import { readMemory } from "./open.ts";

type Tree = Record<string, unknown>;

/** Makes the agent's folders ready for a start. Rejects when they cannot be written. */
export async function furnish(
  quirks: Quirks,
  { home, tmp, memory }: Pick<Desk, "home" | "tmp" | "memory">,
): Promise<void> {
  for (const folder of [home, tmp]) await mkdir(folder, { recursive: true });
  if (quirks.settings !== null) await settle(join(home, quirks.settings.file), quirks.settings.content);
  if (quirks.minutes !== null && memory) await outOfTheMinute(home, quirks.minutes, readMemory(memory.token).id);
}

/** Written only when something is missing, and in one piece: other turns may be starting. */
async function settle(file: string, content: Tree): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const old = z.record(z.string(), z.unknown()).safeParse(json(text)).data;
  if (!old) throw new Error(`${file} is not a JSON object: correct it or remove it`);
  const all = merged(old, content);
  if (JSON.stringify(all) === JSON.stringify(old)) return;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${Date.now()}`;
  await writeFile(draft, JSON.stringify(all, null, 2));
  await rename(draft, file);
}

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

function merged(old: Tree, over: Tree): Tree {
  const all = { ...old };
  for (const [key, value] of Object.entries(over)) {
    const before = all[key];
    all[key] = isTree(before) && isTree(value) ? merged(before, value) : value;
  }
  return all;
}

/**
 * Gemini 0.61 names a transcript by its minute and the first letters of its id. A load makes an empty twin, in the name of
 * the current minute: in the minute of the transcript that empties it, and later the clean-up at the next start removes the
 * twin together with the transcript. So the twins go, and the transcript, which is the longest, gets the name of a minute long ago.
 */
async function outOfTheMinute(home: string, folders: string, id: string): Promise<void> {
  const short = /^[\w-]{8}/.exec(id)?.[0];
  if (short === undefined) return;
  const found: { file: string; size: number }[] = [];
  for await (const name of glob(join(folders, `session-*-${short}.jsonl`), { cwd: home })) {
    const file = join(home, name);
    found.push({ file, size: (await stat(file)).size });
  }
  const [transcript, ...twins] = found.sort((a, b) => b.size - a.size);
  for (const { file } of twins) await rm(file);
  if (transcript)
    await rename(transcript.file, join(dirname(transcript.file), `session-2000-01-01T00-00-${short}.jsonl`));
}
