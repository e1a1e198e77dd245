import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGit } from "../../src/git/git.ts";
import { HOW, lines, ok, world } from "./repo.ts";

const { PATH } = process.env;

test("a session gets a worktree on its own branch, and the user's checkout does not notice", async () => {
  await using w = await world();
  await w.git(w.root, "switch", "--quiet", "--create", "feature");
  await w.commit(w.root, { "c.txt": "c" });
  await w.write(w.root, { "a.txt": "edited" });
  const s = w.session();
  const prepared = ok(await s.prepare());
  expect(prepared).toEqual({
    ok: true,
    target: "refs/heads/main",
    baseCommit: await w.git(w.root, "rev-parse", "main"),
    moved: null,
  });
  expect(await w.git(s.path, "branch", "--show-current")).toBe("oca/redirect-k9q2m7ab3c");
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toBe(lines("a"));
  expect(existsSync(join(s.path, "c.txt"))).toBe(false);
  expect(await w.git(w.root, "branch", "--show-current")).toBe("feature");
  expect(await w.git(w.root, "status", "--short")).toBe("M a.txt".padStart(8));
});

test("preparing twice changes nothing", async () => {
  await using w = await world();
  const s = w.session();
  const first = await s.prepare();
  await w.write(s.path, { "a.txt": "work" });
  expect(await s.prepare()).toEqual(first);
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toBe("work");
});

test("with push on the remote's base is the target, and it is fetched", async () => {
  await using w = await world({ remote: true });
  const colleague = await w.colleague();
  const theirs = await w.commit(colleague, { "c.txt": "c" });
  await w.git(colleague, "push", "--quiet");
  const s = w.session();
  expect(ok(await s.prepare({ push: true }))).toMatchObject({ target: "refs/remotes/origin/main", baseCommit: theirs });
  expect(await readFile(join(s.path, "c.txt"), "utf8")).toBe("c");
});

test("with push off the local base is the target", async () => {
  await using w = await world({ remote: true });
  const mine = await w.commit(w.root, { "mine.txt": "not pushed" });
  expect(ok(await w.session().prepare())).toMatchObject({ target: "refs/heads/main", baseCommit: mine });
});

test("with push on, what the user has not pushed is not built on", async () => {
  await using w = await world({ remote: true });
  const pushed = await w.git(w.root, "rev-parse", "main");
  await w.commit(w.root, { "mine.txt": "not pushed" });
  expect(ok(await w.session().prepare({ push: true })).baseCommit).toBe(pushed);
});

test("when local and remote base went different ways it is asked once which one is meant", async () => {
  await using w = await world({ remote: true });
  const colleague = await w.colleague();
  await w.commit(colleague, { "c.txt": "c" });
  await w.git(colleague, "push", "--quiet");
  const mine = await w.commit(w.root, { "mine.txt": "mine" });
  expect(await w.session().prepare({ push: true })).toEqual({
    ok: false,
    ask: { kind: "diverged", local: "refs/heads/main", remote: "refs/remotes/origin/main" },
  });
  const chosen = w.session({ target: "refs/heads/main" });
  expect(ok(await chosen.prepare({ push: true }))).toMatchObject({ target: "refs/heads/main", baseCommit: mine });
});

test("offline the work goes on with what was last fetched", async () => {
  await using w = await world({ remote: true });
  await w.git(w.root, "remote", "set-url", "origin", join(w.top, "nowhere.git"));
  expect(ok(await w.session().prepare({ push: true })).target).toBe("refs/remotes/origin/main");
});

test("a bare repository can be worked on", async () => {
  await using w = await world({ bare: true });
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }) });
  await s.inspect();
  ok(await s.land());
  expect(await w.git(w.root, "show", "main:a.txt")).toContain("three");
});

test("a base that somebody asked for is used, and one that does not exist is named with those that do", async () => {
  await using w = await world();
  await w.git(w.root, "branch", "release");
  expect(ok(await w.session({ base: "release" }).prepare()).target).toBe("refs/heads/release");
  await expect(w.session({ base: "nope" }).prepare()).rejects.toThrow(/no branch "nope": there is main, release/);
  await expect(w.session({ base: "--upload-pack=x" }).prepare()).rejects.toThrow(/no branch "--upload-pack=x"/);
});

test("what git cannot work with is said with the way out", async () => {
  await using w = await world();
  await mkdir(join(w.top, "plain"));
  await w.git(w.top, "init", "--quiet", join(w.top, "empty"));
  await mkdir(join(w.root, "inside"));
  const git = (root: string, env: Record<string, string> = {}) =>
    createGit({
      folder: w.folder,
      repos: { project: { name: "project", root, base: null, setup: null, checks: [], copy: [] } },
      env: { PATH, HOME: w.home, GIT_CONFIG_NOSYSTEM: "1", ...env },
      spawn: () => {
        throw new Error("not here");
      },
    });
  const { place } = w.session();
  await expect(git(join(w.top, "plain")).prepare(place, HOW)).rejects.toThrow(/is not a git repository/);
  await expect(git(join(w.top, "empty")).prepare(place, HOW)).rejects.toThrow(/has no commit yet/);
  await expect(git(join(w.root, "inside")).prepare(place, HOW)).rejects.toThrow(/lies inside a repository/);
  await expect(git(w.root, { HOME: w.top }).prepare(place, HOW)).rejects.toThrow(/git config --global user\.name/);
  await expect(w.oca().prepare({ ...place, workspace: { ...place.workspace, repo: "other" } }, HOW)).rejects.toThrow(
    /repository other is not in the configuration: there is project/,
  );
});

test("a worktree folder that was deleted comes back from its branch", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": "work" });
  const { head } = await s.inspect();
  await rm(s.path, { recursive: true });
  ok(await s.prepare());
  expect(await w.git(s.path, "rev-parse", "HEAD")).toBe(head);
  expect(await readFile(join(s.path, "a.txt"), "utf8")).toBe("work");
});

test("a worktree whose making was cut off is made again", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  const admin = join(w.root, ".git/worktrees/k9q2m7ab3c");
  await writeFile(join(admin, "locked"), "initializing");
  await rm(join(admin, "index"));
  await rm(join(s.path, "a.txt"));
  ok(await s.prepare());
  expect(await w.git(s.path, "status", "--short")).toBe("");
  expect(existsSync(join(admin, "locked"))).toBe(false);
});

test.each([{ files: [] }, { files: ["locked"] }, { files: ["locked", "gitdir"] }])(
  "a worktree whose making was cut off before git wrote whose it is leaves nothing ($files)",
  async ({ files }) => {
    await using w = await world();
    const s = w.session();
    const admin = join(w.root, ".git/worktrees/k9q2m7ab3c");
    await mkdir(admin, { recursive: true });
    for (const file of files) await writeFile(join(admin, file), file === "locked" ? "initializing" : "");
    ok(await s.prepare());
    expect(await readdir(join(w.root, ".git/worktrees"))).toEqual(["k9q2m7ab3c"]);
    expect(await w.git(s.path, "status", "--short")).toBe("");
  },
);

test("something else in the worktree's place is left alone", async () => {
  await using w = await world();
  const s = w.session();
  await mkdir(s.path, { recursive: true });
  await writeFile(join(s.path, "mine"), "mine");
  await expect(s.prepare()).rejects.toThrow(/is not the worktree of oca\/redirect-k9q2m7ab3c: move it away/);
  expect(await readFile(join(s.path, "mine"), "utf8")).toBe("mine");
});

test("another branch in the worktree that lacks our commits stops everything", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.commit(s.path, { "a.txt": "work" });
  await w.git(s.path, "switch", "--quiet", "--create", "other", "main");
  await expect(s.prepare()).rejects.toThrow(/has other checked out, which lacks commits of oca\/redirect-k9q2m7ab3c/);
  await expect(s.inspect()).rejects.toThrow(/has other checked out/);
});

test("a branch that the agent went on with is what counts", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.git(s.path, "switch", "--quiet", "--create", "fix/it");
  const head = await w.commit(s.path, { "a.txt": "work" });
  expect(await s.inspect()).toMatchObject({ head, commits: 1 });
  expect(await w.git(s.path, "branch", "--show-current")).toBe("oca/redirect-k9q2m7ab3c");
  await w.git(s.path, "checkout", "--quiet", "--detach");
  const next = await w.commit(s.path, { "b.txt": "more" });
  expect(await s.inspect()).toMatchObject({ head: next, commits: 2 });
});

test("an untouched workspace follows a moved base, and the plan's files among the changed ones are named", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  await w.commit(w.root, { "b.txt": "other" });
  const tip = await w.commit(w.root, { "README.md": "other" });
  const prepared = await s.prepare({ named: ["a.txt", "b.txt"] });
  expect(prepared).toMatchObject({ baseCommit: tip, moved: { commits: 2, named: ["b.txt"] } });
  expect(await w.git(s.path, "rev-parse", "HEAD")).toBe(tip);
  expect(await s.prepare()).toMatchObject({ moved: null });
});

test("a move to the new base that was cut off is finished", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  const tip = await w.commit(w.root, { "b.txt": "other", "n.txt": "new" });
  await writeFile(join(w.root, ".git/worktrees/k9q2m7ab3c/oca-moving"), tip);
  await w.write(s.path, { "b.txt": "other" });
  expect(await s.prepare()).toMatchObject({ baseCommit: tip, moved: { commits: 1, named: [] } });
  expect(await w.git(s.path, "status", "--short")).toBe("");
});

test("a workspace with work in it stays on its base", async () => {
  await using w = await world();
  const s = w.session();
  const before = ok(await s.prepare());
  await w.write(s.path, { "a.txt": "work" });
  await w.commit(w.root, { "b.txt": "other" });
  expect(await s.prepare()).toEqual({ ...before, moved: null });
  await s.inspect();
  expect(await s.prepare()).toEqual({ ...before, moved: null });
});

test("a base that was rewritten is followed by an untouched workspace", async () => {
  await using w = await world();
  await w.commit(w.root, { "b.txt": "oops" });
  const s = w.session();
  await s.prepare();
  await w.git(w.root, "reset", "--quiet", "--hard", "HEAD^");
  const tip = await w.commit(w.root, { "b.txt": "better" });
  expect(await s.prepare()).toMatchObject({ baseCommit: tip, moved: { commits: 1 } });
});

test("a stale lock in our own worktree is removed, one in the user's repository is waited for and named", async () => {
  await using w = await world();
  const s = w.session({}, { git: w.oca({ waitMs: 300 }) });
  await s.prepare();
  await w.write(s.path, { "a.txt": "work" });
  await writeFile(join(w.root, ".git/worktrees/k9q2m7ab3c/index.lock"), "");
  expect(await s.inspect()).toMatchObject({ commits: 1 });
  const lock = join(w.root, ".git/refs/heads/main.lock");
  await writeFile(lock, "");
  await w.git(w.root, "switch", "--quiet", "--detach");
  const answer = await s.land();
  expect(answer).toMatchObject({ ok: false, block: { why: "locked", file: lock } });
  expect(existsSync(lock)).toBe(true);
});

test("a lock of the user that goes away in time does no harm", async () => {
  await using w = await world();
  await w.git(w.root, "switch", "--quiet", "--detach");
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": "work" });
  await s.inspect();
  const lock = join(w.root, ".git/refs/heads/main.lock");
  const answer = await s.land({}, async () => {
    await writeFile(lock, "");
    setTimeout(() => void rm(lock), 60);
  });
  ok(answer);
});

test("hooks of the repository and of the branch never run", async () => {
  await using w = await world();
  const hook = `#!/bin/sh\ntouch ${join(w.top, "ran")}-$(basename $0)\n`;
  const names = [
    "post-checkout",
    "pre-commit",
    "commit-msg",
    "post-commit",
    "post-merge",
    "reference-transaction",
    "post-index-change",
  ];
  await w.commit(w.root, Object.fromEntries(names.map((name) => [`.husky/${name}`, hook])));
  for (const name of names) {
    await writeFile(join(w.root, ".git/hooks", name), hook, { mode: 0o755 });
    await w.git(w.root, "update-index", "--chmod=+x", `.husky/${name}`);
  }
  await w.git(w.root, "commit", "--quiet", "--no-verify", "--message", "hooks");
  await w.git(w.root, "reset", "--quiet", "--hard");
  await w.git(w.root, "config", "core.hooksPath", ".husky");
  await w.git(w.root, "config", "core.fsmonitor", `touch ${join(w.top, "ran")}-fsmonitor`);
  const ran = async () => (await readdir(w.top)).filter((name) => name.startsWith("ran"));
  await w.git(w.root, "commit", "--quiet", "--allow-empty", "--message", "the user's own");
  expect(await ran()).not.toEqual([]);
  for (const name of await ran()) await rm(join(w.top, name));
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": "work" });
  await s.inspect();
  ok(await s.land());
  ok(await s.land({ how: "clean" }));
  expect(await ran()).toEqual([]);
});

test("files that the owner lists are copied, follow no link, overwrite nothing and are never committed", async () => {
  await using w = await world({ repo: { copy: [".env.local", "conf/local.json", "missing"] } });
  await w.write(w.root, { ".env.local": "KEY=1", "conf/local.json": "{}" });
  const s = w.session();
  ok(await s.prepare({ write: true }));
  expect(await readFile(join(s.path, ".env.local"), "utf8")).toBe("KEY=1");
  expect(await readFile(join(s.path, "conf/local.json"), "utf8")).toBe("{}");
  await w.write(s.path, { ".env.local": "KEY=2", "a.txt": "work" });
  ok(await s.prepare({ write: true }));
  expect(await readFile(join(s.path, ".env.local"), "utf8")).toBe("KEY=2");
  await w.git(s.path, "add", "--all");
  expect((await s.inspect()).files.map(({ path }) => path)).toEqual(["a.txt"]);
  await w.git(s.path, "add", "--all");
  await w.git(s.path, "commit", "--quiet", "--message", "with the secret");
  const changes = await s.inspect();
  expect(changes.files.map(({ path }) => path)).toEqual(["a.txt"]);
  expect(await w.git(w.root, "log", "--format=%s", "--all", "--", ".env.local")).toBe("");
  expect(changes.notKept).toEqual([]);
  await rm(join(w.root, ".env.local"));
  await writeFile(join(w.top, "passwords"), "secret");
  await symlink(join(w.top, "passwords"), join(w.root, ".env.local"));
  await rm(join(s.path, ".env.local"));
  await expect(s.prepare({ write: true })).rejects.toThrow(/leads out of/);
});
