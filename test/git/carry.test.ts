import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, ok, type World, world } from "./repo.ts";

/** A session whose pull request was opened with a change of line 3, and merged by a colleague while line 17 was changed. */
async function mergedThere(one: World, how: "squash" | "merge" = "squash") {
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": lines("a", { 3: "changed" }) });
  const { head: commit } = await session.inspect();
  ok(await session.land({ how: "pr" }));
  const { branch } = session.place.workspace;
  const colleague = await one.colleague();
  await one.git(colleague, "merge", "--quiet", `--${how === "merge" ? "no-ff" : how}`, `origin/${branch}`);
  if (how === "squash") await one.git(colleague, "commit", "--quiet", "--message", "All of it (#1)");
  await one.commit(colleague, { "theirs.txt": "theirs\n" }, "Theirs");
  await one.git(colleague, "push", "--quiet", "origin", "HEAD:main");
  /** As `step` does it. */
  const goOn = () => {
    const target = "refs/remotes/origin/main";
    Object.assign(session.place.workspace, { n: 2, branch: `${branch}-2`, target, baseCommit: commit });
    return session.inspect({ branch, commit, work: 9 });
  };
  const more = (files: Record<string, string | null>) => one.write(session.path, files);
  return { session, branch, commit, colleague, more, goOn };
}

test.each(["squash", "merge"] as const)(
  "what came after a pull request that was merged by a %s is put on the server's base",
  async (how) => {
    await using one = await world({ remote: true });
    const { session, branch, more, goOn } = await mergedThere(one, how);
    await more({ "a.txt": lines("a", { 3: "changed", 17: "later" }), "new.txt": "new\n" });
    const { head } = await session.inspect();
    const changes = await goOn();
    expect(changes).toMatchObject({ commits: 1, behind: 0, conflicts: [] });
    expect(changes.files.map(({ path, added }) => [path, added])).toEqual([
      ["a.txt", 1],
      ["new.txt", 1],
    ]);
    expect(await one.git(session.path, "symbolic-ref", "HEAD")).toBe(`refs/heads/${branch}-2`);
    expect(await one.git(session.path, "status", "--porcelain")).toBe("");
    expect(await one.git(session.path, "ls-files")).toContain("theirs.txt");
    expect(await one.git(one.root, "rev-parse", `${branch}-2^`)).toBe(await one.git(one.origin, "rev-parse", "main"));
    expect(await one.git(one.root, "for-each-ref", "--format=%(refname)", `refs/heads/${branch}`)).toBe("");
    expect(await one.git(one.root, "rev-parse", "refs/oca/kept/k9q2m7ab3c/9")).toBe(head);
    // What the next turn leaves is looked at as ever.
    await more({ "next.txt": "next\n" });
    expect(await session.inspect({ branch, commit: head, work: 10 })).toMatchObject({ commits: 2 });
  },
);

test("nothing is left where all of it has got home", async () => {
  await using one = await world({ remote: true });
  const { session, colleague, more, goOn } = await mergedThere(one);
  await more({ "new.txt": "new\n" });
  await session.inspect();
  await one.commit(colleague, { "new.txt": "new\n" }, "The same");
  await one.git(colleague, "push", "--quiet", "origin", "HEAD:main");
  expect(await goOn()).toMatchObject({ commits: 0, files: [] });
});

test("where it conflicts it stays what it is, and the files are named", async () => {
  await using one = await world({ remote: true });
  const { session, branch, colleague, more, goOn } = await mergedThere(one);
  await more({ "a.txt": lines("a", { 3: "changed", 17: "later" }) });
  const { head } = await session.inspect();
  await one.commit(colleague, { "a.txt": lines("a", { 3: "changed", 17: "theirs" }) }, "Line 17");
  await one.git(colleague, "push", "--quiet", "origin", "HEAD:main");
  expect(await goOn()).toMatchObject({ head, conflicts: ["a.txt"] });
  expect(await one.git(session.path, "symbolic-ref", "HEAD")).toBe(`refs/heads/${branch}-2`);
});

test("a merge of the base that an agent made on the way does not come along", async () => {
  await using one = await world({ remote: true });
  const { session, more, goOn } = await mergedThere(one, "merge");
  await more({ "new.txt": "new\n" });
  await session.inspect();
  await one.git(session.path, "fetch", "--quiet", "origin", "main");
  await one.git(session.path, "merge", "--quiet", "--no-edit", "FETCH_HEAD");
  expect(await goOn()).toMatchObject({ commits: 1, conflicts: [], files: [{ path: "new.txt" }] });
});

test("killed when the branch was made, or half-way to it, it is finished and nobody's change is taken back", async () => {
  await using one = await world({ remote: true });
  const { session, branch, more, goOn } = await mergedThere(one);
  await more({ "new.txt": "new\n" });
  const { head } = await session.inspect();
  const first = await goOn();
  // Back to where it was killed: the branch is there, what is checked out is not its files yet.
  const admin = await one.git(session.path, "rev-parse", "--absolute-git-dir");
  await one.git(session.path, "reset", "--quiet", "--hard", head);
  await one.git(one.root, "update-ref", `refs/heads/${branch}-2`, first.head);
  await one.git(one.root, "update-ref", `refs/heads/${branch}`, head);
  await writeFile(join(admin, "oca-moving"), first.head);
  expect(await goOn()).toEqual(first);
  await one.git(one.root, "update-ref", `refs/heads/${branch}`, head);
  await one.git(session.path, "symbolic-ref", "HEAD", `refs/heads/${branch}`);
  await one.git(session.path, "reset", "--quiet", "--hard", head);
  expect(await goOn()).toEqual(first);
  expect(await one.git(session.path, "status", "--porcelain")).toBe("");
  expect(await one.git(one.root, "fsck", "--strict", "--no-dangling")).toBe("");
});
