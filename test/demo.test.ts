import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEMO_PEOPLE, makeSample } from "../src/demo.ts";
import { output } from "../src/lib/output.ts";
import { createHostSpawn } from "../src/sandbox/host.ts";

const spawn = createHostSpawn();
let home: string;
let env: Record<string, string>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "oca-sample-"));
  env = { PATH: process.env["PATH"] ?? "", HOME: home };
});
afterEach(() => rm(home, { recursive: true, force: true }));

const run = async (cwd: string, command: string, ...args: string[]) =>
  await output(spawn({ command, args, cwd, env, signal: new AbortController().signal }));

test("the sample is a clean repository of three commits on main, with an identity of its own and a test that passes", async () => {
  const folder = join(home, "deep/sample");
  await makeSample(folder, { spawn, env });
  const git = async (...args: string[]) => (await run(folder, "git", ...args)).out.trim();
  expect(await git("symbolic-ref", "--short", "HEAD")).toBe("main");
  expect(await git("rev-list", "--count", "HEAD")).toBe("3");
  expect(await git("status", "--porcelain")).toBe("");
  expect(await git("config", "--local", "user.email")).toBe("demo@example.invalid");
  expect((await run(folder, process.execPath, "--test")).code).toBe(0);
});

test("a second time changes nothing, and neither does a folder of somebody", async () => {
  const folder = join(home, "mine");
  await mkdir(folder);
  await writeFile(join(folder, "thesis.txt"), "");
  await makeSample(folder, { spawn, env });
  expect(await readdir(folder)).toEqual(["thesis.txt"]);
});

test("the person's own hooks and signing do not get in the way", async () => {
  await writeFile(
    join(home, ".gitconfig"),
    "[commit]\n\tgpgSign = true\n[core]\n\thooksPath = /bin\n[init]\n\tdefaultBranch = trunk\n",
  );
  const folder = join(home, "sample");
  await makeSample(folder, { spawn, env });
  expect((await run(folder, "git", "log", "--format=%s", "main")).out.trim().split("\n")).toHaveLength(3);
});

test("the people are one of each kind", () => {
  expect(DEMO_PEOPLE.map(({ id, role }) => [id, role])).toEqual([
    ["web:ana", "owner"],
    ["web:ben", "approver"],
    ["web:cleo", "requester"],
  ]);
});
