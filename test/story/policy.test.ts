import { expect, test } from "vitest";
import { Ana, Ben, Cleo, Eve, type Play, play, type Stage } from "./stage.ts";

/** A bot on a repository that others see, as far as its address tells; nobody answers there. */
async function shared(how: Play = {}): Promise<Stage> {
  const oca = await play(how);
  await oca.git("remote", "add", "origin", "http://127.0.0.1:9/acme/sample.git");
  return oca;
}

test("what a repository allows is asked once, and the launch goes on by itself", async () => {
  const oca = await shared();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("asking");
  const card = await oca.sees("sample is used for the first time. How may work get home there?");
  expect(card).toContain("[ Pull requests only ] [ Merge or pull request ] [ Merge only ] [ By hand ]");
  await oca.click(Cleo, "Merge only");
  await oca.told(Cleo, "Not allowed here: owners can do this.");
  const other = oca.talk();
  await other.say(Cleo, "Let oca add another greeting");
  await other.rests("asking");

  await oca.click(Ana, "Merge only");
  await oca.rests("deciding");
  await oca.sees("Answered by Ana");
  // It was asked there, too: one answer is enough.
  await other.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  await oca.click(Eve, "Merge");
  await oca.rests("closed");

  const later = await oca.restart();
  const third = later.talk();
  await third.say(Cleo, "Let oca add a third greeting");
  await third.rests("deciding");
});

test("a repository that nobody else sees, or whose policy is configured, asks nothing", async () => {
  const alone = await play();
  await alone.say(Cleo, "Let oca add a greeting");
  await alone.rests("deciding");
  const told = await shared({ repo: { policy: { rule: "manual", style: "squash" } } });
  await told.say(Cleo, "Let oca add a greeting");
  const { policy } = await told.rests("deciding");
  expect(policy).toMatchObject({ rule: "manual", style: "squash" });
  await told.click(Ben, "Approve");
  await told.rests("reviewing");
  await told.sees("This repository takes nothing from oca");
  await told.say(Eve, "oca merge");
  await told.told(Eve, "This repository's policy (manual) does not allow it.");
});

test("oca policy shows, sets and resets; an open review obeys at once", async () => {
  const oca = await shared({ policy: { land: "delegate" } });
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.click(Ana, "Merge or pull request");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  await oca.sees("No reviewer can be delegated to yet, so a person decides.");
  await oca.say(Ben, "oca policy sample pr-required");
  await oca.told(Ben, "Not allowed here: owners can do this.");
  await oca.say(Ana, "oca policy sample pr-required");
  await oca.told(Ana, "sample is pr-required from now on.");
  await oca.sees("This repository takes pull requests only; merging is not offered.");
  await oca.say(Eve, "oca merge");
  await oca.told(Eve, "This repository's policy (pr-required) does not allow it.");
  await oca.say(Ben, "oca policy");
  await oca.told(Ben, "sample: pr-required (said by an owner)");
  await oca.say(Ana, "oca policy sample reset");
  await oca.told(Ana, "sample is asked about again at the next launch.");
  await oca.say(Ana, "oca policy nonsense");
  await oca.told(Ana, "There is no repository named nonsense.");
  await oca.say(Ana, "oca policy sample whatever");
  await oca.told(Ana, "Not understood: rule. It is written like this:");
});

test("what stands in the configuration is changed there", async () => {
  const oca = await play({ repo: { policy: { rule: "never-pr" } } });
  await oca.say(Ana, "oca policy sample manual");
  expect(await oca.told(Ana, "stands in oca.config.json")).toContain("repos.sample.policy.rule");
});
