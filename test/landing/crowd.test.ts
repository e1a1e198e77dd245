import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { lines, ok, type World, world } from "../git/repo.ts";
import { tried } from "./history.ts";

/** A session of the same oca that has changed a line of its own and added a file. */
async function working(w: World, git: ReturnType<World["oca"]>, n: number) {
  const s = w.session({}, { id: `session${n}`, git });
  ok(await s.prepare());
  await w.write(s.path, { "a.txt": lines("a", { [3 * n]: `line of ${n}` }), [`new${n}.txt`]: `${n}\n` });
  return { ...s, changes: await s.inspect() };
}

const subjects = async (w: World): Promise<string[]> => (await w.git(w.root, "log", "--format=%s", "main")).split("\n");

test("while the checks of one run another lands, and then they run on the new result", async () => {
  const command = "touch $HOME/runs; cat a.txt >> $HOME/ran; until [ -e $HOME/go ]; do sleep 0.02; done";
  await using w = await world({ repo: { checks: [{ command, timeoutMs: 120_000 }] } });
  const git = w.oca();
  const [slow, quick] = [await working(w, git, 1), await working(w, git, 2)];
  const said: string[] = [];
  const landing = slow.land({ said: (name) => void said.push(name) });
  await vi.waitFor(async () => expect(await tried(w, w.home, "hash-object", "runs")).toBe(true), { timeout: 30_000 });
  ok(await quick.land({ checked: "waived" }));
  await w.write(w.home, { go: "" });
  ok(await landing);
  expect(said).toEqual([command, command]);
  const both = lines("a", { 3: "line of 1", 6: "line of 2" });
  expect(await w.git(w.root, "show", "main:a.txt")).toBe(both.trim());
  expect(slow.aims).toHaveLength(1);
});

test("what fails its checks is not landed, and takes nobody's turn", async () => {
  await using w = await world({ repo: { checks: [{ command: "false", timeoutMs: 120_000 }] } });
  const s = await working(w, w.oca(), 1);
  expect(await s.land()).toMatchObject({ ok: false, block: { why: "checks", checks: { ok: false } } });
  expect(s.aims).toEqual([]);
});

test("sessions land on one base at once, and the user commits there meanwhile: all of it is there, once", async () => {
  await using w = await world();
  const git = w.oca();
  const sessions = [];
  for (const n of [1, 2, 3]) sessions.push(await working(w, git, n));
  const commit = async (n: number): Promise<void> => {
    await w.write(w.root, { [`user${n}.txt`]: `${n}\n` });
    // One of us may just be writing there: the user tries again, as people do.
    await vi.waitFor(
      async () => {
        await w.git(w.root, "add", `user${n}.txt`);
        await w.git(w.root, "commit", "--quiet", "--message", `user ${n}`);
      },
      { timeout: 30_000, interval: 5 },
    );
  };
  const people = (async () => {
    for (const n of [1, 2, 3]) await commit(n);
  })();
  const answers = await Promise.all([...sessions.map((s) => s.land({ style: "squash" })), people]);
  for (const answer of answers.slice(0, -1)) expect(answer).toMatchObject({ ok: true });
  const landed = await subjects(w);
  expect(landed).toHaveLength(7);
  expect(landed.filter((subject) => subject === "Fix the redirect")).toHaveLength(3);
  expect(landed).toEqual(expect.arrayContaining(["user 1", "user 2", "user 3"]));
  expect(await w.git(w.root, "status", "--porcelain")).toBe("");
  const merged = lines("a", { 3: "line of 1", 6: "line of 2", 9: "line of 3" });
  expect(await w.git(w.root, "show", "main:a.txt")).toBe(merged.trim());
  await w.git(w.root, "fsck", "--strict", "--no-dangling");
});

test("two bots on one repository: compare-and-swap keeps them apart", async () => {
  await using w = await world();
  const [one, two] = [await working(w, w.oca(), 1), await working(w, w.oca(), 2)];
  for (const answer of await Promise.all([one.land(), two.land()])) expect(answer).toMatchObject({ ok: true });
  expect(await subjects(w)).toHaveLength(3);
  expect(await w.git(w.root, "status", "--porcelain")).toBe("");
});

test.each([
  ["renamed", ["branch", "--move", "main", "trunk"], "there is trunk"],
  ["deleted", ["update-ref", "-d", "refs/heads/main"], "there is elsewhere"],
])("the base was %s: nothing is landed, and it is said how to go on", async (_, change, there) => {
  await using w = await world();
  const s = await working(w, w.oca(), 1);
  if (there.includes("elsewhere")) await w.git(w.root, "switch", "--quiet", "--create", "elsewhere");
  const main = await w.git(w.root, "rev-parse", "main");
  await w.git(w.root, ...change);
  const said = `has no branch "main" any more (${there}): bring it back with git branch main ${main.slice(0, 12)}`;
  await expect(s.land()).rejects.toThrow(said);
  await expect(s.inspect()).rejects.toThrow(said);
  await expect(s.prepare()).rejects.toThrow(said);
  await w.git(w.root, "branch", "main", main);
  ok(await s.land());
  expect(await subjects(w)).toHaveLength(2);
});

test("the session's branch was deleted: it comes back from what git remembers of the workspace", async () => {
  await using w = await world();
  const s = await working(w, w.oca(), 1);
  await w.git(w.root, "update-ref", "-d", `refs/heads/${s.place.workspace.branch}`);
  expect(await s.land()).toMatchObject({ ok: false, block: { why: "failed" } });
  expect((await s.inspect()).head).toBe(s.changes.head);
  ok(await s.land());
  expect(await w.git(w.root, "show", "main:new1.txt")).toBe("1");
});

/** A git that finds room for so many blocks (512 bytes) of a file on the disk; null: for any number. */
async function narrow(w: World) {
  const bin = join(w.top, "bin");
  await mkdir(bin);
  const limit = `[ ! -e ${bin}/room ] || { trap '' XFSZ; ulimit -f "$(cat ${bin}/room)"; }`;
  await writeFile(join(bin, "git"), `#!/bin/sh\nPATH=\${PATH#*:}\n${limit}\nexec git "$@"\n`, { mode: 0o755 });
  return {
    git: w.oca({ env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` } }),
    room: (blocks: number | null) => w.write(bin, { room: blocks === null ? null : `${blocks}\n` }),
  };
}

test("the disk is full before the result is made: nothing moves, and it lands when there is room", async () => {
  await using w = await world();
  const { git, room } = await narrow(w);
  const s = await working(w, git, 1);
  await w.commit(w.root, { "b.txt": "theirs\n" }, "theirs");
  const before = await w.git(w.root, "rev-parse", "main");
  await room(0);
  await expect(s.land()).rejects.toThrow(/File too large|unable to write/i);
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
  expect(s.aims).toEqual([]);
  await room(null);
  ok(await s.land());
  expect(await w.git(w.root, "status", "--porcelain")).toBe("");
  await w.git(w.root, "fsck", "--strict", "--no-dangling");
});

test("the disk is full while the user's checkout is written: it is as it was, and lands when there is room", async () => {
  await using w = await world();
  await w.commit(w.root, { "big.txt": "old\n" });
  const { git, room } = await narrow(w);
  const s = await working(w, git, 1);
  await w.write(s.path, { "big.txt": "a longer line of text\n".repeat(1000), "huge.txt": "new\n".repeat(5000) });
  await s.inspect();
  await w.write(w.root, { "README.md": "mine\n" });
  const before = await w.git(w.root, "rev-parse", "main");
  await room(4);
  expect(await s.land()).toMatchObject({ ok: false, block: { why: "failed" } });
  await room(null);
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
  expect(await w.git(w.root, "status", "--porcelain")).toBe(" M README.md");
  expect((await s.inspect()).edits).toMatchObject({ count: 1, inTheWay: [] });
  ok(await s.land());
  expect(await w.git(w.root, "status", "--porcelain")).toBe(" M README.md");
  await w.git(w.root, "fsck", "--strict", "--no-dangling");
});
