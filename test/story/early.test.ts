import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { Cleo, play } from "./stage.ts";

test("a word that waited while the bot was away comes after what the bot has to pick up: no turn runs blindly again", async () => {
  const before = await play({ held: true });
  await before.say(Cleo, "Let oca add a greeting");
  await before.rests("running");
  const thread = before.thread();
  let said: Promise<unknown> = Promise.resolve();
  const oca = await before.restart({
    chat: (chat) => ({
      ...chat,
      start: async (receive) => {
        await chat.start(receive);
        // As a platform does that has kept it; other chats take their time to start.
        said = before.chat.say(Cleo, "and be brief", thread);
        await Promise.race([said, wait(300)]);
      },
    }),
  });
  await said;
  const { id } = await oca.rests("running");
  const events = (await oca.oca.store.journal(id)).map(({ event }) => event.type);
  expect(events.filter((type) => type === "restarted" || type === "said")).toEqual(["restarted", "said"]);
  oca.release();
  await oca.rests("deciding");
  expect((await oca.session()).plans.at(-1)?.markdown).toContain("and be brief");
});
