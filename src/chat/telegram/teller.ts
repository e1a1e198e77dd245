import { type Api, InputFile } from "grammy";
import type { MessageEntity } from "grammy/types";
import type { Incoming } from "../../core/ports/chat.ts";
import type { View } from "../../core/view.ts";
import { clip } from "../../lib/text.ts";
import type { Box } from "./box.ts";
import { queryOf } from "./incoming.ts";
import { confirming, keyboard, keysOf, type Press } from "./keyboard.ts";
import type { Memory, Shown } from "./memory.ts";
import { alert, print } from "./render.ts";
import { bareSeat } from "./seats.ts";
import type { Send } from "./send.ts";
import type { Query } from "./wire.ts";

export interface TellerDeps {
  api: Api;
  memory: Memory;
  send: Send;
  box: Box;
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
/** Presses whose deliveries are told from new ones. */
const REMEMBERED = 500;

export function createTeller({ api, memory, send, box, log }: TellerDeps): Teller {
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
          return later(box.open(query, card, press.key), "a question was not asked");
        case "tick": {
          answer(query.id, "");
          const channel = memory.channel(`${query.message?.chat.id}`);
          return later(box.tick(query, channel, press.line), "a line was not ticked");
        }
        default:
          answer(query.id, "");
          return change(query, keyboard(card.keys));
      }
    },
    strip: (query) => change(query, keyboard([])),
    forget: (channel, id) => later(box.close(channel, id), "a question was not taken away"),
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
