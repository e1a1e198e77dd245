import { expect, test } from "vitest";
import { Ana, Ben, Cleo, play, type Stage } from "./stage.ts";

const PASSES_WITH_GREETING = {
  command: "grep --quiet friendly hello.txt || { echo no greeting; exit 1; }",
  timeoutMs: 120_000,
};

async function asked(oca: Stage, request: string): Promise<void> {
  await oca.say(Cleo, request);
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
}

test("the checks of the repository run before the review, and it says that they passed", async () => {
  const oca = await play({ repo: { checks: [PASSES_WITH_GREETING] } });
  await asked(oca, "Let oca add a greeting");
  expect(await oca.sees("Checks passed: grep")).toContain("[ Merge ]");
  await oca.click(Ana, "Merge");
  expect((await oca.rests("closed")).landed).toMatchObject([{ checks: "passed" }]);
});

test("a check fails: the card shows what it said and offers no plain Merge; merging anyway is on record", async () => {
  const oca = await play({ repo: { checks: [PASSES_WITH_GREETING] } });
  await asked(oca, "Let oca make a conflict");
  const card = await oca.sees("Check failed: grep");
  expect(card).toContain("$ no greeting");
  expect(card).not.toContain("[ Merge ]");
  await oca.say(Ana, "merge");
  await oca.told(Ana, "Nothing here waits for this.");
  await oca.click(Ben, "Merge anyway");
  await oca.told(Ben, "mergers and owners can do this");
  await oca.click(Ana, "Merge anyway");
  await oca.rests("closed");
  await oca.sees("Merged although a check had failed.");
});
