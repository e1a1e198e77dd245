import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, ok, world } from "../git/repo.ts";

/** A clone of a fork whose base nobody keeps up to date, and the project that it was forked from, which has gone on since. */
async function forked() {
  const w = await world({ remote: true });
  const [project, clone] = [join(w.top, "project.git"), join(w.top, "member")];
  await w.git(w.top, "clone", "--quiet", "--bare", w.origin, project);
  await w.git(w.root, "remote", "add", "upstream", project);
  await w.git(w.top, "clone", "--quiet", project, clone);
  /** A member of the project commits to its base. */
  const goesOn = async (files: Record<string, string>, message = "Of the project") => {
    await w.git(clone, "pull", "--quiet");
    await w.commit(clone, files, message);
    await w.git(clone, "push", "--quiet");
    return w.git(clone, "rev-parse", "HEAD");
  };
  const stand = (where: string, ref = "main") => w.git(where, "rev-parse", ref);
  return { w, project, clone, goesOn, stand };
}

test("where only pull requests get home, work begins at the project's base and is compared with it", async () => {
  const { w, project, goesOn, stand } = await forked();
  await using _ = w;
  const [stale, newest] = [await stand(w.origin), await goesOn({ "b.txt": lines("b", { 5: "project" }) })];
  const s = w.session();
  expect(ok(await s.prepare({ push: true, pulls: true }))).toMatchObject({
    target: "refs/remotes/upstream/main",
    baseCommit: newest,
  });
  await w.write(s.path, { "a.txt": lines("a", { 3: "changed" }) });
  expect(await s.inspect()).toMatchObject({ commits: 1, behind: 0, conflicts: [], released: false, onto: newest });
  // The project goes on under the same line: said before anything is pushed.
  await goesOn({ "a.txt": lines("a", { 3: "project" }) });
  ok(await s.prepare({ push: true, pulls: true }));
  expect(await s.inspect()).toMatchObject({ behind: 1, conflicts: ["a.txt"] });
  expect(ok(await s.land({ how: "pr" }))).toMatchObject({ pushed: true });
  const { branch } = s.place.workspace;
  expect(await stand(w.origin, branch)).toBe(await stand(w.root, branch));
  expect(await stand(w.origin)).toBe(stale);
  expect(await w.git(project, "branch", "--list", "oca/*")).toBe("");
});

test("merged in the project it is released, though the fork's base never hears of it; the next work begins there", async () => {
  const { w, clone, stand, project } = await forked();
  await using _ = w;
  const s = w.session();
  ok(await s.prepare({ push: true, pulls: true }));
  await w.write(s.path, { "a.txt": lines("a", { 3: "changed" }) });
  const { head: commit } = await s.inspect();
  ok(await s.land({ how: "pr" }));
  const { branch } = s.place.workspace;
  await w.git(clone, "pull", "--quiet");
  await w.git(clone, "fetch", "--quiet", w.origin, branch);
  await w.git(clone, "merge", "--quiet", "--squash", "FETCH_HEAD");
  await w.git(clone, "commit", "--quiet", "--message", "All of it (#1)");
  await w.git(clone, "push", "--quiet");
  ok(await s.prepare({ push: true, pulls: true }));
  expect(await s.inspect()).toMatchObject({ released: true });
  await w.write(s.path, { "next.txt": "next\n" });
  await s.inspect();
  Object.assign(s.place.workspace, { n: 2, branch: `${branch}-2`, baseCommit: commit });
  expect(await s.inspect({ branch, commit, work: 9 })).toMatchObject({
    ...{ commits: 1, behind: 0, conflicts: [], released: false, onto: await stand(project) },
    files: [{ path: "next.txt" }],
  });
});

test("work on a local base that follows the project is proposed without a commit of the fork's", async () => {
  const { w, goesOn, stand } = await forked();
  await using _ = w;
  await goesOn({ "b.txt": lines("b", { 5: "project" }) });
  await w.git(w.root, "pull", "--quiet", "upstream", "main");
  const s = w.session();
  expect(ok(await s.prepare())).toMatchObject({ target: "refs/heads/main", baseCommit: await stand(w.root) });
  await w.write(s.path, { "a.txt": lines("a", { 3: "changed" }) });
  const changes = await s.inspect();
  expect(changes).toMatchObject({ commits: 1, files: [{ path: "a.txt" }] });
  ok(await s.land({ how: "pr" }));
  // What the project has is nobody's here, whatever the fork lacks.
  expect(await s.inspect()).toMatchObject({ commits: 1, files: [{ path: "a.txt" }], others: [] });
  expect(await s.git.subjects(s.place)).toEqual(["Fix the redirect"]);
  // A commit that the project does not have is somebody's own.
  await w.commit(w.root, { "mine.txt": "mine\n" }, "Mine");
  const next = w.session({ branch: "oca/next-b" }, { id: "b9q2m7ab3c" });
  ok(await next.prepare());
  await w.write(next.path, { "c.txt": "c\n" });
  await next.inspect();
  expect(await next.land({ how: "pr" })).toMatchObject({ block: { why: "pull", reason: "private", error: "1" } });
});
