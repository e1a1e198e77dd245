import { type Api, InputFile } from "grammy";
import type { MessageEntity } from "grammy/types";
import type { Incoming } from "../../core/ports.ts";
import type { View } from "../../core/view.ts";
import { clip } from "../../lib/text.ts";
import { queryOf } from "./incoming.ts";
import { confirming, type Key, keyboard, keysOf, type Press } from "./keyboard.ts";
import type { Memory, Shown } from "./memory.ts";
import { alert, print } from "./render.ts";
import { bareSeat } from "./seats.ts";
import type { Send } from "./send.ts";
import type { Query } from "./wire.ts";

export interface TellerDeps {
  api: Api;
  memory: Memory;
  send: Send;
  log: { warn(what: object, message: string): void };
}

/** What only one person is told, and the steps of a button before it decides. Nothing waits for them. */
export interface Teller {
  reply(incoming: Incoming, view: View): void;
  /** Ends the waiting of a button that got no answer yet. */
  settle(query: string): void;
  /** A question and its two buttons on the card itself; the card's own buttons again; or the reply box of the person. */
  step(query: Query, card: Shown, press: Exclude<Press, { does: "act" }>): void;
  /** Takes the buttons off what was pressed. */
  strip(query: Query): void;
  /** Takes away a question that was answered. */
  forget(channel: string, prompt: number): void;
}

const ALERT_CHARS = 200;
const HINT_CHARS = 64;
/** Presses whose deliveries are told from new ones. */
const REMEMBERED = 500;

export function createTeller({ api, memory, send, log }: TellerDeps): Teller {
  const answered = new Set<string>();
  const stepped = new Set<string>();
  const whisper = createWhisper(api, memory, send);
  const later = (job: Promise<unknown>, what: string): void => {
    void job.catch((error: unknown) => log.warn({ error: `${error}` }, what));
  };
  const answer = (query: string, text: string): void => {
    const how = text === "" ? {} : { text: clip(text, ALERT_CHARS - 1), show_alert: true };
    later(api.answerCallbackQuery(query, how), "a button was not answered");
  };
  const change = ({ message }: Query, reply_markup: ReturnType<typeof keyboard>): void => {
    if (!message) return;
    later(
      api.editMessageReplyMarkup(message.chat.id, message.message_id, { reply_markup }),
      "buttons were not changed",
    );
  };

  return {
    reply: (incoming, view) => {
      const query = queryOf(incoming);
      const text = alert(view);
      if (query !== null && text !== null && !answered.has(query)) {
        answered.add(query);
        return answer(query, text);
      }
      later(whisper(incoming, view), "a person could not be told");
    },
    settle: (query) => {
      // Answered with words already, or late: then the button has stopped waiting by itself.
      if (!answered.delete(query)) void api.answerCallbackQuery(query).catch(() => undefined);
    },
    step: (query, card, press) => {
      // The same press delivered twice opens one reply box.
      if (stepped.has(query.id)) return;
      if (stepped.size >= REMEMBERED) stepped.clear();
      stepped.add(query.id);
      switch (press.does) {
        case "ask":
          answer(query.id, press.key.confirm?.text ?? "");
          return change(query, confirming(press.key));
        case "fill":
          answer(query.id, "");
          return later(prompt({ api, memory, send, log }, query, { card, key: press.key }), "a question was not asked");
        default:
          answer(query.id, "");
          return change(query, keyboard(card.keys));
      }
    },
    strip: (query) => change(query, keyboard([])),
    forget: (channel, id) => {
      const gone = memory.change(channel, (known) => ({
        ...known,
        prompts: known.prompts.filter((one) => one.id !== id),
      }));
      later(gone, "a question was not forgotten");
      later(api.deleteMessage(memory.chatId(channel), id), "a question was not taken away");
    },
  };
}

/** In a group for this person's eyes only, if Telegram can; else directly, else for everybody. */
function createWhisper(api: Api, memory: Memory, send: Send): (incoming: Incoming, view: View) => Promise<void> {
  const speak = async ({ thread: { channel, thread } }: Incoming, view: View, to: object): Promise<void> => {
    const known = (await memory.open(channel)).seats.find((one) => one.thread === thread);
    const seat = known ?? (thread === null ? null : bareSeat(thread, memory.era(channel)));
    await send(channel, seat, ({ chat, at }) => sayTo(api, chat, { view, how: { ...at, ...to } }));
  };
  return async (incoming, view) => {
    const { by, thread } = incoming;
    const user = Number(by.user);
    if (memory.chatId(thread.channel) === by.user || user <= 0) return speak(incoming, view, {});
    try {
      await speak(incoming, view, { ephemeral_message_parameters: { receiver_user_id: user } });
    } catch {
      // An older server, or a chat that has none: the person's direct chat, if there is one, else here.
      await sayTo(api, by.user, { view, how: {} }).catch(() => speak(incoming, view, {}));
    }
  };
}

async function sayTo(api: Api, chat: string, { view, how }: { view: View; how: object }): Promise<number> {
  const { text, entities } = textOf(view);
  const keys = keyboard(keysOf(view.buttons));
  const sent = await api.sendMessage(chat, text, {
    ...how,
    entities,
    link_preview_options: { is_disabled: true },
    ...(keys.inline_keyboard.length > 0 ? { reply_markup: keys } : {}),
  });
  for (const { name, text: content } of view.documents)
    await api.sendDocument(chat, new InputFile(Buffer.from(content), name), how);
  return sent.message_id;
}

function textOf(view: View): { text: string; entities: MessageEntity[] } {
  const printed = print(view, "entities");
  return printed.is === "text" ? printed : { text: view.head, entities: [] };
}

/** Opens the reply box of the person who pressed; what is answered belongs to the button. */
async function prompt(
  { api, memory, send }: TellerDeps,
  { from, message }: Query,
  { card, key: { form, action, style } }: { card: Shown; key: Key },
): Promise<void> {
  if (!message || !form) return;
  const channel = memory.channel(`${message.chat.id}`);
  const name = clip(from.first_name.trim(), 60) || `${from.id}`;
  const seat = (await memory.open(channel)).seats.find(({ thread }) => thread === card.thread) ?? null;
  const user = { id: from.id, is_bot: false, first_name: name };
  const entities: MessageEntity[] = [{ type: "text_mention", offset: 0, length: name.length, user }];
  const submit: Key = { label: form.submit, style, action, confirm: null, form: null };
  const id = await send(channel, seat, async ({ chat, at }) => {
    const reply_markup = form.required
      ? { force_reply: true as const, selective: true, input_field_placeholder: clip(form.label, HINT_CHARS - 1) }
      : { ...keyboard([submit]), force_reply: true };
    return (await api.sendMessage(chat, `${name}: ${clip(form.label, 500)}`, { ...at, reply_markup, entities }))
      .message_id;
  });
  const asked = { id, card: card.id, action, user: `${from.id}` };
  await memory.change(channel, (known) => ({ ...known, prompts: [...known.prompts, asked] }));
}
