import { existsSync } from "node:fs";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, ok, person, world } from "../git/repo.ts";

const branches = async (w: Awaited<ReturnType<typeof world>>) => w.git(w.root, "branch", "--list", "oca/*");

test("what was kept goes after its time, and nobody else's", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "mine.txt": "mine\n" });
  await w.git(s.path, "init", "--quiet", "inside");
  await w.commit(join(s.path, "inside"), { "x.txt": "x" });
  const { kept } = ok(await s.land({ how: "discard" }));
  await w.git(w.root, "update-ref", "refs/oca/kept/another/1", "main");
  const refs = () => w.git(w.root, "for-each-ref", "--format=%(refname)", "refs/oca/kept/");
  expect(await refs()).toContain(kept);
  await s.git.expire([s.place]);
  expect(await refs()).toBe("refs/oca/kept/another/1");
  await expect(readdir(join(w.folder, "kept", s.place.session))).rejects.toThrow("ENOENT");
  await s.git.expire([s.place]);
  expect(await w.git(w.root, "fsck", "--no-dangling")).toBe("");
});

test("discard keeps commits, edits, new files and repositories inside, and undo brings them back", async () => {
  await using w = await world();
  await w.commit(w.root, { ".gitignore": "node_modules/\n" });
  const s = w.session();
  await s.prepare();
  await w.commit(s.path, { "a.txt": "committed\n" }, "one");
  await w.write(s.path, { "a.txt": "edited\n", "sub/new ü.txt": "new\n", "node_modules/x/y.js": "1" });
  await w.git(s.path, "init", "--quiet", "vendor/lib");
  await w.commit(join(s.path, "vendor/lib"), { "lib.c": "int x;" });
  await w.write(join(s.path, "vendor/lib"), { "loose.c": "int y;" });
  const answer = ok(await s.land({ how: "discard" }));
  expect(answer.kept).toBe("refs/oca/kept/k9q2m7ab3c/1");
  expect(s.aims[0]).toMatchObject({ ref: answer.kept, onto: null, checkout: null });
  expect(existsSync(s.path)).toBe(false);
  expect(await branches(w)).toBe("");
  expect(await w.git(w.root, "worktree", "list")).not.toContain("k9q2m7ab3c");
  expect(await readdir(join(w.folder, "trash"))).toEqual([]);
  ok(await s.land({ how: "undo", undo: s.landed("discard", answer) }));
  expect(await w.git(s.path, "branch", "--show-current")).toBe("oca/redirect-k9q2m7ab3c");
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toBe("edited\n");
  expect(await readFile(join(s.path, "sub/new ü.txt"), "utf8")).toBe("new\n");
  expect(await readFile(join(s.path, "vendor/lib/loose.c"), "utf8")).toBe("int y;");
  expect(await w.git(join(s.path, "vendor/lib"), "log", "--format=%s")).toBe("a commit");
  expect(await w.git(s.path, "log", "--format=%s", "main..")).toBe("Fix the redirect\none");
});

test("discarded, reopened and discarded again: both rescues are kept", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": "first\n" });
  const first = ok(await s.land({ how: "discard" }));
  const again = w.session({ n: 2, branch: "oca/redirect-k9q2m7ab3c-2" });
  await again.prepare();
  await w.write(again.path, { "a.txt": "second\n" });
  const second = ok(await again.land({ how: "discard" }));
  expect(await w.git(w.root, "show", `${first.kept}:a.txt`)).toBe("first");
  expect(await w.git(w.root, "show", `${second.kept}:a.txt`)).toBe("second");
});

test("nothing is taken out of an untouched workspace: it goes without an aim", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  expect(await s.land({ how: "discard" })).toEqual({ ok: true, kept: "", pushed: false });
  expect(s.aims).toEqual([]);
  expect(existsSync(s.path)).toBe(false);
  expect(await s.land({ how: "discard" })).toEqual({ ok: true, kept: "", pushed: false });
});

test.each(["aimed", "kept", "folder gone", "done"])(
  "a discard that was killed when it had %s is finished",
  async (state) => {
    await using w = await world();
    const s = w.session();
    await s.prepare();
    await w.write(s.path, { "a.txt": "edited\n" });
    await s.land({ how: "discard" }, () => Promise.reject(new Error("killed"))).catch(() => undefined);
    const [aim] = s.aims;
    if (!aim) throw new Error("nothing was aimed");
    if (state !== "aimed") await w.git(w.root, "update-ref", aim.ref, aim.commit);
    if (state === "folder gone") await rm(s.path, { recursive: true });
    if (state === "done") {
      await w.git(w.root, "worktree", "remove", "--force", s.path);
      await w.git(w.root, "branch", "--quiet", "-D", s.place.workspace.branch);
    }
    expect(ok(await s.land({ how: "discard", aim })).kept).toBe(aim.ref);
    expect(await w.git(w.root, "show", `${aim.ref}:a.txt`)).toBe("edited");
    expect(existsSync(s.path)).toBe(false);
    expect(await branches(w)).toBe("");
  },
);

test("a discard whose branch and checkout went different ways keeps both", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  const ours = await w.commit(s.path, { "a.txt": "ours\n" });
  await w.git(s.path, "checkout", "--quiet", "--detach", "main");
  const theirs = await w.commit(s.path, { "b.txt": "theirs\n" });
  const { kept } = ok(await s.land({ how: "discard" }));
  const all = await w.git(w.root, "rev-list", kept);
  expect(all).toContain(ours);
  expect(all).toContain(theirs);
});

test("unresolved conflicts are kept as they stand", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.commit(s.path, { "a.txt": lines("a", { 3: "ours" }) });
  await w.commit(w.root, { "a.txt": lines("a", { 3: "theirs" }) });
  await w.git(s.path, "merge", "--quiet", "main").catch(() => undefined);
  await expect(s.inspect()).rejects.toThrow(/unresolved conflicts in .*: a\.txt/);
  const { kept } = ok(await s.land({ how: "discard" }));
  expect(await w.git(w.root, "show", `${kept}:a.txt`)).toContain("<<<<<<<");
});

test("clean removes what is untouched, and can be repeated", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, {});
  ok(await s.land({ how: "clean" }));
  expect(existsSync(s.path)).toBe(false);
  expect(await branches(w)).toBe("");
  ok(await s.land({ how: "clean" }));
});

test("clean refuses unmerged commits and uncommitted files, and says what they are", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": "work\n" });
  await expect(s.land({ how: "clean" })).rejects.toThrow(/1 uncommitted files \(a\.txt\)/);
  await s.inspect();
  await expect(s.land({ how: "clean" })).rejects.toThrow(/is not in refs\/heads\/main/);
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toBe("work\n");
});

test.each(["rebase", "squash", "merge"] as const)(
  "clean removes what was landed by %s, also after the base went on",
  async (style) => {
    await using w = await world();
    const s = w.session();
    await s.prepare();
    await w.commit(w.root, { "b.txt": lines("b", { 9: "nine" }) });
    await w.commit(s.path, { "a.txt": lines("a", { 3: "three" }) }, "one");
    await w.commit(s.path, { "c.txt": "c\n" }, "two");
    ok(await s.land({ style }));
    await w.commit(w.root, { "a.txt": lines("a", { 3: "THREE" }) });
    const { kept } = ok(await s.land({ how: "clean" }));
    expect(existsSync(s.path)).toBe(false);
    expect(await branches(w)).toBe("");
    expect(kept).toBe(style === "merge" ? "" : "refs/oca/kept/k9q2m7ab3c/2");
  },
);

test("clean after a landing sets repositories inside and big files aside instead of deleting them", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.git(s.path, "init", "--quiet", "nested");
  await w.commit(join(s.path, "nested"), { "x.txt": "x" });
  await writeFile(join(s.path, "big.bin"), "");
  await truncate(join(s.path, "big.bin"), 51 * 1024 * 1024);
  const changes = await s.inspect();
  expect(changes).toMatchObject({ commits: 0, files: [], notKept: ["big.bin", "nested"] });
  ok(await s.land({ how: "clean" }));
  const kept = join(w.folder, "kept/k9q2m7ab3c/1");
  expect((await readdir(kept)).sort()).toEqual(["big.bin", "nested"]);
  expect(await readFile(join(kept, "nested/x.txt"), "utf8")).toBe("x");
});

test("a branch that the user has checked out is not deleted under them", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.git(s.path, "checkout", "--quiet", "--detach");
  await w.git(w.root, "switch", "--quiet", "oca/redirect-k9q2m7ab3c");
  ok(await s.land({ how: "clean" }));
  expect(await w.git(w.root, "branch", "--show-current")).toBe("oca/redirect-k9q2m7ab3c");
  expect(await w.git(w.root, "status", "--short")).toBe("");
});

// --- Undo ---------------------------------------------------------------------------------------------------------------

async function merged(w: Awaited<ReturnType<typeof world>>, push = false) {
  const s = w.session();
  ok(await s.prepare({ push }));
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }), "new.txt": "new\n" });
  await s.inspect();
  const before = await w.git(w.root, "rev-parse", "main");
  const answer = ok(await s.land({ style: "squash", push }));
  const landed = s.landed("merge", answer);
  ok(await s.land({ how: "clean" }));
  return { s, before, landed };
}

test("undo of a merge moves the base back, keeps the user's edits and restores the workspace", async () => {
  await using w = await world();
  const { s, before, landed } = await merged(w);
  await w.write(w.root, { "b.txt": "staged\n", "README.md": "edited\n", "loose.txt": "loose\n" });
  await w.git(w.root, "add", "b.txt");
  const status = await w.git(w.root, "status", "--short");
  ok(await s.land({ how: "undo", undo: landed }));
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
  expect(await w.git(w.root, "status", "--short")).toBe(status);
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toBe(lines("a"));
  expect(existsSync(join(w.root, "new.txt"))).toBe(false);
  expect(await s.inspect()).toMatchObject({ head: landed.aim.commit, commits: 1, behind: 0, released: false });
  ok(await s.land());
  expect(await w.git(w.root, "rev-parse", "main")).toBe(landed.aim.commit);
});

test("undo of a merge where the base is not checked out", async () => {
  await using w = await world();
  const { s, before, landed } = await merged(w);
  await w.git(w.root, "switch", "--quiet", "--detach");
  ok(await s.land({ how: "undo", undo: landed }));
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
});

test("undo refuses to overwrite an edit", async () => {
  await using w = await world();
  const { s, landed } = await merged(w);
  await w.write(w.root, { "a.txt": "mine\n" });
  expect(await s.land({ how: "undo", undo: landed })).toEqual({
    ok: false,
    block: { why: "overlap", checkout: w.root, files: ["a.txt"] },
  });
  expect(await w.git(w.root, "rev-parse", "main")).toBe(landed.aim.commit);
});

test("undo is too late when the base has moved on, was pushed, or the workspace has new work", async () => {
  await using w = await world();
  const { s, landed } = await merged(w);
  expect(await s.land({ how: "undo", undo: { ...landed, pushed: true } })).toEqual({
    ok: false,
    block: { why: "moved_on" },
  });
  const again = w.session({ n: 2, branch: "oca/redirect-k9q2m7ab3c-2" });
  await again.prepare();
  await w.write(again.path, { "b.txt": "more\n" });
  await again.inspect();
  expect(await again.land({ how: "undo", undo: landed })).toEqual({ ok: false, block: { why: "moved_on" } });
  ok(await again.land({ how: "discard" }));
  await w.commit(w.root, { "b.txt": "theirs\n" });
  expect(await s.land({ how: "undo", undo: landed })).toEqual({ ok: false, block: { why: "moved_on" } });
});

test.each(["aimed", "written, not in the index", "in the index", "moved"])(
  "an undo that was killed when it was %s is finished",
  async (state) => {
    await using w = await world();
    const { s, before, landed } = await merged(w);
    await s.land({ how: "undo", undo: landed }, () => Promise.reject(new Error("killed"))).catch(() => undefined);
    const aim = s.aims.at(-1) ?? null;
    expect(aim).toMatchObject({ ref: "refs/heads/main", onto: landed.aim.commit, commit: before });
    if (state.startsWith("written")) await w.write(w.root, { "a.txt": lines("a"), "new.txt": null });
    if (state === "in the index" || state === "moved")
      await w.git(w.root, "read-tree", "-m", "-u", landed.aim.commit, before);
    if (state === "moved") await w.git(w.root, "update-ref", "refs/heads/main", before);
    ok(await s.land({ how: "undo", undo: landed, aim }));
    expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
    expect(await w.git(w.root, "status", "--short")).toBe("");
    expect(await w.git(s.path, "rev-parse", "HEAD")).toBe(landed.aim.commit);
  },
);

// --- Revert -------------------------------------------------------------------------------------------------------------

/** Merged, cleaned up, and then somebody has committed something else. */
async function builtUpon(
  w: Awaited<ReturnType<typeof world>>,
  change: Record<string, string> = { "b.txt": "theirs\n" },
) {
  const { s, landed } = await merged(w);
  return { s, landed, theirs: await w.commit(w.root, change, "theirs") };
}

test("a merge that was built upon is taken back by a commit on top, and the work can land again", async () => {
  await using w = await world();
  const { s, landed, theirs } = await builtUpon(w);
  await w.write(w.root, { "README.md": "edited\n" });
  ok(await s.land({ how: "revert", undo: landed, approvedBy: [person("Cleo")] }));
  expect(await w.git(w.root, "rev-parse", "main^")).toBe(theirs);
  expect(await w.git(w.root, "diff", "--name-status", theirs, "main")).toBe("M\ta.txt\nD\tnew.txt");
  expect(await w.git(w.root, "status", "--short")).toBe(" M README.md");
  expect(await w.git(w.root, "log", "-1", "--format=%B", "main")).toBe(
    `Revert "Fix the redirect"\n\nThis reverts commit ${landed.aim.commit}.\n\nRequested-by: Cleo\nApproved-by: Cleo\n`,
  );
  expect(await s.inspect()).toMatchObject({
    commits: 1,
    files: [{ path: "a.txt" }, { path: "new.txt" }],
    released: false,
  });
  ok(await s.land());
  expect(await readFile(join(w.root, "new.txt"), "utf8")).toBe("new\n");
  expect(await w.git(w.root, "show", "main:b.txt")).toBe("theirs");
  expect(await s.inspect()).toMatchObject({ released: true });
});

test("a merge that was pushed is reverted there, and the local base follows", async () => {
  await using w = await world({ remote: true });
  const { s, before, landed } = await merged(w, true);
  expect(await s.land({ how: "revert", undo: landed })).toMatchObject({ ok: false, block: { why: "failed" } });
  expect(ok(await s.land({ how: "revert", undo: landed, push: true }))).toMatchObject({ pushed: true });
  const there = await w.git(w.origin, "rev-parse", "main");
  expect(await w.git(w.root, "rev-parse", "main")).toBe(there);
  expect(await w.git(w.root, "rev-parse", "main^")).toBe(landed.aim.commit);
  expect(await w.git(w.root, "diff", "--stat", before, "main")).toBe("");
});

test("a revert that conflicts says with which files, and moves nothing", async () => {
  await using w = await world();
  const { s, landed, theirs } = await builtUpon(w, { "a.txt": lines("a", { 3: "three, and more" }) });
  const block = { why: "conflict", files: ["a.txt"] };
  expect(await s.land({ how: "revert", undo: landed })).toEqual({ ok: false, block });
  expect(await w.git(w.root, "rev-parse", "main")).toBe(theirs);
  expect(existsSync(s.path)).toBe(false);
});

test.each(["aimed", "moved"])("a revert that was killed when it was %s is finished, once", async (state) => {
  await using w = await world();
  const { s, landed, theirs } = await builtUpon(w);
  await s.land({ how: "revert", undo: landed }, () => Promise.reject(new Error("killed"))).catch(() => undefined);
  const aim = s.aims.at(-1) ?? null;
  if (state === "moved") await w.git(w.root, "merge", "--quiet", "--ff-only", aim?.commit ?? "");
  ok(await s.land({ how: "revert", undo: landed, aim }));
  expect(await w.git(w.root, "rev-list", "--parents", "-1", "main")).toBe(`${aim?.commit} ${theirs}`);
  expect(await w.git(s.path, "diff", "--stat", landed.aim.commit)).toBe("");
});

test("checks run on what a revert would leave: with one that fails nothing moves, unless somebody says so", async () => {
  await using w = await world({ repo: { checks: [{ command: "echo looked; test -f new.txt", timeoutMs: 10_000 }] } });
  const { s, landed, theirs } = await builtUpon(w);
  const heard: string[] = [];
  const order = { how: "revert" as const, undo: landed, said: (_: string, log: string) => void heard.push(log.trim()) };
  expect(await s.land(order)).toMatchObject({
    ok: false,
    block: { why: "checks", checks: { ok: false, runs: [{ command: "echo looked; test -f new.txt", ok: false }] } },
  });
  expect(await w.git(w.root, "rev-parse", "main")).toBe(theirs);
  expect(existsSync(s.path)).toBe(false);
  ok(await s.land({ ...order, checked: "waived" }));
  expect(await w.git(w.root, "rev-parse", "main^")).toBe(theirs);
  expect(heard).toEqual(["looked\n\n[ended with 1]"]);
});

test("a revert whose checks pass runs them once, where nobody works", async () => {
  await using w = await world({ repo: { checks: [{ command: "pwd; test -f b.txt", timeoutMs: 10_000 }] } });
  const { s, landed, theirs } = await builtUpon(w);
  const heard: string[] = [];
  const said = (_: string, log: string) => void heard.push(log.trim());
  ok(await s.land({ how: "revert", undo: landed, said }));
  expect(await w.git(w.root, "rev-parse", "main^")).toBe(theirs);
  expect(heard).toEqual([join(w.folder, "checks", "project", "k9q2m7ab3c")]);
  expect(existsSync(heard[0] ?? "")).toBe(false);
});

test("what somebody has reverted before is not reverted twice, and the work is there again", async () => {
  await using w = await world();
  const { s, landed } = await merged(w);
  await w.git(w.root, "revert", "--no-edit", landed.aim.commit);
  const theirs = await w.git(w.root, "rev-parse", "main");
  ok(await s.land({ how: "revert", undo: landed }));
  expect(await w.git(w.root, "rev-parse", "main")).toBe(theirs);
  expect(await s.inspect()).toMatchObject({ commits: 1, conflicts: [], released: false });
});

test("of several commits one revert is made, and the branch that had landed is not said to be in the base", async () => {
  await using w = await world();
  const s = w.session();
  ok(await s.prepare());
  await w.commit(s.path, { "a.txt": lines("a", { 3: "three" }) });
  await w.commit(s.path, { "new.txt": "new\n" });
  const landed = s.landed("merge", ok(await s.land()));
  await w.commit(w.root, { "b.txt": "theirs\n" });
  expect(await s.inspect()).toMatchObject({ released: true });
  ok(await s.land({ how: "revert", undo: landed }));
  expect(await w.git(w.root, "log", "-1", "--format=%B", "main")).toContain(
    `This reverts commit ${landed.aim.commit}\nand 1 before it.`,
  );
  expect(await s.inspect()).toMatchObject({ released: false });
});
