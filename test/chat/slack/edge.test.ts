import { onTestFinished as after, expect, test } from "vitest";
import type { SlackOrder } from "../../../src/chat/slack/order.ts";
import type { Incoming } from "../../../src/core/ports/chat.ts";
import type { Button } from "../../../src/core/view.ts";
import { stage } from "./stage.ts";

test("a file that Slack does not hand out is named, and its sign-in page is not taken for the file", async () => {
  const { slack, chat, received, end } = await stage({ mode: "http", limits: null });
  after(end);
  const file = { name: "a.png", mime: "image/png", bytes: new Uint8Array([1]) };
  await slack.person("Ana").says("agents", "Let oca look at this", { files: [file] });
  const incoming = received.at(-1);
  const [given] = incoming?.type === "message" ? incoming.files : [];
  slack.hidesFiles = true;
  await expect(async () => given && (await chat.fetch(given))).rejects.toThrow("a.png");
});

test("Home is the person's own, in the person's language", async () => {
  const asked: unknown[] = [];
  const home: SlackOrder["home"] = (person, locale) => {
    asked.push([person.name, locale]);
    const row = { session: "k7m2p4", title: "Fix the login", text: "waits for you", mood: "waiting" as const };
    const thread = { chat: "slack", channel: "C0TWIN0001", thread: "1700000000.000100" };
    return Promise.resolve({ sections: [{ title: "Waiting on you", rows: [{ ...row, thread, buttons: [] }] }] });
  };
  const people = [{ name: "Ana", locale: "de-DE" }, "Ben"];
  const { slack, end } = await stage({ mode: "http", limits: null, people, order: { home } });
  after(end);
  const ana = slack.person("Ana");
  await ana.opensHome();
  await expect.poll(() => ana.home()?.words).toContain("Fix the login");
  expect(asked).toEqual([["Ana", "de-DE"]]);
  expect(slack.person("Ben").home()).toBeNull();
});

test("a command is as old as its delivery: the numbers of a trigger id are no time", async () => {
  const { slack, received, end } = await stage({ mode: "http", limits: null });
  after(end);
  await slack.person("Ana").slash("/oca status", "agents");
  expect(Math.abs((received[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("a request that is deleted below which cards stand leaves a gravestone: that is a deletion too", async () => {
  const { slack, chat, received, end } = await stage({ mode: "http", limits: null });
  after(end);
  const ana = slack.person("Ana");
  const { ts: root } = await ana.says("agents", "Let oca fix the login");
  const at = { chat: "slack", channel: slack.channel("agents"), thread: root };
  const view = { parts: [], buttons: [], documents: [], mentions: [], mood: "working" as const, title: "" };
  await chat.post(at, { ...view, head: "Planning" });
  await ana.deletes({ channel: at.channel, ts: root });
  expect(received.at(-1)).toMatchObject({ type: "edited", message: root, text: null });
});

test("a dialog opens although Slack's first answer is a failure: the trigger is still good", async () => {
  const { slack, chat, end } = await stage({ mode: "http", limits: null });
  after(end);
  const ana = slack.person("Ana");
  const { ts: root } = await ana.says("agents", "Let oca fix the login");
  const at = { chat: "slack", channel: slack.channel("agents"), thread: root };
  const form = { title: "Revise", ticks: [], label: "What?", submit: "Send", required: true };
  const button = { label: "Revise", style: "plain" as const, does: { action: "revise:k7m2:3" }, confirm: null, form };
  const view = { parts: [], documents: [], mentions: [], mood: "waiting" as const, title: "" };
  await chat.post(at, { ...view, head: "Plan", buttons: [button] });
  const card = slack.messages("agents", root)[1];
  slack.faults.next("views.open", { is: "status", status: 503, retryAfter: null });
  if (card) await ana.clicks(card, "Revise");
  await expect.poll(() => ana.dialog()?.title).toBe("Revise");
});

test("a refusal reaches the person although Slack's first answers are failures", async () => {
  const { slack, chat, received, end } = await stage({ mode: "http", limits: null });
  after(end);
  const ana = slack.person("Ana");
  await ana.says("agents", "Let oca fix the login");
  slack.troubles = { fails: true, twice: false };
  const [incoming] = received;
  const view = { parts: [], buttons: [], documents: [], mentions: [], mood: "waiting" as const, title: "" };
  if (incoming) await chat.reply(incoming, { ...view, head: "Only approvers may do this" });
  const told = [...ana.whispers(), ...slack.messages(ana.direct)].map(({ words }) => words);
  expect(told).toContain("Only approvers may do this");
});

test("Slack's requests come through what ends TLS on this machine: nobody else can reach the port", async () => {
  const { chat, end } = await stage({ mode: "http", limits: null });
  after(end);
  const hello = (host: string) => fetch(`http://${host}:${chat.port()}/slack/events`, { method: "POST" });
  expect((await hello("127.0.0.1")).status).toBe(401);
  // Another address of this machine stands for all others.
  await expect(hello("127.0.0.2")).rejects.toThrow();
});

/** A Home with one row, which offers what a plan offers. */
const planned: SlackOrder["home"] = () => {
  const button = (label: string, form: Button["form"]): Button => ({
    ...{ label, form, confirm: null, style: "plain" },
    does: { action: `${label.toLowerCase()}:k7m2:3` },
  });
  const form = { title: "Revise", ticks: [], label: "What?", submit: "Send", required: true };
  const thread = { chat: "slack", channel: "C0TWIN0001", thread: "1700000000.000100" };
  const row = { session: "k7m2", title: "Fix the login", text: "a plan", mood: "waiting" as const, thread };
  const buttons = [button("Approve", null), button("Revise", form)];
  return Promise.resolve({ sections: [{ title: "Waiting on you", rows: [{ ...row, buttons }] }] });
};

test("a decision can be made in the Home, by a button and by a dialog", async () => {
  const { slack, received, end } = await stage({ mode: "http", limits: null, order: { home: planned } });
  after(end);
  const ana = slack.person("Ana");
  await ana.opensHome();
  await expect.poll(() => ana.home()?.buttons).toEqual(["Open", "Approve", "Revise"]);
  const home = () => {
    const shown = ana.home();
    if (!shown) throw new Error("there is no Home");
    return shown;
  };
  expect((await ana.clicks(home(), "Approve")).acked).toBe(true);
  expect(received.at(-1)).toMatchObject({
    type: "click",
    action: "approve:k7m2:3",
    message: null,
    by: { name: "Ana" },
  });
  await expect.poll(() => slack.count("views.publish")).toBe(2);
  await ana.clicks(home(), "Revise");
  await expect.poll(() => ana.dialog()?.title).toBe("Revise");
  expect(await ana.submits({ "What?": "Be brief" })).toEqual({ is: "closed" });
  expect(received.at(-1)).toMatchObject({ action: "revise:k7m2:3", message: null, text: "Be brief" });
  await ana.clicks(home(), "Open");
  expect(received).toHaveLength(2);
});

test("a refusal in the Home opens over it, and when it cannot, reaches the person directly", async () => {
  const view = { parts: [], buttons: [], documents: [], mentions: [], mood: "waiting" as const, title: "" };
  let answer = (_: Incoming): Promise<void> => Promise.resolve();
  const it = await stage({ mode: "http", limits: null, order: { home: planned }, save: (one) => answer(one) });
  after(it.end);
  answer = (one) => it.chat.reply(one, { ...view, head: "Only approvers may do this" });
  const ana = it.slack.person("Ana");
  await ana.opensHome();
  await expect.poll(() => ana.home()?.buttons).toContain("Approve");
  const home = ana.home();
  if (home) await ana.clicks(home, "Approve");
  expect(ana.dialog()?.words).toContain("Only approvers may do this");
  it.slack.faults.next("views.open", { is: "error", error: "expired_trigger_id" });
  if (home) await ana.clicks(home, "Approve");
  expect(it.slack.messages(ana.direct).map(({ words }) => words)).toEqual(["Only approvers may do this"]);
});
