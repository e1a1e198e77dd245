import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type AttachmentDeps, attachments } from "../src/attachments.ts";
import type { Chat } from "../src/core/ports/chat.ts";
import { createHostSpawn } from "../src/sandbox/host.ts";
import { quiet } from "./engine/stage.ts";

const voice = { id: "f1", name: "voice-5.ogg", mime: "audio/ogg", bytes: 3 };
const dump = { id: "f2", name: "dump.sql", mime: "text/plain", bytes: 30_000_000 };

/** A chat that hands out small files. */
const CHAT: Pick<Chat, "fetch"> = {
  fetch: async ({ name, bytes }) => {
    if (bytes > 20_000_000) throw new Error(`${name} is larger than the 20 MB`);
    return (async function* () {
      yield new TextEncoder().encode("the login is broken");
    })();
  },
};

async function deps(transcribe: AttachmentDeps["transcribe"]): Promise<AttachmentDeps> {
  const folder = await mkdtemp(join(tmpdir(), "oca-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const env = { PATH: process.env["PATH"] ?? "" };
  return { from: () => CHAT as Chat, folder, transcribe, spawn: createHostSpawn(), env, log: quiet };
}

const said = (files: readonly { path: string }[]): Promise<string[]> =>
  Promise.all(files.map(({ path }) => readFile(path, "utf8")));

test("a recording comes with its words where a command writes them, and alone where none does or it fails", async () => {
  const given = await attachments([voice], await deps({ command: 'tr a-z A-Z < "$1"', timeoutMs: 120_000 }));
  expect(given.map(({ name }) => name)).toEqual(["voice-5.ogg", "voice-5.ogg (in words)"]);
  expect(await said(given)).toEqual(["the login is broken", "THE LOGIN IS BROKEN"]);
  for (const none of [null, { command: "exit 3", timeoutMs: 120_000 }])
    expect(await attachments([voice], await deps(none))).toHaveLength(1);
});

test("a file that cannot be had keeps nothing from being done: the agent is told why", async () => {
  const given = await attachments([dump, voice], await deps(null));
  expect(given.map(({ name }) => name)).toEqual(["dump.sql (missing)", "voice-5.ogg"]);
  expect((await said(given))[0]).toBe("This file could not be had: dump.sql is larger than the 20 MB");
});
