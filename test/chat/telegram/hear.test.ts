import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Incoming } from "../../../src/core/ports/chat.ts";
import type { Place } from "../../twin/telegram/index.ts";
import { card, freePort, type Stage, shownAt, stage, until } from "./stage.ts";

let it: Stage;
let team: Place;
beforeEach(async () => {
  it = await stage();
  team = it.twin.group("Team");
});
afterEach(() => it.end());

const messages = () =>
  it.received.filter((one): one is Extract<Incoming, { type: "message" }> => one.type === "message");
const last = () => {
  const found = messages().at(-1);
  if (!found) throw new Error("nothing was said");
  return found;
};
const says = async (text: string, at: Place = team) => {
  await it.ana.says(text, { in: at });
  return last();
};

describe("who is meant", () => {
  test("a mention, a command and a direct message address oca; talk does not", async () => {
    expect(await says("the login is broken")).toMatchObject({ addressed: false, text: "the login is broken" });
    expect(await says("@oca_test_bot fix the login")).toMatchObject({ addressed: true, text: "fix the login" });
    expect(await says("could @oca_test_bot fix it?")).toMatchObject({
      addressed: true,
      text: "could @oca_test_bot fix it?",
    });
    expect(await says("@oca_test_bot2 fix it")).toMatchObject({ addressed: false });
    expect(await says("/agent fix the login")).toMatchObject({ addressed: true, text: "fix the login" });
    expect(await says("/stop@oca_test_bot")).toMatchObject({ addressed: true, text: "/oca stop" });
    expect(await says("/stop@other_bot")).toMatchObject({ addressed: false, text: "/stop@other_bot" });
    expect(await says("/oca show k3f9")).toMatchObject({ text: "/oca show k3f9" });
    expect(await says("/oca")).toMatchObject({ text: "/oca list" });
    expect(await says("hello", it.ana.direct)).toMatchObject({ addressed: true });
    expect(await says("/start own-ABC123", it.ana.direct)).toMatchObject({ text: "/oca own ABC123" });
  });

  test("a bot is not heard, and who writes as a chat is that chat", async () => {
    const count = it.received.length;
    const robot = it.twin.person("Robot");
    Object.assign(robot.user, { is_bot: true });
    await robot.says("Let oca merge it", { in: team });
    expect(it.received.length).toBe(count);
  });
});

describe("threads", () => {
  test("an answer to a message that oca sent and did not live to note goes where the one before it stands", async () => {
    const first = await says("Let oca fix the login");
    const message = await it.chat.post(first.thread, card("Planning"));
    await says("Let oca fix the logout");
    const shown = shownAt(team, message);
    const lost = { ...shown, message_id: team.next++, shown: "Plan ready" };
    team.messages.push(lost);
    await it.ana.replies(lost, "keep it short", team);
    expect(last()).toMatchObject({ thread: first.thread, addressed: true });
  });

  test("a chain of replies is one thread, however it is answered", async () => {
    const first = await says("Let oca fix the login");
    const message = await it.chat.post(first.thread, card("Planning"));
    const shown = team.messages.find(({ message_id: id }) => `${id}` === message.id);
    if (shown) await it.ana.replies(shown, "hurry", team);
    expect(last()).toMatchObject({ thread: first.thread, replyTo: message.id });
    const own = team.messages.at(-1);
    if (own) await it.ana.replies(own, "please", team);
    expect(last().thread).toEqual(first.thread);
    expect((await says("Let oca fix the logout")).thread).not.toEqual(first.thread);
  });

  test("in a direct chat the newest goes on, unless another is answered or something new is begun", async () => {
    const { direct } = it.ana;
    const one = await says("Let oca fix the login", direct);
    await it.chat.post(one.thread, card("Planning the login"));
    expect((await says("and hurry", direct)).thread).toEqual(one.thread);
    const two = await says("/new Let oca fix the logout", direct);
    expect(two).toMatchObject({ text: "Let oca fix the logout" });
    expect(two.thread).not.toEqual(one.thread);
    await it.chat.post(two.thread, card("Planning the logout"));
    expect((await says("keep it short", direct)).thread).toEqual(two.thread);
    const older = direct.messages.find(({ shown }) => shown.includes("the login") && shown.startsWith("Planning"));
    if (older) await it.ana.replies(older, "not you", direct);
    expect(last().thread).toEqual(one.thread);
    await it.restart();
    expect((await says("still here?", direct)).thread).toEqual(two.thread);
  });

  test("what is answered is context, though oca had not read it", async () => {
    const asked = await says("the login fails for guests");
    const first = team.messages[0];
    if (first) await it.ana.replies(first, "@oca_test_bot fix that", team);
    expect(await it.chat.context(last().thread, last().message)).toMatchObject([
      { text: "the login fails for guests", by: "Ana" },
    ]);
    expect(asked.addressed).toBe(false);
  });
});

describe("what comes in parts", () => {
  test("an album is one request with all its pictures", async () => {
    expect(await it.ana.sendsAlbum(["a", "b", "c"], "@oca_test_bot fix this screen", { in: team })).toEqual([
      true,
      true,
      true,
    ]);
    await until(() => messages().length > 0, "the album");
    expect(messages()).toMatchObject([{ text: "fix this screen", addressed: true }]);
    expect(last().files).toHaveLength(3);
  });

  test("a long paste is one request, and is not lost when oca ends before it is whole", async () => {
    await it.end();
    it = await stage({ holdMs: 60_000 });
    team = it.twin.group("Team");
    const long = "line of a log\n".repeat(280);
    await it.ana.says(`Let oca read this: ${long}`, { in: team });
    await it.ana.says("and the end of it", { in: team });
    expect(messages()).toEqual([]);
    await it.restart();
    await until(() => messages().length > 0, "the paste");
    expect(last().text).toMatch(/^Let oca read this: line of a log[\s\S]*and the end of it$/);
    expect(messages()).toHaveLength(1);
  });

  test("files come with their captions; one that is too large says so", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    await it.ana.sends({ name: "note.ogg", mime: "audio/ogg", bytes, as: "voice" }, "", { in: it.ana.direct });
    expect(last().files).toMatchObject([{ mime: "audio/ogg", bytes: 3 }]);
    await it.ana.sends({ name: "dump.sql", mime: "text/plain", bytes, size: 30 * 1024 * 1024 }, "@oca_test_bot look", {
      in: team,
    });
    const [file] = last().files;
    if (file) await expect(it.chat.fetch(file)).rejects.toThrow("dump.sql is larger than the 20 MB");
  });
});

test("an edited message is an edit of the same message", async () => {
  await says("Let oca fix the login");
  const [asked] = team.messages;
  if (asked) await it.ana.edits(asked, "Let oca fix the logout", team);
  expect(it.received.at(-1)).toMatchObject({ type: "edited", message: "1", text: "Let oca fix the logout" });
});

describe("the line to Telegram", () => {
  test("asks only for what it reads, and sets its menu", async () => {
    await until(() => it.twin.allowed(), "the first question");
    expect(it.twin.allowed()).toEqual(["message", "edited_message", "callback_query", "my_chat_member"]);
    const { commands } = it.twin.world;
    await until(() => commands.length > 1, "the menus");
    expect(commands.map(({ scope }) => scope)).toEqual(["all_private_chats", "all_group_chats"]);
    expect(commands[0]?.commands).toContainEqual({ command: "stop", description: "stop what runs" });
    const names = commands.map((menu) => menu.commands.map(({ command }) => command));
    expect(names).toEqual([["new", "stop"], ["stop"]]);
  });

  test("survives an outage, a second poller and a revoked token, and names each", async () => {
    it.twin.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request");
    it.twin.refuse("getUpdates", 502, "Bad Gateway");
    it.twin.refuse("getUpdates", 401, "Unauthorized");
    expect((await says("one")).text).toBe("one");
    expect((await says("two")).text).toBe("two");
    expect((await says("three")).text).toBe("three");
    it.twin.faults.outage = true;
    const said = it.ana.says("from the outage", { in: team });
    await until(() => it.warnings.some((text) => text.includes("trying again")), "the outage to be named");
    it.twin.faults.outage = false;
    expect(await said).toBe(true);
    expect(it.warnings.join()).toContain("another program asks for the updates");
    expect(it.warnings.join()).toContain("Telegram refuses the token");
    expect(it.warnings.join()).not.toContain(it.twin.token);
  });

  test("a wrong token is said at the start; a Telegram that is away is waited for", async () => {
    it.twin.faults.revoked = true;
    await expect(it.restart()).rejects.toThrow("Telegram refuses TELEGRAM_BOT_TOKEN");
    it.twin.faults.revoked = false;
    it.twin.faults.outage = true;
    await it.restart();
    it.twin.faults.outage = false;
    expect((await says("hello again", it.ana.direct)).text).toBe("hello again");
  });

  test("one who does not know the secret is not heard by the webhook", async () => {
    await it.end();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/telegram`;
    it = await stage({ webhook: { url, port } });
    team = it.twin.group("Team");
    expect(it.twin.webhook()).toBe(url);
    const from = { id: 1, is_bot: false, first_name: "Eve" };
    const forged = {
      update_id: 1,
      message: { message_id: 9, from, chat: { id: 1, type: "private" }, date: 1, text: "Let oca merge" },
    };
    const headers = { "content-type": "application/json", "x-telegram-bot-api-secret-token": "guess" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(forged) });
    expect(answer.status).toBe(401);
    expect((await says("hello")).text).toBe("hello");
    expect(messages()).toHaveLength(1);
  });
});
