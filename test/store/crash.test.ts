import { spawn } from "node:child_process";
import { appendFile, cp, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { emptyFolder } from "./folders.ts";
import { next, opened, said } from "./stories.ts";

const log = { warn: () => undefined };
const start = (folder: string) => openStore({ folder, step: next, log });

const birth = opened("abc", "Fix the login redirect");
const word = said("m2", "and the tests, größer");
const first = next(null, birth);
const second = next(first, word);
const line = (rev: number, event: object): string => `${JSON.stringify({ rev, event })}\n`;

/** A data folder with one session of one event, and where its files are. */
async function born() {
  const folder = await emptyFolder();
  const home = join(folder, "sessions", "abc");
  const store = await start(folder);
  await store.put(first, birth, null);
  await store.close();
  return { folder, home, journal: join(home, "journal.jsonl"), document: join(home, "session.json") };
}

test("killed between journal and session: the event is replayed and saved", async () => {
  const { folder, journal, document } = await born();
  await appendFile(journal, line(2, word));
  const store = await start(folder);
  expect(store.replayed).toEqual(["abc"]);
  expect(await store.get("abc")).toEqual(second);
  expect(JSON.parse(await readFile(document, "utf8"))).toEqual(second);
  expect((await start(folder)).replayed).toEqual([]);
});

test("killed while the document is written: the draft is swept away", async () => {
  const { folder, home, journal, document } = await born();
  await appendFile(journal, line(2, word));
  await writeFile(`${document}.1234.tmp`, '{"id":"abc","re');
  expect(await (await start(folder)).get("abc")).toEqual(second);
  expect(await readdir(home)).toEqual(["journal.jsonl", "session.json"]);
});

test("killed while cards are written: that draft goes at the next start, and so does one of the folder's own", async () => {
  const { folder, home } = await born();
  await writeFile(join(home, "cards.json.1234.tmp"), "[{");
  await writeFile(join(folder, "roles.json.1234.tmp"), "{");
  await start(folder);
  expect(await readdir(home)).toEqual(["journal.jsonl", "session.json"]);
  expect(await readdir(folder)).toEqual(["sessions"]);
});

test("killed between the journal and the first document: the session is born from the journal", async () => {
  const folder = await emptyFolder();
  const home = join(folder, "sessions", "abc");
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "journal.jsonl"), line(1, birth));
  expect(await (await start(folder)).get("abc")).toEqual(first);
});

test("killed before the first line: nothing is there and nothing is in the way", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, "sessions", "abc"), { recursive: true });
  const store = await start(folder);
  expect([await store.all(), store.broken]).toEqual([[], []]);
  await store.put(first, birth, null);
  expect(await (await start(folder)).get("abc")).toEqual(first);
});

test("torn at any byte, the last line is cut off and the next event fits behind", async () => {
  const { folder, journal } = await born();
  const whole = Buffer.from(line(2, word));
  const base = (await readFile(journal)).length;
  for (let bytes = 0; bytes < whole.length; bytes++) {
    await truncate(journal, base);
    await appendFile(journal, whole.subarray(0, bytes));
    const store = await start(folder);
    expect([await store.get("abc"), store.broken, store.replayed]).toEqual([first, [], []]);
    expect(await store.journal("abc")).toEqual([{ rev: 1, event: birth }]);
  }
  const store = await start(folder);
  await store.put(second, word, 1);
  expect(await store.journal("abc")).toHaveLength(2);
});

test("a power cut that left zeros or rubbish with a line end behind costs nothing", async () => {
  const { folder, journal } = await born();
  await appendFile(journal, `${"\0".repeat(300)}\n`);
  const store = await start(folder);
  expect([await store.get("abc"), store.broken]).toEqual([first, []]);
  expect(await store.journal("abc")).toHaveLength(1);
});

test("a document that does not parse is rebuilt from its journal and kept beside", async () => {
  const { folder, home, journal, document } = await born();
  await appendFile(journal, line(2, word));
  await writeFile(document, '{"id":"abc","rev":');
  const store = await start(folder);
  expect(await store.get("abc")).toEqual(second);
  expect(store.broken).toMatchObject([{ file: document, reason: expect.stringContaining("JSON") }]);
  const [lost] = store.broken;
  expect(await readFile(lost?.movedTo ?? "", "utf8")).toBe('{"id":"abc","rev":');
  expect(await readdir(home)).toHaveLength(3);
});

test("without a whole journal it is set aside, and costs that session alone", async () => {
  const { folder, journal, document } = await born();
  const store = await start(folder);
  const other = opened("other", "Another");
  await store.put(next(null, other), other, null);
  await store.close();
  await writeFile(document, '{"id":"abc","schema":1}');
  await writeFile(journal, line(7, word));
  const again = await start(folder);
  expect((await again.all()).map(({ id }) => id)).toEqual(["other"]);
  expect(again.broken).toMatchObject([{ file: document, reason: expect.stringContaining("expected") }]);
  expect(await readdir(again.broken[0]?.movedTo ?? "")).toEqual(["journal.jsonl", "session.json"]);
  expect((await start(folder)).broken).toEqual([]);
});

test("a journal that cannot be read is set aside; its session lives on with a new one", async () => {
  const { folder, journal } = await born();
  await writeFile(journal, "rubbish\nmore rubbish\n");
  const store = await start(folder);
  expect(await store.get("abc")).toEqual(first);
  expect(store.broken).toMatchObject([{ file: journal }]);
  await store.put(second, word, 1);
  await store.close();
  expect(await (await start(folder)).get("abc")).toEqual(second);
});

test("a document of a newer oca is not touched and says what to do", async () => {
  const { folder, document } = await born();
  const text = JSON.stringify({ ...first, schema: 2, mood: "sunny" });
  await writeFile(document, text);
  const store = await start(folder);
  expect(await store.all()).toEqual([]);
  expect(store.broken).toMatchObject([{ reason: expect.stringContaining("newer oca (version 2") }]);
  expect(await readFile(join(store.broken[0]?.movedTo ?? "", "session.json"), "utf8")).toBe(text);
  expect(await (await start(folder)).all()).toEqual([]);
});

test("a copied folder does not become a second session of the same id", async () => {
  const { folder, home } = await born();
  await cp(home, join(folder, "sessions", "twin"), { recursive: true });
  const store = await start(folder);
  expect((await store.all()).map(({ id }) => id)).toEqual(["abc"]);
  expect(store.broken).toMatchObject([{ reason: "it belongs to session abc" }]);
});

test("killed with -9 while it saves, again and again: what was acknowledged is there", async () => {
  const folder = await emptyFolder();
  for (const acknowledged of [1, 7, 20]) {
    const before = (await (await start(folder)).get("abc"))?.rev ?? 0;
    const last = await saveUntilKilled(folder, acknowledged);
    const store = await start(folder);
    const session = await store.get("abc");
    expect(last).toBeGreaterThan(before);
    expect(session?.rev).toBeGreaterThanOrEqual(last);
    expect(store.broken).toEqual([]);
    expect((await store.journal("abc")).map(({ rev }) => rev)).toEqual(
      Array.from({ length: session?.rev ?? 0 }, (_, n) => n + 1),
    );
  }
});

/** Runs a process that saves event after event, kills it after some, and returns the last revision it acknowledged. */
async function saveUntilKilled(folder: string, acknowledged: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("saver.ts", import.meta.url)), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => child.on("close", done));
  let last = 0;
  let count = 0;
  for await (const rev of createInterface({ input: child.stdout })) {
    last = Number(rev);
    count += 1;
    if (count === acknowledged) child.kill("SIGKILL");
  }
  await ended;
  return last;
}
