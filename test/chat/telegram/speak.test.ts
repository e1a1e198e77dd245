import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Message } from "../../../src/core/ports/chat.ts";
import type { Button } from "../../../src/core/view.ts";
import type { Place } from "../../twin/telegram/index.ts";
import { card, type Stage, shownAt, stage, until } from "./stage.ts";

let it: Stage;
let team: Place;
beforeEach(async () => {
  it = await stage();
  team = it.twin.group("Team");
});
afterEach(() => it.end());

const button = (label: string, action: string, more: Partial<Button> = {}): Button => ({
  label,
  style: "plain",
  does: { action },
  confirm: null,
  form: null,
  ...more,
});
const called = (method: string) => it.twin.world.calls.filter((call) => call.method === method);
const form = { title: "Revise", ticks: [], label: "What should change?", submit: "Send", required: true };

describe("a card", () => {
  test("answers the request, silently while oca works, and rings when a person must act", async () => {
    const { thread } = await it.asks(team);
    const living = await it.chat.post(thread, card("Planning", { mood: "working", title: "fix the login" }));
    const plan = await it.chat.post(thread, card("Plan ready", { mood: "waiting" }));
    expect(shownAt(team, living)).toMatchObject({ silent: true, replyTo: 1 });
    expect(shownAt(team, plan).silent).toBe(false);
    await until(() => team.messages[0]?.reactions.includes("🤔"), "the reaction");
    await it.chat.edit(plan, card("Plan approved", { mood: "closed" }));
    await until(() => team.messages[0]?.reactions.includes("👨‍💻"), "the reaction");
    expect(called("sendChatAction").length).toBeGreaterThan(0);
  });

  test("that cannot be edited any more stands anew, and its buttons still decide about it", async () => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(thread, card("Planning"));
    it.twin.later(49 * 3600);
    await it.chat.edit(
      message,
      card("Plan ready", { buttons: [button("Approve", "approve:k7m2p4:3")], mood: "waiting" }),
    );
    const anew = team.messages.at(-1);
    expect(anew?.shown).toContain("Plan ready");
    if (anew) await it.ana.clicks(anew, "Approve", team);
    expect(it.last()).toMatchObject({ type: "click", message: message.id, action: "approve:k7m2p4:3" });
  });

  test("goes in a simpler form where rich messages are not known, and the chat remembers it", async () => {
    const { thread } = await it.asks(team);
    it.twin.refuse("sendRichMessage", 404, "Not Found: method not found");
    await it.chat.post(thread, card("Planning"));
    await it.chat.post(thread, card("Plan ready"));
    expect(called("sendRichMessage").length).toBe(1);
    await (await it.restart()).post(thread, card("Working"));
    expect(called("sendMessage").length).toBe(3);
  });

  test("that Telegram will not take as it is goes as text, this once", async () => {
    const { thread } = await it.asks(team);
    it.twin.refuse("sendRichMessage", 400, "Bad Request: can't parse rich message");
    const message = await it.chat.post(thread, card("Planning"));
    expect(shownAt(team, message).shown).toContain("Planning");
    await it.chat.post(thread, card("Plan ready"));
    expect(called("sendRichMessage").map(({ ok }) => ok)).toEqual([false, true]);
  });

  test("brings its documents once, and a new one takes the place of the old", async () => {
    const { thread } = await it.asks(team);
    const plan = (text: string) =>
      card("Plan", { mood: "waiting", documents: [{ name: "plan.md", mime: "text/markdown", text }] });
    const message = await it.chat.post(thread, plan("# One"));
    await until(() => team.messages.some(({ shown }) => shown === "plan.md\n# One"), "the plan");
    await it.chat.edit(message, { ...plan("# One"), head: "Plan, still" });
    await it.chat.edit(message, plan("# Two"));
    await until(() => team.messages.some(({ shown }) => shown === "plan.md\n# Two"), "the new plan");
    await until(() => !team.messages.some(({ shown }) => shown === "plan.md\n# One"), "the old plan to go");
    expect(called("sendDocument").length).toBe(2);
  });
});

describe("buttons", () => {
  test("that ask first do so on the card itself, and can be taken back", async () => {
    const { thread } = await it.asks(team);
    const discard = button("Discard", "discard:k7m2p4:3", {
      confirm: { text: "Throw it away?", yes: "Yes, discard", no: "Keep" },
    });
    const message = await it.chat.post(thread, card("Done", { buttons: [discard], mood: "done" }));
    const shown = () => shownAt(team, message);
    const count = it.received.length;
    await it.ana.clicks(shown(), "Discard", team);
    await until(() => it.ana.isTold().includes("Throw it away?"), "the question");
    await until(() => JSON.stringify(shown().markup).includes("Keep"), "the second step");
    await it.ana.clicks(shown(), "Keep", team);
    await until(() => !JSON.stringify(shown().markup).includes("Keep"), "the card's own buttons");
    expect(it.received.length).toBe(count);
    await it.ana.clicks(shown(), "Discard", team);
    await until(() => JSON.stringify(shown().markup).includes("Yes, discard"), "the second step");
    await it.ana.clicks(shown(), "Yes, discard", team);
    expect(it.last()).toMatchObject({ type: "click", action: "discard:k7m2p4:3", message: message.id });
  });

  test("that want words open the reply box, and the answer belongs to the button of who pressed", async () => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(
      thread,
      card("Plan", { buttons: [button("Revise", "revise:k7m2p4:3", { form })], mood: "waiting" }),
    );
    await it.ana.clicks(shownAt(team, message), "Revise", team);
    const prompt = await until(
      () => team.messages.find(({ shown }) => shown === "Ana: What should change?"),
      "the question",
    );
    expect(prompt.markup).toMatchObject({ force_reply: true, selective: true });
    const ben = it.twin.person("Ben");
    await ben.replies(prompt, "I think so too", team);
    expect(it.last()).toMatchObject({ type: "message", text: "I think so too", thread });
    await it.ana.replies(prompt, "Keep the old route", team);
    expect(it.last()).toMatchObject({
      type: "click",
      action: "revise:k7m2p4:3",
      text: "Keep the old route",
      message: message.id,
    });
    await until(() => !team.messages.includes(prompt), "the question to go");
  });

  test("that leads to the diff shows it file by file, closed, and brings the whole as a file", async () => {
    const text = [
      ...[
        "diff --git a/src/a.ts b/src/a.ts",
        "--- a/src/a.ts",
        "+++ b/src/a.ts",
        "@@ -1 +1,2 @@",
        "-old",
        "+new",
        "++x",
      ],
      ...[
        "diff --git a/gone.md b/gone.md",
        "deleted file mode 100644",
        "--- a/gone.md",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
      ],
      ...["-<b>@everyone</b> ```", ""],
    ].join("\n");
    await it.end();
    it = await stage({ diff: async (id) => (id === "k7m2p4" ? { title: "Fix the login", text } : null) });
    team = it.twin.group("Team");
    const { thread } = await it.asks(team);
    const page = { ...button("Review diff", ""), does: { page: "/diff/k7m2p4" } };
    const message = await it.chat.post(thread, card("Done", { buttons: [page], mood: "done" }));
    await it.ana.clicks(shownAt(team, message), "Review diff", team);
    const shown = await until(() => team.messages.find((one) => one.shown.includes("Fix the login")), "the diff");
    expect(shown.shown).toContain("src/a.ts +2 −1");
    expect(shown.shown).toContain("gone.md +0 −1");
    expect(JSON.stringify(shown.content)).toContain('"type":"details"');
    const file = await until(() => team.messages.find((one) => one.content["document"]), "the file");
    expect(JSON.stringify(file.content["document"])).toContain("k7m2p4.diff");
    // Nobody else's card leads there.
    await it.ana.forges(shownAt(team, message), "/diff/aaaaaa", team);
    expect(it.received.at(-1)).toMatchObject({ type: "click", action: "/diff/aaaaaa" });
  });

  test("that asks for words opens one reply box for one press, however often it is delivered", async () => {
    const { thread } = await it.asks(team);
    const revise = card("Plan", { buttons: [button("Revise", "revise:k7m2p4:3", { form })], mood: "waiting" });
    const message = await it.chat.post(thread, revise);
    await it.ana.clicks(shownAt(team, message), "Revise", team);
    await it.twin.redeliver();
    await until(() => team.messages.some(({ shown }) => shown.startsWith("Ana: ")), "the question");
    await it.chat.post(thread, card("later"));
    expect(team.messages.filter(({ shown }) => shown.startsWith("Ana: "))).toHaveLength(1);
  });

  test("that want words offer the lines to tick: they come as a quotation, with words or without", async () => {
    const { thread } = await it.asks(team);
    const ticks = ["Look", `Change it ${"x".repeat(150)}`, "Test it"];
    const revise = card("Plan", {
      buttons: [button("Revise", "revise:k7m2p4:3", { form: { ...form, ticks } })],
      mood: "waiting",
    });
    const message = await it.chat.post(thread, revise);
    const opens = async () => {
      await it.ana.clicks(shownAt(team, message), "Revise", team);
      return until(() => team.messages.find(({ shown }) => shown.startsWith("Ana: ")), "the question");
    };
    const box = await opens();
    expect(box.markup).toMatchObject({ force_reply: true });
    const marked = (sign: string) => JSON.stringify(box.markup).split(sign).length - 1;
    expect(marked("☐")).toBe(3);
    await it.ana.clicks(box, "☐ Look", team);
    await until(() => marked("☑") === 1, "the first tick");
    await it.ana.clicks(box, "☐ Test it", team);
    await until(() => marked("☑") === 2, "the second tick");
    await it.ana.clicks(box, "☑ Look", team);
    await until(() => marked("☑") === 1, "a tick taken back");
    const ben = it.twin.person("Ben");
    await ben.clicks(box, "☐ Look", team);
    await it.ana.clicks(box, "☐ Change it", team);
    await until(() => marked("☑") === 2, "Ana's ticks, and not Ben's");
    expect(it.received.filter(({ type }) => type === "click")).toEqual([]);
    // What was ticked outlives the process.
    await it.restart();
    await it.ana.replies(box, "Keep the old route", team);
    const told = { type: "click", action: "revise:k7m2p4:3", message: message.id };
    expect(it.last()).toMatchObject({ ...told, text: `> ${ticks[1]}\n> Test it\n\nKeep the old route` });
    await until(() => !team.messages.includes(box), "the question to go");

    const again = await opens();
    await it.ana.clicks(again, "Send", team);
    expect(it.last()).toMatchObject({ ...told, text: null });
    await it.ana.clicks(again, "☐ Look", team);
    await until(() => JSON.stringify(again.markup).includes("☑"), "the tick");
    await it.ana.clicks(again, "Send", team);
    expect(it.last()).toMatchObject({ ...told, text: "> Look" });
  });

  test("on a card that the bot did not live to save: it is the card, when it is posted again", async () => {
    await it.end();
    const saved = new Set<string>();
    it = await stage({ card: async ({ id }) => (saved.has(id) ? card("known") : null) });
    team = it.twin.group("Team");
    const { thread } = await it.asks(team);
    const revise = card("Plan", { buttons: [button("Revise", "revise:k7m2p4:3", { form })], mood: "waiting" });
    const lost = await it.chat.post(thread, revise);
    await it.restart();
    const again = await it.chat.post(thread, { ...revise, head: "Plan v1" });
    expect(again).toEqual({ ...lost, at: again.at });
    expect(team.messages.filter(({ from }) => from.is_bot).map(({ shown }) => shown)).toEqual(["Plan v1"]);
    saved.add(again.id);
    expect((await it.chat.post(thread, revise)).id).not.toBe(again.id);
  });

  test("on a card that the bot did not live to note: what it opens belongs to the card that took its place", async () => {
    const { thread } = await it.asks(team);
    const revise = card("Plan", { buttons: [button("Revise", "revise:k7m2p4:3", { form })], mood: "waiting" });
    const noted = await it.chat.post(thread, revise);
    const lost = { ...shownAt(team, noted), message_id: team.next++ };
    team.messages.push(lost);
    await it.ana.clicks(lost, "Revise", team);
    const box = await until(() => team.messages.find(({ shown }) => shown.startsWith("Ana: ")), "the reply box");
    await until(() => JSON.stringify(lost.markup).includes("[]"), "the buttons of the twin to go");
    await it.ana.replies(box, "Keep it short", team);
    expect(it.last()).toMatchObject({
      type: "click",
      action: "revise:k7m2p4:3",
      text: "Keep it short",
      message: noted.id,
    });
  });

  test("whose words are optional can be sent without any", async () => {
    const { thread } = await it.asks(team);
    const deny = button("Deny", "answer:k7m2p4:p1.2", { form: { ...form, required: false, submit: "Deny now" } });
    const message = await it.chat.post(thread, card("May it?", { buttons: [deny], mood: "waiting" }));
    await it.ana.clicks(shownAt(team, message), "Deny", team);
    const prompt = await until(() => team.messages.find(({ shown }) => shown.startsWith("Ana: ")), "the question");
    await it.ana.clicks(prompt, "Deny now", team);
    expect(it.last()).toMatchObject({ type: "click", action: "answer:k7m2p4:p1.2", text: null, message: message.id });
  });

  test("of a changed client are passed on as they are: the bot judges them", async () => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(thread, card("Plan", { buttons: [button("Approve", "approve:k7m2p4:3")] }));
    await it.ana.forges(shownAt(team, message), "merge:k7m2p4:9", team);
    expect(it.last()).toMatchObject({ type: "click", action: "merge:k7m2p4:9" });
    await it.ana.forges(shownAt(team, message), "~nothing", team);
    expect(it.last()).toMatchObject({ type: "click", action: "~nothing" });
    await until(() => [...it.twin.world.queries.values()].every(({ answer }) => answer), "all to be answered");
  });
});

describe("topics", () => {
  test("a request in a forum gets a topic of its own, named and signed, and its words come back to it", async () => {
    const forum = it.twin.group("Forum", { forum: true });
    const { thread } = await it.asks(forum);
    const message = await it.chat.post(thread, card("Planning", { title: "fix the login" }));
    const [[id, topic] = [0, undefined]] = [...forum.topics];
    expect(shownAt(forum, message).topic).toBe(id);
    await until(() => topic?.name === "fix the login" && topic.icon === "⚡️", "the icon");
    await it.ana.says("also the logout", { in: forum, topic: id });
    expect(it.last()).toMatchObject({ thread, text: "also the logout", replyTo: null });
    await it.chat.edit(message, card("Rejected", { title: "fix the login", mood: "closed" }));
    await until(() => topic?.closed, "the topic to be closed");
    await it.chat.post(thread, card("Planning again", { title: "fix the login" }));
    await until(() => topic && !topic.closed, "the topic to be open again");
  });
});

describe("one person", () => {
  test("is told by a bubble, in a group for their eyes only, or directly", async () => {
    await it.ana.says("/start", { in: it.ana.direct });
    const incoming = await it.asks(team);
    const long = card("x ".repeat(150));
    await it.chat.reply(incoming, long);
    await until(() => team.messages.some(({ to }) => to === it.ana.id), "the words for one person");
    it.twin.refuse("sendMessage", 400, "Bad Request: EPHEMERAL_MESSAGE_NOT_SUPPORTED");
    it.twin.refuse("sendMessage", 400, "Bad Request: EPHEMERAL_MESSAGE_NOT_SUPPORTED");
    it.twin.refuse("sendMessage", 400, "Bad Request: EPHEMERAL_MESSAGE_NOT_SUPPORTED");
    await it.chat.reply(incoming, card("Only approvers"));
    await until(() => it.ana.direct.messages.some(({ shown }) => shown.includes("Only approvers")), "the direct words");
  });
});

test("help asked for in a topic without a session is given there", async () => {
  const forum = it.twin.group("Forum", { forum: true });
  const topic = it.twin.topic(forum, "Talk");
  await it.ana.says("/oca help", { in: forum, topic });
  await it.chat.reply(it.last(), card("How to work with oca"));
  await until(() => forum.messages.some((one) => one.topic === topic && one.shown.includes("How to work")), "the help");
});

describe("trouble", () => {
  test("a group that became a supergroup keeps its sessions", async () => {
    const small = it.twin.group("Small", { basic: true });
    const { thread } = await it.asks(small);
    const message: Message = await it.chat.post(thread, card("Planning"));
    const big = await it.twin.upgrade(small);
    await it.chat.edit(
      message,
      card("Plan ready", { mood: "waiting", buttons: [button("Approve", "approve:k7m2p4:3")] }),
    );
    const anew = await until(() => big.messages.at(-1), "the card");
    await it.ana.clicks(anew, "Approve", big);
    expect(it.last()).toMatchObject({ type: "click", message: message.id, thread });
  });

  test("asked to wait, it waits, and then shows only the newest", async () => {
    const { thread } = await it.asks(team);
    const message = await it.chat.post(thread, card("Planning"));
    it.twin.refuse("editMessageText", 429, "Too Many Requests: retry after 30", { retry_after: 30 });
    const edits = ["one", "two", "three", "four"].map((head) => it.chat.edit(message, card(head, { mood: "waiting" })));
    await Promise.all(edits);
    expect(shownAt(team, message).shown).toBe("four");
    expect(called("editMessageText").length).toBeLessThan(4);
  });

  test("Telegram's budget is kept: nothing is refused, posts come before progress", async () => {
    const { thread } = await it.asks(team);
    const living = await it.chat.post(thread, card("0"));
    const edits = Array.from({ length: 30 }, (_, n) => it.chat.edit(living, card(`${n + 1}`)));
    const plan = it.chat.post(thread, card("Plan ready", { mood: "waiting" }));
    await Promise.all([plan, ...edits]);
    for (let n = 0; n < 25; n++) await it.chat.post(thread, card(`card ${n}`));
    expect(it.twin.world.calls.filter(({ ok }) => !ok)).toEqual([]);
    expect(shownAt(team, living).shown).toBe("30");
  });
});
