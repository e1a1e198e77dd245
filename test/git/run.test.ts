import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createRun, GitExit, unlessNo } from "../../src/git/run.ts";
import { world } from "./repo.ts";

const { PATH } = process.env;

test.each([
  ["merge-base", ["--is-ancestor", "HEAD", "HEAD^"]],
  ["diff", ["--quiet", "HEAD^", "HEAD"]],
  ["show-ref", ["--verify", "--quiet", "refs/heads/nope"]],
  ["rev-parse", ["--verify", "--quiet", "refs/heads/nope"]],
  ["merge-tree", ["--write-tree", "left", "right"]],
  ["symbolic-ref", ["--quiet", "refs/remotes/origin/HEAD"]],
  ["config", ["--get", "no.such"]],
])("when git says no by a silent %s, it is a no", async (command, args) => {
  await using w = await world();
  await w.git(w.root, "branch", "left");
  await w.git(w.root, "branch", "right");
  await w.git(w.root, "switch", "--quiet", "left");
  await w.commit(w.root, { "a.txt": "left\n" });
  await w.git(w.root, "switch", "--quiet", "right");
  await w.commit(w.root, { "a.txt": "right\n" });
  const run = createRun({ PATH, HOME: w.home });
  const asked = run(w.root, [command, ...args]);
  await expect(asked).rejects.toMatchObject({ code: 1 });
  expect(await unlessNo(run(w.root, [command, ...args]))).toBe(null);
});

test("a failure is not a no", async () => {
  await using w = await world();
  const run = createRun({ PATH, HOME: w.home });
  await expect(unlessNo(run(w.root, ["merge-base", "--is-ancestor", "HEAD", "nope"]))).rejects.toThrow(GitExit);
});

test("a server that says nothing is a failure as any other, with its reason", async () => {
  await using w = await world();
  const mute = createServer().listen(0, "127.0.0.1");
  await once(mute, "listening");
  onTestFinished(() => void mute.close());
  const { port } = z.object({ port: z.number() }).parse(mute.address());
  const run = createRun({ PATH, HOME: w.home });
  const asked = run(w.root, ["fetch", `git://127.0.0.1:${port}/shop`], { silenceMs: 100 });
  await expect(asked).rejects.toThrow(GitExit);
  await expect(asked).rejects.toThrow(/timeout/);
});

test("a git that was killed has not done what it was told", async () => {
  await using w = await world();
  await w.git(w.root, "config", "alias.die", "!kill -9 $PPID");
  const run = createRun({ PATH, HOME: w.home });
  const told = run(w.root, ["die"]);
  await expect(told).rejects.toThrow(GitExit);
  await expect(told).rejects.toThrow("git was killed");
});

test("git gets a clean environment, and asks nobody", async () => {
  await using w = await world();
  await w.git(w.root, "config", "alias.show-env", "!env");
  const run = createRun({
    PATH,
    HOME: w.home,
    SECRET: "t0k3n",
    GIT_DIR: "/elsewhere",
    GIT_EDITOR: "vi",
  });
  const env = await run(w.root, ["show-env"]);
  expect(env).toContain("GIT_TERMINAL_PROMPT=0");
  expect(env).not.toMatch(/t0k3n|elsewhere|GIT_EDITOR/);
});

test("a call can be stopped", async () => {
  await using w = await world();
  await w.git(w.root, "config", "alias.wait", `!touch ${w.home}/started; sleep 60`);
  const run = createRun({ PATH, HOME: w.home });
  const stop = new AbortController();
  const waiting = run(w.root, ["wait"], { signal: stop.signal });
  await expect.poll(() => readdir(w.home)).toContain("started");
  stop.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  await expect(run(w.root, ["status"], { signal: stop.signal })).rejects.toThrow(/abort/i);
});

test("a long answer is whole, and standard input arrives", async () => {
  await using w = await world();
  const run = createRun({ PATH, HOME: w.home });
  const text = "x".repeat(3_000_000);
  const id = await run(w.root, ["hash-object", "-w", "--stdin"], { input: text });
  expect(await run(w.root, ["cat-file", "blob", id.trim()])).toHaveLength(text.length);
});

test("an ext:: remote is never run", async () => {
  await using w = await world();
  await w.git(w.root, "config", "protocol.ext.allow", "always");
  const run = createRun({ PATH, HOME: w.home });
  await expect(run(w.root, ["ls-remote", "ext::sh -c 'touch ran'"])).rejects.toThrow(/not allowed/);
});
