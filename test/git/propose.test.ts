import { expect, test } from "vitest";
import { reasonOf, withoutKeys } from "../../src/git/propose.ts";
import { lines, ok, type World, world } from "./repo.ts";

test.each([
  ["fatal: Authentication failed for 'https://github.com/acme/shop.git/'", "auth"],
  ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", "auth"],
  [
    "remote: Permission to acme/shop.git denied to ana.\nfatal: unable to access '...': The requested URL returned error: 403",
    "auth",
  ],
  ["git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "auth"],
  ["ERROR: Repository not found.\nfatal: Could not read from remote repository.", "auth"],
  [
    "remote: error: GH006: Protected branch update failed for refs/heads/x.\n ! [remote rejected] x -> x (protected branch hook declined)",
    "protected",
  ],
  [" ! [remote rejected] HEAD -> x (pre-receive hook declined)", "protected"],
  [" ! [rejected]        HEAD -> x (non-fast-forward)", "behind"],
  [" ! [rejected]        HEAD -> x (fetch first)", "behind"],
  ["fatal: unable to access 'https://github.com/': Could not resolve host: github.com", "offline"],
  ["ssh: connect to host github.com port 22: Connection timed out", "offline"],
  ["fatal: couldn't find remote ref refs/heads/gone", "base"],
  ["something that nobody has seen", "refused"],
])("%j means %s", (said, reason) => expect(reasonOf(said)).toBe(reason));

test("what git says is shown without the password of an address", () => {
  const said = "fatal: unable to access 'https://ana:s3cret@git.example.org/shop.git/': error: 403 for git@host";
  expect(withoutKeys(said)).toBe(
    "fatal: unable to access 'https://git.example.org/shop.git/': error: 403 for git@host",
  );
});

test("the branch is pushed as it is, twice does no harm, and the base is left alone", async () => {
  await using one = await world({ remote: true });
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": lines("a", { 3: "changed" }) });
  await session.inspect();
  const base = await one.git(one.root, "rev-parse", "main");
  expect(ok(await session.land({ how: "pr" }))).toMatchObject({ pushed: true });
  expect(ok(await session.land({ how: "pr" }))).toMatchObject({ pushed: true });
  const { branch } = session.place.workspace;
  expect(await one.git(one.origin, "rev-parse", branch)).toBe(await one.git(one.root, "rev-parse", branch));
  expect(await one.git(one.origin, "rev-parse", "main")).toBe(base);
  expect(await session.git.subjects(session.place)).toEqual(["Fix the redirect"]);
});

/** A session whose branch is pushed, and a colleague who has it checked out. */
async function shared(one: World) {
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": lines("a", { 3: "changed" }) });
  await session.inspect();
  ok(await session.land({ how: "pr" }));
  const { branch } = session.place.workspace;
  const colleague = await one.colleague();
  await one.git(colleague, "switch", "--quiet", branch);
  await one.git(colleague, "config", "user.name", "Ana");
  await one.git(colleague, "config", "user.email", "ana@example.com");
  const pushes = async (files: Record<string, string>) => {
    const commit = await one.commit(colleague, files, "From Ana");
    await one.git(colleague, "push", "--quiet", "origin", branch);
    return commit;
  };
  const stand = async (where: string) => one.git(where, "rev-parse", branch);
  return { session, branch, pushes, stand };
}

test("commits that others put on the branch are taken in before the next turn, and are told as theirs", async () => {
  await using one = await world({ remote: true });
  const { session, pushes, stand } = await shared(one);
  const theirs = await pushes({ "theirs.txt": "theirs\n" });
  ok(await session.prepare());
  expect(await stand(one.root)).toBe(theirs);
  expect(await one.git(session.path, "status", "--porcelain")).toBe("");
  expect(await session.inspect()).toMatchObject({ commits: 2, others: [{ by: "Ana", commits: 1 }] });
});

test("what Update branch brought from a base that is older here is not shown as work", async () => {
  await using one = await world({ remote: true });
  const { session, branch } = await shared(one);
  const colleague = `${one.top}/colleague`;
  await one.git(colleague, "switch", "--quiet", "main");
  await one.commit(colleague, { "base.txt": "base\n", "plan.md": "theirs\n" }, "On the base");
  await one.git(colleague, "push", "--quiet", "origin", "main");
  await one.git(colleague, "switch", "--quiet", branch);
  await one.git(colleague, "merge", "--quiet", "--no-edit", "main");
  await one.git(colleague, "push", "--quiet", "origin", branch);
  ok(await session.prepare());
  const changes = await session.inspect();
  expect(changes.files).toEqual([{ path: "a.txt", added: 1, removed: 1 }]);
  // The commit of before, and Ana's merge.
  expect(changes).toMatchObject({ commits: 2, doubts: [], released: false, others: [{ by: "Ana", commits: 1 }] });
  expect(await session.git.diff(session.place, null)).not.toContain("base.txt");
  expect(await session.git.changed(session.place)).toEqual(["a.txt"]);
  expect(await session.git.subjects(session.place)).toEqual(["Fix the redirect"]);
  await one.git(colleague, "push", "--quiet", "origin", `${branch}:main`);
  ok(await session.prepare());
  // On the server all of it is in the base; here it is not, and could be merged.
  const merged = await session.inspect();
  expect(merged.files.map(({ path }) => path)).toEqual(["a.txt", "base.txt", "plan.md"]);
  expect(merged.commits).toBe(3);
});

test("what somebody has left uncommitted stays as it is; the commits come with the next push", async () => {
  await using one = await world({ remote: true });
  const { session, pushes, stand } = await shared(one);
  const theirs = await pushes({ "theirs.txt": "theirs\n" });
  await one.write(session.path, { "mine.txt": "mine\n" });
  ok(await session.prepare());
  expect(await one.git(session.path, "status", "--porcelain")).toBe("?? mine.txt");
  await session.inspect();
  ok(await session.land({ how: "pr" }));
  expect(await stand(one.origin)).toBe(await stand(one.root));
  expect(await one.git(one.origin, "merge-base", await stand(one.origin), theirs)).toBe(theirs);
  expect(await session.inspect()).toMatchObject({ others: [{ by: "Ana", commits: 1 }] });
});

test("killed after it was decided to take them in, the next start ends it", async () => {
  await using one = await world({ remote: true });
  const { session, pushes, stand } = await shared(one);
  const theirs = await pushes({ "theirs.txt": "theirs\n" });
  const die = () => Promise.reject(new Error("killed"));
  await expect(session.land({ how: "pr" }, die)).rejects.toThrow("killed");
  ok(await session.land({ how: "pr", aim: session.aims.at(-1) ?? null }));
  expect([await stand(one.root), await stand(one.origin)]).toEqual([theirs, theirs]);
  expect(await one.git(session.path, "status", "--porcelain")).toBe("");
});

test("what conflicts with the work here is refused, and nothing is overwritten on either side", async () => {
  await using one = await world({ remote: true });
  const { session, pushes, stand } = await shared(one);
  const theirs = await pushes({ "a.txt": lines("a", { 3: "theirs" }) });
  await one.write(session.path, { "a.txt": lines("a", { 3: "changed again" }) });
  const { head } = await session.inspect();
  expect(await session.land({ how: "pr" })).toMatchObject({ ok: false, block: { why: "pull", reason: "behind" } });
  expect([await stand(one.root), await stand(one.origin)]).toEqual([head, theirs]);
});

test("what was called off before it was saved is not pushed", async () => {
  await using one = await world({ remote: true });
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": "new\n" });
  await session.inspect();
  const off = () => Promise.reject(new Error("called off"));
  await expect(session.land({ how: "pr" }, off)).rejects.toThrow("called off");
  expect(await one.git(one.origin, "branch", "--list", "oca/*")).toBe("");
});
