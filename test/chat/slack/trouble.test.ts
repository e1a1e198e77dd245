import { onTestFinished as after, describe, expect, test } from "vitest";
import { Gone, type Message } from "../../../src/core/ports/chat.ts";
import type { View } from "../../../src/core/view.ts";
import type { Fault } from "../../twin/slack/faults.ts";
import { NEW_BLOCKS } from "../../twin/slack/kit/block.ts";
import { type Stage, stage } from "./stage.ts";

const card = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "working",
  title: "Fix the login",
  ...more,
});
const approve: View["buttons"][number] = {
  label: "Approve",
  style: "primary",
  does: { action: "approve:k7m2p4:3" },
  confirm: null,
  form: null,
};

interface Talk extends Stage {
  /** What people read below the request. */
  reads(): string[];
  post(view: View): Promise<Message>;
  root: string;
}

/** A thread with Ana's request in it. */
async function talk(order: Parameters<typeof stage>[0] = { mode: "http" }): Promise<Talk> {
  const it = await stage({ limits: null, ...order });
  after(it.end);
  const { ts: root } = await it.slack.person("Ana").says("agents", "Let oca fix the login");
  const thread = { chat: "slack", channel: it.slack.channel("agents"), thread: root };
  const below = () => it.slack.messages("agents", root).filter(({ ts }) => ts !== root);
  return { ...it, root, reads: () => below().map(({ words }) => words), post: (view) => it.chat.post(thread, view) };
}

/** The next process. */
async function again(slack: Talk["slack"]): Promise<Stage> {
  const next = await stage({ mode: "http", twin: slack });
  after(next.chat.stop);
  return next;
}

describe("what Slack refuses", () => {
  test.each(["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])(
    "a card is shown in short for %s, and why is logged",
    async (error) => {
      const { slack, post, reads, warned, root } = await talk();
      slack.faults.next("chat.postMessage", { is: "error", error });
      const parts: View["parts"] = [{ kind: "line", text: "two steps", tone: "plain" }];
      await post(card("Plan ready", { parts, buttons: [approve] }));
      expect(reads()[0]).toBe("Plan ready\n[Approve]");
      const file = slack.messages("agents", root).flatMap(({ files }) => files)[0];
      expect(new TextDecoder().decode(file?.bytes)).toContain("two steps");
      expect(warned).toContainEqual(expect.objectContaining({ error }));
    },
  );

  test("an old workspace gets plain blocks", async () => {
    const parts: View["parts"] = [
      { kind: "steps", steps: [{ title: "Read the code", state: "done" }] },
      { kind: "files", files: [{ path: "src/login.ts", added: 3, removed: 1 }], more: null },
      { kind: "markdown", markdown: "It **works**.\n\n- one\n- two", fold: true },
    ];
    const [modern, old] = [await talk(), await talk({ mode: "http", lacks: NEW_BLOCKS })];
    for (const { post, reads } of [modern, old]) {
      await post(card("Done", { parts }));
      for (const words of ["Read the code", "src/login.ts", "works"]) expect(reads()[0]).toContain(words);
    }
    const types = (it: Talk) => it.slack.messages("agents", it.root)[1]?.blocks.map(({ type }) => type) ?? [];
    expect(types(modern)).toEqual(expect.arrayContaining(["plan", "table", "container"]));
    expect(types(old).filter((type) => new Set<unknown>(NEW_BLOCKS).has(type))).toEqual([]);
  });

  test("text of an agent calls nobody, wherever it stands", async () => {
    const { slack, post, root } = await talk();
    const evil = "<!channel> <@U0TWIN0001> @here <!subteam^S1> <https://evil|click> &lt;!here&gt;";
    const parts: View["parts"] = [
      { kind: "line", text: evil, tone: "warn" },
      { kind: "line", text: evil, tone: "muted" },
      { kind: "markdown", markdown: evil, fold: true },
      { kind: "markdown", markdown: `\`\`\`\n${evil}\n\`\`\``, fold: false },
      { kind: "code", text: evil },
      { kind: "steps", steps: [{ title: evil, state: "doing" }] },
      { kind: "files", files: [{ path: evil, added: 1, removed: 1 }], more: evil },
    ];
    await post(card(evil, { parts, title: evil }));
    expect(slack.messages("agents", root)[1]?.calls).toEqual([]);
    const ben = slack.person("Ben");
    const mentions = [{ id: `slack:${ben.id}`, chat: "slack", user: ben.id, name: "Ben" }];
    await post(card(evil, { parts, mentions }));
    expect(slack.messages("agents", root)[2]?.calls).toEqual([ben.id]);
  });
});

describe("passing trouble", () => {
  test.each<[string, Fault]>([
    ["an inner error", { is: "error", error: "internal_error" }],
    ["a limit without a time", { is: "error", error: "ratelimited" }],
    ["a 500", { is: "status", status: 500, retryAfter: null }],
    ["a limit with a time", { is: "status", status: 429, retryAfter: 1 }],
    ["a cut line", { is: "cut" }],
    ["a lost answer", { is: "lost" }],
  ])("after %s a card stands once", async (_, fault) => {
    const { slack, post, reads } = await talk();
    slack.faults.next("chat.postMessage", fault);
    await post(card("Planning"));
    expect(reads()).toEqual(["Planning"]);
  });

  test.each<[string, Fault]>([
    ["a 500", { is: "status", status: 500, retryAfter: null }],
    ["a cut line", { is: "cut" }],
  ])("after %s a card is edited all the same", async (_, fault) => {
    const { slack, chat, post, reads } = await talk();
    const message = await post(card("Planning"));
    slack.faults.next("chat.update", fault);
    await chat.edit(message, card("Plan ready", { buttons: [approve] }));
    expect(reads()).toEqual(["Plan ready\n[Approve]"]);
  });

  test("one thread that must wait does not hold up another", async () => {
    const { slack, post } = await talk();
    slack.faults.next("chat.postMessage", { is: "status", status: 429, retryAfter: 2 });
    const order: string[] = [];
    const slow = post(card("Planning")).then(() => order.push("slow"));
    await expect.poll(() => slack.count("chat.postMessage")).toBe(1);
    const { ts } = await slack.person("Ben").says("general", "hello");
    await slack.person("Ben").reacts({ channel: slack.channel("general"), ts }, "wave");
    order.push("quick");
    await slow;
    expect(order).toEqual(["quick", "slow"]);
  });

  test("a post that a killed process never heard of is found and used", async () => {
    const { slack, chat, root, reads, post } = await talk();
    const first = await post(card("Planning"));
    await chat.stop();
    const next = await again(slack);
    const thread = { chat: "slack", channel: slack.channel("agents"), thread: root };
    expect((await next.chat.post(thread, card("Planning"))).id).toBe(first.id);
    expect(reads()).toEqual(["Planning"]);
  });

  test("whatever a killed process has left is used, although the work is at another number and asks something by now", async () => {
    const { slack, chat, root, reads, post } = await talk();
    const stop = (work: number) => ({ ...approve, label: "Stop", does: { action: `stop:k7m2p4:${work}` } });
    const [first, plan] = [
      await post(card("Planning", { buttons: [stop(1)] })),
      await post(card("Plan", { buttons: [approve] })),
    ];
    await chat.stop();
    const next = await again(slack);
    const thread = { chat: "slack", channel: slack.channel("agents"), thread: root };
    expect((await next.chat.post(thread, card("Plan", { buttons: [approve] }))).id).toBe(plan.id);
    expect((await next.chat.post(thread, card("Plan ready"))).id).toBe(first.id);
    expect(reads()).toEqual(["Plan ready", "Plan\n[Approve]"]);
    expect(slack.count("conversations.replies")).toBe(2);
  });

  test("after an outage the cards are right by themselves", async () => {
    const { slack, chat, post, reads } = await talk();
    const message = await post(card("Planning"));
    const over = slack.outage(500);
    const edited = chat.edit(message, card("Plan ready", { buttons: [approve] }));
    await over;
    await edited;
    expect(reads()).toEqual(["Plan ready\n[Approve]"]);
  });
});

describe("what is gone", () => {
  test("a card that somebody deleted is no error", async () => {
    const { slack, chat, post, root } = await talk();
    const message = await post(card("Planning"));
    await slack.removes({ channel: message.channel, ts: message.id });
    await chat.edit(message, card("Plan ready", { buttons: [approve] }));
    expect(slack.messages("agents", root)).toHaveLength(1);
  });

  test("a thread, a channel, a membership that is gone is said by name, and oca goes on", async () => {
    const { slack, post, root, warned } = await talk();
    const ana = slack.person("Ana");
    await ana.deletes({ channel: slack.channel("agents"), ts: root });
    const lost = await post(card("Planning")).catch((error: unknown) => error);
    expect(lost).toEqual(new Gone("Slack takes nothing there: thread_not_found"));
    await slack.kicks("agents");
    await expect(post(card("Planning"))).rejects.toThrow("not_in_channel");
    expect((await ana.says(ana.direct, "still there?")).acked).toBe(true);
    expect(JSON.stringify(warned)).not.toContain("TypeError");
  });

  test("a card cannot be edited in an archived channel: its people can be told directly", async () => {
    const { slack, chat, post } = await talk();
    const message = await post(card("Planning"));
    await slack.archives("agents");
    await expect(chat.edit(message, card("Plan ready", { buttons: [approve] }))).rejects.toBeInstanceOf(Gone);
    const ana = slack.person("Ana");
    const told = await chat.post({ chat: "slack", channel: ana.id, thread: null }, card("It is gone"));
    expect(told.channel).toBe(ana.direct);
    expect(slack.messages(ana.direct).map(({ words }) => words)).toEqual(["It is gone"]);
  });

  test("somebody who has left is named, and not called", async () => {
    const { slack, post, root } = await talk();
    const [ben, eve] = ["Ben", "Eve"].map((name) => ({ name, user: slack.person(name).id, chat: "slack" }));
    slack.deactivates("Ben");
    const mentions = [ben, eve].flatMap((one) => (one ? [{ ...one, id: `slack:${one.user}` }] : []));
    await post(card("Plan ready", { mentions, buttons: [approve] }));
    const shown = slack.messages("agents", root)[1];
    expect(shown?.calls).toEqual([eve?.user]);
    expect(shown?.words).toContain("Ben");
  });

  test("an answer that cannot be shown where it was asked for reaches the person directly", async () => {
    const { slack, chat, received } = await talk();
    const [incoming] = received;
    await slack.kicks("agents");
    const ana = slack.person("Ana");
    if (incoming) await chat.reply(incoming, card("Only approvers may do this"));
    expect(slack.messages(ana.direct).map(({ words }) => words)).toEqual(["Only approvers may do this"]);
  });

  test("a file that lies elsewhere is a link, and is never fetched", async () => {
    const { slack, received } = await talk();
    const bytes = new Uint8Array([1]);
    const file = { name: "plan.pdf", mime: "application/pdf", bytes, external: "http://169.254.169.254/secret" };
    await slack.person("Ana").says("agents", "Let oca read this", { files: [file] });
    expect(received.at(-1)).toMatchObject({
      files: [],
      text: expect.stringContaining("http://169.254.169.254/secret"),
    });
  });
});

describe("the connection", () => {
  test("a link that is cut or refreshed comes back, and what was said meanwhile arrives", async () => {
    const { slack, received } = await talk({ mode: "socket", retryMs: [300, 600, 1200, 2400, 4800] });
    slack.drop();
    await slack.sockets.connected(0);
    const { acked } = await slack.person("Ana").says("agents", "and hurry");
    expect(acked).toBe(false);
    await expect.poll(() => received.map((it) => it.type === "message" && it.text)).toContain("and hurry");
    slack.refresh();
    await slack.sockets.connected(0);
    await slack.sockets.connected(1);
    expect((await slack.person("Ana").says("agents", "thanks")).acked).toBe(true);
  });

  test("tokens that are refused when it reconnects do not end the process", async () => {
    const { slack, warned } = await talk({ mode: "socket" });
    slack.revoked = "invalid_auth";
    slack.drop();
    await expect.poll(() => JSON.stringify(warned)).toContain("invalid_auth");
    slack.revoked = null;
    await slack.sockets.connected(1);
  });

  test("a second process on the same app is noticed", async () => {
    const { slack } = await talk({ mode: "socket" });
    const second = await stage({ mode: "socket", twin: slack });
    after(second.chat.stop);
    await expect.poll(() => JSON.stringify(second.warned)).toContain("another process");
  });
});
