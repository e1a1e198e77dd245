import type { Api } from "grammy";
import type { InlineKeyboardMarkup, MessageEntity } from "grammy/types";
import { clip } from "../../lib/text.ts";
import { boxes, type Key, keyboard } from "./keyboard.ts";
import type { Channel, Memory, Prompt, Shown } from "./memory.ts";
import type { Send } from "./send.ts";
import type { Query } from "./wire.ts";

export interface BoxDeps {
  api: Api;
  memory: Memory;
  send: Send;
}

/** A question of ours to one person, with lines to tick; what is answered, or sent with it, belongs to a button of a card. */
export interface Box {
  /** Opens the reply box of the person who pressed. */
  open(query: Query, card: Shown, key: Key): Promise<void>;
  /** Ticks a line, or takes its tick away. Somebody else's box stays as it is. */
  tick(query: Query, channel: string, line: number): Promise<void>;
  /** It was answered: it goes. */
  close(channel: string, id: number): Promise<void>;
}

const HINT_CHARS = 64;

export function createBox({ api, memory, send }: BoxDeps): Box {
  const redraw = (channel: string, { id, lines, submit }: Prompt): Promise<unknown> =>
    api.editMessageReplyMarkup(memory.chatId(channel), id, { reply_markup: under(lines, submit) });

  return {
    open: async ({ from, message }, card, { form, action, style }) => {
      if (!message || !form) return;
      const channel = memory.channel(`${message.chat.id}`);
      const name = clip(from.first_name.trim(), 60) || `${from.id}`;
      const seat = (await memory.open(channel)).seats.find(({ thread }) => thread === card.thread) ?? null;
      const user = { id: from.id, is_bot: false, first_name: name };
      const entities: MessageEntity[] = [{ type: "text_mention", offset: 0, length: name.length, user }];
      const lines = form.ticks.map((text) => ({ text, on: false }));
      const hasKeys = lines.length > 0 || !form.required;
      const submit: Key | null = hasKeys ? { label: form.submit, style, action, confirm: null, form: null } : null;
      const id = await send(channel, seat, async ({ chat, at }) => {
        const reply_markup = submit
          ? { ...under(lines, submit), force_reply: true }
          : { force_reply: true as const, selective: true, input_field_placeholder: clip(form.label, HINT_CHARS - 1) };
        const text = `${name}: ${clip(form.label, 500)}`;
        return (await api.sendMessage(chat, text, { ...at, reply_markup, entities })).message_id;
      });
      const asked: Prompt = { id, card: card.id, action, user: `${from.id}`, lines, submit };
      await memory.change(channel, (known) => ({ ...known, prompts: [...known.prompts, asked] }));
    },
    tick: async ({ from, message }, channel, line) => {
      const flip = ({ lines, ...box }: Prompt): Prompt => ({
        ...box,
        lines: lines.map((one, n) => (n === line ? { ...one, on: !one.on } : one)),
      });
      const isMeant = ({ id, user }: Prompt): boolean => id === message?.message_id && user === `${from.id}`;
      await memory.change(channel, (known) => ({
        ...known,
        prompts: known.prompts.map((one) => (isMeant(one) ? flip(one) : one)),
      }));
      const box = (await memory.open(channel)).prompts.find(isMeant);
      if (box) await redraw(channel, box);
    },
    close: async (channel, id) => {
      const without = (known: Channel): Channel => ({
        ...known,
        prompts: known.prompts.filter((one) => one.id !== id),
      });
      await memory.change(channel, without);
      await api.deleteMessage(memory.chatId(channel), id);
    },
  };
}

/** Ticked lines as a quotation, then the words; null for nothing at all. */
export function answerOf({ lines }: Pick<Prompt, "lines">, words: string): string | null {
  const quoted = lines.filter(({ on }) => on).map(({ text }) => `> ${text}`);
  return [quoted.join("\n"), words.trim()].filter((part) => part !== "").join("\n\n") || null;
}

function under(lines: Prompt["lines"], submit: Key | null): InlineKeyboardMarkup {
  const ticks = boxes(lines).map((one) => [one]);
  return { inline_keyboard: [...ticks, ...keyboard(submit ? [submit] : []).inline_keyboard] };
}
