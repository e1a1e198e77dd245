import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Low } from "lowdb";
import { expect, test } from "vitest";
import { z } from "zod";
import { Broken, durable } from "../../src/lib/durable.ts";
import { emptyFolder } from "../store/folders.ts";

const Note = z.object({ n: z.number(), text: z.string() });
type Note = z.infer<typeof Note>;

test("a document comes back as it was written, through lowdb", async () => {
  const file = join(await emptyFolder(), "note.json");
  const written = new Low<Note>(durable(file, Note), { n: 0, text: "" });
  await written.update((note) => {
    note.n = 7;
    note.text = "größer als gedacht";
  });
  const read = new Low<Note>(durable(file, Note), { n: 0, text: "" });
  await read.read();
  expect(read.data).toEqual({ n: 7, text: "größer als gedacht" });
  expect(await readFile(file, "utf8")).toBe('{"n":7,"text":"größer als gedacht"}');
});

test("only its owner may read it, and no draft is left beside it", async () => {
  const folder = await emptyFolder();
  const file = join(folder, "note.json");
  await writeFile(file, "{}", { mode: 0o644 });
  await durable(file, Note).write({ n: 1, text: "" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["note.json"]);
});

test("a missing file is null", async () => {
  expect(await durable(join(await emptyFolder(), "none.json"), Note).read()).toBeNull();
});

test.each([
  ["half a document", '{"n":1,"te'],
  ["nothing", ""],
  ["another shape", '{"n":"one","text":"x"}'],
])("%s is named as broken, with the file", async (_name, text) => {
  const file = join(await emptyFolder(), "note.json");
  await writeFile(file, text);
  const error = await durable(file, Note)
    .read()
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Broken);
  expect(error).toMatchObject({ file, reason: expect.stringMatching(/JSON|number/) });
});

test("of many writes at once each is on the disk when it resolves, and the newest stays", async () => {
  const file = join(await emptyFolder(), "note.json");
  const adapter = durable(file, Note);
  const seen: boolean[] = [];
  const write = async (n: number): Promise<void> => {
    await adapter.write({ n, text: "x".repeat(10_000) });
    const now = Note.parse(JSON.parse(await readFile(file, "utf8")));
    seen.push(now.n >= n);
  };
  await Promise.all(Array.from({ length: 100 }, (_, n) => write(n)));
  expect(seen).toEqual(Array(100).fill(true));
  expect(await adapter.read()).toMatchObject({ n: 99 });
});

test("a reader sees the old or the new document, never a part", async () => {
  const file = join(await emptyFolder(), "note.json");
  const adapter = durable(file, Note);
  const texts = ["short", "long".repeat(100_000)];
  await adapter.write({ n: 0, text: "short" });
  let writing = true;
  const writes = (async () => {
    for (let n = 0; n < 40; n++) await adapter.write({ n, text: texts[n % 2] ?? "" });
    writing = false;
  })();
  let reads = 0;
  for (; writing; reads++) expect(texts).toContain((await durable(file, Note).read())?.text);
  await writes;
  expect(reads).toBeGreaterThan(0);
});

test("a write that fails says so, leaves the old document and does not stop the next", async () => {
  const folder = await emptyFolder();
  const adapter = durable(join(folder, "sub", "note.json"), Note);
  await expect(adapter.write({ n: 1, text: "" })).rejects.toThrow("ENOENT");
  await mkdir(join(folder, "sub"));
  await adapter.write({ n: 2, text: "" });
  expect(await adapter.read()).toMatchObject({ n: 2 });
});
