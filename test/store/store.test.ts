import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Race } from "../../src/core/ports/store.ts";
import { openStore } from "../../src/store/store.ts";
import { emptyFolder } from "./folders.ts";
import { card, next, opened, said } from "./stories.ts";

const log = { warn: () => undefined };
const start = (folder: string) => openStore({ folder, step: next, log });

test("a session is there after a restart, with who did what when", async () => {
  const folder = await emptyFolder();
  const before = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  const word = said("m2", "and the tests");
  const first = next(null, birth);
  await before.put(first, birth, null);
  await before.put(next(first, word), word, 1);
  await before.close();

  const after = await start(folder);
  expect(await after.get("abc")).toEqual(next(first, word));
  expect(await after.all()).toHaveLength(1);
  expect(await after.get("other")).toBeUndefined();
  expect(await after.journal("abc")).toEqual([
    { rev: 1, event: birth },
    { rev: 2, event: word },
  ]);
  expect([after.broken, after.replayed]).toEqual([[], []]);
});

test("a lost race is refused and changes nothing", async () => {
  const store = await start(await emptyFolder());
  const birth = opened("abc", "Fix the login redirect");
  const first = next(null, birth);
  await store.put(first, birth, null);
  await expect(store.put(first, birth, null)).rejects.toThrow(Race);
  const words = [said("m2", "one"), said("m3", "two")];
  const results = await Promise.allSettled(words.map((word) => store.put(next(first, word), word, 1)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(results[1]).toMatchObject({ reason: expect.any(Race) });
  expect((await store.get("abc"))?.queue.map(({ text }) => text)).toEqual(["one"]);
  expect(await store.journal("abc")).toHaveLength(2);
});

test("a revision that does not follow is a mistake of ours and is not saved", async () => {
  const store = await start(await emptyFolder());
  const birth = opened("abc", "Fix the login redirect");
  await expect(store.put({ ...next(null, birth), rev: 2 }, birth, null)).rejects.toThrow("revision 2 follows null");
  expect(await store.get("abc")).toBeUndefined();
});

test("a hundred sessions are saved at the same time", async () => {
  const folder = await emptyFolder();
  const store = await start(folder);
  const births = Array.from({ length: 100 }, (_, n) => opened(`s${n}`, `Task ${n}`));
  await Promise.all(births.map((birth) => store.put(next(null, birth), birth, null)));
  await store.close();
  const sessions = await (await start(folder)).all();
  expect(new Set(sessions.map(({ title }) => title))).toEqual(new Set(births.map(({ text }) => text)));
});

test("an event that could not be saved has not happened, and saving it again works", async () => {
  const folder = await emptyFolder();
  const store = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  const first = next(null, birth);
  await store.put(first, birth, null);
  const document = join(folder, "sessions", "abc", "session.json");
  const saved = await readFile(document, "utf8");
  // A folder where the document should be: as good as a full disk, and it stops root too.
  await rm(document);
  await mkdir(join(document, "in the way"), { recursive: true });
  const word = said("m2", "and the tests");
  await expect(store.put(next(first, word), word, 1)).rejects.toThrow();
  expect(await store.get("abc")).toEqual(first);
  expect(await store.journal("abc")).toHaveLength(1);
  await rm(document, { recursive: true });
  await writeFile(document, saved);
  await store.put(next(first, word), word, 1);
  await store.close();
  expect(await (await start(folder)).get("abc")).toEqual(next(first, word));
});

test("the data folder and all in it are for their owner only", async () => {
  const folder = join(await emptyFolder(), "data");
  await mkdir(folder, { mode: 0o755 });
  const store = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  await store.put(next(null, birth), birth, null);
  await store.setCards("abc", [card("v1")]);
  await store.note("abc", { at: 1, work: 1, event: { type: "text", text: "Hello" } });
  const names = await readdir(folder, { recursive: true });
  const modes = await Promise.all([".", ...names].map((name) => stat(join(folder, name))));
  const open = modes.filter((file) => (file.mode & 0o777) !== (file.isDirectory() ? 0o700 : 0o600));
  expect(open).toEqual([]);
  expect(names).toHaveLength(6);
});

test("a data folder inside a repository is refused, also behind a link", async () => {
  const repository = await emptyFolder();
  await promisify(execFile)("git", ["init", "-q", repository]);
  await expect(start(join(repository, "deep", "data"))).rejects.toThrow(`inside the git repository ${repository}`);
  const link = join(await emptyFolder(), "link");
  await symlink(repository, link);
  await expect(start(join(link, "data"))).rejects.toThrow("inside the git repository");
  expect(await readdir(repository)).toEqual([".git"]);
});

test("an empty folder called .git, as sandboxes leave them in /tmp, is no repository", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, ".git"));
  await start(join(folder, "data"));
});

test("a data folder that cannot be written is refused by name", async () => {
  const file = join(await emptyFolder(), "file");
  await writeFile(file, "");
  await expect(start(join(file, "data"))).rejects.toThrow(`${join(file, "data")} cannot be written`);
});

test("an id never leads out of the data folder", async () => {
  const store = await start(await emptyFolder());
  const birth = opened("../../evil", "Fix the login redirect");
  await expect(store.put(next(null, birth), birth, null)).rejects.toThrow("no session id");
  await expect(store.cards("..")).rejects.toThrow("no session id");
});

test("a stray file among the sessions is no session", async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, "sessions"));
  await writeFile(join(folder, "sessions", "README"), "");
  expect(await (await start(folder)).all()).toEqual([]);
});

test("cards are kept beside the session; broken ones are set aside and cost only themselves", async () => {
  const folder = await emptyFolder();
  const store = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  await store.put(next(null, birth), birth, null);
  expect(await store.cards("abc")).toEqual([]);
  await Promise.all(["v1", "v2", "v3"].map((head) => store.setCards("abc", [card(head)])));
  expect(await (await start(folder)).cards("abc")).toEqual([card("v3")]);
  await writeFile(join(folder, "sessions", "abc", "cards.json"), '[{"thread":');
  expect(await (await start(folder)).cards("abc")).toEqual([]);
  const names = await readdir(join(folder, "sessions", "abc"));
  expect(names.filter((name) => name.startsWith("cards.json."))).toHaveLength(1);
});

test("what an agent said a moment ago can be read, and is on the disk when the store is closed", async () => {
  const folder = await emptyFolder();
  const store = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  await store.put(next(null, birth), birth, null);
  const say = (words: string) => store.note("abc", { at: 1, work: 1, event: { type: "text", text: words } });
  const noted = [say("Hello"), say("again")];
  expect(await store.transcript("abc")).toHaveLength(2);
  noted.push(say("and goodbye"));
  await store.close();
  await Promise.all(noted);
  expect(await (await start(folder)).transcript("abc")).toHaveLength(3);
});

test("a closed store has everything on the disk and takes no more", async () => {
  const folder = await emptyFolder();
  const store = await start(folder);
  const birth = opened("abc", "Fix the login redirect");
  const put = store.put(next(null, birth), birth, null);
  await store.close();
  expect(await readFile(join(folder, "sessions", "abc", "session.json"), "utf8")).toContain("login redirect");
  await put;
  await expect(store.put(next(null, birth), birth, null)).rejects.toThrow("closed");
});
