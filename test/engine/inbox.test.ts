import { expect, test } from "vitest";
import { isRefusal } from "../../src/core/event.ts";
import type { Chat, Incoming } from "../../src/core/ports/chat.ts";
import type { Card } from "../../src/core/ports/store.ts";
import type { View } from "../../src/core/view.ts";
import type { House } from "../../src/engine/house.ts";
import { type Inbox, receive } from "../../src/engine/inbox.ts";
import { createTranslator } from "../../src/view/i18n.ts";
import { asText } from "../../src/view/text.ts";
import { createWords } from "../../src/view/words.ts";
import { CHANGES, keyOf, POLICY } from "../core/life.ts";
import { quiet, stage } from "./stage.ts";

const Cleo = { id: "web:cleo", chat: "web", user: "cleo", name: "Cleo" };
const Ben = { ...Cleo, id: "web:ben", user: "ben", name: "Ben" };

/** The door of the bot: an engine behind it, and a chat that keeps what one person is answered. */
function door() {
  const oca = stage();
  const replies: string[] = [];
  const cards: Card[] = [];
  let offline = false;
  const chat = {
    name: "web",
    context: async () => [],
    reply: async (_: Incoming, view: View) => {
      if (offline) throw new Error("offline");
      replies.push(asText(view));
    },
  } as unknown as Chat;
  const house: House = {
    role: (_, { id }) => (id === Ben.id ? "approver" : id === Cleo.id ? "requester" : "observer"),
    ids: ({ id }) => [id],
    as: (person) => person,
    people: () => [],
    repos: ["shop"],
    agents: ["demo"],
    timezone: "UTC",
    own: () => ({}),
    channel: () => ({
      repo: "shop",
      agent: "demo",
      policy: POLICY,
      locale: "en",
      hears: "words",
      cards: "normal",
      from: { repo: "only", agent: "default", plan: "default" },
    }),
  };
  const shown: string[] = [];
  const box: Inbox = {
    store: { ...oca.store, cards: async (id) => cards.filter(({ message }) => message.thread === threadOf(id)) },
    engine: oca.engine,
    screen: { ...oca.screen, cards: async () => cards, show: (id) => void shown.push(id) },
    house,
    words: createWords(),
    t: createTranslator(),
    desk: () => {
      throw new Error("no command is used here");
    },
    log: quiet,
  };
  const threadOf = (id: string) => oca.store.sessions.get(id)?.threads[0]?.thread ?? "";
  let count = 0;
  const head = (by: typeof Cleo, thread: string | null) => {
    const id = `m${++count}`;
    return { id, at: 5000 + count, by, thread: { chat: "web", channel: "general", thread }, locale: "en" };
  };
  return Object.assign(oca, {
    ...{ replies, cards, shown, box, chat },
    disconnect: () => {
      offline = true;
    },
    /** The message's id is its thread when there is none yet. */
    says: async (by: typeof Cleo, text: string, over: Partial<Extract<Incoming, { type: "message" }>> = {}) => {
      const base = head(by, over.thread?.thread ?? null);
      const thread = { ...base.thread, thread: base.thread.thread ?? base.id };
      const message = { ...base, thread, type: "message" as const, message: base.id, text, files: [] };
      await receive(box, chat, { ...message, replyTo: null, addressed: false, ...over });
      return thread;
    },
    clicks: (by: typeof Cleo, message: string, action: string, at: Pick<Incoming, "timezone"> = {}) =>
      receive(box, chat, { ...head(by, "m1"), ...at, type: "click", message, action, text: null }),
    only: () => {
      const [one] = oca.store.sessions.values();
      if (!one || oca.store.sessions.size > 1) throw new Error(`${oca.store.sessions.size} sessions`);
      return one;
    },
  });
}

const cardOf = (id: string, over: Partial<Card> = {}): Card => ({
  thread: { chat: "web", channel: "general", thread: "m1" },
  role: "decision",
  message: { chat: "web", channel: "general", thread: "m1", id },
  court: null,
  offer: 1,
  postedAt: 5000,
  below: 0,
  view: { head: "", parts: [], buttons: [], documents: [], mentions: [], mood: "waiting", title: "" },
  ...over,
});

test("what is received is saved when receiving is over", async () => {
  const d = door();
  await d.says(Cleo, "Let oca fix the login");
  expect(d.only()).toMatchObject({ title: "fix the login", requester: { name: "Cleo" } });
});

test("what cannot be saved is not received", async () => {
  const d = door();
  d.store.broken.put = new Error("ENOSPC");
  await expect(d.says(Cleo, "Let oca fix the login")).rejects.toThrow("ENOSPC");
  expect(d.store.sessions.size).toBe(0);
});

test("an answer that does not get through does not bring the delivery back", async () => {
  const d = door();
  d.disconnect();
  await d.says({ ...Cleo, id: "web:dan" }, "Let oca fix the login");
  expect(d.store.sessions.size).toBe(0);
});

test("a reply finds its session by the message it answers, wherever it is written", async () => {
  const d = door();
  await d.says(Cleo, "Let oca fix the login");
  d.cards.push(cardOf("c7"));
  await d.says(Cleo, "And the logout, too", {
    thread: { chat: "web", channel: "general", thread: null },
    replyTo: "c7",
  });
  expect(d.only().queue).toMatchObject([{ text: "And the logout, too" }]);
});

test("tomorrow at nine is that of whoever clicks; where nobody knows it, the one of the configuration", async () => {
  const d = door();
  await d.says(Cleo, "Let oca fix the login");
  await d.rests("running", d.only().id);
  const s = d.only();
  const rest = { answer: "", changes: CHANGES, blocked: null, votes: [], remindAt: null };
  d.store.sessions.set(s.id, { ...s, phase: { at: "reviewing", offer: 7, ...rest } });
  d.cards.push(cardOf("c7"));
  await d.clicks(Cleo, "c7", `later:${s.id}:7.tomorrow`, { timezone: "Asia/Tokyo" });
  expect(d.only().phase).toMatchObject({ remindAt: Date.UTC(1970, 0, 2, 0) });
  await d.clicks(Cleo, "c7", `later:${s.id}:7.tomorrow`);
  expect(d.only().phase).toMatchObject({ remindAt: Date.UTC(1970, 0, 2, 9) });
});

test("a message of the same number in another channel is another message", async () => {
  const d = door();
  await d.says(Cleo, "Let oca fix the login");
  d.cards.push(cardOf("c7"));
  await d.says(Cleo, "And the logout, too", { thread: { chat: "web", channel: "other", thread: null }, replyTo: "c7" });
  expect(d.only().queue).toEqual([]);
});

test("a reply in the thread finds the session of the thread", async () => {
  const d = door();
  const thread = await d.says(Cleo, "Let oca fix the login");
  await d.says(Cleo, "And the logout, too", { thread });
  expect(d.only().queue).toHaveLength(1);
});

test("a request in the thread of a session belongs to that session", async () => {
  const d = door();
  const thread = await d.says(Cleo, "Let oca fix the login");
  await d.says(Cleo, "Let oca fix the logout, too", { thread });
  expect(d.only().queue).toMatchObject([{ text: "Let oca fix the logout, too" }]);
});

test("a message that is edited while it waits is edited where it waits", async () => {
  const d = door();
  const thread = await d.says(Cleo, "Let oca fix the login");
  await d.says(Cleo, "And the lgout", { thread });
  const [word] = d.only().queue;
  const edit = { id: "e1", at: 6000, by: Cleo, thread, locale: "en", message: word?.id ?? "" };
  await receive(d.box, d.chat, { ...edit, type: "edited", text: "And the logout" });
  expect(d.only().queue).toMatchObject([{ text: "And the logout" }]);
});

test("a button counts on a card of its session only, in its own channel", async () => {
  const d = door();
  await d.says(Cleo, "Let oca fix the login");
  await (await d.turn(0)).ends({ plan: "# Plan" });
  const { id } = d.only();
  await d.rests("deciding", id);
  const approve = `approve:${id}:${keyOf(d.only())}`;
  await d.clicks(Ben, "c1", approve);
  expect(d.replies.at(-1)).toContain("not here any more");
  d.cards.push(cardOf("c1", { message: { ...cardOf("c1").message, channel: "elsewhere" } }));
  await d.clicks(Ben, "c1", approve);
  expect(d.only().phase.at).toBe("deciding");
  d.cards.push(cardOf("c1"));
  await d.clicks(Ben, "c1", approve);
  expect(d.only().warrant?.votes).toMatchObject([{ by: { name: "Ben" } }]);
});

test("a typed decision counts for the card that could be read, and else shows the newest again", async () => {
  const d = door();
  const thread = await d.says(Cleo, "Let oca fix the login");
  await (await d.turn(0)).ends({ plan: "# Plan" });
  const { id } = d.only();
  await d.rests("deciding", id);
  await d.says(Ben, "approve", { thread });
  expect(d.only().phase.at).toBe("deciding");
  expect(d.shown).toEqual([id]);
  d.cards.push(cardOf("c1", { offer: d.only().offer, postedAt: 9000 }));
  await d.says(Ben, "approve", { thread, at: 8999 });
  expect(d.only().phase.at).toBe("deciding");
  await d.says(Ben, "approve", { thread, at: 9001 });
  expect(d.only().warrant?.votes).toMatchObject([{ by: { name: "Ben" } }]);
});

test("stop needs no card", async () => {
  const d = door();
  const thread = await d.says(Cleo, "Let oca fix the login");
  const turn = await d.turn(0);
  await d.says(Cleo, "stop!", { thread });
  expect(turn.desk.signal.aborted).toBe(true);
});

test("the role that counts is the one in the session's own channel", async () => {
  const d = door();
  d.box.house = {
    ...d.box.house,
    role: ({ channel }, { id }) => {
      if (id === Cleo.id) return "requester";
      return channel === "other" ? "owner" : "observer";
    },
  };
  await d.says(Cleo, "Let oca fix the login");
  // The session is followed there.
  d.cards.push(cardOf("c7", { message: { chat: "web", channel: "other", thread: "m1", id: "c7" } }));
  await d.says(Ben, "And the logout", { thread: { chat: "web", channel: "other", thread: null }, replyTo: "c7" });
  expect(d.only().queue).toEqual([]);
  expect(d.replies.at(-1)).toContain("Not allowed here");
});

test("the same message opens the same session, also after everything was forgotten", async () => {
  const [a, b] = [door(), door()];
  await a.says(Cleo, "Let oca fix the login");
  await b.says(Cleo, "Let oca fix the login");
  expect(a.only().id).toBe(b.only().id);
  expect(a.only().id).toMatch(/^[a-z2-7]{10}$/);
  expect(isRefusal(a.only())).toBe(false);
});

test("a voice message without a word is a request, and below a plan a word about it; between people it is neither", async () => {
  const oca = door();
  const files = [{ id: "f1", name: "voice-5.ogg", mime: "audio/ogg", bytes: 3 }];
  await oca.says(Cleo, "", { files });
  expect(oca.store.sessions.size).toBe(0);
  await oca.says(Cleo, "", { files, addressed: true });
  const [session] = oca.store.sessions.values();
  expect(session).toMatchObject({ request: "voice-5.ogg", phase: { at: "preparing" } });
  await oca.says(Cleo, "", { files, thread: session?.threads[0] ?? { chat: "", channel: "", thread: null } });
  const [after] = oca.store.sessions.values();
  expect(after?.queue).toMatchObject([{ text: "", files }]);
});
