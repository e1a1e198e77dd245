import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { lines, ok, type World, world } from "./repo.ts";

const check = (command: string) => ({ checks: [{ command, timeoutMs: 120_000 }] });

/** A session that has changed a line, looked at. */
async function worked(w: World) {
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "a.txt": lines("a", { 3: "three" }) });
  const changes = await s.inspect();
  if (changes.candidate === null) throw new Error("nothing to check");
  return { s, changes, candidate: changes.candidate };
}

const how = (commit: string, said: string[] = []) => ({
  commit,
  signal: new AbortController().signal,
  said: (_: string, log: string) => void said.push(log),
});

test("checks run on the exact result, elsewhere, with no tokens, and leave nothing behind", async () => {
  const command = "cat a.txt README.md; touch coverage; echo token=$SECRET_TOKEN; git status --short";
  await using w = await world({ repo: check(command) });
  const { s } = await worked(w);
  await w.commit(w.root, { "README.md": "theirs\n" });
  const { candidate } = await s.inspect();
  const said: string[] = [];
  const worktrees = await w.git(w.root, "worktree", "list");
  const checks = await s.git.check(s.place, how(candidate ?? "", said));
  expect(checks).toMatchObject({ commit: candidate, ok: true, runs: [{ command, ok: true }] });
  expect(said).toEqual([`${lines("a", { 3: "three" })}theirs\ntoken=\n?? coverage`]);
  expect(await w.git(s.path, "status", "--short")).toBe("");
  expect(await w.git(w.root, "worktree", "list")).toBe(worktrees);
  expect(await readdir(join(w.folder, "checks", "project"))).toEqual([]);
  expect(await readdir(join(w.root, ".git", "worktrees"))).toEqual([s.place.session]);
});

test("the same base, work and result are the same candidate; another base is another", async () => {
  await using w = await world({ repo: check("true") });
  const { s, candidate } = await worked(w);
  expect((await s.inspect()).candidate).toBe(candidate);
  await w.commit(w.root, { "b.txt": "theirs\n" });
  expect((await s.git.compare(s.place)).candidate).not.toBe(candidate);
});

test("the first that fails ends it: its log is kept, the end of it on the card", async () => {
  const commands = ["echo fine", "seq 1 2000; exit 3", "echo never"];
  await using w = await world({ repo: { checks: commands.map((command) => ({ command, timeoutMs: 120_000 })) } });
  const { s, candidate } = await worked(w);
  const said: string[] = [];
  const { ok, runs } = await s.git.check(s.place, how(candidate, said));
  expect({ ok, runs: runs.map((run) => run.ok) }).toEqual({ ok: false, runs: [true, false] });
  expect(runs[1]?.log).toMatch(/^…[\s\S]*2000\n+\[ended with 3\]$/);
  expect(said[1]).toMatch(/^1\n2\n3\n/);
});

test("what passed lands without another run; when the base has moved they run on the new result, before the ref moves", async () => {
  await using w = await world({ repo: check("cat b.txt >> $HOME/ran; ! grep --quiet broken b.txt") });
  const { s, candidate } = await worked(w);
  const before = await w.commit(w.root, { "b.txt": "broken\n" });
  const answer = await s.land({ checked: candidate });
  expect(answer).toMatchObject({ ok: false, block: { why: "checks", checks: { ok: false, runs: [{ ok: false }] } } });
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
  expect(s.aims).toEqual([]);
  await w.commit(w.root, { "b.txt": "fine\n" });
  const now = (await s.git.compare(s.place)).candidate;
  ok(await s.land({ checked: now }));
  expect(await readFile(join(w.home, "ran"), "utf8")).toBe("broken\n");
});

test("waived, they are not run", async () => {
  await using w = await world({ repo: check("touch $HOME/ran; false") });
  const { s } = await worked(w);
  ok(await s.land({ checked: "waived" }));
  expect(await readdir(w.home)).toEqual([".gitconfig"]);
});

test("what was left by a check that was killed is no obstacle, and a stop ends the command", async () => {
  await using w = await world({ repo: check("touch started; exec sleep 60") });
  const { s, candidate } = await worked(w);
  const stop = new AbortController();
  const running = s.git.check(s.place, { ...how(candidate), signal: stop.signal });
  const scratch = join(w.folder, "checks", "project", s.place.session);
  await vi.waitFor(async () => expect(await readdir(scratch)).toContain("started"), { timeout: 45_000 });
  stop.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
  await w.git(w.root, "worktree", "add", "--quiet", "--detach", scratch, candidate);
  await w.write(w.root, { ".git/worktrees/k9q2m7ab3c1/locked": "initializing" });
  const again = new AbortController();
  const next = s.git.check(s.place, { ...how(candidate), signal: again.signal });
  await vi.waitFor(async () => expect(await readdir(scratch)).toContain("started"), { timeout: 45_000 });
  again.abort(new Error("stopped"));
  await expect(next).rejects.toThrow("stopped");
});

test("a diff that changes what the checks execute is named", async () => {
  await using w = await world({ repo: check("./scripts/test.sh --all") });
  const { s } = await worked(w);
  await w.write(s.path, {
    "package.json": "{}\n",
    ".github/workflows/ci.yml": "on: push\n",
    "scripts/test.sh": "true\n",
  });
  expect((await s.inspect()).doubts).toEqual(
    [".github/workflows/ci.yml", "package.json", "scripts/test.sh"].map((path) => ({ why: "check", path })),
  );
});
