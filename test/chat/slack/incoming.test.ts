import { describe, expect, test } from "vitest";
import type { Who } from "../../../src/chat/slack/heard.ts";
import { peopleIn, read } from "../../../src/chat/slack/incoming.ts";
import { escapeText, readText } from "../../../src/chat/slack/text.ts";
import { fc } from "../../property.ts";

const NAMES: Record<string, string> = { U1: "Ana", U2: "Ben" };
const who: Who = {
  bot: "UBOT",
  now: 1_800_000_000_000,
  name: (user) => NAMES[user] ?? user,
  locale: () => "de-DE",
  timezone: () => "Europe/Berlin",
};
const callback = (event: object) => ({ type: "event_callback", event_id: "Ev1", event });
const said = (more: object = {}) =>
  callback({ type: "message", channel: "C1", user: "U1", ts: "1712.000300", text: "hello", ...more });

test("words come with author, thread, time and the author's language", () => {
  expect(read(said({ thread_ts: "1700.000100" }), who)).toEqual({
    is: "words",
    incoming: {
      type: "message",
      id: "slack:C1:1712.000300",
      at: 1_712_000,
      by: { id: "slack:U1", chat: "slack", user: "U1", name: "Ana" },
      thread: { chat: "slack", channel: "C1", thread: "1700.000100" },
      locale: "de-DE",
      timezone: "Europe/Berlin",
      message: "1712.000300",
      text: "hello",
      files: [],
      replyTo: null,
      addressed: false,
    },
  });
});

test("a message that mentions oca comes twice and is one delivery", () => {
  const text = "<@UBOT> fix the login";
  const [message, mention] = [read(said({ text }), who), read(said({ type: "app_mention", text }), who)];
  expect(message).toEqual(mention);
  expect(message).toMatchObject({ incoming: { text: "@oca fix the login", addressed: true } });
});

test("a direct message is addressed to oca", () =>
  expect(read(said({ channel: "D7", channel_type: "im" }), who)).toMatchObject({ incoming: { addressed: true } }));

test.each([
  ["a bot", { bot_id: "B1" }],
  ["oca itself", { user: "UBOT" }],
  ["somebody who joins", { subtype: "channel_join" }],
  ["nobody", { user: undefined }],
  ["somebody without words", { text: "" }],
])("what %s says is nothing", (_, more) => expect(read(said(more), who)).toEqual({ is: "nothing" }));

describe("changes of a message", () => {
  const message = {
    ts: "1712.000300",
    user: "U1",
    text: "new",
    thread_ts: "1700.000100",
    edited: { ts: "1713.000000" },
  };
  const edit = (more: object) =>
    callback({
      type: "message",
      subtype: "message_changed",
      channel: "C1",
      ts: "1713.000100",
      message,
      previous_message: { ...message, text: "old" },
      ...more,
    });

  test("an edit by its author counts", () =>
    expect(read(edit({}), who)).toMatchObject({
      is: "news",
      incoming: {
        type: "edited",
        message: "1712.000300",
        text: "new",
        thread: { thread: "1700.000100" },
        by: { user: "U1" },
      },
    }));
  test("a link preview is no edit", () =>
    expect(read(edit({ previous_message: message }), who)).toEqual({ is: "nothing" }));
  test("our own edits are none", () =>
    expect(read(edit({ message: { ...message, bot_id: "B1" } }), who)).toEqual({ is: "nothing" }));
  test("a deletion takes the words back", () =>
    expect(
      read(
        callback({
          type: "message",
          subtype: "message_deleted",
          channel: "C1",
          ts: "1714.000000",
          deleted_ts: "1712.000300",
          previous_message: message,
        }),
        who,
      ),
    ).toMatchObject({ is: "news", incoming: { type: "edited", message: "1712.000300", text: null } }));
});

test("files of Slack come along; what lies elsewhere is a link among the words", () => {
  const files = [
    { id: "F1", name: "login.png", mimetype: "image/png", size: 12 },
    { id: "F2", name: "board", mode: "external", is_external: true, url_private: "https://169.254.169.254/x" },
    null,
    { broken: true },
  ];
  expect(read(said({ files, subtype: "file_share" }), who)).toMatchObject({
    incoming: {
      text: "hello\nboard: https://169.254.169.254/x",
      files: [{ id: "F1", name: "login.png", mime: "image/png", bytes: 12 }],
    },
  });
});

test("a click says what it decides, on which message of which thread", () => {
  const body = {
    type: "block_actions",
    user: { id: "U2" },
    trigger_id: "t1",
    channel: { id: "C1" },
    message: { ts: "1712.000900", thread_ts: "1712.000300" },
    actions: [{ action_id: "approve:k7m2p4:3", action_ts: "1715.5" }],
  };
  expect(read(body, who)).toMatchObject({
    is: "click",
    trigger: "t1",
    incoming: {
      id: "slack:C1:1712.000900:U2:1715.5",
      action: "approve:k7m2p4:3",
      message: "1712.000900",
      thread: { thread: "1712.000300" },
      by: { name: "Ben" },
    },
  });
});

test("a dialog that is sent is the click on the button that opened it, with ticked lines quoted", () => {
  const meta = { action: "revise:k7m2p4:3", channel: "C1", thread: "1712.000300", message: "1712.000900" };
  const option = (text: string, description?: string) => ({
    value: "0",
    text: { text },
    ...(description === undefined ? {} : { description: { text: description } }),
  });
  const body = {
    type: "view_submission",
    user: { id: "U2" },
    view: {
      id: "V1",
      callback_id: "form",
      private_metadata: JSON.stringify(meta),
      state: {
        values: {
          ticks: { ticks: { selected_options: [option("Read the code"), option("Fix the ", "redirect")] } },
          text: { text: { value: "  keep the old route \n" } },
        },
      },
    },
  };
  expect(read(body, who)).toMatchObject({
    is: "form",
    incoming: {
      type: "click",
      id: "slack:view:V1",
      action: "revise:k7m2p4:3",
      message: "1712.000900",
      thread: { channel: "C1", thread: "1712.000300" },
      text: "> Read the code\n> Fix the redirect\n\nkeep the old route",
    },
  });
  expect(read({ ...body, view: { ...body.view, private_metadata: "{" } }, who)).toEqual({ is: "nothing" });
});

test("somebody else's message that is handed to oca is a quotation and decides nothing", () => {
  const hand = (user: string) => ({
    type: "message_action",
    callback_id: "hand_to_oca",
    user: { id: "U1" },
    channel: { id: "C1" },
    action_ts: "1716.0",
    trigger_id: "1716.1.a",
    message: { ts: "1712.000300", user, text: "approve" },
  });
  expect(read(hand("U2"), who)).toMatchObject({
    incoming: { text: "Ben: approve", by: { name: "Ana" }, addressed: true },
  });
  expect(read(hand("U1"), who)).toMatchObject({ incoming: { text: "approve" } });
});

test("a cross on a message, and Slack's own Stop, are the command stop", () => {
  const cross = callback({
    type: "reaction_added",
    user: "U1",
    reaction: "x",
    item_user: "UBOT",
    item: { type: "message", channel: "C1", ts: "1712.000900" },
    event_ts: "1717.1",
  });
  expect(read(cross, who)).toMatchObject({
    is: "crossed",
    mine: true,
    incoming: { text: "/oca stop", replyTo: "1712.000900" },
  });
  const native = callback({
    type: "agent_session_stopped",
    channel: "C1",
    thread_ts: "1712.000300",
    user: "U1",
    event_ts: "1718.1",
  });
  expect(read(native, who)).toMatchObject({
    is: "words",
    incoming: { text: "/oca stop", thread: { thread: "1712.000300" } },
  });
});

test("a slash command comes with the address for its answer", () => {
  const body = {
    command: "/oca",
    text: "allow approver <@U2|ben>",
    user_id: "U1",
    channel_id: "C1",
    trigger_id: "171.5.x",
    response_url: "https://hooks.slack.com/x",
  };
  expect(read(body, who)).toMatchObject({
    is: "slash",
    answerAt: "https://hooks.slack.com/x",
    incoming: { text: "/oca allow approver @Ben", thread: { thread: null }, id: "slack:command:171.5.x" },
  });
});

test("the names that reading needs are known before", () => {
  expect(peopleIn(said({ text: "<@U2> and <@UBOT>, look" }), "UBOT")).toEqual(expect.arrayContaining(["U1", "U2"]));
  expect(peopleIn({ type: "what?" }, "UBOT")).toEqual([]);
});

test.each([
  ["<https://x.org/a?b=1&amp;c=2>", "https://x.org/a?b=1&c=2"],
  ["<https://x.org|our site>", "our site (https://x.org)"],
  ["<http://x.org|x.org>", "http://x.org"],
  ["<mailto:a@b.c|a@b.c>", "a@b.c"],
  ["<#C1|general> <!here> <!subteam^S1|@crew>", "#general @here @crew"],
  ["a &lt;b&gt; &amp;lt; c", "a <b> &lt; c"],
])("%s reads %s", (slack, read) => expect(readText(slack, who)).toBe(read));

test("text is read as it was written", () =>
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(readText(escapeText(text), who)).toBe(text);
    }),
  ));

test("whatever comes in, reading never throws", () =>
  fc.assert(
    fc.property(
      fc.anything(),
      fc.constantFrom("message", "block_actions", "view_submission", "event_callback"),
      (it, type) => {
        read(it, who);
        read({ type, event: it }, who);
        read(callback({ type: "message", channel: "C1", user: "U1", ts: "1.2", text: it }), who);
      },
    ),
  ));
