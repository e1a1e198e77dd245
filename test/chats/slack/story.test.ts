import { expect, test } from "vitest";
import { greeting } from "./greeting.ts";
import { playSlack, type Trouble } from "./stage.ts";
import { wholeStory } from "./story.ts";

/** Twelve steps, each with git and a look at the thread. */
const TIMEOUT_MS = 280_000;

test.each(["socket", "http"] as const)(
  "the whole story, over %s",
  async (mode) => wholeStory(await playSlack(mode, greeting)),
  TIMEOUT_MS,
);
test.each<[string, "socket" | "http", Trouble]>([
  ["every call of Slack's fails at first", "http", { fails: true }],
  ["every call of Slack's fails at first", "socket", { fails: true }],
  ["every event comes twice", "socket", { twice: true }],
  ["every event comes twice", "http", { twice: true }],
  ["the connection is cut before each step", "socket", { between: "drop" }],
  ["the bot starts again before each step", "http", { between: "restart" }],
])(
  "the whole story, when %s, over %s",
  async (_, mode, trouble) => wholeStory(await playSlack(mode, greeting, trouble)),
  TIMEOUT_MS,
);

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
      await expect.poll(() => person.home()?.buttons).toContain(label);
      const home = person.home();
      if (!home) throw new Error(`${by} has no Home`);
      return { person, home };
    };
    const ben = await opensHome("Ben", "Approve");
    await ben.person.clicks(ben.home, "Approve");
    const direct = () => oca.slack.messages(oca.person("Cleo").direct).map(({ words }) => words);
    await expect.poll(direct).toEqual([expect.stringContaining("I cannot write in the thread of")]);
    const cleo = await opensHome("Cleo", "Stop");
    await cleo.person.clicks(cleo.home, "Stop");
    await oca.rests("paused");
    expect(direct()).toHaveLength(1);
  },
  TIMEOUT_MS,
);
