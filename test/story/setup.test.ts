import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ana, Ben, Cleo, type Play, play, type Stage } from "./stage.ts";

async function approved(how: Play): Promise<Stage> {
  const oca = await play(how);
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  return oca;
}

const command = (line: string): Play => ({ repo: { setup: { command: line, timeoutMs: 120_000 } } });

test("the set-up command runs once before the first write turn, and never for a plan", async () => {
  const oca = await play(
    command("echo ran >> .git-setup.log; echo .git-setup.log >> $(git rev-parse --git-path info/exclude)"),
  );
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  const log = join(await oca.workspace(), ".git-setup.log");
  await expect(stat(log)).rejects.toThrow("ENOENT");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  await oca.say(Ben, "And wave.");
  await oca.rests("reviewing");
  expect(await readFile(log, "utf8")).toBe("ran\n");
});

test("a set-up command that fails shows its end and asks; Try again runs it again", async () => {
  const home = "test -e ../ready || { echo nothing is ready; exit 3; }";
  const oca = await approved(command(home));
  await oca.rests("asking");
  const card = await oca.sees("Set-up failed: add a greeting");
  expect(card).toMatch(/nothing is ready[\s\S]*ended with 3[\s\S]*\(setup\.log\)/);
  expect(card).toContain("[ Try again ] [ Go on without ] [ Stop ]");
  await writeFile(join(await oca.workspace(), "..", "ready"), "");
  await oca.click(Cleo, "Try again");
  await oca.rests("reviewing");
});

test("Go on without leaves it out for this workspace", async () => {
  const oca = await approved(command("exit 3"));
  await oca.rests("asking");
  await oca.click(Cleo, "Go on without");
  await oca.rests("reviewing");
  await oca.say(Ben, "And wave.");
  await oca.rests("reviewing");
});

test("Stop keeps everything and can be resumed", async () => {
  const oca = await approved(command("exit 3"));
  await oca.rests("asking");
  await oca.click(Cleo, "Stop");
  await oca.rests("paused");
  expect(await oca.sees("Stopped by Cleo")).toContain("[ Resume ]");
  await expect(stat(await oca.workspace())).resolves.toBeTruthy();
});

test("a lock file suggests a command: it is asked once per repository and remembered", async () => {
  const oca = await play();
  await oca.commit("package-lock.json", '{ "name": "sample", "lockfileVersion": 3, "packages": {} }\n');
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("asking");
  expect(await oca.sees("package-lock.json suggests a set-up command")).toMatch(
    /\$ npm ci[\s\S]*\[ Run it \] \[ Leave it out \]/,
  );
  await oca.click(Cleo, "Leave it out");
  await oca.rests("reviewing");

  const other = oca.talk();
  await other.say(Ana, "Let oca add a greeting, too --no-plan");
  await other.rests("reviewing");
  expect(other.cards().join()).not.toContain("suggests");
});
