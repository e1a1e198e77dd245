import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { message } from "../../src/git/commit.ts";
import { fc } from "../property.ts";
import { author, lines, ok, person, world } from "./repo.ts";

test("inspecting commits what was left and counts it", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three", 4: "four" }), "new ü\n.txt": "1\n2\n", "b.txt": null });
  expect(await s.git.changed(s.place)).toHaveLength(3);
  const changes = await s.inspect();
  expect(changes).toMatchObject({ commits: 1, behind: 0, conflicts: [], released: false, notKept: [] });
  expect(changes.files).toEqual([
    { path: "a.txt", added: 2, removed: 2 },
    { path: "b.txt", added: 0, removed: 20 },
    { path: "new ü\n.txt", added: 2, removed: 0 },
  ]);
  expect(await w.git(s.path, "log", "-1", "--format=%an <%ae>%n%B")).toBe(
    "Host <host@example.com>\nFix the redirect\n\nRequested-by: Ada\nApproved-by: Bob\n",
  );
  expect(await s.inspect()).toEqual(changes);
  expect(await s.git.changed(s.place)).toHaveLength(3);
});

test("a renamed file is one change, and a tab in its name is its own", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": null, "moved\tto.txt": lines("a", { 1: "x" }) });
  expect((await s.inspect()).files).toEqual([{ path: "moved\tto.txt", added: 1, removed: 1 }]);
});

test("a workspace without changes has none", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  expect(await s.inspect()).toMatchObject({ commits: 0, files: [], released: false, conflicts: [] });
});

test("what a discard would not keep is listed: ignored folders as one line, repositories inside, also committed ones", async () => {
  await using w = await world();
  await w.commit(w.root, { ".gitignore": "node_modules/\n*.log\n" });
  const s = w.session();
  await s.prepare();
  await w.write(s.path, {
    "node_modules/a/b.js": "1",
    "node_modules/c.js": "1",
    "x.log": "1",
    "src/y.log": "1",
    "src/z.ts": "1",
  });
  for (const name of ["nested", "linked"]) {
    await w.git(s.path, "init", "--quiet", name);
    await w.commit(join(s.path, name), { "x.txt": "x" });
  }
  await w.git(s.path, "add", "linked");
  await w.git(s.path, "commit", "--quiet", "--message", "link");
  await w.git(s.path, "add", "nested");
  const changes = await s.inspect();
  expect([...changes.notKept].sort()).toEqual(["linked", "nested", "node_modules/", "src/y.log", "x.log"]);
  expect(await w.git(s.path, "ls-files", "nested")).toBe("");
});

test("what a merge should not take along unseen: notes of the agent, and lines that look like secrets", async () => {
  await using w = await world();
  await w.commit(w.root, { "TODO.md": "old\n", "old.txt": `key = ghp_${"a".repeat(36)}\n` });
  const s = w.session();
  await s.prepare();
  await w.write(s.path, {
    "PLAN.md": "1. look\n",
    "docs/notes.md": "x\n",
    "TODO.md": "still theirs\n",
    "old.txt": `more\nkey = ghp_${"a".repeat(36)}\n`,
    "sp ü\tace.ts": `const k = "AKIA${"B".repeat(16)}";\n`,
    "diff.txt": `+++ b/other\n@@ -1 +1 @@\nsk-${"c".repeat(20)}\n`,
    "task-list.css": ".task-list-very-long-name-of-a-class {}\n",
  });
  expect((await s.inspect()).doubts).toEqual([
    { why: "planning", path: "PLAN.md" },
    { why: "planning", path: "docs/notes.md" },
    { why: "secret", path: "diff.txt" },
    { why: "secret", path: "sp ü\tace.ts" },
  ]);
});

test("uncommitted edits where the base is checked out: in the way of a merge, or not", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }), "new.txt": "new\n" });
  expect((await s.inspect()).edits).toEqual({ checkout: w.root, count: 0, inTheWay: [] });
  await w.write(w.root, { "b.txt": "mine\n" });
  expect((await s.inspect()).edits).toEqual({ checkout: w.root, count: 1, inTheWay: [] });
  await w.write(w.root, { "a.txt": "mine\n", "new.txt": "mine too\n" });
  const before = await w.git(w.root, "status", "--porcelain");
  expect((await s.inspect()).edits).toEqual({ checkout: w.root, count: 2, inTheWay: ["a.txt", "new.txt"] });
  expect(await w.git(w.root, "status", "--porcelain")).toBe(before);
  await w.git(w.root, "switch", "--quiet", "--create", "elsewhere");
  expect((await s.inspect()).edits).toBeNull();
});

test("comparing again finds what moved, and changes nothing", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }) });
  const { head, onto } = await s.inspect();
  expect((await s.git.tips([s.place])).get(s.place.session)).toBe(onto);
  const theirs = await w.commit(w.root, { "a.txt": lines("a", { 3: "theirs" }) });
  await w.write(s.path, { "b.txt": "left\n" });
  expect((await s.git.tips([s.place])).get(s.place.session)).toBe(theirs);
  expect(await s.git.compare(s.place)).toMatchObject({ head, onto: theirs, behind: 1, conflicts: ["a.txt"] });
  expect(await w.git(s.path, "status", "--porcelain")).toBe(" M b.txt");
});

test("a merge that the agent began and resolved becomes a merge commit", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.commit(s.path, { "a.txt": lines("a", { 3: "ours" }) });
  const theirs = await w.commit(w.root, { "a.txt": lines("a", { 3: "theirs" }) });
  await w.git(s.path, "merge", "--quiet", "main").catch(() => undefined);
  await w.write(s.path, { "a.txt": lines("a", { 3: "both" }) });
  await w.git(s.path, "add", "a.txt");
  expect(await s.inspect()).toMatchObject({ commits: 2, behind: 0, conflicts: [] });
  expect(await w.git(s.path, "rev-parse", "HEAD^2")).toBe(theirs);
});

test("conflicts stand in the files for the turn; resolved without git they become a merge commit, and nothing lands twice", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "ours" }), "b.txt": null });
  await s.inspect();
  const theirs = await w.commit(w.root, { "a.txt": lines("a", { 3: "theirs" }), "b.txt": lines("b", { 1: "edited" }) });
  expect((await s.inspect()).conflicts).toEqual(["a.txt", "b.txt"]);
  ok(await s.prepare({ write: true, merge: true }));
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toMatch(/^<<<<<<< /m);
  await expect(s.inspect()).rejects.toThrow(/unresolved conflicts in .*: a\.txt/);
  await w.write(s.path, { "a.txt": lines("a", { 3: "both" }), "b.txt": null });
  // Cut off and prepared again, what was resolved stays.
  ok(await s.prepare({ write: true, merge: true }));
  expect(await s.inspect()).toMatchObject({ commits: 2, behind: 0, conflicts: [] });
  expect(await w.git(s.path, "rev-parse", "HEAD^2")).toBe(theirs);
  ok(await s.land());
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toBe(lines("a", { 3: "both" }));
  expect(await w.git(w.root, "ls-tree", "--name-only", "main")).toBe("README.md\na.txt");
});

test("an unfinished rebase is said, and the agent may go on with it", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.commit(s.path, { "a.txt": lines("a", { 3: "ours" }) });
  await w.commit(w.root, { "a.txt": lines("a", { 3: "theirs" }) });
  await w.git(s.path, "rebase", "--quiet", "main").catch(() => undefined);
  await expect(s.inspect()).rejects.toThrow(/a rebase is unfinished/);
  ok(await s.prepare());
  await w.write(s.path, { "a.txt": lines("a", { 3: "both" }) });
  await w.git(s.path, "add", "a.txt");
  await w.git(s.path, "-c", "core.editor=true", "rebase", "--continue");
  expect(await s.inspect()).toMatchObject({ commits: 1, behind: 0, conflicts: [] });
});

test("released: squashed by somebody, merged by somebody; not: reverted, undone by itself, still open", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }) });
  const { head, released } = await s.inspect();
  expect(released).toBe(false);
  const start = await w.git(w.root, "rev-parse", "main");
  const after = async (happened: () => Promise<unknown>) => {
    await w.git(w.root, "reset", "--quiet", "--hard", start);
    await happened();
    return (await s.inspect()).released;
  };
  const squash = async (): Promise<void> => {
    await w.git(w.root, "merge", "--quiet", "--squash", head);
    await w.git(w.root, "commit", "--quiet", "--message", "squashed");
  };
  const merge = () => w.git(w.root, "merge", "--quiet", "--no-ff", "--no-edit", head);
  expect(await after(squash)).toBe(true);
  expect(await after(merge)).toBe(true);
  expect(await after(() => w.git(w.root, "merge", "--quiet", "--ff-only", head))).toBe(true);
  expect(
    await after(async () => {
      await squash();
      await w.commit(w.root, { "b.txt": "later\n" });
    }),
  ).toBe(true);
  expect(
    await after(async () => {
      await merge();
      await w.commit(w.root, { "a.txt": lines("a", { 3: "three", 15: "fifteen" }) });
    }),
  ).toBe(true);
  expect(
    await after(async () => {
      await merge();
      await w.git(w.root, "revert", "--no-edit", "--mainline", "1", "HEAD");
    }),
  ).toBe(false);
  expect(
    await after(async () => {
      await squash();
      await w.git(w.root, "revert", "--no-edit", "HEAD");
    }),
  ).toBe(false);
  expect(
    await after(async () => {
      await merge();
      await w.git(w.root, "revert", "--no-edit", "--mainline", "1", "HEAD");
      await w.commit(w.root, { "a.txt": lines("a", { 9: "nine" }) });
    }),
  ).toBe(false);
  await w.git(w.root, "reset", "--quiet", "--hard", start);
  await w.write(s.path, { "a.txt": lines("a") });
  expect(await s.inspect()).toMatchObject({ commits: 2, files: [], released: false });
});

test("the diff shows commits, edits and new files of the workspace, or what was landed", async () => {
  await using w = await world();
  const s = w.session();
  const base = ok(await s.prepare()).baseCommit;
  const to = await w.commit(s.path, { "a.txt": lines("a", { 3: "three" }) });
  await w.write(s.path, { "b.txt": lines("b", { 4: "four" }), "neu ü.txt": "new\n" });
  await w.commit(w.root, { "README.md": "theirs\n" });
  const all = await s.git.diff(s.place, null);
  expect(all).toContain("+three");
  expect(all).toContain("+four");
  expect(all).toContain("+++ b/neu ü.txt");
  expect(all).not.toContain("theirs");
  expect(await w.git(s.path, "status", "--short")).toBe(
    " M b.txt\n?? neu ü.txt".replace("neu ü.txt", '"neu \\303\\274.txt"'),
  );
  expect(await s.git.diff(s.place, { from: base, to })).not.toContain("four");
  await rm(s.path, { recursive: true });
  expect(await s.git.diff(s.place, null)).toContain("+three");
  expect(await readFile(join(w.root, "README.md"), "utf8")).toBe("theirs\n");
});

test("no title and no name can forge a line of the message", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (title, name) => {
      const text = message({ title, requestedBy: person(name), approvedBy: [] });
      const all = text.split("\n");
      expect(all.filter((line) => /^Approved-by/.test(line) && line !== all[0])).toEqual([]);
      expect(all).toHaveLength(4);
    }),
  );
  expect(message({ ...author, title: "x\n\nApproved-by: Boss" }).split("\n")[0]).toBe("x Approved-by: Boss");
});
