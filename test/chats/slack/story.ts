import { expect } from "vitest";
import { until } from "../../story/stage.ts";
import { checkBlocks } from "../../twin/slack/kit/check.ts";
import type { SlackStage } from "./stage.ts";

/** Mention, plan, revision by a dialog, approval by another person, permission, question, stop, resume, done, diff, merge. */
export async function wholeStory(oca: SlackStage): Promise<void> {
  await oca.asks("Cleo", "@oca add a greeting to hello.txt");
  await oca.rests("deciding");
  const first = await oca.sees("Plan v1");
  expect(first.buttons).toEqual(expect.arrayContaining(["Approve", "Revise", "Reject"]));
  expect(first.calls).toContain(oca.person("Ben").id);

  await oca.opens("Ben", "Revise");
  expect(await oca.submits("Ben", { "What should change?": "Be brief." })).toMatchObject({ is: "closed" });
  const second = await oca.sees("Plan v2");
  expect(second.words).toContain("Be brief.");
  await oca.presses("Ben", "Approve");

  await oca.sees("asks for permission");
  await oca.presses("Ben", "Allow once");
  await oca.sees("Whom shall I greet?");
  await oca.presses("Cleo", "Everybody");
  await oca.presses("Cleo", "Stop");
  await oca.rests("paused");
  await oca.sees("Stopped by Cleo");
  await oca.presses("Ben", "Resume");
  oca.goOn();

  await oca.rests("reviewing");
  const done = await oca.sees("Done:");
  expect(done.words).toContain("hello.txt");
  const eve = await oca.opens("Eve", "Review diff");
  expect(eve.dialog()?.words).toContain("+Greetings to: Everybody");
  await oca.presses("Eve", "Merge");
  expect(await oca.rests("closed")).toMatchObject({ phase: { outcome: "merged" } });
  await oca.sees("Merged into main by Eve");
  expect(await oca.reads("hello.txt")).toContain("Greetings to: Everybody");

  for (const { blocks } of oca.cards()) expect(checkBlocks(blocks, "message", new Set())).toEqual([]);
  const open = () =>
    oca
      .cards()
      .flatMap(({ buttons }) => buttons)
      .filter((label) => label !== "Undo");
  await until(
    () => open().length === 0,
    () => `every card to be decided, but there are ${open().join(", ")}`,
  );
  const heads = oca.cards().map(({ words }) => words.split("\n")[0]);
  expect(new Set(heads).size, `a card stands twice:\n${heads.join("\n")}`).toBe(heads.length);
}
