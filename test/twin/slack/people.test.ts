import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSlackTwin, type SlackTwin } from "./index.ts";
import { EVERYTHING } from "./manifest.ts";
import { type Server, serve } from "./server.ts";

/** An app that takes everything and says what it is told to say. */
let app: Server;
let slack: SlackTwin;
let client: WebClient;
let told: string[];
let answer: object;

const open = async (manifest: unknown = EVERYTHING): Promise<void> => {
  slack = await createSlackTwin({ mode: "http", limits: null, requestUrl: `${app.url}/slack/events`, manifest });
  client = new WebClient(slack.tokens.bot, { slackApiUrl: slack.slackApiUrl });
};
beforeEach(async () => {
  told = [];
  answer = {};
  app = await serve(
    async ({ body }) => {
      told.push(decodeURIComponent(body.toString().replaceAll("+", " ")));
      return { status: 200, body: JSON.stringify(answer) };
    },
    (_, socket) => void socket.destroy(),
  );
  await open();
});
afterEach(async () => {
  await slack.stop();
  await app.stop();
});

const trigger = (): string => /"trigger_id":"([^"]+)"/.exec(told.at(-1) ?? "")?.[1] ?? "";
const plain = (text: string) => ({ type: "plain_text" as const, text });
const button = (label: string, more: object = {}) => ({
  type: "button",
  action_id: label,
  text: plain(label),
  ...more,
});
const post = async (...elements: object[]) => {
  const blocks = [
    { type: "section", text: plain("Plan") },
    { type: "actions", elements },
  ];
  await client.apiCall("chat.postMessage", { channel: slack.channel("agents"), text: "Plan", blocks });
  const [card] = slack.messages("agents").slice(-1);
  if (!card) throw new Error("nothing was posted");
  return card;
};
const modal = (...blocks: object[]) => ({
  type: "modal",
  callback_id: "f",
  title: plain("Revise"),
  submit: plain("Send"),
  blocks,
});
const field = (id: string, label: string, element: object, more: object = {}) => ({
  type: "input",
  block_id: id,
  label: plain(label),
  element: { action_id: id, ...element },
  ...more,
});
const openModal = async (view: object) => {
  const ana = slack.person("Ana");
  await ana.clicks(await post(button("Revise")), "Revise");
  await client.apiCall("views.open", { trigger_id: trigger(), view });
  return ana;
};

test("people press what is there, and are asked again where a button asks", async () => {
  const ana = slack.person("Ana");
  const confirm = { title: plain("Sure?"), text: plain("It is gone then."), confirm: plain("Yes"), deny: plain("No") };
  const card = await post(button("Approve"), button("Discard", { confirm }));
  await expect(async () => ana.clicks(card, "Merge")).rejects.toThrow('there are "Approve", "Discard"');
  await ana.clicks(card, "Discard", "no");
  expect(told.some((it) => it.includes("block_actions"))).toBe(false);
  await ana.clicks(card, "Discard");
  expect(told.at(-1)).toContain('"action_id":"Discard"');
});

test("a button of an older look of a message can still be pressed, as on a slow phone", async () => {
  const card = await post(button("Approve"));
  await client.chat.update({ channel: card.channel, ts: card.ts, text: "Approved", blocks: [] });
  expect(slack.messages("agents")[0]?.buttons).toEqual([]);
  expect((await slack.person("Ana").clicks(card, "Approve")).acked).toBe(true);
});

test("a form is filled in by its labels, and only what Slack's client would send is sent", async () => {
  const options = ["one", "two"].map((text, n) => ({ text: plain(text), value: String(n) }));
  const ana = await openModal(
    modal(
      field("steps", "Steps", { type: "checkboxes", options }, { optional: true }),
      field("how", "How", { type: "static_select", options }, { optional: true }),
      field("words", "Words", { type: "plain_text_input", max_length: 5 }),
    ),
  );
  expect(ana.dialog()).toMatchObject({ title: "Revise" });
  await expect(ana.submits({ Words: "too long" })).rejects.toThrow("0 to 5 characters");
  await expect(ana.submits({ Steps: ["three"], Words: "a" })).rejects.toThrow('it has "one", "two"');
  await expect(ana.submits({ Title: "a" })).rejects.toThrow('it has "Steps", "How", "Words"');
  expect(await ana.submits({ Steps: ["two"], How: "one", Words: "zod" })).toEqual({ is: "closed" });
  const sent = JSON.parse((told.at(-1) ?? "").replace("payload=", ""));
  expect(sent.view.state.values).toMatchObject({
    steps: { steps: { type: "checkboxes", selected_options: [{ value: "1" }] } },
    how: { how: { selected_option: { value: "0" } } },
    words: { words: { type: "plain_text_input", value: "zod" } },
  });
});

test("an answer to a form shows errors, another form, or none", async () => {
  const ana = await openModal(modal(field("words", "Words", { type: "plain_text_input" })));
  answer = { response_action: "errors", errors: { words: "Too short" } };
  expect(await ana.submits({ Words: "a" })).toEqual({ is: "errors", errors: { Words: "Too short" } });
  answer = { response_action: "push", view: modal({ type: "section", text: plain("Second") }) };
  expect(await ana.submits({ Words: "a" })).toEqual({ is: "shown" });
  expect(ana.dialog()?.words).toBe("Second");
  answer = { response_action: "clear" };
  expect(await ana.submits({})).toEqual({ is: "closed" });
  expect(ana.dialog()).toBeNull();
});

test("a dialog that is closed half-way says so only to an app that asked for it", async () => {
  const ana = await openModal({
    ...modal(field("words", "Words", { type: "plain_text_input" })),
    notify_on_close: true,
  });
  await ana.closes();
  expect(told.at(-1)).toContain('"type":"view_closed"');
  expect(ana.dialog()).toBeNull();
});

test("a form that nobody acknowledges stays open", async () => {
  const ana = await openModal(modal(field("words", "Words", { type: "plain_text_input" })));
  slack.requestUrl = "http://127.0.0.1:1/";
  expect(await ana.submits({ Words: "a" })).toEqual({ is: "failed" });
  expect(ana.dialog()).not.toBeNull();
});

test("without interactivity, commands and direct messages in the manifest there are none", async () => {
  await slack.stop();
  await open({ oauth_config: { scopes: { bot: ["chat:write"] } } });
  const ana = slack.person("Ana");
  const card = await post(button("Approve"));
  await expect(async () => ana.clicks(card, "Approve")).rejects.toThrow("not switched on");
  await expect(ana.slash("/oca help", "agents")).rejects.toThrow("not a valid command");
  await expect(ana.says(ana.direct, "hello")).rejects.toThrow("no direct messages");
  await ana.says("agents", "@oca hello");
  expect(told).toEqual([]);
});

test("who left a channel hears nothing of it, and nobody writes where it is archived", async () => {
  const ana = slack.person("Ana");
  await slack.kicks("agents");
  told = [];
  await ana.says("agents", "@oca hello");
  expect(told).toEqual([]);
  await slack.archives("agents");
  await expect(ana.says("agents", "hello")).rejects.toThrow("is archived");
});

test("Slack's own Stop button is there while an agent session works", async () => {
  const ana = slack.person("Ana");
  const { ts } = await ana.says("agents", "hello");
  const at = { channel: slack.channel("agents"), thread: ts };
  await expect(async () => ana.stops(at)).rejects.toThrow("no Stop button");
  await client.agents.sessions.setStatus({ channel_id: at.channel, thread_ts: ts, status: "processing" });
  await ana.stops(at);
  expect(told.at(-1)).toContain('"type":"agent_session_stopped"');
});

test("an outage answers nothing and delivers nothing until it is over", async () => {
  const over = slack.outage(500);
  expect((await fetch(`${slack.slackApiUrl}auth.test`, { method: "POST" })).status).toBe(503);
  expect((await slack.person("Ana").says("agents", "hello")).acked).toBe(false);
  await over;
  expect((await client.auth.test()).ok).toBe(true);
  // By itself it comes again too soon or, as Slack does, a minute later.
  const again = async () => {
    await slack.redeliver();
    return told.length;
  };
  await expect.poll(again).toBeGreaterThan(0);
});
