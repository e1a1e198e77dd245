import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type World, world } from "./repo.ts";

/** A session in the user's own checkout, and all that oca must not touch there. */
async function own(given: Parameters<typeof world>[0] = {}) {
  const w = await world(given);
  const session = w.session({ kind: "repo" });
  const { root, git } = w;
  return {
    ...w,
    ...session,
    write: (files: Record<string, string | null>) => w.write(root, files),
    commit: (files: Record<string, string | null>) => w.commit(root, files),
    git: (...args: string[]) => git(root, ...args),
    begin: async () => {
      const prepared = await session.prepare({ write: true });
      session.place.workspace.ready = true;
      return prepared;
    },
    traces: () => traces(w),
  };
}

/** Refs, index and where HEAD stands, byte for byte, and every object that a ref or the index can reach or not. */
async function traces({ root, git }: World): Promise<unknown> {
  const file = (name: string) => readFile(join(root, ".git", name), "base64").catch(() => null);
  return {
    head: await file("HEAD"),
    index: await file("index"),
    refs: await git(root, "for-each-ref"),
    objects: await git(root, "count-objects", "-v"),
    worktrees: await git(root, "worktree", "list"),
  };
}

const reads = (root: string, file: string) => readFile(join(root, file), "utf8");

test("the checkout is taken as it is: branch, commit, uncommitted edits, index", async () => {
  await using w = await own({ remote: true });
  await w.git("switch", "--quiet", "--create", "feature");
  await w.write({ "a.txt": "mine\n", "new.txt": "mine, too\n", "b.txt": "staged\n" });
  await w.git("add", "b.txt");
  const before = await w.traces();
  expect(w.path).toBe(w.root);
  const head = await w.git("rev-parse", "HEAD");
  expect(await w.prepare()).toEqual({ ok: true, target: "refs/heads/feature", baseCommit: head, moved: null });
  expect(await w.begin()).toMatchObject({ ok: true, target: "refs/heads/feature", baseCommit: head });
  expect(await w.traces()).toEqual(before);
  expect(await reads(w.root, "a.txt")).toBe("mine\n");
});

test("a review shows what the session made, and neither commits nor stages it", async () => {
  await using w = await own();
  await w.write({ "a.txt": "mine\n", "mine.txt": "mine\n", "staged.txt": "staged\n" });
  await w.git("add", "staged.txt");
  await w.begin();
  const before = await w.traces();
  await w.write({ "b.txt": "theirs\n", "made.txt": "made\n", "mine.txt": "mine\nand theirs\n" });
  const changes = await w.inspect();
  expect(changes.files.map(({ path, added, removed }) => `${path} +${added} -${removed}`)).toEqual([
    "b.txt +1 -20",
    "made.txt +1 -0",
    "mine.txt +1 -0",
  ]);
  expect(changes).toMatchObject({ commits: 0, conflicts: [], candidate: null, released: false, behind: 0 });
  expect(await w.oca().changed(w.place)).toEqual(["b.txt", "made.txt", "mine.txt"]);
  const diff = await w.oca().diff(w.place, null);
  expect(diff).toContain("+and theirs");
  expect(diff).not.toContain("a/a.txt");
  expect(await w.traces()).toEqual(before);
  expect(await w.git("status", "--short")).toBe(" M a.txt\n M b.txt\nA  staged.txt\n?? made.txt\n?? mine.txt");
});

test("two reviews in one checkout: the second shows its own, the first shows both from then on", async () => {
  await using w = await own();
  await w.begin();
  await w.write({ "a.txt": "first\n", "made.txt": "first\n" });
  const files = ({ files }: { files: { path: string; added: number }[] }) =>
    files.map(({ path, added }) => `${path} +${added}`);
  expect(files(await w.inspect())).toEqual(["a.txt +1", "made.txt +1"]);
  const second = w.session({ kind: "repo" }, { id: "b9q2m7ab3c" });
  await second.prepare({ write: true });
  second.place.workspace.ready = true;
  expect(await readFile(join(second.path, "made.txt"), "utf8")).toBe("first\n");
  expect(files(await second.inspect())).toEqual([]);
  await w.write({ "made.txt": "first\nsecond\n", "second.txt": "second\n" });
  expect(files(await second.inspect())).toEqual(["made.txt +1", "second.txt +1"]);
  expect(await w.oca().diff(second.place, null)).not.toContain("a/a.txt");
  expect(files(await w.oca().compare(w.place))).toEqual(["a.txt +1", "made.txt +2", "second.txt +1"]);
  // What the user commits has got home for whoever made it; the rest stays open.
  await w.git("add", "made.txt", "second.txt");
  await w.git("commit", "--quiet", "--message", "The second's");
  expect(await w.oca().compare(second.place)).toMatchObject({ released: true });
  expect(await w.oca().compare(w.place)).toMatchObject({ released: false });
});

test("before anything was written the user's own edits are no work of the session", async () => {
  await using w = await own();
  await w.prepare();
  await w.write({ "a.txt": "mine\n" });
  expect(await w.inspect()).toMatchObject({ commits: 0, files: [], released: false });
  expect(await w.oca().changed(w.place)).toEqual([]);
});

test("what the user commits has got home, and what is thrown away is gone; edits of before may stay", async () => {
  await using w = await own();
  await w.write({ "a.txt": "mine\n" });
  await w.begin();
  await w.write({ "b.txt": "theirs\n", "made.txt": "made\n" });
  await w.git("add", "b.txt");
  await w.git("commit", "--quiet", "--message", "half of it");
  expect(await w.git("rev-parse", "HEAD")).toBe((await w.inspect()).onto);
  expect(await w.inspect()).toMatchObject({ commits: 1, released: false });
  await w.git("add", "made.txt");
  await w.git("commit", "--quiet", "--message", "all of it");
  expect(await w.inspect()).toMatchObject({ commits: 2, released: true });
  expect(await w.git("status", "--short")).toBe(" M a.txt");

  const other = w.session({ kind: "repo" }, { id: "other00000" });
  await other.prepare({ write: true });
  other.place.workspace.ready = true;
  await w.write({ "b.txt": "again\n" });
  expect((await other.inspect()).files).toHaveLength(1);
  await w.git("restore", "b.txt");
  expect(await other.inspect()).toMatchObject({ files: [], released: false });
});

test("a turn that must not write is told what changed, and nothing is taken back", async () => {
  await using w = await own();
  await w.write({ "a.txt": "mine\n", ".gitignore": "*.log\n" });
  await w.prepare();
  const quiet = await w.oca().watch(w.place);
  await w.git("status");
  expect(await quiet()).toEqual([]);

  const watched = await w.oca().watch(w.place);
  await w.write({ "a.txt": "mine, and more\n", "made.txt": "made\n", "x.log": "log\n" });
  await w.git("add", "made.txt");
  const before = await w.traces();
  expect(await watched()).toEqual(["index", "a.txt", "made.txt", "x.log"]);
  expect(await w.traces()).toEqual(before);
  expect(await reads(w.root, "a.txt")).toBe("mine, and more\n");

  const committed = await w.oca().watch(w.place);
  await w.git("commit", "--quiet", "--message", "not asked for");
  expect(await committed()).toEqual(["HEAD"]);
});

test("a commit of the user between plan and approval is named by the files of the plan", async () => {
  await using w = await own();
  await w.prepare();
  await w.commit({ "a.txt": "moved\n" });
  expect(await w.prepare({ write: true, named: ["a.txt", "b.txt"] })).toMatchObject({
    moved: { commits: 1, named: ["a.txt"] },
  });
});

test("where there is no branch to work on, the way out is said", async () => {
  await using w = await own();
  await w.git("checkout", "--quiet", "--detach");
  await expect(w.prepare()).rejects.toThrow(/has a commit checked out, and no branch: run git switch <branch> there/);
  await w.git("switch", "--quiet", "main");
  await w.begin();
  await w.git("switch", "--quiet", "--create", "feature");
  await expect(w.prepare({ write: true })).rejects.toThrow(
    /this work is on main, but .* has feature: run git switch main/,
  );
  await expect(w.inspect()).rejects.toThrow(/run git switch main there, then try again/);
  const asked = w.session({ kind: "repo", base: "release" });
  await expect(asked.prepare()).rejects.toThrow(/release was asked for, but .* has feature: run git switch release/);
  await using bare = await own({ bare: true });
  await expect(bare.prepare()).rejects.toThrow(/is bare: there is no checkout to work in. Set policy.isolation/);
});

test("nothing is ever merged, proposed, discarded or undone there; the end leaves no trace", async () => {
  await using w = await own();
  await w.begin();
  await w.write({ "a.txt": "theirs\n" });
  const before = await w.traces();
  for (const how of ["merge", "pr", "discard", "undo"] as const)
    await expect(w.land({ how })).rejects.toThrow(`is the user's own checkout: oca does not ${how} there`);
  expect(await w.land({ how: "clean" })).toEqual({ ok: true, kept: "", pushed: false });
  expect(await w.traces()).toEqual(before);
  expect(await reads(w.root, "a.txt")).toBe("theirs\n");
  expect(await w.oca().standing()).toEqual([]);
});
