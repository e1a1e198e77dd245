import { expect, test } from "vitest";
import type { Script } from "../../../src/agents/scripts.ts";
import { checkBlocks } from "../../twin/slack/kit/check.ts";
import { playSlack, type Trouble, UNTIL_TOLD } from "./stage.ts";

const WHOM = { kind: "question" as const, text: "Whom shall I greet?", multi: false, free: true, recommended: 0 };
const options = ["The team", "Everybody"].map((label) => ({ label, detail: "" }));
const LOOK = {
  kind: "permission" as const,
  tool: "Bash",
  detail: "git log --oneline -3",
  why: "To see what was done.",
};

/** Asks for a permission, asks a question, takes its time, and is done. */
const greeting: Script = {
  name: "greeting",
  when: /greeting/,
  goal: "Add a greeting to `hello.txt`.",
  steps: ["Look at the history", "Ask whom to greet", "Add the greeting"],
  files: ["hello.txt"],
  commands: [],
  tests: "None.",
  risks: "None.",
  write: [
    { do: "step", n: 1 },
    { do: "ask", asks: [{ name: "look", what: LOOK }] },
    { do: "step", n: 2 },
    { do: "ask", asks: [{ name: "whom", what: { ...WHOM, options } }] },
    { do: "step", n: 3 },
    { do: "append", file: "hello.txt", line: "Greetings to: {whom}" },
    { do: "pause", ms: UNTIL_TOLD },
  ],
  done: "I greeted: {whom}.",
};

/** Mention, plan, revision by a dialog, approval by another person, permission, question, stop, resume, done, diff, merge. */
async function wholeStory(mode: "socket" | "http", trouble: Trouble = {}): Promise<void> {
  const oca = await playSlack(mode, greeting, trouble);
  await oca.asks("Cleo", "@oca add a greeting to hello.txt");
  await oca.rests("deciding");
  const first = await oca.sees("Plan v1");
  expect(first.buttons).toEqual(expect.arrayContaining(["Approve", "Revise", "Reject"]));
  expect(first.calls).toContain(oca.person("Ben").id);

  const ben = await oca.opens("Ben", "Revise");
  expect(await ben.submits({ "What should change?": "Be brief." })).toMatchObject({ is: "closed" });
  const second = await oca.sees("Plan v2");
  expect(second.words).toContain("Be brief.");
  await oca.presses("Ben", "Approve");

  await oca.sees("asks for permission");
  await oca.presses("Ben", "Once");
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
  expect(await oca.bot().reads("hello.txt")).toContain("Greetings to: Everybody");

  for (const { blocks } of oca.cards()) expect(checkBlocks(blocks, "message", new Set())).toEqual([]);
  expect(oca.cards().flatMap(({ buttons }) => buttons)).not.toContain("Approve");
  const heads = oca.cards().map(({ words }) => words.split("\n")[0]);
  expect(new Set(heads).size, `a card stands twice:\n${heads.join("\n")}`).toBe(heads.length);
}

/** Twelve steps, each with git and a look at the thread. */
const TIMEOUT_MS = 120_000;

test.each(["socket", "http"] as const)("the whole story, over %s", (mode) => wholeStory(mode), TIMEOUT_MS);
test.each<[string, "socket" | "http", Trouble]>([
  ["every call of Slack's fails at first", "http", { fails: true }],
  ["every event comes twice", "socket", { twice: true }],
  ["the connection is cut before each step", "socket", { between: "drop" }],
  ["the bot starts again before each step", "http", { between: "restart" }],
])("the whole story, when %s", (_, mode, trouble) => wholeStory(mode, trouble), TIMEOUT_MS);

test(
  "in a channel that is archived nothing is lost: its people are told, and decide in their Home",
  async () => {
    const oca = await playSlack("http", greeting);
    await oca.asks("Cleo", "@oca add a greeting to hello.txt");
    await oca.rests("deciding");
    await oca.slack.archives("agents");
    const opensHome = async (by: string, label: string) => {
      const person = oca.person(by);
      await person.opensHome();
      await expect.poll(() => person.home()?.buttons, { timeout: 15_000 }).toContain(label);
      const home = person.home();
      if (!home) throw new Error(`${by} has no Home`);
      return { person, home };
    };
    const ben = await opensHome("Ben", "Approve");
    await ben.person.clicks(ben.home, "Approve");
    const direct = () => oca.slack.messages(oca.person("Cleo").direct).map(({ words }) => words);
    await expect
      .poll(direct, { timeout: 15_000 })
      .toEqual([expect.stringContaining("I cannot write in the thread of")]);
    const cleo = await opensHome("Cleo", "Stop");
    await cleo.person.clicks(cleo.home, "Stop");
    await oca.rests("paused");
    expect(direct()).toHaveLength(1);
  },
  TIMEOUT_MS,
);
