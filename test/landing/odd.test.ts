import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, ok, type World, world } from "../git/repo.ts";

/** What docs/worktrees.md says of odd repositories, one test for each line. */

type Files = Parameters<World["write"]>[1];

/** A session whose agent has written these files; looked at. */
async function worked(w: World, files: Files, { push = false } = {}) {
  const s = w.session();
  ok(await s.prepare({ push }));
  await w.write(s.path, files);
  return { ...s, changes: await s.inspect() };
}

const shown = (w: World, what: string): Promise<string> => w.git(w.root, "show", what);
const statusOf = (w: World): Promise<string> => w.git(w.root, "status", "--porcelain");

test("submodules: their folders stay empty and a moved pointer lands; commits that only the workspace has are named", async () => {
  await using w = await world();
  const lib = join(w.top, "lib");
  await w.git(w.top, "init", "--quiet", lib);
  const first = await w.commit(lib, { "lib.txt": "1\n" });
  const second = await w.commit(lib, { "lib.txt": "2\n" });
  const file = ["-c", "protocol.file.allow=always"];
  await w.git(w.root, ...file, "submodule", "--quiet", "add", lib, "lib");
  await w.commit(w.root, {}, "with a submodule");
  const s = await worked(w, { "a.txt": "changed\n" });
  expect(s.changes).toMatchObject({ files: [{ path: "a.txt" }], notKept: [] });
  await w.git(s.path, ...file, "submodule", "--quiet", "update", "--init");
  await w.git(join(s.path, "lib"), "checkout", "--quiet", first);
  expect((await s.inspect()).files.map(({ path }) => path)).toEqual(["a.txt", "lib"]);
  ok(await s.land());
  expect(await w.git(w.root, "ls-tree", "main", "lib")).toContain(first);
  expect(await w.git(join(w.root, "lib"), "rev-parse", "HEAD")).toBe(second);
  await w.commit(join(s.path, "lib"), { "lib.txt": "3\n" });
  expect((await s.inspect()).notKept).toEqual(["lib"]);
});

/** Stands for git-lfs: what is committed is a pointer, what stands in a checkout is the content. */
async function withFilter(w: World, smudge = "sed s/^pointer/content/"): Promise<void> {
  await w.git(w.root, "config", "filter.lfs.clean", "sed s/^content/pointer/");
  await w.git(w.root, "config", "filter.lfs.smudge", smudge);
  await w.git(w.root, "config", "filter.lfs.required", "true");
}

test("LFS: pointers are committed and content stands in workspace and checkout", async () => {
  await using w = await world();
  await withFilter(w);
  await w.commit(w.root, { ".gitattributes": "*.bin filter=lfs\n", "old.bin": "content 1\n" });
  const s = await worked(w, { "old.bin": "content 2\n", "new.bin": "content 3\n" });
  expect(s.changes.edits).toEqual({ checkout: w.root, count: 0, inTheWay: [] });
  ok(await s.land());
  expect([await shown(w, "main:old.bin"), await shown(w, "main:new.bin")]).toEqual(["pointer 2", "pointer 3"]);
  expect(await readFile(join(w.root, "old.bin"), "utf8")).toBe("content 2\n");
  expect(await statusOf(w)).toBe("");
});

test("LFS without its program: the workspace is not made, it says why, and is made when the program is there", async () => {
  await using w = await world();
  await withFilter(w);
  await w.commit(w.root, { ".gitattributes": "*.bin filter=lfs\n", "old.bin": "content 1\n" });
  await withFilter(w, "git-lfs-that-is-not-there smudge");
  const s = w.session();
  await expect(s.prepare()).rejects.toThrow(/filter lfs failed/);
  await withFilter(w);
  ok(await s.prepare());
  expect(await readFile(join(s.path, "old.bin"), "utf8")).toBe("content 1\n");
});

test("sparse: workspace and checkout stay as narrow as they were, and work outside lands all the same", async () => {
  await using w = await world();
  await w.commit(w.root, { "in/x.txt": "x\n", "out/y.txt": "y\n" });
  await w.git(w.root, "sparse-checkout", "set", "--cone", "in");
  const s = await worked(w, { "in/x.txt": "changed\n", "out/new.txt": "new\n" });
  expect(s.changes.files.map(({ path }) => path)).toEqual(["in/x.txt", "out/new.txt"]);
  ok(await s.land());
  expect([await shown(w, "main:out/new.txt"), await shown(w, "main:out/y.txt")]).toEqual(["new", "y"]);
  expect([existsSync(join(w.root, "out")), await statusOf(w)]).toEqual([false, ""]);
});

test.each([
  ["a shallow clone", ["--depth=1"]],
  ["a partial clone", ["--filter=blob:none"]],
])("%s: it is prepared, lands and is pushed", async (_, how) => {
  await using w = await world({ remote: true });
  await w.git(w.origin, "config", "uploadpack.allowFilter", "true");
  await w.commit(w.root, { "b.txt": "second\n" });
  await w.git(w.root, "push", "--quiet", "origin", "main");
  await rename(w.root, join(w.top, "whole"));
  await w.git(w.top, "clone", "--quiet", ...how, `file://${w.origin}`, w.root);
  const s = await worked(w, { "a.txt": lines("a", { 3: "three" }) }, { push: true });
  await w.commit(join(w.top, "whole"), { "README.md": "theirs\n" }, "theirs");
  await w.git(join(w.top, "whole"), "push", "--quiet", "origin", "main");
  ok(await s.land({ push: true }));
  expect(await w.git(w.origin, "show", "main:a.txt")).toContain("three");
  expect(await w.git(w.origin, "log", "-2", "--format=%s", "main")).toBe("Fix the redirect\ntheirs");
  expect(await statusOf(w)).toBe("");
});

test("a worktree as the repository: sessions live beside it, and the base moves where it is checked out", async () => {
  await using first = await world();
  const linked = join(first.top, "linked");
  await first.git(first.root, "worktree", "add", "--quiet", "-b", "feature", linked);
  await using w = await world({ repo: { root: linked } });
  const s = await worked(w, { "a.txt": lines("a", { 3: "three" }) });
  ok(await s.land());
  expect(await readFile(join(first.root, "a.txt"), "utf8")).toContain("three");
  expect(await first.git(first.root, "status", "--porcelain")).toBe("");
  expect(await first.git(linked, "rev-parse", "feature")).not.toBe(await first.git(linked, "rev-parse", "main"));
});

test("names that differ in case only are two files, and a change of case is a rename", async () => {
  await using w = await world();
  await w.commit(w.root, { "Case.txt": "one\n", "case.txt": "two\n" });
  const s = await worked(w, { "a.txt": null, "A.txt": lines("a"), "Case.txt": "ONE\n" });
  expect(s.changes.files.map(({ path }) => path)).toEqual(["A.txt", "Case.txt"]);
  ok(await s.land());
  expect([await shown(w, "main:Case.txt"), await shown(w, "main:case.txt")]).toEqual(["ONE", "two"]);
  expect([existsSync(join(w.root, "a.txt")), existsSync(join(w.root, "A.txt"))]).toEqual([false, true]);
});

test("a name that is not UTF-8 is committed, landed and discarded like any other", async () => {
  await using w = await world();
  const odd = (folder: string) =>
    Buffer.concat([Buffer.from(`${folder}/n`), Buffer.from([0xff]), Buffer.from("e.txt")]);
  await w.commit(w.root, { ".gitignore": "*.log\n" });
  const s = w.session();
  ok(await s.prepare());
  await w.write(s.path, { "x.log": "ignored\n" });
  await writeFile(odd(s.path), "odd\n");
  const changes = await s.inspect();
  expect(changes.files).toEqual([{ path: "n\uFFFDe.txt", added: 1, removed: 0 }]);
  expect(changes.notKept).toEqual(["x.log"]);
  ok(await s.land());
  expect(await readFile(odd(w.root), "utf8")).toBe("odd\n");
  expect(await statusOf(w)).toBe("");
  await writeFile(odd(s.path), "again\n");
  ok(await s.land({ how: "discard" }));
});

test("symbolic links land as links, whatever they lead to", async () => {
  await using w = await world();
  const s = w.session();
  ok(await s.prepare());
  await mkdir(join(s.path, "d"));
  await symlink("/etc/hostname", join(s.path, "outside"));
  await symlink("../b.txt", join(s.path, "d/inside"));
  await symlink(".", join(s.path, "loop"));
  await s.inspect();
  ok(await s.land());
  expect((await lstat(join(w.root, "outside"))).isSymbolicLink()).toBe(true);
  expect([await readlink(join(w.root, "d/inside")), await readlink(join(w.root, "loop"))]).toEqual(["../b.txt", "."]);
  expect(await statusOf(w)).toBe("");
});

test("hooks: none runs, neither the user's nor a branch's", async () => {
  await using w = await world();
  const names = ["pre-commit", "commit-msg", "post-commit", "post-checkout", "post-merge", "reference-transaction"];
  await w.git(w.root, "config", "core.hooksPath", ".husky");
  const run = `#!/bin/sh\necho "$0" >> ${w.home}/ran\n`;
  for (const name of names) await w.write(w.root, { [`.git/hooks/${name}`]: run });
  for (const name of names) await chmod(join(w.root, ".git/hooks", name), 0o755);
  const s = w.session();
  ok(await s.prepare());
  await w.write(s.path, Object.fromEntries(names.map((name) => [`.husky/${name}`, run])));
  for (const name of names) await chmod(join(s.path, ".husky", name), 0o755);
  await s.inspect();
  ok(await s.land());
  ok(await s.land({ how: "clean" }));
  expect(existsSync(join(w.home, "ran"))).toBe(false);
});

test("a remote that wants signed commits refuses the push, and says so", async () => {
  await using w = await world({ remote: true });
  const hook = "#!/bin/sh\nwhile read old new ref; do git verify-commit $new || { echo unsigned >&2; exit 1; }; done\n";
  await writeFile(join(w.origin, "hooks/pre-receive"), hook, { mode: 0o755 });
  await w.git(w.root, "config", "commit.gpgSign", "true");
  const s = await worked(w, { "a.txt": "changed\n" }, { push: true });
  const answer = await s.land({ push: true });
  expect(answer).toMatchObject({ ok: false, block: { why: "failed", error: expect.stringContaining("unsigned") } });
  expect(await w.git(w.origin, "log", "--format=%s", "main")).toBe("first");
});

test("a bare repository: the base moves without a checkout", async () => {
  await using w = await world({ bare: true });
  const s = await worked(w, { "a.txt": lines("a", { 3: "three" }) });
  expect(s.changes.edits).toBeNull();
  ok(await s.land({ style: "merge" }));
  expect(await shown(w, "main:a.txt")).toContain("three");
  ok(await s.land({ how: "clean" }));
});
