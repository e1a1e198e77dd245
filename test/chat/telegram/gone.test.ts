import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Gone } from "../../../src/core/ports/chat.ts";
import type { Place } from "../../twin/telegram/index.ts";
import { card, type Stage, shownAt, stage, until } from "./stage.ts";

let it: Stage;
let team: Place;
beforeEach(async () => {
  it = await stage();
  team = it.twin.group("Team");
});
afterEach(() => it.end());

const called = (method: string) => it.twin.world.calls.filter((call) => call.method === method);
const failure = (job: Promise<unknown>): Promise<unknown> =>
  job.then(
    () => "was taken",
    (error: unknown) => error,
  );
const plan = card("Plan ready", {
  mood: "waiting",
  buttons: [{ label: "Approve", style: "primary", does: { action: "approve:k7m2p4:3" }, confirm: null, form: null }],
});

describe("a place that is gone is said by name", () => {
  test.each([
    [403, "Forbidden: bot was kicked from the supergroup chat"],
    [403, "Forbidden: the group chat was deleted"],
    [403, "Forbidden: bot was blocked by the user"],
    [403, "Forbidden: user is deactivated"],
    [400, "Bad Request: chat not found"],
    [400, "Bad Request: not enough rights to send text messages to the chat"],
    [400, "Bad Request: message thread not found"],
    [400, "Bad Request: TOPIC_DELETED"],
  ])("%s %s", async (code, description) => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(thread, card("Planning"));
    const words = description.replace(/^.*: /, "");
    it.twin.refuse("sendRichMessage", code, description);
    const lost = await failure(it.chat.post(thread, plan));
    expect(lost).toBeInstanceOf(Gone);
    expect(`${lost}`).toContain(words);
    it.twin.refuse("editMessageText", code, description);
    // An edit that finds its topic gone is tried as a new message.
    it.twin.refuse("sendRichMessage", code, description);
    expect(await failure(it.chat.edit(message, plan))).toBeInstanceOf(Gone);
  });

  test("also while it only shows progress, or it would be tried for ever", async () => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(thread, card("Planning"));
    void it.twin.kicks(team);
    expect(await failure(it.chat.edit(message, card("Planning, still")))).toBeInstanceOf(Gone);
  });

  test("a person who blocked oca, and one who never spoke to it", async () => {
    const { thread } = await it.asks(it.ana.direct);
    await it.chat.post(thread, card("Planning"));
    await it.ana.blocks();
    expect(`${await failure(it.chat.post(thread, plan))}`).toContain("bot was blocked by the user");
    const ben = it.twin.person("Ben");
    const direct = { chat: "telegram", channel: `${ben.id}`, thread: null };
    expect(await failure(it.chat.post(direct, card("It is gone")))).toBeInstanceOf(Gone);
  });
});

describe("topics", () => {
  const forum = (how: { topics?: boolean } = {}) => it.twin.group("Forum", { forum: true, ...how });

  test("one that was deleted is not made again; what needs no topic is said in General", async () => {
    const at = forum();
    const { thread } = await it.asks(at);
    const message = await it.chat.post(thread, card("Planning", { title: "login" }));
    const [topic = 0] = at.topics.keys();
    it.twin.deletesTopic(at, topic);
    expect(await failure(it.chat.edit(message, plan))).toBeInstanceOf(Gone);
    expect(await failure(it.chat.post(thread, plan))).toBeInstanceOf(Gone);
    const said = await it.chat.post({ ...thread, thread: null }, card("It is gone", { mentions: [it.last().by] }));
    expect(shownAt(at, said)).toMatchObject({ topic: null });
    expect(at.topics.size).toBe(0);
    expect(called("createForumTopic")).toHaveLength(1);
  });

  test("one that was closed is opened again where oca may, else it is gone until somebody opens it", async () => {
    const [ours, theirs] = [forum(), forum({ topics: false })];
    const topic = { ours: it.twin.topic(ours, "Talk"), theirs: it.twin.topic(theirs, "Talk") };
    await it.ana.says("Let oca fix the login", { in: ours, topic: topic.ours });
    const here = it.last().thread;
    it.twin.refuse("sendRichMessage", 400, "Bad Request: TOPIC_CLOSED");
    Object.assign(ours.topics.get(topic.ours) ?? {}, { closed: true });
    await it.chat.post(here, card("Planning"));
    expect(ours.topics.get(topic.ours)?.closed).toBe(false);
    expect(ours.messages.at(-1)?.topic).toBe(topic.ours);

    await it.ana.says("Let oca fix the logout", { in: theirs, topic: topic.theirs });
    const there = it.last().thread;
    const closed = theirs.topics.get(topic.theirs);
    Object.assign(closed ?? {}, { closed: true });
    expect(await failure(it.chat.post(there, plan))).toBeInstanceOf(Gone);
    expect(theirs.messages).toHaveLength(1);
    Object.assign(closed ?? {}, { closed: false });
    const message = await it.chat.post(there, plan);
    expect(shownAt(theirs, message).topic).toBe(topic.theirs);
  });
});

test("a card that somebody deleted stands anew", async () => {
  const { thread } = await it.asks(team);
  const message = await it.chat.post(thread, card("Planning"));
  team.messages.splice(team.messages.indexOf(shownAt(team, message)), 1);
  await it.chat.edit(message, plan);
  const anew = team.messages.at(-1);
  expect(anew?.shown).toContain("Plan ready");
  if (anew) await it.ana.clicks(anew, "Approve", team);
  expect(it.last()).toMatchObject({ type: "click", message: message.id, action: "approve:k7m2p4:3" });
});

test("let into a group again by somebody, oca says so to the bot: what waited there is drawn", async () => {
  await it.asks(team);
  await it.twin.kicks(team);
  const count = it.received.length;
  await it.twin.invites(team, it.ana);
  await until(() => it.received.length > count, "the news");
  expect(it.last()).toMatchObject({
    type: "joined",
    by: { user: `${it.ana.id}` },
    thread: { channel: `${team.id}`, thread: null },
  });
  // A person who starts it again is not a channel to ask about.
  await it.ana.blocks();
  expect(it.received.at(-1)?.type).toBe("joined");
  expect(it.received.filter(({ type }) => type === "joined")).toHaveLength(1);
});

describe("a group that became a supergroup", () => {
  test("counts its messages from 1 again: a new request is not an old one", async () => {
    const small = it.twin.group("Small", { basic: true });
    const old = await it.asks(small);
    const message = await it.chat.post(old.thread, plan);
    const big = await it.twin.upgrade(small);
    big.next = Number(old.type === "message" ? old.message : 0);
    const fresh = await it.asks(big, "Let oca fix the logout");
    expect(fresh.id).not.toBe(old.id);
    expect(fresh.thread.channel).toBe(old.thread.channel);
    expect(fresh.thread.thread).not.toBe(old.thread.thread);
    expect(fresh.type === "message" && old.type === "message" && fresh.message === old.message).toBe(false);
    const answer = await it.chat.post(fresh.thread, card("Planning the logout"));
    expect(answer.id).not.toBe(message.id);
    expect(big.messages.at(-1)).toMatchObject({ replyTo: 1 });
    // What an old card decides goes on, in a message that is there, and nobody else's is taken for it.
    await it.chat.edit(message, { ...plan, head: "Plan v2" });
    const anew = big.messages.at(-1);
    expect(anew).toMatchObject({ replyTo: null });
    expect(anew?.shown).toContain("Plan v2");
    if (anew) await it.ana.replies(anew, "keep it short", big);
    expect(it.last()).toMatchObject({ thread: old.thread, replyTo: message.id });
    const asked = big.messages.find(({ shown }) => shown.includes("the logout"));
    if (asked) await it.ana.replies(asked, "and hurry", big);
    expect(it.last()).toMatchObject({ thread: fresh.thread });
    // Also after a restart, and also when only the answer to a call told of the move.
    await it.restart();
    expect((await it.asks(big, "Let oca fix the menu")).thread.channel).toBe(`${small.id}`);
  });

  test("is found although no message told of it", async () => {
    const small = it.twin.group("Small", { basic: true });
    const { thread } = await it.asks(small);
    const big = it.twin.group("Big");
    small.movedTo = big.id;
    await it.chat.post(thread, plan);
    expect(big.messages.map(({ shown }) => shown)).toEqual(["Plan ready"]);
  });
});
