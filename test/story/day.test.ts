import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ana, Ben, Cleo, Eve, play, type Stage } from "./stage.ts";

const REQUEST = "Let oca add a greeting to hello.txt";

async function reviewed(oca: Stage, request = REQUEST): Promise<void> {
  await oca.say(Cleo, request);
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
}

const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    () => true,
  );

test("a plan, an approval by a colleague, the work, a merge", async () => {
  const oca = await play();
  await oca.say(Cleo, REQUEST);
  await oca.rests("deciding");
  expect(await oca.sees("Plan v1: add a greeting")).toContain("1. Read hello.txt");
  expect(await oca.reads("hello.txt")).not.toContain("friendly");

  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  expect(oca.cards()[1]).toMatch(/^Plan v1: .*\nApproved by Ben, \d\d:\d\d\n/);
  expect(await oca.sees("Done: add a greeting")).toMatch(/1 commit, 1 file, \+1 −0\n {2}hello.txt \+1 -0/);
  expect(await oca.reads("hello.txt")).not.toContain("friendly");

  await oca.click(Eve, "Merge");
  const { phase } = await oca.rests("closed");
  expect(phase).toMatchObject({ outcome: "merged" });
  expect(await oca.sees("Merged into main by Eve")).toContain("[ Undo ]");
  expect(await oca.reads("hello.txt")).toContain("friendly");
  expect(await oca.git("status", "--short")).toBe("");
  expect(await isGone(await oca.workspace())).toBe(true);
  // One living card, one for the plan, one for the result: nothing else was ever posted.
  expect(oca.cards()).toHaveLength(3);
});

test("a plan that waits reaches those who may approve it, though they never spoke", async () => {
  const oca = await play();
  await oca.say(Cleo, REQUEST);
  await oca.rests("deciding");
  expect(await oca.sees("Plan v1")).toMatch(/@Ben/i);
  expect(await oca.sees("Plan v1")).not.toMatch(/@Dan|@Cleo/i);
});

test("a commit that oca makes of what the agent left names who asked and who agreed", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca ask a question");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.sees("Whom shall I greet?");
  await oca.click(Cleo, "Everybody");
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const said = await oca.git("log", "-1", "--format=%B", "main");
  expect(said).toContain("Requested-by: Cleo");
  expect(said).toContain("Approved-by: Ben");
});

test("a merge that nobody wanted is undone, and the work is still there to decide about", async () => {
  const oca = await play();
  const before = await oca.git("rev-parse", "main");
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  await oca.click(Ana, "Undo");
  await oca.rests("reviewing");
  expect(await oca.reads("hello.txt")).not.toContain("friendly");
  expect(await oca.git("diff", before, "main", "--stat")).toBe("");
  expect(await readFile(join(await oca.workspace(), "hello.txt"), "utf8")).toContain("friendly");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("a merge cannot be undone by somebody who may not merge", async () => {
  const oca = await play();
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  await oca.click(Cleo, "Undo");
  await oca.told(Cleo, "mergers and owners can do this");
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("when main has moved on, undo asks before it takes the merge back by a commit on top", async () => {
  const oca = await play();
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const moved = await oca.commit("README.md", "Somebody worked on.\n");
  await oca.click(Ana, "Undo");
  await oca.sees("Not undone: main has moved on");
  expect(await oca.git("rev-parse", "main")).toBe(moved);
  await oca.click(Ana, "Revert commit");
  await oca.rests("reviewing");
  expect(await oca.git("rev-parse", "main^")).toBe(moved);
  expect(await oca.git("log", "-1", "--format=%B", "main")).toMatch(
    /^Revert ".*\n\nThis reverts commit .*\n\nRequested-by: Ana/su,
  );
  expect(await oca.reads("hello.txt")).not.toContain("friendly");
  expect(await readFile(join(await oca.workspace(), "hello.txt"), "utf8")).toContain("friendly");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("friendly");
  expect(await oca.reads("README.md")).toBe("Somebody worked on.\n");
});

test("what is discarded is kept whole, and comes back", async () => {
  const oca = await play();
  await reviewed(oca);
  const path = await oca.workspace();
  await writeFile(join(path, "notes.txt"), "not committed by anybody\n");
  await oca.click(Ana, "Discard");
  await oca.rests("closed");
  expect(await oca.sees("Discarded by Ana")).toContain("The work is kept for 30 days.");
  expect(await isGone(path)).toBe(true);
  expect(await oca.git("branch", "--list", "oca/*")).toBe("");

  await oca.click(Ana, "Undo");
  await oca.rests("reviewing");
  expect(await readFile(join(path, "notes.txt"), "utf8")).toBe("not committed by anybody\n");
  expect(await readFile(join(path, "hello.txt"), "utf8")).toContain("friendly");
});

test("a reply after the merge is the next piece of work: same conversation, same folder, new branch", async () => {
  const oca = await play();
  await reviewed(oca);
  const first = await oca.session();
  const path = await oca.workspace();
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const merged = await oca.git("rev-parse", "main");

  await oca.say(Cleo, "And thank the readers.");
  const again = await oca.rests("deciding");
  expect(again.id).toBe(first.id);
  expect(again.warrant).toBeNull();
  expect(again.workspace).toMatchObject({ n: 2, baseCommit: merged, branch: `${first.workspace?.branch}-2` });
  expect(await oca.workspace()).toBe(path);
  expect(await oca.sees("Plan v2")).toContain("And thank the readers.");

  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toMatch(/friendly[\s\S]*And thank the readers\./);
  expect((await oca.session()).landed).toHaveLength(2);
});

test("thanks after the merge start nothing", async () => {
  const oca = await play();
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  const { rev } = await oca.rests("closed");
  await oca.say(Cleo, "Thank you, oca!");
  expect((await oca.session()).rev).toBe(rev);
});
