import { expect, test } from "vitest";
import type { Thread } from "../../src/core/parts.ts";
import type { Chat } from "../../src/core/ports/chat.ts";
import type { Session } from "../../src/core/session.ts";
import { createDigest } from "../../src/engine/digest.ts";
import { createTranslator } from "../../src/view/i18n.ts";
import { asText } from "../../src/view/text.ts";
import { ben, opened, run, take } from "../core/life.ts";
import { quiet } from "./stage.ts";

const HOUR = 60 * 60 * 1000;
/** A Monday, seven o'clock in Berlin. */
const MONDAY = Date.UTC(2026, 10, 23, 6);

/** A channel that wants its digest on Mondays, and what it hears. `start`: oca starts, maybe again, on what was saved. */
function channel() {
  const clock = { now: MONDAY };
  const saved = new Map<string, number>();
  const heard: { thread: Thread; text: string }[] = [];
  const broken: { post: boolean } = { post: false };
  const chat: Chat = {
    name: "web",
    start: async () => undefined,
    stop: async () => undefined,
    post: async (thread, view) => {
      if (broken.post) throw new Error("offline");
      heard.push({ thread, text: asText(view) });
      return { ...thread, id: "m1", at: MONDAY };
    },
    edit: async () => undefined,
    reply: async () => undefined,
    context: async () => [],
    fetch: () => Promise.reject(new Error("there are no files")),
  };
  const start = () =>
    createDigest({
      chats: new Map([["web", chat]]),
      channels: { "web:general": { digest: "monday" }, "web:quiet": { digest: null } },
      said: { digestAt: (name) => saved.get(name) ?? null, digested: async (name, at) => void saved.set(name, at) },
      t: () => createTranslator()("en"),
      timezone: "Europe/Berlin",
      now: () => clock.now,
      log: quiet,
    });
  return { clock, heard, broken, start };
}

const deciding = (over: Parameters<typeof opened>[1] = {}): Session => run(take(null, opened(ben, over)), "deciding");
const closed = (s: Session): Session => ({
  ...s,
  phase: { at: "closed", offer: 9, outcome: "rejected", answer: "", blocked: null, since: 5000 },
});
const elsewhere = { chat: "web", channel: "quiet", thread: "t9" };

test("on its day, from nine o'clock on, a channel is told once what is open there, whatever restarts meanwhile", async () => {
  const it = channel();
  const all = [
    deciding(),
    closed(deciding()),
    deciding({ session: "q3f9k3f9k3", thread: elsewhere, text: "not here" }),
  ];
  const look = it.start();
  await look(all);
  expect(it.heard).toEqual([]);
  it.clock.now += 2 * HOUR;
  await Promise.all([look(all), look(all)]);
  await it.start()(all);
  expect(it.heard).toEqual([
    {
      thread: { chat: "web", channel: "general", thread: null },
      text: expect.stringContaining("Open in this channel: 1 piece of work"),
    },
  ]);
  expect(it.heard[0]?.text).toContain("fix the login redirect");
  it.clock.now += 7 * 24 * HOUR - 1;
  await it.start()(all);
  expect(it.heard).toHaveLength(1);
  it.clock.now += 1;
  await look(all);
  expect(it.heard).toHaveLength(2);
});

test("nothing is said when nothing is open, or when the day is over", async () => {
  const it = channel();
  it.clock.now += 3 * HOUR;
  await it.start()([closed(deciding())]);
  it.clock.now += HOUR;
  await it.start()([deciding()]);
  expect(it.heard).toEqual([]);
  const late = channel();
  late.clock.now += 27 * HOUR;
  await late.start()([deciding()]);
  expect(late.heard).toEqual([]);
});

test("a channel that cannot be written to keeps nobody waiting and is not tried again that week", async () => {
  const it = channel();
  it.clock.now += 3 * HOUR;
  it.broken.post = true;
  const look = it.start();
  await look([deciding()]);
  it.broken.post = false;
  await look([deciding()]);
  expect(it.heard).toEqual([]);
});

test("only the oldest are named, the rest is counted", async () => {
  const it = channel();
  it.clock.now += 3 * HOUR;
  const all = Array.from({ length: 20 }, (_, i) => ({ ...deciding({ text: `task ${i}` }), updatedAt: 100 - i }));
  await it.start()(all);
  expect(it.heard[0]?.text).toContain("Open in this channel: 20 pieces of work\n");
  expect(it.heard[0]?.text).toContain("task 19");
  expect(it.heard[0]?.text).not.toContain("task 3 ");
  expect(it.heard[0]?.text).toContain("and 5 more");
});
