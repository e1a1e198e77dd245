import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Thread } from "../../src/core/parts.ts";
import { type Chat, Gone, type Message } from "../../src/core/ports/chat.ts";
import type { Session } from "../../src/core/session.ts";
import type { Live, View } from "../../src/core/view.ts";
import { createScreen } from "../../src/engine/screen.ts";
import { createTranslator } from "../../src/view/i18n.ts";
import { asText } from "../../src/view/text.ts";
import { ana, ben, cleo, followed, keyOf, opened, pressed, run, said, take } from "../core/life.ts";
import { memory, quiet } from "./stage.ts";

const THREAD = { chat: "web", channel: "general", thread: "t1" };

const NEVER = new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A screen over a chat that keeps what was posted, and can be cut off. */
function stage() {
  const store = memory();
  const posted: { message: Message; text: string; view: View }[] = [];
  const calls = { post: 0, edit: 0 };
  const cut: {
    post: Error | null;
    edit: Error | null;
    lostAnswer: boolean;
    channel: string;
    lost: (thread: Thread) => boolean;
    other: boolean;
  } = {
    other: false,
    lost: () => false,
    post: null,
    channel: "",
    edit: null,
    lostAnswer: false,
  };
  let live: Live | null = null;
  const chat: Pick<Chat, "name" | "post" | "edit"> = {
    name: "web",
    post: async (thread, view) => {
      calls.post++;
      if (thread.channel === cut.channel || cut.lost(thread)) throw new Gone("is_archived");
      if (cut.post && !cut.lostAnswer) throw cut.post;
      const message = { ...thread, id: it.number(thread) };
      posted.push({ message, view, text: asText(view) });
      if (cut.post) throw cut.post;
      return { ...message, at: 5000 + calls.post };
    },
    edit: async (message, view) => {
      calls.edit++;
      if (message.channel === cut.channel) throw new Gone("is_archived");
      if (cut.edit) throw cut.edit;
      const line = posted.find((one) => one.message.id === message.id && one.message.channel === message.channel);
      if (!line) throw new Error(`nothing was posted as ${message.id}`);
      Object.assign(line, { view, text: asText(view) });
    },
  };
  const t = createTranslator();
  const screen = createScreen({
    chats: new Map([
      ["web", chat as Chat],
      ["other", { ...(chat as Chat), name: "other", post: (...of) => (cut.other ? NEVER : chat.post(...of)) }],
    ]),
    store,
    seen: async (_, trouble) => ({
      now: Date.now(),
      live,
      verbosity: "normal",
      waits: null,
      mentions: [],
      timezone: "UTC",
      trouble,
      pages: false,
      sharing: [],
      checkout: null,
    }),
    t: () => t("en"),
    now: Date.now,
    log: quiet,
  });
  const it = {
    ...{ store, screen, posted, calls, cut },
    /** What the platform calls the next message. */
    number: (_: Thread): string => `p${posted.length + 1}`,
    id: opened(cleo).session,
    /** Makes this true, and lets the screen draw it. */
    async shows(session: Session): Promise<Session> {
      store.sessions.set(session.id, session);
      screen.show(session.id);
      await vi.advanceTimersByTimeAsync(0);
      return session;
    },
    /** The agent does something. */
    works(title: string): void {
      live = {
        since: 0,
        lastAt: Date.now(),
        activities: [{ id: title, kind: "read", title, state: "ok" }],
        steps: [],
        usage: null,
      };
      screen.note(opened(cleo).session);
    },
    texts: () => posted.map(({ text }) => text),
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
  return it;
}

const running = (): Session => run(take(null, opened(cleo)), "running");
const deciding = (): Session => run(take(null, opened(cleo)), "deciding");
const revised = (s: Session): Session => run(take(s, pressed(cleo, "revise", keyOf(s), "Shorter.")), "deciding");

test("the first card is posted at once, and what changes is edited into it", async () => {
  const s = stage();
  await s.shows(take(null, opened(cleo)));
  expect(s.texts()).toEqual([expect.stringContaining("Getting ready: fix the login redirect")]);
  await s.shows(running());
  expect(s.texts()).toEqual([expect.stringContaining("Planning: fix the login redirect")]);
});

test("a draw that changes nothing touches nothing", async () => {
  const s = stage();
  const session = await s.shows(deciding());
  const before = { ...s.calls };
  await s.shows(session);
  await s.shows(session);
  expect(s.calls).toEqual(before);
});

test("a hundred activities in three seconds are two edits, and the newest is what stands there", async () => {
  const s = stage();
  await s.shows(running());
  const before = s.calls.edit;
  for (let n = 1; n <= 100; n++) {
    s.works(`file-${n}.ts`);
    await s.pass(30);
  }
  await s.pass(3000);
  expect(s.calls.edit - before).toBeLessThanOrEqual(2);
  expect(s.texts()[0]).toContain("file-100.ts");
});

test("what asks a person to act does not wait for the spacing", async () => {
  const s = stage();
  await s.shows(running());
  s.works("a.ts");
  await s.shows(deciding());
  expect(s.texts()).toHaveLength(2);
  expect(s.texts()[1]).toContain("[ Approve ]");
});

test("a new plan is a new message; the old one says what became of it and has no buttons", async () => {
  const s = stage();
  const first = await s.shows(deciding());
  await s.shows(revised(first));
  expect(s.posted).toHaveLength(3);
  expect(s.texts()[0]).toMatch(/^Plan v1:.*\nChanges asked for by cleo/);
  expect(s.posted[0]?.view.buttons).toEqual([]);
  expect(s.texts()[2]).toMatch(/^Plan v2:[\s\S]*\[ Approve \]/);
});

test("a draw that came late still settles every card in between", async () => {
  const s = stage();
  const first = await s.shows(deciding());
  // The thread never saw the second plan.
  await s.shows(revised(revised(first)));
  expect(s.texts().filter((text) => text.includes("[ Approve ]"))).toEqual([expect.stringContaining("Plan v3")]);
});

test("a settled card is edited once and left alone afterwards", async () => {
  const s = stage();
  const plan = await s.shows(deciding());
  const write = take(plan, pressed(ben, "approve", keyOf(plan)));
  await s.shows(write);
  const decided = s.texts()[0];
  expect(decided).toContain("Approved by ben");
  await s.pass(24 * 3_600_000);
  await s.shows(run(write, "reviewing"));
  expect(s.texts()[0]).toBe(decided);
});

test("the card of a question is answered and the next question is a message of its own", async () => {
  const s = stage();
  const plan = deciding();
  await s.shows(plan);
  const asking = run(take(plan, pressed(ben, "approve", keyOf(plan))), "running");
  const ask = (id: string, text: string) => ({
    ...{ id, key: text, picked: [], dueAt: null },
    what: { kind: "question" as const, text, options: [], multi: false, free: true, recommended: null },
  });
  const phase = asking.phase.at === "running" ? asking.phase : null;
  if (!phase) throw new Error("it does not run");
  await s.shows({ ...asking, phase: { ...phase, asks: [ask("5-1", "Which one?")] } });
  await s.shows({ ...asking, phase: { ...phase, asks: [ask("5-2", "Really?")] } });
  expect(s.texts().filter((text) => text.includes("demo asks"))).toEqual([
    expect.stringContaining("No longer open"),
    expect.stringContaining("demo asks: Really?"),
  ]);
});

test("with three messages below it, progress goes on in a new card and the old one is one line", async () => {
  const s = stage();
  const session = await s.shows(running());
  for (let n = 0; n < 2; n++) s.screen.spoke(s.id, THREAD);
  await s.shows(session);
  expect(s.posted).toHaveLength(1);
  // It counts although it is not saved yet.
  const { setCards } = s.store;
  s.store.setCards = async (id, cards) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await setCards(id, cards);
  };
  s.screen.spoke(s.id, THREAD);
  await s.shows(session);
  await s.pass(1000);
  expect(s.posted).toHaveLength(2);
  expect(s.texts()[0]).toBe("Planning: fix the login redirect · goes on below");
  expect(s.texts()[1]).toContain("[ Stop ]");
  await s.shows(session);
  await s.pass(1000);
  expect(s.posted).toHaveLength(2);
});

test("a resting session is not folded: its cards stay where they are", async () => {
  const s = stage();
  const session = await s.shows(deciding());
  for (let n = 0; n < 5; n++) s.screen.spoke(s.id, THREAD);
  await s.pass(0);
  await s.shows(session);
  expect(s.posted).toHaveLength(2);
});

test("a post that fails is tried again until it arrives", async () => {
  const s = stage();
  s.cut.post = new Error("the line is cut");
  await s.shows(deciding());
  expect(s.posted).toHaveLength(0);
  await s.pass(6000);
  expect(s.calls.post).toBeGreaterThan(1);
  s.cut.post = null;
  await s.pass(12_000);
  expect(s.texts()).toEqual([expect.stringContaining("Plan v1"), expect.stringContaining("Plan ready")]);
});

test("an edit that fails is tried again, and what it says by then is what is true by then", async () => {
  const s = stage();
  const plan = await s.shows(deciding());
  s.cut.edit = new Error("too many requests");
  const write = await s.shows(take(plan, pressed(ben, "approve", keyOf(plan))));
  expect(s.texts()[0]).toContain("[ Approve ]");
  s.cut.edit = null;
  await s.shows(run(write, "reviewing"));
  await s.pass(12_000);
  expect(s.texts()[0]).toContain("Approved by ben");
  expect(s.texts().filter((text) => text.includes("[ Merge ]"))).toHaveLength(1);
});

test("a post whose answer was lost is repeated; only the known twin is kept up to date", async () => {
  const s = stage();
  s.cut.post = new Error("timeout");
  s.cut.lostAnswer = true;
  const plan = await s.shows(deciding());
  s.cut.post = null;
  await s.pass(12_000);
  expect(s.texts().filter((text) => text.startsWith("Plan v1"))).toHaveLength(2);
  const known = (await s.screen.cards(s.id, "web")).map(({ message }) => message.id);
  expect(known).not.toContain(s.posted[0]?.message.id);
  await s.shows(take(plan, pressed(ben, "approve", keyOf(plan))));
  expect(s.texts()[1]).toContain("Approved by ben");
});

test("cards that could not be saved are not forgotten: the draw is repeated", async () => {
  const s = stage();
  s.store.broken.cards = new Error("ENOSPC");
  await s.shows(deciding());
  s.store.broken.cards = null;
  await s.pass(12_000);
  expect((await s.screen.cards(s.id, "web")).map(({ role }) => role)).toEqual(["decision", "living"]);
});

test("trouble with saving stands on the card until it is over", async () => {
  const s = stage();
  await s.shows(running());
  s.screen.trouble(s.id, "no space left on device");
  await s.pass(0);
  expect(s.texts()[0]).toContain("oca cannot save what happens here and keeps trying: no space left on device");
  s.screen.trouble(s.id, null);
  await s.pass(0);
  expect(s.texts()[0]).not.toContain("cannot save");
});

test("cards() waits for a draw that is under way", async () => {
  const s = stage();
  s.store.sessions.set(s.id, deciding());
  s.screen.show(s.id);
  expect(await s.screen.cards(s.id, "web")).toHaveLength(2);
});

test("when a card counts as seen is told by the platform's clock, as words are: ours may be wrong", async () => {
  const s = stage();
  await s.shows(deciding());
  const cards = await s.screen.cards(s.id, "web");
  expect(cards.map(({ postedAt }) => postedAt)).toEqual([5001, 5002]);
});

test("a session in two threads is drawn in both, and each thread is counted by itself", async () => {
  const s = stage();
  const plan = deciding();
  const twice = { ...plan, threads: [THREAD, { ...THREAD, thread: "t2" }] };
  await s.shows(twice);
  expect(s.posted.map(({ message }) => message.thread)).toEqual(["t1", "t1", "t2", "t2"]);
  const busy = take(twice, said(ana, "Shorter."));
  for (let n = 0; n < 3; n++) s.screen.spoke(s.id, { ...THREAD, thread: "t2" });
  await s.pass(0);
  await s.shows(busy);
  expect(s.posted.filter(({ message }) => message.thread === "t1")).toHaveLength(2);
  expect(s.posted.filter(({ message }) => message.thread === "t2")).toHaveLength(3);
});

test("when the channel is gone, the requester is told once, directly, and the channel is left alone more and more", async () => {
  const s = stage();
  const plan = await s.shows(deciding());
  s.cut.channel = THREAD.channel;
  await s.shows(revised(plan));
  const direct = () => s.posted.filter(({ message }) => message.channel === cleo.user);
  expect(direct().map(({ text }) => text)).toEqual([expect.stringContaining("I cannot write in the thread of")]);
  const before = { ...s.calls };
  for (let n = 0; n < 20; n++) s.works(`file-${n}.ts`);
  await s.pass(50_000);
  expect(s.calls).toEqual(before);
  await s.pass(24 * 3_600_000);
  expect(s.calls.post + s.calls.edit - before.post - before.edit).toBeLessThan(35);
  expect(direct()).toHaveLength(1);
});

test("a channel that is there again shows what is true by then", async () => {
  const s = stage();
  s.cut.channel = THREAD.channel;
  await s.shows(deciding());
  s.cut.channel = "";
  await s.pass(61_000);
  expect(s.texts().filter((text) => text.includes("[ Approve ]"))).toHaveLength(1);
});

test("a thread that is gone does not keep another one of the session from being drawn", async () => {
  const s = stage();
  s.cut.channel = THREAD.channel;
  await s.shows({ ...deciding(), threads: [THREAD, { ...THREAD, channel: "elsewhere", thread: "t2" }] });
  expect(s.posted.map(({ message }) => message.channel)).toEqual([cleo.user, "elsewhere", "elsewhere"]);
});

test("who cannot be told directly is told once in the channel, outside of the thread that is gone", async () => {
  const s = stage();
  s.cut.lost = ({ channel, thread }) => channel === cleo.user || thread === "t1";
  const plan = await s.shows(deciding());
  await s.pass(61_000);
  await s.shows(revised(plan));
  await s.pass(24 * 3_600_000);
  expect(s.posted.map(({ message, view }) => [message.channel, message.thread, view.mentions, view.title])).toEqual([
    [THREAD.channel, null, [expect.objectContaining({ user: cleo.user })], ""],
  ]);
});

test("a thread or a channel where somebody is heard again is drawn without waiting", async () => {
  const s = stage();
  s.cut.channel = THREAD.channel;
  await s.shows(deciding());
  s.cut.channel = "";
  s.screen.heard({ ...THREAD, thread: "t2" });
  s.screen.heard({ ...THREAD, channel: "elsewhere", thread: null });
  await s.pass(3_000);
  expect(s.texts().filter((text) => text.includes("[ Approve ]"))).toHaveLength(0);
  s.screen.heard({ ...THREAD, thread: null });
  await s.pass(3_000);
  expect(s.texts().filter((text) => text.includes("[ Approve ]"))).toHaveLength(1);
});

test("when nobody can be told either, that is no trouble of its own", async () => {
  const s = stage();
  s.cut.post = new Gone("not_in_channel");
  await s.shows(deciding());
  s.cut.post = null;
  await s.pass(61_000);
  expect(s.texts().filter((text) => text.includes("[ Approve ]"))).toHaveLength(1);
});

test("a chat that hangs delays no other one that shows the same session", async () => {
  const s = stage();
  s.cut.other = true;
  const plan = take(deciding(), followed(cleo));
  await s.shows({ ...plan, threads: plan.threads.toReversed() });
  expect(s.posted.map(({ message }) => message.chat)).toEqual(["web", "web"]);
  expect(await s.screen.cards(s.id, "web")).toHaveLength(2);
});

test("two cards with one number, in two channels of a chat, are two cards", async () => {
  const s = stage();
  const plan = take(take(deciding(), followed(cleo, "team")), followed(cleo, "night"));
  const numbers = new Map<string, number>();
  s.number = ({ channel }) => `${numbers.set(channel, (numbers.get(channel) ?? 0) + 1).get(channel)}`;
  await s.shows(plan);
  await s.shows(take(plan, pressed(ben, "approve", keyOf(plan))));
  const cards = await s.screen.cards(s.id, "other");
  expect(cards.map(({ message }) => `${message.channel} ${message.id}`)).toEqual([
    "team 1",
    "team 2",
    "night 1",
    "night 2",
  ]);
  expect(s.texts().filter((text) => text.includes("Approved by ben"))).toHaveLength(3);
});
