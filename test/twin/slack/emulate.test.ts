import { WebClient } from "@slack/web-api";
import { createEmulator, type Emulator } from "emulate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSlackTwin, type SlackTwin } from "./index.ts";
import { QUIET } from "./quiet.ts";

/**
 * The same calls to the twin and to `emulate`, a Slack that others wrote: where both know a method, they must agree. So what
 * we believe of Slack is not only our own belief.
 */
let slack: SlackTwin;
let emulator: Emulator;
let sides: { client: WebClient; channel: string; user: string; theirs: string }[];

beforeAll(async () => {
  slack = await createSlackTwin({ mode: "http", limits: null });
  const token = slack.tokens.bot;
  const tokens = [
    { token, type: "bot", user: "oca" },
    { token: "xoxp-ana", type: "user", user: "ana" },
  ];
  const seed = { slack: { users: [{ name: "ana" }, { name: "oca" }], channels: [{ name: "agents" }], tokens } };
  emulator = await createEmulator({ service: "slack", port: 0, seed });
  const options = { retryConfig: { retries: 0 }, logger: QUIET };
  const ours = new WebClient(token, { ...options, slackApiUrl: slack.slackApiUrl });
  const other = new WebClient(token, { ...options, slackApiUrl: `${emulator.url}/api/` });
  const ana = new WebClient("xoxp-ana", { ...options, slackApiUrl: `${emulator.url}/api/` });
  const channel = (await other.conversations.list()).channels?.find(({ name }) => name === "agents")?.id ?? "";
  const { ts: theirs = "" } = await ana.chat.postMessage({ channel, text: "the login is broken" });
  const said = await slack.person("Ana").says("agents", "the login is broken");
  sides = [
    { client: ours, channel: slack.channel("agents"), user: slack.person("Ana").id, theirs: said.ts },
    { client: other, channel, user: (await ana.auth.test()).user_id ?? "", theirs },
  ];
});
afterAll(async () => {
  await slack.stop();
  await emulator.close();
});

/** What both sides answer, with what is only theirs (ids, times) taken out. */
async function both(call: (side: (typeof sides)[number]) => Promise<object>): Promise<unknown[]> {
  return Promise.all(
    sides.map((side) =>
      call(side).then(
        (answer) => answer,
        (error: { data?: { error?: string } }) => error.data?.error,
      ),
    ),
  );
}
async function agree(call: (side: (typeof sides)[number]) => Promise<object>): Promise<unknown> {
  const [ours, other] = await both(call);
  expect(ours).toEqual(other);
  return ours;
}

test("posts, edits and deletions come out the same", async () => {
  const blocks = [{ type: "section", block_id: "b", text: { type: "mrkdwn", text: "*Plan*" } }];
  const metadata = { event_type: "oca_card", event_payload: { card: "k7m2" } };
  const told = await agree(async ({ client, channel, theirs }) => {
    const { ts = "" } = await client.chat.postMessage({ channel, thread_ts: theirs, text: "Plan", blocks, metadata });
    await client.chat.update({ channel, ts, text: "Plan ready", blocks });
    const gone = await client.chat.postMessage({ channel, thread_ts: theirs, text: "gone" });
    await client.chat.delete({ channel, ts: gone.ts ?? "" });
    const { messages = [] } = await client.conversations.replies({ channel, ts: theirs, include_all_metadata: true });
    return messages.map((it) => ({
      text: it.text,
      blocks: it.text === "Plan ready" ? it.blocks : [],
      metadata: it.metadata,
    }));
  });
  expect(told).toMatchObject([{ text: "the login is broken" }, { text: "Plan ready", blocks, metadata }]);
});

test("reactions come out the same", async () => {
  const told = await agree(async ({ client, channel, theirs: timestamp }) => {
    await client.reactions.add({ channel, timestamp, name: "eyes" });
    await client.reactions.add({ channel, timestamp, name: "x" });
    await client.reactions.remove({ channel, timestamp, name: "x" });
    const { message } = await client.reactions.get({ channel, timestamp });
    return (message?.reactions ?? []).map(({ name, count }) => ({ name, count }));
  });
  expect(told).toEqual([{ name: "eyes", count: 1 }]);
});

test("the same is refused for the same reason", async () => {
  const refused = async (call: (side: (typeof sides)[number]) => Promise<object>) => String(await agree(call));
  expect([
    await refused(({ client }) => client.chat.postMessage({ channel: "C0NOWHERE", text: "x" })),
    await refused(({ client, channel }) => client.chat.postMessage({ channel, text: "" })),
    await refused(({ client, channel, theirs: ts }) => client.chat.update({ channel, ts, text: "x" })),
    await refused(({ client, channel, theirs: ts }) => client.chat.delete({ channel, ts })),
    await refused(({ client, channel }) => client.chat.update({ channel, ts: "1.000001", text: "x" })),
    await refused(({ client, channel }) => client.reactions.add({ channel, timestamp: "1.000001", name: "x" })),
    await refused(({ client, channel, theirs }) => client.reactions.add({ channel, timestamp: theirs, name: "eyes" })),
    await refused(({ client, channel, theirs }) => client.reactions.remove({ channel, timestamp: theirs, name: "no" })),
    await refused(({ client, channel }) => client.chat.postEphemeral({ channel, user: "U0NOBODY", text: "x" })),
    await refused(({ client }) => client.users.info({ user: "U0NOBODY" })),
    await refused(({ client }) =>
      client.views.open({ trigger_id: "1.2.x", view: { type: "modal", title, blocks: [] } }),
    ),
    await refused(({ client }) => client.files.info({ file: "F0NOWHERE" })),
  ]).toEqual([
    "channel_not_found",
    "no_text",
    "cant_update_message",
    "cant_delete_message",
    "message_not_found",
    "message_not_found",
    "already_reacted",
    "no_reaction",
    "user_not_found",
    "user_not_found",
    "invalid_trigger_id",
    "file_not_found",
  ]);
});

test("a file that is sent up is the same file", async () => {
  const told = await agree(async ({ client, channel, theirs }) => {
    await client.filesUploadV2({ channel_id: channel, thread_ts: theirs, filename: "a.diff", content: "diff --git" });
    const { messages = [] } = await client.conversations.replies({ channel, ts: theirs });
    return (messages.at(-1)?.files ?? []).map(({ name, size, mode }) => ({ name, size, mode }));
  });
  expect(told).toMatchObject([{ name: "a.diff", size: 10 }]);
});

const title = { type: "plain_text" as const, text: "Plan" };
