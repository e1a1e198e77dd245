import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSlackTwin, type SlackTwin, type TwinOptions } from "./index.ts";
import { NEW_BLOCKS } from "./kit/block.ts";
import { EVERYTHING } from "./manifest.ts";
import { QUIET } from "./quiet.ts";

let slack: SlackTwin;
let client: WebClient;
let agents: string;

const open = async (options: Partial<TwinOptions> = {}): Promise<void> => {
  slack = await createSlackTwin({ mode: "http", limits: null, ...options });
  client = clientWith(slack.tokens.bot);
  agents = slack.channel("agents");
};
const clientWith = (token: string, more: object = {}): WebClient =>
  new WebClient(token, { slackApiUrl: slack.slackApiUrl, retryConfig: { retries: 0 }, logger: QUIET, ...more });

beforeEach(() => open());
afterEach(() => slack.stop());

/** What Slack refuses a call with. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "taken",
    (error: { data?: { error?: string }; code?: string }) => error.data?.error ?? error.code ?? "?",
  );
const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });

describe("who asks", () => {
  test("an unknown token, no token and the wrong kind of token are refused", async () => {
    expect(await refusal(clientWith("xoxb-other").auth.test())).toBe("invalid_auth");
    expect(await refusal(clientWith("").auth.test())).toBe("not_authed");
    expect(await refusal(clientWith(slack.tokens.app).users.info({ user: "U1" }))).toBe("not_allowed_token_type");
    expect(await refusal(client.apps.connections.open())).toBe("not_allowed_token_type");
    slack.revoked = "account_inactive";
    expect(await refusal(client.auth.test())).toBe("account_inactive");
  });

  test("a scope that the manifest does not ask for is missing", async () => {
    await slack.stop();
    const scopes = { bot: ["chat:write"] };
    await open({ manifest: { ...EVERYTHING, oauth_config: { scopes } } });
    expect(await refusal(client.reactions.add({ channel: agents, timestamp: "1.1", name: "eyes" }))).toBe(
      "missing_scope",
    );
    expect(await refusal(client.conversations.replies({ channel: agents, ts: "1.1" }))).toBe("missing_scope");
    expect(await refusal(client.chat.postMessage({ channel: agents, text: "hello" }))).toBe("taken");
  });

  test("a method that Slack does not have is unknown", async () => {
    expect(await refusal(client.apiCall("files.upload"))).toBe("unknown_method");
  });
});

describe("messages", () => {
  test("what is posted can be read, with metadata only for who asks for it", async () => {
    const metadata = { event_type: "oca_card", event_payload: { card: "k7m2" } };
    const root = await slack.person("Ana").says("agents", "the login is broken");
    const { ts = "" } = await client.chat.postMessage({
      channel: agents,
      thread_ts: root.ts,
      text: "Planning",
      metadata,
    });
    const plain = await client.conversations.replies({ channel: agents, ts: root.ts });
    expect(plain.messages?.map(({ text }) => text)).toEqual(["the login is broken", "Planning"]);
    expect(plain.messages?.[1]).toMatchObject({ user: slack.botUser, thread_ts: root.ts });
    expect(plain.messages?.[1]).toHaveProperty("bot_id");
    expect(plain.messages?.[1]).not.toHaveProperty("metadata");
    const all = await client.conversations.replies({
      channel: agents,
      ts: root.ts,
      oldest: ts,
      inclusive: true,
      include_all_metadata: true,
    });
    expect(all.messages?.[1]).toMatchObject({ ts, metadata });
    expect(await refusal(client.conversations.replies({ channel: agents, ts: "1.1" }))).toBe("thread_not_found");
  });

  test("a long thread comes in pages", async () => {
    const { ts } = await slack.person("Ana").says("agents", "root");
    for (const text of ["one", "two", "three"]) await client.chat.postMessage({ channel: agents, thread_ts: ts, text });
    const page = (cursor: string) => client.conversations.replies({ channel: agents, ts, limit: 2, cursor });
    const first = await page("");
    const second = await page(first.response_metadata?.next_cursor ?? "");
    const texts = [first, second].map(({ messages }) => messages?.map(({ text }) => text));
    expect(texts).toEqual([
      ["root", "one"],
      ["two", "three"],
    ]);
    expect([first.has_more, second.has_more]).toEqual([true, false]);
  });

  test("only own messages are edited and deleted, and what an edit does not mention stays", async () => {
    const theirs = await slack.person("Ana").says("agents", "hello");
    expect(await refusal(client.chat.update({ channel: agents, ts: theirs.ts, text: "x" }))).toBe(
      "cant_update_message",
    );
    expect(await refusal(client.chat.delete({ channel: agents, ts: theirs.ts }))).toBe("cant_delete_message");
    const { ts = "" } = await client.chat.postMessage({ channel: agents, text: "Plan", blocks: [section("the plan")] });
    await client.chat.update({ channel: agents, ts, text: "Plan ready" });
    expect(slack.messages("agents").at(-1)).toMatchObject({ text: "Plan ready", words: "the plan" });
    await client.chat.update({ channel: agents, ts, text: "Plan ready", blocks: [] });
    expect(slack.messages("agents").at(-1)).toMatchObject({ words: "Plan ready" });
    expect(await refusal(client.chat.update({ channel: agents, ts, text: "x".repeat(4001) }))).toBe("msg_too_long");
    await client.chat.delete({ channel: agents, ts });
    expect(await refusal(client.chat.update({ channel: agents, ts, text: "x" }))).toBe("message_not_found");
  });

  test("a deleted root leaves a gravestone when it has replies, and else nothing to answer", async () => {
    const ana = slack.person("Ana");
    const kept = await ana.says("agents", "with replies");
    await client.chat.postMessage({ channel: agents, thread_ts: kept.ts, text: "Planning" });
    await ana.deletes({ channel: agents, ts: kept.ts });
    expect(await refusal(client.chat.postMessage({ channel: agents, thread_ts: kept.ts, text: "Done" }))).toBe("taken");
    const alone = await ana.says("agents", "without");
    await ana.deletes({ channel: agents, ts: alone.ts });
    expect(await refusal(client.chat.postMessage({ channel: agents, thread_ts: alone.ts, text: "Done" }))).toBe(
      "thread_not_found",
    );
  });

  test("a channel that is not there, left, hidden or archived takes nothing", async () => {
    const post = (channel: string) => refusal(client.chat.postMessage({ channel, text: "hello" }));
    const { ts = "" } = await client.chat.postMessage({ channel: agents, text: "hello" });
    expect(await post("C0NOWHERE")).toBe("channel_not_found");
    await slack.kicks("general");
    await slack.kicks("secret");
    expect(await post(slack.channel("general"))).toBe("not_in_channel");
    expect(await post(slack.channel("secret"))).toBe("channel_not_found");
    await slack.archives("agents");
    expect(await post(agents)).toBe("is_archived");
    expect(await refusal(client.chat.update({ channel: agents, ts, text: "x" }))).toBe("is_inactive");
    await slack.invites("general");
    expect(await post(slack.channel("general"))).toBe("taken");
  });

  test("an ephemeral message is for one person, who must be there", async () => {
    const [ana, ben] = [slack.person("Ana"), slack.person("Ben")];
    await client.chat.postEphemeral({ channel: agents, user: ana.id, text: "only for you" });
    expect(ana.whispers().map(({ words }) => words)).toEqual(["only for you"]);
    expect(ben.whispers()).toEqual([]);
    expect(slack.messages("agents")).toEqual([]);
    expect(await refusal(client.chat.postEphemeral({ channel: agents, user: "U0NOBODY", text: "x" }))).toBe(
      "user_not_found",
    );
  });

  test("a reaction is given once, and only its own is taken back", async () => {
    const { ts: timestamp } = await slack.person("Ana").says("agents", "hello");
    const on = { channel: agents, timestamp, name: "eyes" };
    await client.reactions.add(on);
    expect(await refusal(client.reactions.add(on))).toBe("already_reacted");
    expect(await refusal(client.reactions.add({ ...on, name: ":eyes:" }))).toBe("invalid_name");
    expect(slack.messages("agents")[0]?.reactions).toEqual([{ name: "eyes", users: [slack.botUser] }]);
    await client.reactions.remove(on);
    expect(await refusal(client.reactions.remove(on))).toBe("no_reaction");
  });

  test("whom a message calls is seen, and escaped text calls nobody", async () => {
    const ben = slack.person("Ben");
    await client.chat.postMessage({
      channel: agents,
      text: `<@${ben.id}> &lt;!channel&gt;`,
      blocks: [section("<!here> &lt;@U1&gt; a &amp; b")],
    });
    expect(slack.messages("agents")[0]?.calls).toEqual([ben.id, "here"]);
    expect(slack.messages("agents")[0]?.words).toBe("@here <@U1> a & b");
  });
});

describe("too much", () => {
  test("blocks that are too long or unknown are refused, each as Slack does", async () => {
    const post = (blocks: object[]) =>
      refusal(client.apiCall("chat.postMessage", { channel: agents, text: "x", blocks }));
    expect(await post([section("x".repeat(3000))])).toBe("taken");
    expect(await post([section("x".repeat(3001))])).toBe("invalid_blocks");
    expect(await post(Array.from({ length: 51 }, () => ({ type: "divider" })))).toBe("invalid_blocks");
    expect(await post([{ type: "nope" }])).toBe("invalid_blocks");
    expect(await post(Array.from({ length: 5 }, () => section("x".repeat(2900))))).toBe("msg_blocks_too_long");
    expect(
      await post([
        { type: "plan", title: "Plan", tasks: [{ type: "task_card", task_id: "1", title: "Fix", status: "pending" }] },
      ]),
    ).toBe("taken");
    slack.lacks = new Set(NEW_BLOCKS);
    expect(await post([{ type: "plan", title: "Plan" }])).toBe("invalid_blocks");
    expect(await refusal(client.blocks.validate({ blocks: [{ type: "plan" }] }))).toBe("invalid_blocks");
  });

  test("posts in a channel go at one a second after a short burst; edits at fifty a minute", async () => {
    let now = Date.now();
    await slack.stop();
    await open({ limits: { minuteMs: 60_000, burst: 5 }, now: () => now });
    client = clientWith(slack.tokens.bot, { rejectRateLimitedCalls: true });
    const post = () => client.chat.postMessage({ channel: agents, text: "hello" });
    const { ts = "" } = await post();
    for (let i = 1; i < 5; i++) await post();
    await expect(post()).rejects.toMatchObject({ code: "slack_webapi_rate_limited_error", retryAfter: 5 });
    now += 5001;
    await post();
    const edit = () => client.chat.update({ channel: agents, ts, text: "edited" });
    for (let i = 0; i < 50; i++) await edit();
    await expect(edit()).rejects.toMatchObject({ retryAfter: 60 });
    expect(slack.count("chat.update")).toBe(51);
  });

  test("a call that goes wrong goes wrong once, in the way that was asked for", async () => {
    const { faults } = slack;
    const post = (text: string) => refusal(client.chat.postMessage({ channel: agents, text }));
    faults.next("chat.postMessage", { is: "error", error: "fatal_error" });
    expect(await post("one")).toBe("fatal_error");
    faults.next("*", { is: "status", status: 500, retryAfter: null });
    expect(await post("two")).toBe("slack_webapi_http_error");
    faults.next("chat.postMessage", { is: "cut" });
    expect(await post("three")).toBe("slack_webapi_request_error");
    faults.next("chat.postMessage", { is: "lost" });
    expect(await post("four")).toBe("slack_webapi_request_error");
    expect(await post("five")).toBe("taken");
    expect(slack.messages("agents").map(({ text }) => text)).toEqual(["four", "five"]);
  });
});

describe("files", () => {
  const bytes = new TextEncoder().encode("diff --git a/a b/a");

  test("what the app sends up stands in the thread", async () => {
    const root = await slack.person("Ana").says("agents", "hello");
    await client.filesUploadV2({
      channel_id: agents,
      thread_ts: root.ts,
      filename: "a.diff",
      file: Buffer.from(bytes),
    });
    const [, message] = slack.messages("agents", root.ts);
    expect(message?.files[0]).toMatchObject({ name: "a.diff", bytes });
  });

  test("a file is read from Slack's own host, and only with the token", async () => {
    await slack.person("Ana").says("agents", "look", { files: [{ name: "a.png", mime: "image/png", bytes }] });
    const { messages } = await client.conversations.history({ channel: agents });
    const url = messages?.[0]?.files?.[0]?.url_private ?? "";
    expect(url).toMatch(/^https:\/\/files\.slack\.com\/files-pri\//);
    const mine = await slack.fetch(url, {
      headers: { authorization: `Bearer ${slack.tokens.bot}` },
      redirect: "manual",
    });
    expect([mine.status, mine.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(new Uint8Array(await mine.arrayBuffer())).toEqual(bytes);
    expect((await slack.fetch(url, { redirect: "manual" })).status).toBe(302);
  });
});

test("people have a language and a time zone, and the language is told when asked", async () => {
  const { user } = await client.users.info({ user: slack.person("Ana").id });
  expect(user).toMatchObject({ tz: "Europe/Berlin", real_name: "Ana" });
  expect(user?.locale).toBeUndefined();
  expect((await client.users.info({ user: slack.person("Ana").id, include_locale: true })).user?.locale).toBe("en-US");
});

test("an agent session has a status where the workspace knows of them", async () => {
  const { ts } = await slack.person("Ana").says("agents", "hello");
  const status = (word: string) =>
    refusal(client.agents.sessions.setStatus({ channel_id: agents, thread_ts: ts, status: word }));
  expect(await status("processing")).toBe("taken");
  expect(await status("thinking")).toBe("invalid_arguments");
  expect(slack.statuses("agents", ts)).toEqual(["processing"]);
  slack.hasAgents = false;
  expect(await status("closed")).toBe("unknown_method");
});
