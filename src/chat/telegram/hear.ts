import type { Incoming } from "../../core/ports/chat.ts";
import { createSerial } from "../../lib/serial.ts";
import type { Holds } from "./holds.ts";
import { type Around, readAnswer, readClick, readEdit, readJoined, readMessage } from "./incoming.ts";
import { carries, readPress } from "./keyboard.ts";
import type { Channel, Memory, Shown } from "./memory.ts";
import { type Review, sessionOf } from "./review.ts";
import type { Teller } from "./teller.ts";
import { type Change, type Message, type Query, type Quoted, Update } from "./wire.ts";

export interface HearDeps {
  memory: Memory;
  teller: Teller;
  me: () => { id: number; username: string };
  commands: readonly string[];
  /** What was said is kept for a day, as context of a later request. */
  remember: boolean;
  now: () => number;
  /** Learns which chats have topics. */
  forum: (channel: string, is: boolean) => void;
  receive: (incoming: Incoming) => Promise<void>;
  review: Review;
  log: { warn(what: object, message: string): void };
}

export interface Ears {
  /** Resolves when the update is saved, or is nothing for oca; rejects when it could not be saved. */
  take(update: unknown, holds: Holds): Promise<void>;
  /** A message, whole: what came in parts is put together. */
  deliver(message: Message): Promise<void>;
}

/** Updates of one thread in their order; threads do not wait for each other, and nothing slow happens here. */
export function createHearing(deps: HearDeps): Ears {
  const { memory, teller, log } = deps;
  const inOrder = createSerial();

  const around = async (chatId: number): Promise<Around> => {
    const channel = memory.channel(`${chatId}`);
    const { id: bot, username } = deps.me();
    const known = await memory.open(channel);
    const era = memory.era(channel);
    return { username, bot, channel, era, known, commands: deps.commands, now: deps.now() };
  };

  const deliver = async (message: Message): Promise<void> => {
    const at = await around(message.chat.id);
    const incoming = readMessage(message, at);
    if (!incoming) return;
    await memory.note(at.channel, (known) =>
      noted(known, message, { thread: incoming.thread.thread ?? "", by: incoming.by.name, remember: deps.remember }),
    );
    const answer = readAnswer(incoming, at);
    await deps.receive(answer ?? incoming);
    if (answer && message.reply_to_message) teller.forget(at.channel, message.reply_to_message.message_id);
  };

  const message = async (message: Message, holds: Holds): Promise<void> => {
    const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = message;
    // Both chats tell of it, and the first words in the new one do not wait for the old one.
    if (to !== undefined) return memory.move(`${chat.id}`, `${to}`);
    if (from !== undefined) return memory.move(`${from}`, `${chat.id}`);
    if (chat.type === "channel") return;
    deps.forum(memory.channel(`${chat.id}`), chat.is_forum === true);
    if (!(await holds.take(message))) await deliver(message);
  };

  const click = async (query: Query): Promise<void> => {
    const { id, message: pressed, data = "" } = query;
    if (!pressed) return teller.settle(id);
    const at = await around(pressed.chat.id);
    const { card, asked, isTwin } = pressedOn(at.known, pressed.message_id, data);
    if (card && isStep(deps, query, { channel: at.channel, card, data, isTwin })) return;
    // A step of a card that is not offered any more is told so, like any button of an old card.
    const incoming = readClick(query, data, at, card);
    await deps.receive(incoming);
    teller.settle(id);
    if (asked !== null && !isEmpty(incoming, card)) teller.forget(at.channel, asked);
  };

  const member = (update: number, change: Change): void => {
    const channel = memory.channel(`${change.chat.id}`);
    const [wasOut, isOut] = [change.old_chat_member, change.new_chat_member].map(isAway);
    if (isOut) log.warn({ channel: `telegram:${channel}` }, "oca was put out of a chat: its work goes on unseen there");
    if (isOut || !wasOut || !GROUPS.has(change.chat.type)) return;
    // A greeting is no word of a person: no update waits for it.
    void deps
      .receive(readJoined(update, change, channel))
      .catch((error: unknown) => log.warn({ channel, error: `${error}` }, "a group was not greeted"));
  };

  const hear = async (update: Update, holds: Holds): Promise<void> => {
    const { message: said, edited_message: edited, callback_query: query, my_chat_member: changed } = update;
    if (said) return message(said, holds);
    if (edited) return deps.receive(readEdit(update, edited, await around(edited.chat.id)));
    if (query) return click(query);
    if (changed) return member(update.update_id, changed);
  };

  return {
    deliver,
    take: async (given, holds) => {
      const read = Update.safeParse(given);
      // It would come again for ever.
      if (!read.success)
        return log.warn({ why: read.error.message }, "an update of Telegram is not understood and passed over");
      const { message: said, edited_message: edited, callback_query: query } = read.data;
      const at = said ?? edited;
      await inOrder(at ? `${at.chat.id} ${at.message_thread_id ?? ""}` : `${query?.id}`, () => hear(read.data, holds));
    },
  };
}

const GROUPS: ReadonlySet<string> = new Set(["group", "supergroup"]);
const isAway = ({ status }: { status: string }): boolean => status === "left" || status === "kicked";

/** What has to say something and says nothing is refused: its reply box stays. */
const isEmpty = ({ action, text }: { action: string; text: string | null }, card: Shown | null): boolean =>
  text === null && card?.keys.find((key) => key.action === action)?.form?.required === true;

interface Pressed {
  channel: string;
  card: Shown;
  data: string;
  /** It was pressed on a twin of the card, which is used up by that. */
  isTwin: boolean;
}

/** A press that decides nothing yet. */
function isStep(deps: HearDeps, query: Query, { isTwin, ...on }: Pressed): boolean {
  const press = readPress(on.data, on.card.keys);
  if (look(deps, query, on)) return true;
  if (isTwin && press?.does !== "ask") deps.teller.strip(query);
  if (!press || press.does === "act") return false;
  deps.teller.step(query, on.card, press);
  return true;
}

/** Shows what is behind a button that decides nothing: nothing is saved and nothing waits. False: it is no such button. */
function look(
  { review, teller, log }: HearDeps,
  query: Query,
  { channel, card, data }: Omit<Pressed, "isTwin">,
): boolean {
  const session = sessionOf(data);
  if (session === null || !card.keys.some(({ action }) => action === data)) return false;
  teller.settle(query.id);
  void review(channel, card, session).catch((error: unknown) =>
    log.warn({ channel, error: `${error}` }, "what was changed is not shown"),
  );
  return true;
}

/**
 * The card of a button, which may stand on a question about the card; or on a twin of it, that the bot had posted and did
 * not live to note: it decides what the card decides.
 */
function pressedOn(
  { cards, prompts }: Channel,
  id: number,
  data: string,
): { card: Shown | null; asked: number | null; isTwin: boolean } {
  const asked = prompts.find((one) => one.id === id);
  const own = cards.find((one) => one.at === id || one.id === asked?.card);
  const card = own ?? cards.findLast(({ keys }) => carries(keys, data)) ?? null;
  return { card, asked: asked?.id ?? null, isTwin: card !== null && !own };
}

/** What was written, and what it answers: that is all of the past that Telegram shows. */
function noted(
  known: Channel,
  message: Message,
  { thread, by, remember }: { thread: string; by: string; remember: boolean },
): Channel {
  const entry = (one: Quoted, name: string) => ({
    id: one.message_id,
    thread,
    by: remember ? name : "",
    at: one.date * 1000,
    text: remember ? (one.text ?? one.caption ?? "") : "",
  });
  const quoted = message.reply_to_message;
  const isNew = (id: number): boolean =>
    !known.said.some((one) => one.id === id) && !known.cards.some(({ at }) => at === id);
  const before =
    quoted && quoted.from?.is_bot !== true && isNew(quoted.message_id)
      ? [entry(quoted, quoted.from?.first_name ?? "")]
      : [];
  const now = isNew(message.message_id) ? [entry(message, by)] : [];
  return { ...known, said: [...known.said, ...before, ...now] };
}
