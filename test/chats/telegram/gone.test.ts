import { expect, test } from "vitest";
import { until } from "../../story/stage.ts";
import { bot } from "./stage.ts";

test("its topic is deleted: Ana is told in private, takes the work there, and approves it", async () => {
  const { twin, ana, at, oca, card } = await bot("a topic");
  await ana.says("/start", { in: ana.direct });
  await ana.says("Let oca add a line to hello.txt", { in: at });
  await card("Plan v1", "Approve");
  const [topic = 0] = at.topics.keys();
  await ana.replies(await card("Plan v1"), "Keep it short", at);
  twin.deletesTopic(at, topic);
  const direct = (words: string) => ana.direct.messages.findLast(({ shown }) => shown.includes(words));
  await until(
    () => direct("I cannot write in the thread of") !== undefined,
    () => ana.direct.messages.map(({ shown }) => shown).join("\n"),
  );
  const [session] = await oca.oca.store.all();
  await ana.says(`/oca follow ${session?.id}`, { in: ana.direct });
  await until(
    () => direct("Plan v2") !== undefined,
    () => ana.direct.messages.map(({ shown }) => shown).join("\n"),
  );
  const plan = direct("Plan v2");
  if (plan) await ana.clicks(plan, "Approve", ana.direct);
  await until(
    () => direct("Whom shall I greet?") !== undefined,
    () => ana.direct.messages.map(({ shown }) => shown).join("\n"),
  );
  expect(at.topics.size).toBe(0);
  expect(at.messages.filter(({ from }) => from.is_bot)).toEqual([]);
});

test("its topic is deleted, and Ana never spoke to oca alone: General says it once, to her", async () => {
  const { twin, ana, at, oca, card } = await bot("a topic");
  await ana.says("Let oca add a line to hello.txt", { in: at });
  await ana.replies(await card("Plan v1", "Approve"), "Keep it short", at);
  twin.deletesTopic(at, [...at.topics.keys()][0] ?? 0);
  const general = () => at.messages.filter(({ from, topic }) => from.is_bot && topic === null);
  await until(
    () => general().length > 0,
    () => at.messages.map(({ shown }) => shown).join("\n"),
  );
  await until(
    async () => (await oca.oca.store.all())[0]?.plans.length === 2,
    () => "the second plan",
  );
  await oca.oca.screen.idle();
  expect(general().map(({ shown }) => shown)).toEqual([
    expect.stringMatching(/I cannot write in the thread of[\s\S]*Ana/),
  ]);
  expect(at.topics.size).toBe(0);
});

test("put out of a group while it works, oca goes on, and shows everything when it is let in again", async () => {
  const { twin, ana, at, oca, card } = await bot("a group");
  await ana.says("Let oca add a line to hello.txt", { in: at });
  const plan = await card("Plan v1", "Approve");
  await ana.replies(plan, "Keep it short", at);
  await twin.kicks(at);
  await until(
    async () => (await oca.oca.store.all())[0]?.plans.length === 2,
    () => "the second plan",
  );
  await oca.oca.screen.idle();
  await twin.invites(at, ana);
  await card("Plan v2", "Approve");
  await card("oca is here");
});
