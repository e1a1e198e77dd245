import { App, HTTPReceiver } from "@slack/bolt";
import { afterEach, describe, expect, test } from "vitest";
import { createSlackTwin, type TwinOptions } from "./index.ts";
import { QUIET } from "./quiet.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A workspace with a real Bolt app in it. */
async function play(mode: TwinOptions["mode"], options: Partial<TwinOptions> = {}) {
  const slack = await createSlackTwin({ mode, ...options });
  ends.push(() => slack.stop());
  const receiver =
    mode === "socket" ? undefined : new HTTPReceiver({ signingSecret: slack.signingSecret, logger: QUIET });
  const app = new App({
    token: slack.tokens.bot,
    clientOptions: { slackApiUrl: slack.slackApiUrl },
    logger: QUIET,
    ...(receiver ? { receiver } : { socketMode: true, appToken: slack.tokens.app }),
  });
  const server = await (receiver ? app.start(0) : app.start());
  ends.push(() => app.stop());
  if (receiver) slack.requestUrl = `http://127.0.0.1:${portOf(server)}/slack/events`;
  else await slack.sockets.connected(1);
  return { slack, app };
}

const portOf = (server: unknown): number => {
  const address =
    typeof server === "object" &&
    server &&
    "address" in server &&
    typeof server.address === "function" &&
    server.address();
  return address.port;
};

const card = {
  text: "Plan",
  blocks: [
    { type: "section", text: { type: "mrkdwn", text: "*Plan* for the login" } },
    {
      type: "actions",
      block_id: "decide",
      elements: [
        { type: "button", action_id: "revise", value: "revise:k7m2:3", text: { type: "plain_text", text: "Revise" } },
        {
          type: "button",
          action_id: "approve",
          value: "approve:k7m2:3",
          text: { type: "plain_text", text: "Approve" },
          style: "primary",
        },
      ],
    },
  ],
} as const;

describe.each(["socket", "http"] as const)("over %s, Bolt", (mode) => {
  test("hears messages and mentions, and its own posts are not news", async () => {
    const { slack, app } = await play(mode);
    const heard: object[] = [];
    app.event("message", async ({ event }) => void heard.push(event));
    app.event("app_mention", async ({ event, say }) => {
      heard.push(event);
      await say({ text: "Planning", thread_ts: event.ts });
    });
    const ana = slack.person("Ana");
    const said = await ana.says("agents", "@oca fix <b>this</b> & see https://acme.dev/1");
    expect(said.acked).toBe(true);
    await expect.poll(() => slack.messages("agents", said.ts).length).toBe(2);
    const text = `<@${slack.botUser}> fix &lt;b&gt;this&lt;/b&gt; &amp; see <https://acme.dev/1>`;
    expect(heard).toHaveLength(2);
    expect(heard[0]).toMatchObject({ type: "message", user: ana.id, text, ts: said.ts, channel_type: "channel" });
    expect(heard[1]).toMatchObject({ type: "app_mention", ts: said.ts });
    await expect.poll(() => slack.sent.length).toBe(3);
  });

  test("a click opens a dialog, whose errors come back until it is right", async () => {
    const { slack, app } = await play(mode);
    app.action("revise", async ({ ack, body, client }) => {
      await ack();
      if (body.type === "block_actions") await client.views.open({ trigger_id: body.trigger_id, view: revise });
    });
    app.view("revise", async ({ ack, view, client }) => {
      const words = view.state.values["words"]?.["text"]?.value ?? "";
      if (words.length < 5) return await ack({ response_action: "errors", errors: { words: "Too short" } });
      await ack();
      await client.chat.postMessage({ channel: slack.channel("agents"), text: `Revising: ${words}` });
    });
    const ana = slack.person("Ana");
    await app.client.chat.postMessage({
      channel: slack.channel("agents"),
      ...card,
      blocks: [...card.blocks].map((it) => ({ ...it })),
    });
    const [plan] = slack.messages("agents");
    expect(plan).toMatchObject({ words: "*Plan* for the login\n[Revise]\n[Approve]", buttons: ["Revise", "Approve"] });
    if (!plan) return;
    expect(await ana.clicks(plan, "Revise")).toMatchObject({ acked: true });
    await expect.poll(() => ana.dialog()?.title).toBe("Revise the plan");
    await expect(ana.submits({ "What should change?": "" })).rejects.toThrow("is required");
    expect(await ana.submits({ "What should change?": "no" })).toEqual({
      is: "errors",
      errors: { "What should change?": "Too short" },
    });
    expect(await ana.submits({ "What should change?": "use zod", Steps: ["Fix the login"] })).toEqual({ is: "closed" });
    await expect.poll(() => slack.messages("agents").at(-1)?.text).toBe("Revising: use zod");
    expect(ana.dialog()).toBeNull();
  });

  test("an answer to a click is for who clicked, five times at most", async () => {
    const { slack, app } = await play(mode);
    const refused: unknown[] = [];
    app.action("approve", async ({ ack, respond }) => {
      await ack();
      for (let i = 1; i <= 6; i++)
        await respond({
          text: `Only approvers may do this (${i})`,
          response_type: "ephemeral",
          replace_original: false,
        }).catch((error: unknown) => refused.push(error));
    });
    await app.client.chat.postMessage({
      channel: slack.channel("agents"),
      ...card,
      blocks: [...card.blocks].map((it) => ({ ...it })),
    });
    const [plan] = slack.messages("agents");
    if (plan) await slack.person("Ben").clicks(plan, "Approve");
    await expect.poll(() => refused.length).toBe(1);
    expect(slack.person("Ben").whispers()).toHaveLength(5);
    expect(slack.person("Ana").whispers()).toEqual([]);
  });

  test("commands, shortcuts, Home, reactions and edits arrive", async () => {
    const { slack, app } = await play(mode);
    const heard: string[] = [];
    app.command("/oca", async ({ ack, command }) => {
      heard.push(command.text);
      await ack({ text: "Nothing runs." });
    });
    app.shortcut("hand_to_oca", async ({ ack, shortcut }) => {
      await ack();
      heard.push(shortcut.type);
    });
    app.event("app_home_opened", async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: "home", blocks: [{ type: "header", text: { type: "plain_text", text: "Waiting on you" } }] },
      });
    });
    app.event("reaction_added", async ({ event }) => void heard.push(event.reaction));
    app.event("message", async ({ event }) => void heard.push(event.subtype ?? "said"));
    const ana = slack.person("Ana");
    expect(await ana.slash("/oca who <b> @Ben", "agents")).toMatchObject({ acked: true });
    expect(heard.splice(0)).toEqual([`who &lt;b&gt; <@${slack.person("Ben").id}>`]);
    expect(ana.whispers().at(-1)?.words).toBe("Nothing runs.");
    await expect(ana.slash("/other", "agents")).rejects.toThrow("not a valid command");
    const { ts } = await ana.says(ana.direct, "hello");
    const [message] = slack.messages(ana.direct);
    if (message) await ana.shortcut(message, "Hand to oca");
    await ana.reacts({ channel: ana.direct, ts }, "x");
    await ana.edits({ channel: ana.direct, ts }, "hello again");
    await slack.unfurls({ channel: ana.direct, ts });
    await ana.deletes({ channel: ana.direct, ts });
    await expect
      .poll(() => heard)
      .toEqual(["said", "message_action", "x", "message_changed", "message_changed", "message_deleted"]);
    await ana.opensHome();
    await expect.poll(() => ana.home()?.words).toBe("Waiting on you");
  });

  test("what is not acknowledged comes again, and says so", async () => {
    const { slack, app } = await play(mode, { ackMs: 1000, retryMs: Array.from({ length: 100 }, () => 20) });
    const tries: unknown[] = [];
    const receive = app.processEvent.bind(app);
    let take: typeof receive = () => Promise.reject(new Error("disk full"));
    app.processEvent = async (event) => {
      tries.push(event.retryNum);
      await take(event);
    };
    const said = await slack.person("Ana").says("agents", "hello");
    expect(said.acked).toBe(false);
    take = receive;
    await expect.poll(() => slack.sent.at(-1)?.acked.ok).toBe(true);
    expect(tries.length).toBeGreaterThan(1);
    expect(tries.at(-1)).toBe(tries.length - 1);
    expect(await slack.redeliver()).toBe(true);
    expect(new Set(slack.sent.map(({ delivery }) => delivery.payload["event_id"])).size).toBe(1);
  });
});

test("a link that was cut comes back, and a second process is counted", async () => {
  const { slack } = await play("socket");
  const other = new App({
    token: slack.tokens.bot,
    appToken: slack.tokens.app,
    socketMode: true,
    logger: QUIET,
    clientOptions: { slackApiUrl: slack.slackApiUrl },
  });
  await other.start();
  await slack.sockets.connected(2);
  await other.stop();
  await slack.sockets.connected(1);
  slack.drop();
  await slack.sockets.connected(0);
  await slack.sockets.connected(1); // Slack's client waits for five seconds
  expect((await slack.person("Ana").says("agents", "hello")).acked).toBe(true);
});

test("a request that Slack did not sign is refused", async () => {
  const { slack } = await play("http");
  const body = JSON.stringify({ type: "event_callback", event: { type: "message" } });
  const headers = {
    "content-type": "application/json",
    "x-slack-request-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-slack-signature": "v0=00",
  };
  expect((await fetch(slack.requestUrl, { method: "POST", body, headers })).status).toBe(401);
});

test("a dialog opens within three seconds of the click, and once", async () => {
  let now = Date.now();
  const { slack, app } = await play("socket", { now: () => now });
  const open: (() => Promise<unknown>)[] = [];
  app.action("revise", async ({ ack, body, client }) => {
    await ack();
    if (body.type === "block_actions")
      open.push(() => client.views.open({ trigger_id: body.trigger_id, view: revise }));
  });
  await app.client.chat.postMessage({
    channel: slack.channel("agents"),
    ...card,
    blocks: [...card.blocks].map((it) => ({ ...it })),
  });
  const [plan] = slack.messages("agents");
  if (plan) for (let i = 0; i < 2; i++) await slack.person("Ana").clicks(plan, "Revise");
  await expect.poll(() => open.length).toBe(2);
  await open[0]?.();
  await expect(open[0]?.()).rejects.toThrow("exchanged_trigger_id");
  now += 3001;
  await expect(open[1]?.()).rejects.toThrow("expired_trigger_id");
});

const revise = {
  type: "modal" as const,
  callback_id: "revise",
  title: { type: "plain_text" as const, text: "Revise the plan" },
  submit: { type: "plain_text" as const, text: "Revise" },
  blocks: [
    {
      type: "input",
      block_id: "steps",
      optional: true,
      label: { type: "plain_text", text: "Steps" },
      element: {
        type: "checkboxes",
        action_id: "ticks",
        options: [{ text: { type: "plain_text", text: "Fix the login" }, value: "0" }],
      },
    },
    {
      type: "input",
      block_id: "words",
      label: { type: "plain_text", text: "What should change?" },
      element: { type: "plain_text_input", action_id: "text", multiline: true },
    },
  ],
};
