import { z } from "zod";
import { bad, Entity, markup, rich, text } from "./rules.ts";
import { asMessage, type Message, message, type Place, place, spend, topicOf, type World } from "./world.ts";

type Params = Record<string, unknown>;
export type Upload = { name: string; bytes: Uint8Array<ArrayBuffer> };
type Method = (world: World, params: Params, files: Map<string, Upload>) => unknown;

const CAPTION = 1024;
const REACTIONS =
  "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡".split(
    " ",
  );
const ICONS = ["👀", "⚡️", "❓", "✅", "‼️", "📁", "🏁"];

const Where = z.looseObject({
  chat_id: z.union([z.number(), z.string()]),
  message_thread_id: z.int().optional(),
  disable_notification: z.boolean().optional(),
  reply_parameters: z
    .strictObject({ message_id: z.int(), allow_sending_without_reply: z.boolean().optional() })
    .optional(),
  ephemeral_message_parameters: z
    .strictObject({
      receiver_user_id: z.int(),
      callback_query_id: z.string().optional(),
      replace_callback_query_message: z.boolean().optional(),
    })
    .optional(),
});
const Text = z.looseObject({
  text: z.string(),
  entities: z.array(Entity).optional(),
  parse_mode: z.string().optional(),
});

function read<T>(schema: z.ZodType<T>, params: Params): T {
  const found = schema.safeParse(params);
  if (!found.success) throw bad(`${found.error.issues[0]?.path.join(".")}: ${found.error.issues[0]?.message}`);
  return found.data;
}

/** Puts a message of the bot into a chat, or refuses it. */
function send(world: World, params: Params, of: Pick<Message, "shown" | "content" | "made">): object {
  const where = read(Where, params);
  const at = place(world, where.chat_id);
  const keys = markup(params["reply_markup"]);
  const to = where.ephemeral_message_parameters?.receiver_user_id ?? null;
  if (to !== null && at.type === "private") throw bad("EPHEMERAL_MESSAGE_CHAT_INVALID");
  const topic = topicOf(at, where.message_thread_id);
  const reply = where.reply_parameters;
  const answered = reply && at.messages.find((one) => one.message_id === reply.message_id);
  if (reply && !answered && !reply.allow_sending_without_reply) throw bad("message to be replied not found");
  spend(world, at);
  const made: Message = {
    ...of,
    message_id: to === null ? at.next++ : 0,
    from: world.me,
    date: world.seconds(),
    markup: keys,
    topic,
    replyTo: answered?.message_id ?? null,
    silent: where.disable_notification ?? false,
    reactions: [],
    to,
  };
  at.messages.push(made);
  return asMessage(at, made);
}

function edit(world: World, params: Params): object {
  const at = place(world, params["chat_id"]);
  const old = message(at, params["message_id"], "message to edit not found");
  if (old.from.id !== world.me.id || old.date < world.seconds() - 48 * 3600) throw bad("message can't be edited");
  const keys = markup(params["reply_markup"]);
  const onlyKeys = params["text"] === undefined && params["rich_message"] === undefined;
  const body = onlyKeys ? old : params["rich_message"] === undefined ? ofText(params) : ofRich(params);
  if (body.made === old.made && JSON.stringify(keys) === JSON.stringify(old.markup))
    throw bad(
      "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  spend(world, at);
  Object.assign(old, { shown: body.shown, content: body.content, made: body.made, markup: keys });
  return asMessage(at, old);
}

function ofText(params: Params): Pick<Message, "shown" | "content" | "made"> {
  const given = read(Text, params);
  const shown = text(given);
  return {
    shown,
    content: { text: shown, entities: given.entities },
    made: JSON.stringify([shown, given.entities, given.parse_mode]),
  };
}

function ofRich(params: Params): Pick<Message, "shown" | "content" | "made"> {
  const given = params["rich_message"];
  return { shown: rich(given), content: { rich_message: given }, made: JSON.stringify(given) };
}

function topic(world: World, params: Params): { at: Place; topic: { name: string; icon: string; closed: boolean } } {
  const at = place(world, params["chat_id"]);
  if (at.type === "supergroup" && !at.mayManageTopics) throw bad("not enough rights to manage topics");
  const found = at.topics.get(Number(params["message_thread_id"]));
  if (!found) throw bad("TOPIC_ID_INVALID");
  return { at, topic: found };
}

const shut =
  (closed: boolean): Method =>
  (world, params) => {
    const { at, topic: found } = topic(world, params);
    if (at.type === "private") throw bad("the chat is not a supergroup");
    if (found.closed === closed) throw bad("TOPIC_NOT_MODIFIED");
    found.closed = closed;
    return true;
  };

const Commands = z.looseObject({
  commands: z
    .array(z.strictObject({ command: z.string().regex(/^[a-z0-9_]{1,32}$/), description: z.string().min(1).max(256) }))
    .max(100),
  language_code: z
    .string()
    .regex(/^[a-z]{2}$|^$/)
    .optional(),
  scope: z.looseObject({ type: z.string() }).optional(),
});

export const METHODS: Readonly<Record<string, Method>> = {
  getMe: ({ me }) => me,
  sendMessage: (world, params) => send(world, params, ofText(params)),
  sendRichMessage: (world, params) => send(world, params, ofRich(params)),
  editMessageText: edit,
  editMessageReplyMarkup: edit,
  deleteMessage: (world, params) => {
    const at = place(world, params["chat_id"]);
    const old = message(at, params["message_id"], "message to delete not found");
    at.messages.splice(at.messages.indexOf(old), 1);
    return true;
  },
  sendDocument: (world, params, files) => {
    const attached = /^attach:\/\/(.+)$/.exec(String(params["document"]))?.[1] ?? "";
    const file = files.get(attached) ?? files.get("document");
    if (!file) throw bad("there is no document in the request");
    if (file.bytes.length === 0) throw bad("file must be non-empty");
    const caption = String(params["caption"] ?? "");
    if (caption.length > CAPTION) throw bad("message caption is too long");
    const words = Buffer.from(file.bytes).toString("utf8");
    return send(world, params, {
      shown: `${file.name}\n${words}`,
      content: { document: { file_name: file.name } },
      made: file.name + words,
    });
  },
  sendChatAction: (world, params) => {
    place(world, params["chat_id"]);
    if (!["typing", "upload_document"].includes(String(params["action"])))
      throw bad("wrong parameter action in request");
    return true;
  },
  setMessageReaction: (world, params) => {
    const at = place(world, params["chat_id"]);
    const one = message(at, params["message_id"], "message to react not found");
    const given = z
      .array(z.strictObject({ type: z.literal("emoji"), emoji: z.string() }))
      .max(1)
      .parse(params["reaction"] ?? []);
    if (given.some(({ emoji }) => !REACTIONS.includes(emoji))) throw bad("REACTION_INVALID");
    one.reactions = given.map(({ emoji }) => emoji);
    return true;
  },
  answerCallbackQuery: (world, params) => {
    const query = world.queries.get(String(params["callback_query_id"]));
    if (!query || query.answer) throw bad("query is too old and response timeout expired or query ID is invalid");
    const words = String(params["text"] ?? "");
    if (words.length > 200) throw bad("MESSAGE_TOO_LONG");
    query.answer = { text: words, alert: params["show_alert"] === true };
    return true;
  },
  setMyCommands: (world, params) => {
    const { commands, language_code: language = "", scope } = read(Commands, params);
    world.commands.push({ scope: scope?.type ?? "default", language, commands });
    return true;
  },
  getForumTopicIconStickers: () =>
    ICONS.map((emoji, n) => ({ emoji, custom_emoji_id: `icon${n}`, type: "custom_emoji" })),
  createForumTopic: (world, params) => {
    const at = place(world, params["chat_id"]);
    if (!at.forum) throw bad("the chat is not a forum");
    if (at.type === "supergroup" && !at.mayManageTopics) throw bad("not enough rights to create a topic");
    const name = String(params["name"] ?? "");
    if (name === "" || name.length > 128) throw bad("TOPIC_TITLE_EMPTY");
    const id = at.next++;
    at.topics.set(id, { name, icon: icon(params), closed: false });
    return { message_thread_id: id, name, icon_color: 7322096 };
  },
  editForumTopic: (world, params) => {
    const { at, topic: found } = topic(world, params);
    const [name, newIcon] = [
      String(params["name"] ?? found.name),
      params["icon_custom_emoji_id"] === undefined ? found.icon : icon(params),
    ];
    if (name.length > 128) throw bad("TOPIC_TITLE_EMPTY");
    if (name === found.name && newIcon === found.icon) throw bad("TOPIC_NOT_MODIFIED");
    spend(world, at);
    Object.assign(found, { name, icon: newIcon });
    return true;
  },
  closeForumTopic: shut(true),
  reopenForumTopic: shut(false),
  getFile: (world, params) => {
    const file = world.files.get(String(params["file_id"]));
    if (!file) throw bad("invalid file_id");
    if (file.size > 20 * 1024 * 1024) throw bad("file is too big");
    return { file_id: params["file_id"], file_size: file.size, file_path: file.path };
  },
};

function icon(params: Params): string {
  const id = params["icon_custom_emoji_id"];
  const found = ICONS[Number(/^icon(\d+)$/.exec(String(id))?.[1])];
  if (id !== undefined && found === undefined) throw bad("STICKER_INVALID");
  return found ?? "";
}
