import { createHash } from "node:crypto";
import type { InlineKeyboardButton, InlineKeyboardMarkup } from "grammy/types";
import { z } from "zod";
import type { Button } from "../../core/view.ts";
import { clip, plain } from "../../lib/text.ts";

/** A button as it is remembered: what a press needs that 64 bytes do not hold. */
export const Key = z.object({
  label: z.string(),
  style: z.enum(["primary", "danger", "plain"]),
  action: z.string(),
  confirm: z.object({ text: z.string(), yes: z.string(), no: z.string() }).nullable(),
  form: z
    .object({ label: z.string(), submit: z.string(), required: z.boolean(), ticks: z.array(z.string()).default([]) })
    .nullable(),
});
export type Key = z.infer<typeof Key>;

/** Pages of the web chat are on this machine only: what they show comes into the chat. Pages elsewhere are links. */
export const keysOf = (buttons: readonly Button[]): Key[] =>
  buttons.flatMap(({ label, style, does, confirm, form }) => {
    const action = "action" in does ? does.action : does.page;
    if (/^https?:/i.test(action) && !isAway(action)) return [];
    const asks = form && {
      ...{ label: form.label, submit: form.submit, required: form.required },
      ticks: form.ticks.slice(0, TICKS),
    };
    return [{ label, style, action, confirm, form: asks }];
  });

/** Telegram takes addresses that everybody can reach, and refuses the whole card for any other. */
const isAway = (page: string): boolean => /^https:\/\/[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\//i.test(page);

/** What a press says: an action at once, or one of our own steps before it. */
export type Press =
  | { does: "act"; action: string }
  | { does: "ask"; key: Key }
  | { does: "fill"; key: Key }
  | { does: "back" }
  /** A line of a reply box, by its number. */
  | { does: "tick"; line: number };

/** A button of this card says that. */
export const carries = (keys: readonly Key[], data: string): boolean =>
  keys.some((key) => key.action === data || stepOf(key) === data);

const STEP = "~";
const BACK = `${STEP}back`;
/** Told from the sixteen characters of a step by their number. */
const TICK = /^~(\d{1,2})$/;
/** More lines are no help on a phone; they can be written. */
const TICKS = 20;

/** Null: a step of a card that is not offered any more. */
export function readPress(data: string, keys: readonly Key[]): Press | null {
  if (data === BACK) return { does: "back" };
  const [, line] = TICK.exec(data) ?? [];
  if (line !== undefined) return { does: "tick", line: Number(line) };
  if (!data.startsWith(STEP)) return { does: "act", action: data };
  const key = keys.find((one) => stepOf(one) === data);
  if (!key) return null;
  return { does: key.confirm ? "ask" : "fill", key };
}

const stepOf = ({ action }: Key): string =>
  `${STEP}${createHash("sha256").update(action).digest("base64url").slice(0, 16)}`;

const dataOf = (key: Key): string => (key.confirm || key.form ? stepOf(key) : key.action);

export function keyboard(keys: readonly Key[]): InlineKeyboardMarkup {
  return { inline_keyboard: rows(keys.map((key) => buttonOf(key.label, key.style, dataOf(key)))) };
}

/** Lines to tick, each a button. */
export const boxes = (lines: readonly { text: string; on: boolean }[]): InlineKeyboardButton[] =>
  lines.map(({ text, on }, n) => buttonOf(`${on ? "☑" : "☐"} ${text}`, "plain", `${STEP}${n}`));

/** The second step of a button that asks before it acts. */
export function confirming({ confirm, action, label }: Key): InlineKeyboardMarkup {
  const { yes, no } = confirm ?? { yes: label, no: label };
  return { inline_keyboard: [[buttonOf(yes, "danger", action), buttonOf(no, "plain", BACK)]] };
}

const STYLES = { primary: "success", danger: "danger" } as const;
const LABEL_CHARS = 60;

function buttonOf(label: string, style: Key["style"], callback_data: string): InlineKeyboardButton {
  const text = clip(plain(label).trim() || "…", LABEL_CHARS);
  if (isAway(callback_data)) return { text, url: callback_data };
  return style === "plain" ? { text, callback_data } : { text, callback_data, style: STYLES[style] };
}

const ROW = { buttons: 3, characters: 30 };
/** Telegram Bot API: 100 buttons. */
const MOST = 90;

/** Short labels stand side by side. */
function rows(buttons: readonly InlineKeyboardButton[]): InlineKeyboardButton[][] {
  const all: InlineKeyboardButton[][] = [];
  for (const button of buttons.slice(0, MOST)) {
    const row = all.at(-1);
    const length = [...(row ?? []), button].reduce((sum, { text }) => sum + text.length, 0);
    if (row && row.length < ROW.buttons && length <= ROW.characters) row.push(button);
    else all.push([button]);
  }
  return all;
}
