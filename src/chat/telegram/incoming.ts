import type { File, Person, Thread } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports/chat.ts";
import { plain } from "../../lib/text.ts";
import { answerOf } from "./box.ts";
import type { Channel, Prompt, Shown } from "./memory.ts";
import type { Change, Message, Query, Quoted, Update } from "./wire.ts";

/** What the reader of an update must know beside it. */
export interface Around {
  /** The name of the bot, without @. */
  username: string;
  bot: number;
  /** What is known of the chat. */
  known: Channel;
  /** What oca calls the chat. */
  channel: string;
  /** What the names of its messages begin with. */
  era: string;
  /** Commands that may be given on their own: `/stop` is `/oca stop`. */
  commands: readonly string[];
  now: number;
}

type Of<K extends Incoming["type"]> = Extract<Incoming, { type: K }>;

/** A message that asks for nothing: a service message, one of a bot, an empty one. */
export function readMessage(message: Message, around: Around): Of<"message"> | null {
  const files = filesOf(message);
  const words = message.text ?? message.caption ?? "";
  if ((words === "" && files.length === 0) || message.from?.is_bot === true) {
    if (!message.sender_chat || (words === "" && files.length === 0)) return null;
  }
  const { text, addressed, fresh } = wordsOf(message, around);
  const direct = message.chat.type === "private";
  const name = `${around.era}${message.message_id}`;
  return {
    type: "message",
    id: `telegram:${around.channel}:${name}`,
    at: message.date * 1000,
    by: personOf(message),
    thread: { chat: "telegram", channel: around.channel, thread: threadOf(message, around, { direct, fresh }) },
    locale: message.from?.language_code ?? "en",
    message: name,
    text,
    files,
    replyTo: answered(message, around),
    addressed: direct || addressed,
  };
}

export const readEdit = (update: Update, message: Message, around: Around): Of<"edited"> => ({
  type: "edited",
  id: `telegram:${around.channel}:${around.era}${message.message_id}:edit:${update.update_id}`,
  at: (message.edit_date ?? message.date) * 1000,
  by: personOf(message),
  thread: {
    chat: "telegram",
    channel: around.channel,
    thread: threadOf(message, around, { direct: false, fresh: false }),
  },
  locale: message.from?.language_code ?? "en",
  message: `${around.era}${message.message_id}`,
  text: wordsOf(message, around).text,
});

/** Somebody put oca into a group. */
export const readJoined = (update: number, { from, date }: Change, channel: string): Of<"joined"> => ({
  type: "joined",
  id: `telegram:${channel}:joined:${update}`,
  at: date * 1000,
  by: personOf({ from }),
  thread: { chat: "telegram", channel, thread: null },
  locale: from.language_code ?? "en",
});

/** A press of a button, on the card that it belongs to. */
export function readClick(query: Query, action: string, around: Around, card: Shown | null): Of<"click"> {
  const isMeant = ({ id, action: of, user }: Prompt): boolean =>
    id === query.message?.message_id && of === action && user === `${query.from.id}`;
  const box = around.known.prompts.find(isMeant);
  return {
    type: "click",
    id: `${CLICK}${query.id}`,
    at: around.now,
    by: personOf({ from: query.from }),
    thread: { chat: "telegram", channel: around.channel, thread: card?.thread ?? null },
    locale: query.from.language_code ?? "en",
    message: card?.id ?? `${around.era}${query.message?.message_id ?? ""}`,
    action,
    text: box ? answerOf(box, "") : null,
  };
}

const CLICK = "telegram:click:";
/** The query that an incoming click answers; null for what is no click. */
export const queryOf = ({ id }: Incoming): string | null => (id.startsWith(CLICK) ? id.slice(CLICK.length) : null);

/** An answer to a question of ours: what the button of the card was waiting for. */
export function readAnswer(incoming: Of<"message">, { known, era }: Around): Of<"click"> | null {
  const isMeant = (id: number): boolean => `${era}${id}` === incoming.replyTo;
  const prompt = known.prompts.find(({ id, user }) => isMeant(id) && user === incoming.by.user);
  const card = known.cards.find(({ id }) => id === prompt?.card);
  if (!prompt || !card) return null;
  const { id, at, by, locale, text } = incoming;
  const thread: Thread = { ...incoming.thread, thread: card.thread };
  return {
    type: "click",
    id,
    at,
    by,
    thread,
    locale,
    message: card.id,
    action: prompt.action,
    text: answerOf(prompt, text),
  };
}

/** Who writes in the name of a chat (an anonymous admin, a channel) is that chat: nobody can tell who it was. */
function personOf({ from, sender_chat: chat }: Pick<Message, "from" | "sender_chat">): Person {
  const user = `${chat?.id ?? from?.id ?? 0}`;
  const name = chat?.title ?? [from?.first_name, from?.last_name].filter((part) => part).join(" ");
  return { id: `telegram:${user}`, chat: "telegram", user, name: plain(name).replaceAll("\n", " ").trim() || user };
}

interface Read {
  text: string;
  addressed: boolean;
  /** `/new`: not the newest thread of a direct chat. */
  fresh: boolean;
}

/** The words as they were written, but for what only addresses the bot: `@bot`, `/oca`, `/agent`, `/new`, `/stop`. */
function wordsOf(message: Message, { username, bot, commands }: Around): Read {
  const text = (message.text ?? message.caption ?? "").replace(/\r\n?/g, "\n");
  const mention = new RegExp(`@${username}(?![A-Za-z0-9_])`, "i");
  const isOurs = mention.test(text) || message.reply_to_message?.from?.id === bot;
  const [whole, name = "", to] = /^\/([A-Za-z0-9_]+)(@\w+)?(?=\s|$)/.exec(text) ?? [];
  if (whole !== undefined && (to === undefined || mention.test(to))) {
    const rest = text.slice(whole.length).trim();
    const said = command(name.toLowerCase(), rest, commands);
    if (said) return said;
  }
  const bare = text.replace(new RegExp(`^\\s*@${username}(?![A-Za-z0-9_])[\\s,:]*`, "i"), "");
  return { text: bare, addressed: isOurs, fresh: false };
}

function command(name: string, rest: string, commands: readonly string[]): Read | null {
  const oca = (line: string): Read => ({ text: `/oca ${line}`.trim(), addressed: true, fresh: false });
  switch (name) {
    case "oca":
      return oca(rest === "" ? "list" : rest);
    case "agent":
      return { text: rest === "" ? "/oca help" : rest, addressed: true, fresh: false };
    case "new":
      return { text: rest === "" ? "/oca help" : rest, addressed: true, fresh: true };
    case "start":
      // A link `t.me/<bot>?start=own-<code>` is pressed, not typed: it arrives as this command.
      return oca(rest === "" ? "help" : rest.replace("-", " "));
    default:
      return commands.includes(name) ? oca(`${name} ${rest}`) : null;
  }
}

/** By topic, else by the message it answers, else (in a direct chat) the newest; else it starts a thread of its own. */
function threadOf(message: Message, { known, bot, era }: Around, how: { direct: boolean; fresh: boolean }): string {
  const topic = topicOf(message);
  if (topic !== null) return known.seats.find((seat) => seat.topic === topic)?.thread ?? `t${topic}`;
  const own = known.said.find(({ id }) => id === message.message_id);
  if (own) return own.thread;
  const { message_id: to, from } = message.reply_to_message ?? {};
  if (to !== undefined) return placeOf(to, known) ?? (from?.id === bot ? before(to, known) : null) ?? `m${era}${to}`;
  const newest = how.direct && !how.fresh ? known.seats.findLast(({ topic: it }) => it === null) : undefined;
  return newest?.thread ?? `m${era}${message.message_id}`;
}

/** In a group without topics Telegram numbers chains of replies too: those are no topics. */
export const topicOf = ({ is_topic_message: is, message_thread_id: id }: Quoted): number | null =>
  is === true && id !== undefined ? id : null;

const placeOf = (id: number, { cards, said, prompts, seats }: Channel): string | undefined =>
  cards.find(({ at }) => at === id)?.thread ??
  said.find((one) => one.id === id)?.thread ??
  cards.find((card) => card.id === prompts.find((one) => one.id === id)?.card)?.thread ??
  seats.find(({ root }) => root === id)?.thread;

/** Where a message of the bot belongs that it does not know: it died before it had noted what it had sent there. */
function before(id: number, { cards, seats }: Channel): string | null {
  const places = [
    ...cards.map(({ at, thread }) => ({ at, thread })),
    ...seats.flatMap(({ root, thread }) => (root === null ? [] : [{ at: root, thread }])),
  ];
  const earlier = places.filter(({ at }) => at < id).toSorted((a, b) => b.at - a.at);
  return earlier[0]?.thread ?? null;
}

/** What it answers, by the name that the bot knows it by. In a topic everything "answers" the message that opened it. */
function answered(message: Message, { known, era }: Around): string | null {
  const to = message.reply_to_message?.message_id;
  if (to === undefined || to === topicOf(message)) return null;
  return known.cards.find(({ at }) => at === to)?.id ?? `${era}${to}`;
}

/** Telegram names photos, voices and round videos only by their kind. */
function filesOf(message: Message): File[] {
  const { photo, document, voice, audio, video, video_note: note, animation, more = [], message_id: id } = message;
  const file = (blob: NonNullable<typeof document>, name: string, mime: string): File => ({
    id: blob.file_id,
    name: plain(blob.file_name ?? name).replaceAll("\n", " "),
    mime: blob.mime_type ?? mime,
    bytes: blob.file_size ?? 0,
  });
  const largest = photo?.at(-1);
  return [
    ...(largest ? [file(largest, `photo-${id}.jpg`, "image/jpeg")] : []),
    // An animation comes as a document too.
    ...(animation
      ? [file(animation, `animation-${id}.mp4`, "video/mp4")]
      : document
        ? [file(document, `file-${id}`, "application/octet-stream")]
        : []),
    ...(voice ? [file(voice, `voice-${id}.ogg`, "audio/ogg")] : []),
    ...(audio ? [file(audio, `audio-${id}.mp3`, "audio/mpeg")] : []),
    ...(video ? [file(video, `video-${id}.mp4`, "video/mp4")] : []),
    ...more.map((blob, n) => file(blob, `photo-${id}-${n + 2}.jpg`, "image/jpeg")),
    ...(note ? [file(note, `video-${id}.mp4`, "video/mp4")] : []),
  ];
}
