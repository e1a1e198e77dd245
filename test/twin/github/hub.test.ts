import { expect, onTestFinished, test } from "vitest";
import { world } from "../../git/repo.ts";
import { createHub } from "./index.ts";

async function hub() {
  const one = await world();
  const hub = await createHub(one.root);
  onTestFinished(async () => {
    await hub.stop();
    await one[Symbol.asyncDispose]();
  });
  return { one, hub };
}

test("a push is real, its commits have the same names on both sides, and strangers are refused", async () => {
  const { one, hub: gh } = await hub();
  const commit = await one.commit(one.root, { "src/deep/new.txt": "new\n" }, "A change");
  await one.git(one.root, "push", "--quiet", gh.remote(), "HEAD:refs/heads/topic");
  expect(await gh.git("rev-parse", "topic")).toBe(commit);
  expect((await gh.api("GET", "/repos/acme/sample/git/ref/heads/topic")).data).toMatchObject({
    object: { sha: commit },
  });
  await expect(one.git(one.root, "push", gh.remote("acme/sample", "wrong"), "HEAD:refs/heads/x")).rejects.toThrow(
    /Authentication failed/,
  );
});

test("it refuses what GitHub refuses: a wrong token, a missing branch, a second request", async () => {
  const { one, hub: gh } = await hub();
  await one.commit(one.root, { "a.txt": "other\n" });
  await one.git(one.root, "push", "--quiet", gh.remote(), "HEAD:refs/heads/topic");
  const post = async (head: string, base: string, token = gh.token) => {
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ title: "x", head, base });
    return (await fetch(`${gh.url}/api/v3/repos/acme/sample/pulls`, { method: "POST", headers, body })).status;
  };
  expect(await post("topic", "main", "wrong")).toBe(401);
  expect(await post("nowhere", "main")).toBe(422);
  expect(await post("topic", "gone")).toBe(422);
  expect(await post("topic", "main")).toBe(201);
  expect(await post("topic", "main")).toBe(422);
});
