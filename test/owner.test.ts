import { expect, test } from "vitest";
import type { Person } from "../src/core/parts.ts";
import { Ana, Ben, Cleo, Dan, play } from "./story/stage.ts";

const NOBODY = { everybody: "requester" as const, people: {}, channels: {} };

test("whoever reads oca's terminal becomes the first owner, once, and hands out what others may", async () => {
  const oca = await play({ config: { roles: NOBODY } });
  const [{ chat, code } = { chat: "", code: "" }] = oca.oca.ownership.codes();
  expect(chat).toBe("text");
  await oca.say(Ben, "oca own 2222222222");
  await oca.told(Ben, "This code is not valid");
  await oca.say(Ana, `oca own ${code}`);
  await oca.told(Ana, "Ana owns oca in text now");
  expect(oca.oca.ownership.codes()).toEqual([]);
  await oca.say(Cleo, `oca own ${code}`);
  await oca.told(Cleo, "This code is not valid");

  await oca.say(Cleo, "/oca allow approver Cleo");
  await oca.told(Cleo, "Not allowed here: owners");
  await oca.say(Ana, "/oca allow approver Cleo");
  await oca.told(Ana, "Cleo is approver in this channel now");
  await oca.say(Ana, "/oca allow approver Nobody");
  await oca.told(Ana, "does not know who Nobody is");
  await oca.say(Dan, "oca who");
  const told = await oca.told(Dan, "Who may what");
  expect(told).toContain("owner: Ana");
  expect(told).toContain("approver: Cleo");
  expect(told).toContain("everybody else: requester");
});

test("a code is guessed twenty times and no more", async () => {
  const oca = await play({ config: { roles: NOBODY } });
  const { ownership } = oca.oca;
  const [{ code } = { code: "" }] = ownership.codes();
  for (let n = 0; n < 20; n++) expect(await ownership.claim(Ben, `wrong${n}`)).toBe(false);
  expect(await ownership.claim(Ana, code)).toBe(false);
});

test("a code counts in its own chat only", async () => {
  const oca = await play({ config: { roles: NOBODY } });
  const stranger: Person = { id: "web:eve", chat: "web", user: "eve", name: "Eve" };
  expect(await oca.oca.ownership.claim(stranger, oca.oca.ownership.codes()[0]?.code ?? "")).toBe(false);
});

test("an owner says what a channel is about, and the next request goes there", async () => {
  const first = await play();
  const { sample = fail() } = first.config.repos;
  const again = await first.restart({ config: { repos: { sample, other: { ...sample, name: "other" } } } });
  await again.say(Cleo, "/oca bind sample");
  await again.told(Cleo, "Not allowed here");
  await again.talk().say(Ana, "/oca bind nowhere");
  await again.told(Ana, "There is no repository named nowhere");
  await again.talk().say(Ana, "/oca bind sample");
  await again.told(Ana, "This channel is about sample");
  const talk = again.talk();
  await talk.say(Cleo, "Let oca add a greeting");
  await talk.rests("deciding");
  expect((await talk.session()).from.repo).toBe("channel");
});

test("oca asks a channel that it joins who may approve; its buttons obey owners only", async () => {
  const oca = await play();
  const joining = { chat: "text", channel: "payments", thread: null };
  await oca.chat.deliver({ type: "joined", id: "text:j1", at: 0, by: Ana, thread: joining, locale: "en" });
  const shown = () => oca.chat.lines.filter(({ at }) => at.channel === "payments").length;
  expect(shown()).toBe(1);
  await oca.chat.press(Ben, ({ label }) => label === "Everybody here may approve");
  await oca.told(Ben, "Not allowed here: owners");
  await oca.chat.press(Ana, ({ label }) => label === "Everybody here may approve");
  await oca.told(Ana, "Everybody in this channel is approver now");
  await oca.talk({ ...joining, thread: "t" }).say(Dan, "oca who");
  expect(await oca.told(Dan, "Who may what")).toContain("everybody else: approver");
});

function fail(): never {
  throw new Error("the sample repository is not configured");
}
