import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Logger } from "pino";
import type { File } from "./core/parts.ts";
import type { Desk } from "./core/ports/agent.ts";
import type { Chat } from "./core/ports/chat.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import { output } from "./lib/output.ts";
import { slug } from "./lib/text.ts";

export interface AttachmentDeps {
  /** The chat that has the file; null names the one where the session is at home. */
  from: (chat: string | undefined) => Chat | undefined;
  /** Absolute. */
  folder: string;
  /** A command line that writes the words of the recording `$1`; null: recordings stay what they are. */
  transcribe: { command: string; timeoutMs: number } | null;
  spawn: Spawn;
  env: Record<string, string>;
  log: Logger;
}

type Given = Desk["files"][number];

/**
 * Files of a chat, put where an agent can read them; recordings with their words beside them. One that cannot be had is no
 * reason to do nothing: the agent is told why, and says so.
 */
export async function attachments(files: readonly File[], deps: AttachmentDeps): Promise<Given[]> {
  const { from, folder, log } = deps;
  const known = files.flatMap((file) => {
    const chat = from(file.chat);
    return chat ? [{ file, chat }] : [];
  });
  if (known.length === 0) return [];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const all = known.map(async ({ file, chat }, n): Promise<Given[]> => {
    const path = join(folder, `${n + 1}-${slug(file.id)}-${safeName(file.name)}`);
    try {
      await pipeline(Readable.from(await chat.fetch(file)), createWriteStream(path, { mode: 0o600 }));
    } catch (error) {
      log.warn({ file: file.name, error }, "a file of the chat cannot be had: the agent is told");
      const why = error instanceof Error ? error.message : `${error}`;
      return [await textBeside(path, { name: `${file.name} (missing)`, text: `This file could not be had: ${why}` })];
    }
    const given = { path, name: file.name, mime: file.mime };
    return file.mime.startsWith("audio/") ? [given, ...(await wordsOf(given, deps))] : [given];
  });
  return (await Promise.all(all)).flat();
}

async function wordsOf(
  { path, name }: Given,
  { transcribe, spawn, env, folder, log }: AttachmentDeps,
): Promise<Given[]> {
  if (!transcribe) return [];
  const signal = AbortSignal.timeout(transcribe.timeoutMs);
  const order = { command: "sh", args: ["-c", transcribe.command, "sh", path], cwd: folder, env, signal };
  try {
    const { code, out, err } = await output(spawn(order));
    if (code !== 0) throw new Error(`it ended with ${code}: ${err.slice(-500)}`);
    return [await textBeside(path, { name: `${name} (in words)`, text: out })];
  } catch (error) {
    log.warn({ file: name, error }, "a recording is not put into words: correct `transcribe`");
    return [];
  }
}

async function textBeside(path: string, { name, text }: { name: string; text: string }): Promise<Given> {
  const beside = `${path}.txt`;
  await writeFile(beside, text, { mode: 0o600 });
  return { path: beside, name, mime: "text/plain" };
}

/** A name that stays in its folder and needs no quoting. */
const safeName = (name: string): string =>
  name
    .replace(/[^\w.-]+/g, "_")
    .replace(/^\.+/, "")
    .slice(-80) || "file";
