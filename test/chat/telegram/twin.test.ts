import { Api, GrammyError, InputFile } from "grammy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTwin, type Person, type Place, type Twin } from "../../twin/telegram/index.ts";

let twin: Twin;
let api: Api;
let ana: Person;
let team: Place;
beforeEach(async () => {
  twin = await createTwin({ burst: 100 });
  api = new Api(twin.token, { apiRoot: twin.url });
  ana = twin.person("Ana");
  team = twin.group("Team", { forum: true });
});
afterEach(() => twin.close());

/** What the twin says when it refuses. */
const refusal = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => "was accepted",
    (error: unknown) => error,
  );
  return error instanceof GrammyError ? `${error.error_code} ${error.description}` : String(error);
};

describe("the Bot API of the tests", () => {
  test("hands out updates until a later offset confirms them", async () => {
    const sent = ana.says("hello", { in: ana.direct });
    const [first] = await api.getUpdates({ timeout: 5 });
    expect(first?.message?.text).toBe("hello");
    expect(await api.getUpdates({ timeout: 0 })).toHaveLength(1);
    expect(await sent).toBe(false);
    const again = twin.redeliver();
    await api.getUpdates({ timeout: 0 });
    await api.getUpdates({ offset: (first?.update_id ?? 0) + 1, timeout: 0 });
    expect(await again).toBe(true);
  });

  test("ends the first of two pollers, and holds back what was not asked for", async () => {
    const first = refusal(api.getUpdates({ timeout: 5, allowed_updates: ["callback_query"] }));
    await api.getUpdates({ timeout: 0 });
    expect(await Promise.race([first, api.getUpdates({ timeout: 0 }).then(() => first)])).toMatch(/^409 Conflict/);
    expect(await ana.says("not heard", { in: team })).toBe(false);
  });

  test("refuses what the real one refuses", async () => {
    const send = (text: string, more: object = {}) => refusal(api.sendMessage(team.id, text, more));
    expect(await send("x".repeat(4097))).toContain("message is too long");
    expect(await send(" ")).toContain("message text is empty");
    expect(await send("<b>x", { parse_mode: "HTML" })).toContain("Can't find end tag");
    expect(await send("<x>x</x>", { parse_mode: "HTML" })).toContain("Unsupported start tag");
    expect(await send("😀", { entities: [{ type: "bold", offset: 1, length: 1 }] })).toContain("middle of a UTF-16");
    expect(await send("ab", { entities: [{ type: "bold", offset: 0, length: 3 }] })).toContain("ENTITY_BOUNDS");
    const data = (callback_data: string) => ({ reply_markup: { inline_keyboard: [[{ text: "A", callback_data }]] } });
    expect(await send("x", data("d".repeat(65)))).toContain("BUTTON_DATA_INVALID");
    expect(await send("x", data("d".repeat(64)))).toBe("was accepted");
    expect(await send("x", { message_thread_id: 99 })).toContain("message thread not found");
    expect(await send("x", { reply_parameters: { message_id: 99 } })).toContain("message to be replied not found");
    const rich = (blocks: object[]) =>
      refusal(api.raw.sendRichMessage({ chat_id: team.id, rich_message: { blocks } as never }));
    const said = (text: string) => ({ type: "paragraph", text });
    expect(await rich([said("x".repeat(32_768))])).toBe("was accepted");
    expect(await rich([said("x".repeat(32_769))])).toContain("TOO_LONG");
    expect(await rich(Array.from({ length: 501 }, () => said("x")))).toContain("BLOCKS_TOO_MUCH");
    expect(await refusal(api.sendMessage(12, "x"))).toContain("chat not found");
  });

  test("edits in place, says when nothing changed, and knows what is gone", async () => {
    const { message_id } = await api.sendMessage(team.id, "one");
    await api.editMessageText(team.id, message_id, "two");
    expect(team.messages[0]?.shown).toBe("two");
    expect(await refusal(api.editMessageText(team.id, message_id, "two"))).toContain("message is not modified");
    expect(await refusal(api.editMessageText(team.id, 99, "two"))).toContain("message to edit not found");
    twin.later(49 * 3600);
    expect(await refusal(api.editMessageText(team.id, message_id, "three"))).toContain("message can't be edited");
    team.shut = "bot was kicked from the supergroup chat";
    expect(await refusal(api.sendMessage(team.id, "x"))).toMatch(/^403/);
  });

  test("counts messages and edits together, and says how long to wait", async () => {
    Object.assign(twin.world.limits, { burst: 1, secondMs: 60_000 });
    const quiet = twin.group("Quiet");
    const { message_id } = await api.sendMessage(quiet.id, "one");
    expect(await refusal(api.editMessageText(quiet.id, message_id, "two"))).toContain("retry after 1");
    Object.assign(twin.world.limits, { burst: 100 });
    const busy = twin.group("Busy");
    for (let n = 0; n < 20; n++) await api.sendMessage(busy.id, "x");
    expect(await refusal(api.sendMessage(busy.id, "x"))).toContain("retry after 60");
  });

  test("answers for what is gone as each method does", async () => {
    expect(await refusal(api.sendMessage(ana.id, "x"))).toBe(
      "403 Forbidden: bot can't initiate conversation with a user",
    );
    void ana.says("/start", { in: ana.direct });
    expect(await refusal(api.sendMessage(ana.id, "x"))).toBe("was accepted");
    void ana.blocks();
    expect(await refusal(api.sendMessage(ana.id, "x"))).toBe("403 Forbidden: bot was blocked by the user");
    const { message_thread_id: topic } = await api.createForumTopic(team.id, "Login");
    const { message_id } = await api.sendMessage(team.id, "x", { message_thread_id: topic });
    twin.deletesTopic(team, topic);
    expect(await refusal(api.sendMessage(team.id, "x", { message_thread_id: topic }))).toContain(
      "400 Bad Request: message thread not found",
    );
    expect(await refusal(api.editMessageText(team.id, message_id, "y"))).toContain("message to edit not found");
    expect(await refusal(api.editForumTopic(team.id, topic, { name: "y" }))).toContain("TOPIC_ID_INVALID");
    expect(await refusal(api.sendChatAction(team.id, "typing", { message_thread_id: topic }))).toBe("was accepted");
    void twin.kicks(team);
    expect(await refusal(api.sendMessage(team.id, "x"))).toBe("403 Forbidden: bot was kicked from the supergroup chat");
  });

  test("has topics, reactions, files, commands, and groups that move", async () => {
    const { message_thread_id } = await api.createForumTopic(team.id, "Login");
    await api.closeForumTopic(team.id, message_thread_id);
    team.mayManageTopics = false;
    expect(await refusal(api.sendMessage(team.id, "x", { message_thread_id }))).toContain("TOPIC_CLOSED");
    void ana.says("look", { in: team });
    const [asked] = team.messages;
    await api.setMessageReaction(team.id, asked?.message_id ?? 0, [{ type: "emoji", emoji: "👀" }]);
    expect(
      await refusal(api.setMessageReaction(team.id, asked?.message_id ?? 0, [{ type: "emoji", emoji: "✅" as "👀" }])),
    ).toContain("REACTION_INVALID");
    await api.sendDocument(team.id, new InputFile(Buffer.from("# Plan"), "plan.md"));
    expect(team.messages.at(-1)?.shown).toBe("plan.md\n# Plan");
    void ana.sends({ name: "big.zip", mime: "application/zip", bytes: new Uint8Array(3), size: 21 * 1024 * 1024 }, "", {
      in: team,
    });
    expect(await refusal(api.getFile("file1"))).toContain("file is too big");
    expect(await refusal(api.setMyCommands([{ command: "Bad Name", description: "x" }]))).toContain("400");
    const basic = twin.group("Small", { basic: true });
    void twin.upgrade(basic);
    expect(await refusal(api.sendMessage(basic.id, "x"))).toContain("upgraded to a supergroup");
    twin.faults.revoked = true;
    expect(await refusal(api.getMe())).toMatch(/^401/);
  });
});
