import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Entry } from "../../src/core/ports/store.ts";
import { redact } from "../../src/lib/redact.ts";
import { createTranscripts } from "../../src/store/transcript.ts";
import { emptyFolder } from "./folders.ts";

const text = (at: number, words: string): Entry => ({ at, work: 1, event: { type: "text", text: words } });

test("every kind of line comes back in order", async () => {
  const file = join(await emptyFolder(), "transcript.jsonl");
  const { note, read } = createTranscripts({ maxBytes: 100_000, redact });
  expect(await read(file)).toEqual([]);
  const question = {
    kind: "question",
    text: "Which?",
    options: [],
    multi: false,
    free: true,
    recommended: null,
  } as const;
  const entries: Entry[] = [
    text(1, "Looking."),
    {
      at: 2,
      work: 1,
      event: { type: "activity", activity: { id: "a", kind: "command", title: "npm test", state: "ok" } },
    },
    { at: 3, work: 1, event: { type: "steps", steps: [{ title: "Fix", state: "doing" }] } },
    { at: 4, work: 1, event: { type: "asked", ask: { id: "q", key: "q", what: { ...question, options: [] } } } },
    { at: 5, work: 1, event: { type: "heard", messages: ["m3"] } },
    { at: 6, work: 1, event: { type: "ended", outcome: { ok: true, answer: "Done.", plan: null } } },
  ];
  for (const entry of entries) await note(file, entry);
  expect(await read(file)).toEqual(entries);
});

test("several lines are one write, and come back as several", async () => {
  const file = join(await emptyFolder(), "transcript.jsonl");
  const { note, read } = createTranscripts({ maxBytes: 100_000, redact });
  await note(file, text(1, "one"), text(2, "two"));
  await note(file, text(3, "three"));
  expect((await read(file)).map(({ at }) => at)).toEqual([1, 2, 3]);
});

test("a full one loses its older half behind one marker, and stays within its size", async () => {
  const file = join(await emptyFolder(), "transcript.jsonl");
  const { note, read } = createTranscripts({ maxBytes: 10_000, redact });
  for (let at = 0; at < 300; at++) {
    await note(file, text(at, `Zeile größer ${at} ${"x".repeat(100)}`));
    expect((await stat(file)).size).toBeLessThanOrEqual(10_000);
  }
  const ats = (await read(file)).map(({ at }) => at);
  expect(ats.length).toBeGreaterThan(20);
  expect(ats).toEqual(Array.from({ length: ats.length }, (_, n) => 300 - ats.length + n));
  expect((await readFile(file, "utf8")).match(/droppedBytes/g)).toHaveLength(1);
});

test("a line torn by a crash costs only itself", async () => {
  const file = join(await emptyFolder(), "transcript.jsonl");
  await createTranscripts({ maxBytes: 10_000, redact }).note(file, text(1, "before"));
  await appendFile(file, '{"at":2,"work":1,"eve');
  const { note, read } = createTranscripts({ maxBytes: 10_000, redact });
  await note(file, text(3, "after"));
  await note(file, text(4, "later"));
  expect((await read(file)).map(({ at }) => at)).toEqual([1, 3, 4]);
});

test("long words are clipped and secrets are taken out before they reach the disk", async () => {
  const file = join(await emptyFolder(), "transcript.jsonl");
  const { note } = createTranscripts({ maxBytes: 1_000_000, redact });
  await note(file, text(1, `${"long ".repeat(10_000)}`));
  const key = `sk-ant-${"a1b2".repeat(8)}`;
  const activity = { id: "a", kind: "command", title: `curl -H "X: ${key}"`, state: "ok" } as const;
  await note(file, { at: 2, work: 1, event: { type: "activity", activity } });
  const disk = await readFile(file, "utf8");
  expect(disk.length).toBeLessThan(17_000);
  expect(disk).not.toContain("a1b2");
});
