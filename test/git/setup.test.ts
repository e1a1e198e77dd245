import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ok, world } from "./repo.ts";

const configured = (command: string, timeoutMs = 120_000) => ({ repo: { setup: { command, timeoutMs } } });

test("the configured command runs before the first write turn only, without the bot's secrets", async () => {
  await using w = await world(configured("env > ../../../env.txt; echo x >> runs.txt"));
  const s = w.session();
  ok(await s.prepare());
  await expect(readFile(join(s.path, "runs.txt"), "utf8")).rejects.toThrow(/ENOENT/);
  ok(await s.prepare({ write: true }));
  s.place.workspace.ready = true;
  ok(await s.prepare({ write: true }));
  expect(await readFile(join(s.path, "runs.txt"), "utf8")).toBe("x\n");
  const env = await readFile(join(w.folder, "env.txt"), "utf8");
  expect(env).toContain(`HOME=${w.home}`);
  expect(env).not.toContain("t0k3n");
});

test("a command that fails is asked about with the end of its output", async () => {
  await using w = await world(configured("seq 1 30000; echo broken >&2; exit 3"));
  const s = w.session();
  const answer = await s.prepare({ write: true });
  if (answer.ok || answer.ask.kind !== "setup_failed") throw new Error("not asked");
  expect(answer.ask.log).toContain("broken");
  expect(answer.ask.log).toContain("[ended with 3]");
  expect(answer.ask.log.length).toBeLessThan(65 * 1024);
  expect(answer.ask.log).not.toContain("\n17\n");
  ok(await s.prepare({ write: true, setup: "skip" }));
});

test("a command that takes too long is stopped", async () => {
  await using w = await world(configured("echo started; sleep 60", 100));
  const answer = await w.session().prepare({ write: true });
  expect(answer).toMatchObject({
    ok: false,
    ask: { kind: "setup_failed", log: expect.stringContaining("stopped after 0.1 s") },
  });
});

test("a person who stops the session stops the command", async () => {
  await using w = await world(configured("touch $HOME/started; sleep 60"));
  const stop = new AbortController();
  const running = w.session().prepare({ write: true, signal: stop.signal });
  await expect.poll(() => readdir(w.home)).toContain("started");
  stop.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
});

test("what the repository's files suggest is asked once, and the answer is remembered for all sessions", async () => {
  await using w = await world();
  await w.commit(w.root, {
    "package-lock.json": '{ "name": "x", "lockfileVersion": 3, "packages": {} }',
    "package.json": '{ "name": "x" }',
  });
  const ask = { ok: false, ask: { kind: "setup", command: "npm ci", because: "package-lock.json" } };
  const s = w.session();
  expect(await s.prepare({ write: true })).toEqual(ask);
  ok(await s.prepare({ write: true, setup: "skip" }));
  expect(await s.prepare({ write: true })).toEqual(ask);
  ok(await s.prepare({ write: true, setup: "decline" }));
  ok(await w.session().prepare({ write: true }));
  expect(JSON.parse(await readFile(join(w.folder, "repos.json"), "utf8"))).toEqual({ project: { "npm ci": false } });
});

test("an accepted suggestion runs", async () => {
  await using w = await world();
  await w.commit(w.root, { "uv.lock": "" });
  const s = w.session();
  const answer = await s.prepare({ write: true, setup: "accept" });
  expect(answer).toMatchObject({ ok: false, ask: { kind: "setup_failed", command: "uv sync --frozen" } });
});
