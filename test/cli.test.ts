import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { folder, type } from "./terminal.ts";

const OCA = [process.execPath, join(import.meta.dirname, "../src/cli.ts")];

test("oca --help names every command, and a wrong one is told with the way out", async () => {
  const cwd = await folder();
  const help = type(["--help"], { cwd });
  expect(await help.ends()).toBe(0);
  for (const name of ["start", "demo", "doctor"]) expect(help.out()).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
  const version = type(["--version"], { cwd });
  expect(await version.ends()).toBe(0);
  expect(version.out().trim()).toBe(manifest.version);
  for (const args of [["strat"], ["demo", "--port", "web"], ["demo", "--port", "65536"], ["doctor", "--verbose"]]) {
    const wrong = type(args, { cwd });
    expect(await wrong.ends()).toBe(1);
    expect(wrong.err()).toMatch(/^error: /);
    expect(wrong.err()).toContain("Usage: oca");
    expect(wrong.err()).not.toMatch(/\n {4}at /);
  }
});

test("oca demo --auto plays the story aloud, also to somebody who stops reading, and leaves nothing behind", async () => {
  const cwd = await folder();
  const demo = type(["demo", "--auto"], { cwd });
  const cut = promisify(execFile)("bash", ["-c", `"$0" "$1" demo --auto | head -1; exit \${PIPESTATUS[0]}`, ...OCA], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, TMPDIR: cwd, LC_ALL: "C.UTF-8" },
  });
  expect(await cut).toEqual({ stdout: expect.stringMatching(/^This is a demo.*\n$/), stderr: "" });
  expect(await demo.ends()).toBe(0);
  expect(demo.err()).toBe("");
  const told = [
    "People: Ana (owner), Ben (approver), Cleo (requester)",
    "Cleo: Let oca ask a question, then add a line to hello.txt",
    "oca: Plan v1",
    "Cleo: Keep the new line short, please.",
    "oca: Plan v2",
    "Cleo presses [ Approve ]",
    "(only Cleo sees) Not allowed here: approvers, mergers and owners can do this.",
    "Ben presses [ Approve ]",
    "oca: demo asks: Whom shall I greet?",
    "Cleo presses [ The team (recommended) ]",
    "oca: Done: ",
    "Ana presses [ Merge ]",
    "oca: Merged: ",
    "Merged into main by Ana",
    "[ Undo ]",
  ];
  const places = told.map((line) => demo.out().indexOf(line));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(demo.out()).toMatch(/\nMerged: [0-9a-f]{40}\n$/);
  expect(demo.out()).not.toMatch(/\bundefined\b|\{\{|\[object/);
  expect(await readdir(cwd)).not.toContainEqual(expect.stringMatching(/^oca-demo-/));
});

test("oca doctor says what is fine, what is not and how to mend it, and its exit code says the same", async () => {
  const cwd = await folder();
  const fresh = type(["doctor"], { cwd, env: { OCA_DATA: join(cwd, "data"), OCA_WEB_PORT: "0" } });
  expect(await fresh.ends()).toBe(0);
  expect(fresh.out()).toMatch(/^ok {3}git \d/m);
  expect(fresh.out()).toMatch(/^note No repository is configured\.\n {7}Name one in oca\.config\.json/m);
  expect(fresh.out()).not.toMatch(/^BAD/m);

  await mkdir(join(cwd, "empty"));
  await writeFile(
    join(cwd, "oca.config.json"),
    '{ "repos": { "shop": { "root": "empty" }, "gone": { "root": "gone" } } }',
  );
  const broken = type(["doctor"], { cwd, env: { OCA_DATA: join(cwd, "data"), OCA_WEB_PORT: "0" } });
  expect(await broken.ends()).toBe(1);
  expect(broken.out()).toMatch(/^BAD {2}Repository shop: .*\n {7}\S/m);
  expect(broken.out()).toMatch(/^BAD {2}Repository gone: .*\n {7}Correct repos\.gone\.root in oca\.config\.json\./m);

  const german = type(["doctor"], { cwd, env: { OCA_DATA: join(cwd, "data"), LC_ALL: "de_DE.UTF-8" } });
  expect(await german.ends()).toBe(1);
  expect(german.out()).toMatch(/Berichtige|berichtigen/);
});

test("a configuration that cannot be read is told line by line, without a stack, and ends with 1", async () => {
  const cwd = await folder();
  const config = join(cwd, "oca.config.json");
  for (const args of [["start"], ["doctor"], []]) {
    await writeFile(config, '{ "repos": { "shop": { "rot": "~/shop" } }, "maxSessions": 0 }');
    const wrong = type(args, { cwd });
    expect(await wrong.ends()).toBe(1);
    expect(wrong.out()).toBe("");
    expect(wrong.err()).toMatch(/^oca cannot start:\n- /);
    expect(wrong.err()).toContain(`${config}: repos.shop.rot is not a setting: did you mean "root"?`);
    expect(wrong.err()).toContain(`${config}: maxSessions is 0: give a whole number from 1 to 100`);
    expect(wrong.err()).not.toMatch(/\n {4}at /);
  }
  await writeFile(config, "{ repos: ");
  const torn = type(["start"], { cwd });
  expect(await torn.ends()).toBe(1);
  expect(torn.err()).toContain(`${config} is not JSON`);
  expect(torn.err().trim().split("\n")).toHaveLength(2);
});
