import type { Api } from "grammy";
import type { InlineKeyboardMarkup, Message as TelegramMessage } from "grammy/types";
import type { Thread } from "../../core/parts.ts";
import { Gone, type Message, type Posted } from "../../core/ports/chat.ts";
import type { Document, Mood, View } from "../../core/view.ts";
import { createSerial } from "../../lib/serial.ts";
import type { Attach } from "./attach.ts";
import { type Key, keyboard, keysOf } from "./keyboard.ts";
import { patchCard, type Seat, type Shown } from "./memory.ts";
import { pause } from "./poll.ts";
import { type Mode, type Print, print } from "./render.ts";
import { modeIn, poorer, type Send, type SendDeps, type Where } from "./send.ts";
import { goneOr, whyOf } from "./why.ts";

export interface CardsDeps extends SendDeps {
  api: Api;
  send: Send;
  attach: Attach;
  /** What a message shows, if it is a card that the bot knows. */
  saved: (message: Message) => Promise<View | null>;
  now: () => number;
}

export interface Cards {
  post(thread: Thread, view: View): Promise<Posted>;
  edit(message: Message, view: View): Promise<void>;
}

/** How long an edit that shows progress is waited for: it is drawn again soon, and what decides must not stand behind it. */
const PATIENCE_MS = 1000;
/** Only what a person must see rings: a plan, a decision, the end, a failure. */
const RINGS: Readonly<Record<Mood, boolean>> = {
  seen: false,
  working: false,
  waiting: true,
  done: true,
  failed: true,
  closed: false,
};

/**
 * A card is one message, edited in place; one that cannot be edited any more stands anew, and keeps its name. One that was
 * posted, and that the bot did not live to save, is the card when it is posted again.
 */
export function createCards(deps: CardsDeps): Cards {
  const { memory, seats, attach, log } = deps;
  const inOrder = createSerial();

  const change = async (channel: string, card: Shown, view: View): Promise<void> => {
    const mode = await modeIn(channel, deps);
    const keys = keysOf(view.buttons);
    const what = { channel, card, view };
    const documents = await (card.at > 0
      ? redraw(deps, what, mode).catch((error: unknown) => instead(deps, error, { ...what, mode }))
      : anew(deps, what));
    await memory.change(
      channel,
      patchCard(card.id, () => ({ mood: view.mood, keys })),
    );
    attach(channel, card.id, { title: view.title, documents });
  };

  return {
    post: async ({ chat, channel, thread }, view) => {
      const seat = await inOrder(`${channel} ${thread}`, () => seats.take(channel, thread, view.title));
      const lost = seat && (await orphan(deps, { chat, channel, thread: seat.thread }, keysOf(view.buttons)));
      if (lost) {
        await change(channel, lost, view);
        // When it was posted is not known any more: that it stands there by now is.
        return { chat, channel, thread: lost.thread, id: lost.id, at: deps.now() };
      }
      const { at, date, documents } = await publish(deps, channel, { seat, view });
      const id = `${memory.era(channel)}${at}`;
      const place = seat?.thread ?? `m${id}`;
      const card: Shown = { id, at, thread: place, mood: view.mood, keys: keysOf(view.buttons), documents: [] };
      await memory.change(channel, (known) => ({ ...known, cards: [...known.cards, card] }));
      if (!seat) await seats.take(channel, place, view.title);
      attach(channel, id, { title: view.title, documents });
      return { chat, channel, thread: place, id, at: date * 1000 };
    },
    edit: async ({ channel, id }, view) => {
      const card = (await memory.open(channel)).cards.find((one) => one.id === id);
      if (!card) throw new Error(`there is no card ${id} in telegram:${channel}`);
      const done = change(channel, card, view);
      if (card.mood !== "working" || view.mood !== "working") return done;
      const shown = done.catch((error: unknown) => {
        if (error instanceof Gone) throw error;
        log.warn({ channel, error: `${error}` }, "progress is not shown");
      });
      const over = new AbortController();
      await Promise.race([shown, pause(PATIENCE_MS, over.signal)]);
      over.abort();
    },
  };
}

/** Two cards with the same buttons decide the same: the bot knows of one at most. */
async function orphan({ memory, saved }: CardsDeps, at: Thread, keys: readonly Key[]): Promise<Shown | null> {
  const actions = actionsOf(keys);
  const { cards } = await memory.open(at.channel);
  const last = cards.findLast((card) => card.thread === at.thread && actionsOf(card.keys) === actions);
  return keys.length > 0 && last && (await saved({ ...at, id: last.id })) === null ? last : null;
}

const actionsOf = (keys: readonly Key[]): string => JSON.stringify(keys.map(({ action }) => action));

interface Change {
  channel: string;
  card: Shown;
  view: View;
}

async function publish(
  { api, send }: CardsDeps,
  channel: string,
  { seat, view }: { seat: Seat | null; view: View },
): Promise<{ at: number; date: number; documents: Document[] }> {
  let documents: Document[] = [];
  let date = 0;
  const at = await send(channel, seat, async ({ chat, at: place }, mode) => {
    const printed = print(view, mode);
    documents = printed.documents;
    const how = { ...place, disable_notification: !RINGS[view.mood], ...markup(view) };
    const sent = await postPrint(api, chat, { printed, how });
    date = sent.date;
    return sent.message_id;
  });
  return { at, date, documents };
}

/** Resolves to the files of the card. */
async function redraw(
  { api, memory, lane }: CardsDeps,
  { channel, card, view }: Change,
  mode: Mode,
): Promise<Document[]> {
  const printed = print(view, mode);
  await lane(channel).edit(card.id, async () => {
    const content =
      printed.is === "rich"
        ? { rich_message: printed.rich_message }
        : { text: printed.text, entities: printed.entities, ...NO_PREVIEW };
    await api.raw.editMessageText({
      chat_id: memory.chatId(channel),
      message_id: card.at,
      ...content,
      ...markup(view),
    });
  });
  return printed.documents;
}

/** After an edit that was refused: nothing is to be done, another form, or a new message in its place. */
async function instead(
  deps: CardsDeps,
  error: unknown,
  { channel, card, view, mode }: Change & { mode: Mode },
): Promise<Document[]> {
  const { memory, log } = deps;
  const why = whyOf(error);
  switch (why.why) {
    case "same":
      return print(view, mode).documents;
    case "content":
    case "poor":
      if (mode === "plain") throw error;
      log.warn({ channel, error: `${error}` }, "Telegram refused an edit: it is sent in a simpler form");
      return redraw(deps, { channel, card, view }, poorer(mode));
    case "moved":
      await memory.move(memory.chatId(channel), why.to);
      return anew(deps, { channel, card, view });
    case "gone":
      return anew(deps, { channel, card, view });
    default:
      throw goneOr(error);
  }
}

/** The card has a new message from now on. */
async function anew(deps: CardsDeps, { channel, card, view }: Change): Promise<Document[]> {
  const seat = await deps.seats.take(channel, card.thread, view.title);
  const { at, documents } = await publish(deps, channel, { seat, view });
  await deps.memory.change(
    channel,
    patchCard(card.id, () => ({ at })),
  );
  return documents;
}

function markup(view: View): { reply_markup?: InlineKeyboardMarkup } {
  const keys = keyboard(keysOf(view.buttons));
  return keys.inline_keyboard.length > 0 ? { reply_markup: keys } : {};
}

const NO_PREVIEW = { link_preview_options: { is_disabled: true } };

type How = Where["at"] & { disable_notification: boolean; reply_markup?: InlineKeyboardMarkup };

async function postPrint(
  api: Api,
  chat: string,
  { printed, how }: { printed: Print; how: How },
): Promise<TelegramMessage> {
  return printed.is === "rich"
    ? api.raw.sendRichMessage({ chat_id: chat, rich_message: printed.rich_message, ...how })
    : api.sendMessage(chat, printed.text, { ...how, entities: printed.entities, ...NO_PREVIEW });
}
