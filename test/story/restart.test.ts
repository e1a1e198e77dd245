import { expect, test } from "vitest";
import type { Chat } from "../../src/core/ports/chat.ts";
import { Ana, Ben, Cleo, play, type Stage } from "./stage.ts";

async function planned(request = "Let oca add a greeting"): Promise<Stage> {
  const oca = await play();
  await oca.say(Cleo, request);
  await oca.rests("deciding");
  return oca;
}

/** The thread looks the same to the letter: nothing was posted, nothing rewritten. */
async function restarted(before: Stage, at: Parameters<Stage["rests"]>[0], thread = before.thread()): Promise<Stage> {
  const cards = before.talk(thread).cards();
  const oca = await before.restart();
  await oca.rests(at);
  expect(oca.talk(thread).cards()).toEqual(cards);
  return oca;
}

test("a waiting plan is approved after a restart", async () => {
  const oca = await restarted(await planned(), "deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
});

test("a waiting plan is approved in words after a restart", async () => {
  const oca = await restarted(await planned(), "deciding");
  await oca.say(Ben, "approve");
  await oca.rests("reviewing");
});

test("a result is merged after a restart, and the merge undone after another one", async () => {
  const before = await planned();
  await before.click(Ben, "Approve");
  await before.rests("reviewing");
  const reviewing = await restarted(before, "reviewing");
  await reviewing.click(Ana, "Merge");
  await reviewing.rests("closed");
  const closed = await restarted(reviewing, "closed");
  await closed.click(Ana, "Undo");
  await closed.rests("reviewing");
  expect(await closed.reads("hello.txt")).not.toContain("friendly");
});

test("a failure is retried after a restart", async () => {
  const before = await planned("Let oca fail");
  await before.click(Ben, "Approve");
  await before.rests("paused");
  const oca = await restarted(before, "paused");
  const { work } = await oca.session();
  await oca.click(Cleo, "Retry");
  await oca.rests("paused");
  expect((await oca.session()).work).toBeGreaterThan(work);
});

test("a repository question is answered after a restart", async () => {
  const before = await play();
  const { sample } = before.config.repos;
  if (!sample) throw new Error("there is no sample");
  const asking = await before.restart({ config: { repos: { sample, twin: { ...sample, name: "twin" } } } });
  const talk = asking.talk();
  await talk.say(Cleo, "Let oca add a greeting");
  await talk.rests("asking");
  const oca = await restarted(asking, "asking", talk.thread());
  await oca.click(Cleo, "sample");
  await oca.rests("deciding");
});

test("planning goes on after a restart, in the same card", async () => {
  const before = await play();
  before.hold();
  await before.say(Cleo, "Let oca add a greeting");
  await before.sees("Planning:");
  const oca = await before.restart();
  await oca.rests("deciding");
  expect(oca.cards()).toHaveLength(2);
});

test("writing goes on after a restart: the agent is told that it was interrupted, and finishes once", async () => {
  const before = await planned();
  before.hold();
  await before.click(Ben, "Approve");
  await before.sees("Working:");
  const oca = await before.restart();
  const { warrant, plans } = await oca.rests("reviewing");
  expect(warrant?.digest).toBe(plans[0]?.digest);
  expect(await oca.sees("Done:")).toContain("1 commit, 1 file, +1 −0");
});

test("a word that waited is not lost by a restart", async () => {
  const before = await planned();
  before.hold();
  await before.click(Ben, "Approve");
  await before.sees("Working:");
  await before.say(Ben, "Then thank the readers.");
  const oca = await before.restart();
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("Then thank the readers.");
});

test("stopped three times in one turn, it waits for a person and says why", async () => {
  let oca = await planned();
  oca.hold();
  await oca.click(Ben, "Approve");
  for (let times = 0; times < 3; times++) {
    await oca.sees("Working:");
    await oca.rests("running");
    oca = await oca.restart({ held: true });
  }
  oca.release();
  await oca.rests("paused");
  await oca.sees("oca was stopped three times during this turn, so it waits for you.");
  await oca.click(Cleo, "Resume");
  await oca.rests("reviewing");
});

test("a card that was saved but never posted is posted at the next start", async () => {
  const cut = (chat: Chat): Chat => ({
    ...chat,
    post: (thread, view) =>
      view.head.startsWith("Plan v1") ? Promise.reject(new Error("the line is cut")) : chat.post(thread, view),
  });
  const before = await play({ chat: cut });
  await before.say(Cleo, "Let oca add a greeting");
  await before.rests("deciding");
  expect(before.cards().join()).not.toContain("Plan v1");
  const oca = await before.restart({ chat: (chat) => chat });
  await oca.sees("Plan v1");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
});

test("a click on the twin of a card whose post was repeated is refused, and the known card works", async () => {
  let lost = 0;
  const before = await play({
    chat: (chat) => ({
      ...chat,
      post: async (thread, view) => {
        const message = await chat.post(thread, view);
        if (view.head.startsWith("Plan v1") && lost++ === 0) throw new Error("the answer got lost");
        return message;
      },
    }),
  });
  await before.say(Cleo, "Let oca add a greeting");
  await before.rests("deciding");
  const oca = await before.restart();
  await oca.rests("deciding");
  const plans = oca.chat.lines.filter(({ view }) => view?.head.startsWith("Plan v1"));
  expect(plans).toHaveLength(2);
  const [button] = plans[0]?.view?.buttons ?? [];
  const action = button && "action" in button.does ? button.does.action : "";
  const click = {
    type: "click" as const,
    id: "text:twin",
    at: Date.now(),
    by: Ben,
    thread: oca.thread(),
    locale: "en",
  };
  await oca.chat.deliver({ ...click, message: plans[0]?.at.id ?? "", action, text: null });
  await oca.told(Ben, "not here any more");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
});
