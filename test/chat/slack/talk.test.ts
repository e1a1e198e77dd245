import { onTestFinished as after, describe, expect, test } from "vitest";
import type { Incoming } from "../../../src/core/ports/chat.ts";
import type { View } from "../../../src/core/view.ts";
import { type Stage, stage } from "./stage.ts";

const card = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "waiting",
  title: "Fix the login",
  ...more,
});
const revise: View["buttons"][number] = {
  label: "Revise",
  style: "plain",
  does: { action: "revise:k7m2p4:3" },
  confirm: null,
  form: {
    title: "Revise the plan",
    ticks: ["1. Read src/login.ts", "2. Fix the redirect"],
    label: "What should change?",
    submit: "Revise",
    required: true,
  },
};

const open = async (order: Partial<Parameters<typeof stage>[0]> = {}): Promise<Stage> => {
  const it = await stage({ mode: "http", limits: null, ...order });
  after(it.end);
  return it;
};
/** A thread with a card in it, as everybody sees it. */
async function carded(view: View, order: Parameters<typeof open>[0] = {}) {
  const it = await open(order);
  const ana = it.slack.person("Ana");
  const { ts: root } = await ana.says("agents", "Let oca fix the login");
  const at = { chat: "slack", channel: it.slack.channel("agents"), thread: root };
  const message = await it.chat.post(at, view);
  const seen = it.slack.messages("agents", root).find(({ ts }) => ts === message.id);
  if (!seen) throw new Error("the card is not there");
  return { ...it, ana, root, at, message, seen };
}

describe("a dialog", () => {
  test("Revise takes ticked steps and words, and says which card it was", async () => {
    const { ana, seen, received, root } = await carded(card("Plan ready", { buttons: [revise] }));
    expect((await ana.clicks(seen, "Revise")).acked).toBe(true);
    await expect.poll(() => ana.dialog()?.title).toBe("Revise the plan");
    expect(await ana.submits({})).toMatchObject({ is: "errors" });
    const sent = await ana.submits({
      "It is about these steps": ["2. Fix the redirect"],
      "What should change?": "use zod",
    });
    expect(sent).toEqual({ is: "closed" });
    expect(received.at(-1)).toMatchObject({
      type: "click",
      action: "revise:k7m2p4:3",
      message: seen.ts,
      text: "> 2. Fix the redirect\n\nuse zod",
      timezone: "Europe/Berlin",
      thread: { thread: root },
    });
  });

  test("what could not be saved stays in the dialog and can be sent again", async () => {
    const it = await carded(card("Plan ready", { buttons: [revise] }));
    const { ana, seen, received } = it;
    await ana.clicks(seen, "Revise");
    await expect.poll(() => ana.dialog()?.title).toBe("Revise the plan");
    it.fail(true);
    expect(await ana.submits({ "What should change?": "use zod" })).toEqual({
      is: "errors",
      errors: { "What should change?": "This was not saved. Send it again." },
    });
    const refused = received.at(-1)?.id;
    it.fail(false);
    expect(await ana.submits({ "What should change?": "use zod" })).toEqual({ is: "closed" });
    expect(received.at(-1)?.id).toBe(refused);
  });

  test("one that is closed half-way decides nothing", async () => {
    const { ana, seen, received } = await carded(card("Plan ready", { buttons: [revise] }));
    await ana.clicks(seen, "Revise");
    await expect.poll(() => ana.dialog()?.title).toBe("Revise the plan");
    await ana.closes();
    expect(received.filter(({ type }) => type === "click")).toEqual([]);
  });

  test("when Slack gave up waiting, the person is told to press again", async () => {
    const { slack, ana, seen } = await carded(card("Plan ready", { buttons: [revise] }));
    slack.faults.next("views.open", { is: "error", error: "expired_trigger_id" });
    await ana.clicks(seen, "Revise");
    await expect
      .poll(() => ana.whispers().map(({ words }) => words))
      .toEqual(["Slack gave up waiting. Press the button again."]);
  });

  test("the diff is shown file by file, and hangs in the thread whole, once", async () => {
    const file = (name: string) =>
      `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-old <!here>\n+new ${name}\n`;
    const diff = { title: "Fix the login", text: file("src/a.ts") + file("src/b.ts") };
    const button = { ...revise, label: "Review", does: { page: "/diff/k7m2p4" }, form: null };
    const { slack, ana, seen, root } = await carded(card("Done", { buttons: [button] }), {
      order: { diff: () => Promise.resolve(diff) },
    });
    await ana.clicks(seen, "Review");
    await expect.poll(() => ana.dialog()?.words).toContain("+new src/a.ts");
    expect(ana.dialog()?.words).not.toContain("src/b.ts");
    const page = ana.dialog();
    if (page) await ana.clicks(page, "▶");
    await expect.poll(() => ana.dialog()?.words).toContain("+new src/b.ts");
    await ana.clicks(seen, "Review");
    const files = () => slack.messages("agents", root).flatMap((it) => it.files);
    await expect.poll(() => files().map(({ name }) => name)).toEqual(["k7m2p4.diff"]);
    expect(new TextDecoder().decode(files()[0]?.bytes)).toBe(diff.text);
  });
});

describe("a command", () => {
  test("is answered where it was given, and only to who gave it", async () => {
    const { slack, chat, received } = await open();
    const ana = slack.person("Ana");
    expect((await ana.slash("/oca status <b>", "agents")).acked).toBe(true);
    const [incoming] = received;
    expect(incoming).toMatchObject({
      type: "message",
      text: "/oca status <b>",
      addressed: true,
      thread: { thread: null },
    });
    if (incoming) await chat.reply(incoming, card("Nothing runs."));
    expect(ana.whispers().map(({ words }) => words)).toEqual(["Nothing runs."]);
    expect(slack.person("Ben").whispers()).toEqual([]);
  });

  test("with a request in it begins a thread that everybody can follow", async () => {
    const { slack, received } = await open();
    await slack.person("Ana").slash("/oca fix the <!channel> login", "agents");
    const [root] = slack.messages("agents");
    expect(root?.words).toBe("@Ana: fix the <!channel> login");
    expect(root?.calls).toEqual([slack.person("Ana").id]);
    expect(received[0]).toMatchObject({
      text: "fix the <!channel> login",
      message: root?.ts,
      thread: { thread: root?.ts },
    });
  });

  test("with a request, where oca is no member, says how to invite it", async () => {
    const { slack, received } = await open();
    await slack.kicks("general");
    const ana = slack.person("Ana");
    await ana.slash("/oca fix the login", "general");
    expect(ana.whispers()[0]?.words).toContain("/invite @oca");
    expect(received).toEqual([]);
  });
});

describe("a question for one person", () => {
  const ask = card("Which one?", {
    buttons: [{ ...revise, label: "Fix the login", does: { action: "/oca stop k7m2p4" }, form: null }],
  });

  test("its button is a command, and it goes when the thread shows what came of it", async () => {
    const { slack, chat, received } = await open();
    const ana = slack.person("Ana");
    await ana.slash("/oca stop", "agents");
    if (received[0]) await chat.reply(received[0], ask);
    const [which] = ana.whispers();
    if (which) await ana.clicks(which, "Fix the login");
    expect(received.at(-1)).toMatchObject({ type: "click", action: "/oca stop k7m2p4", thread: { thread: null } });
    await expect.poll(() => ana.whispers()).toEqual([]);
  });

  test("an answer takes its place", async () => {
    let answer = (_: Incoming): Promise<void> => Promise.resolve();
    const { slack, chat, received } = await open({ save: (it) => answer(it) });
    const ana = slack.person("Ana");
    await ana.slash("/oca stop", "agents");
    if (received[0]) await chat.reply(received[0], ask);
    answer = (it) => chat.reply(it, card("Not allowed here"));
    const [which] = ana.whispers();
    if (which) await ana.clicks(which, "Fix the login");
    expect(ana.whispers().map(({ words }) => words)).toEqual(["Not allowed here"]);
  });
});

describe("what people do besides", () => {
  test("a shortcut on any message of a thread asks for its commands, for that person only", async () => {
    const { slack, ana, seen, received, root, chat } = await carded(card("Working", { mood: "working" }));
    await ana.shortcut(seen, "Commands of oca");
    expect(received.at(-1)).toMatchObject({ type: "message", text: "/oca help", thread: { thread: root } });
    const asked = received.at(-1);
    if (asked) await chat.reply(asked, card("How to work with oca"));
    expect(ana.whispers().map(({ words }) => words)).toEqual(["How to work with oca"]);
    expect(slack.messages("agents", root)).toHaveLength(2);
  });

  test("a message is handed over, as somebody else's words", async () => {
    const { slack, received } = await open();
    await slack.person("Ben").says("agents", "the login is broken");
    const [message] = slack.messages("agents");
    if (message) await slack.person("Ana").shortcut(message, "Hand to oca");
    const ana = slack.person("Ana").id;
    expect(received.at(-1)).toMatchObject({
      type: "message",
      by: { user: ana },
      text: "Ben: the login is broken",
      addressed: true,
    });
  });

  test("a cross on a card, and Slack's own button, are Stop", async () => {
    const { slack, ana, seen, received, root } = await carded(card("Working", { mood: "working" }));
    await ana.reacts({ channel: seen.channel, ts: seen.ts }, "x");
    expect(received.at(-1)).toMatchObject({ type: "message", text: "/oca stop", by: { user: ana.id } });
    await expect.poll(() => slack.statuses("agents", root).at(-1)).toBe("processing");
    await ana.stops({ channel: seen.channel, thread: root });
    expect(received.at(-1)).toMatchObject({ type: "message", text: "/oca stop" });
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
  });

  test("an edit and a deletion are news, a preview and oca's own edits are none", async () => {
    const { slack, ana, root, received, chat, message } = await carded(card("Planning"));
    const on = { channel: slack.channel("agents"), ts: root };
    const before = received.length;
    await slack.unfurls(on);
    await chat.edit(message, card("Plan ready", { buttons: [revise] }));
    await ana.edits(on, "Let oca fix the logout");
    const alone = await ana.says("agents", "Let oca do something else");
    await ana.deletes({ ...on, ts: alone.ts });
    expect(received.slice(before).filter(({ type }) => type === "edited")).toMatchObject([
      { message: root, text: "Let oca fix the logout" },
      { message: alone.ts, text: null },
    ]);
  });
});

test("a request carries one sign at a time, and the status of Slack's own session", async () => {
  const { slack, chat, message, root } = await carded(card("Working", { mood: "working" }));
  const signs = () => slack.messages("agents", root)[0]?.reactions.map(({ name }) => name);
  await expect.poll(signs).toEqual(["eyes"]);
  await chat.edit(message, card("Plan ready", { mood: "waiting", buttons: [revise] }));
  await expect.poll(signs).toEqual(["hand"]);
  await chat.edit(message, card("Done", { mood: "done" }));
  await expect.poll(signs).toEqual(["white_check_mark"]);
  await chat.idle();
  expect(slack.statuses("agents", root)).toEqual(["processing", "suspended", "closed"]);
});

test("a request in the middle of a thread carries the sign itself, and a cross on it stops the work of the thread", async () => {
  const it = await open({
    order: {
      requestIn: () => Promise.resolve(asked.ts),
      workOf: (at) => Promise.resolve(at.thread === asked.ts ? { ...at, thread: root.ts } : null),
    },
  });
  const ana = it.slack.person("Ana");
  const root = await ana.says("agents", "the login is broken");
  const asked = await ana.says("agents", "@oca fix it", { thread: root.ts });
  const channel = it.slack.channel("agents");
  await it.chat.post({ chat: "slack", channel, thread: root.ts }, card("Working", { mood: "working" }));
  await it.chat.idle();
  const signs = () => it.slack.messages("agents", root.ts).map(({ reactions }) => reactions.map(({ name }) => name));
  expect(signs()).toEqual([[], ["eyes"], []]);
  await ana.reacts({ channel, ts: root.ts }, "x");
  await ana.reacts({ channel, ts: asked.ts }, "x");
  expect(it.received.filter((one) => one.type === "message" && one.text === "/oca stop")).toMatchObject([
    { thread: { thread: root.ts } },
  ]);
});

test("a workspace without agent sessions is asked once and then left alone", async () => {
  const { slack, chat, message } = await carded(card("Working", { mood: "working" }), { hasAgents: false });
  await chat.idle();
  await chat.edit(message, card("Done", { mood: "done" }));
  await chat.idle();
  expect(slack.count("agents.sessions.setStatus")).toBe(1);
});

test("a card that changes sixty times costs a handful of edits, and Slack refuses none", async () => {
  const it = await open({ limits: { minuteMs: 60_000, burst: 5 }, order: { postSpacingMs: 1000 } });
  const { slack, chat } = it;
  const at = { chat: "slack", channel: slack.channel("agents"), thread: null };
  const first = await chat.post(at, card("Working", { mood: "working" }));
  for (let n = 0; n < 60; n++)
    await chat.edit(
      first,
      card("Working", { mood: "working", parts: [{ kind: "line", text: `${n}`, tone: "plain" }] }),
    );
  expect(slack.calls.filter(({ outcome }) => outcome === "ratelimited")).toEqual([]);
  expect(slack.count("chat.update")).toBeLessThan(10);
});
