import type { ConfirmationDialog, KnownBlock, PlainTextElement, Button as SlackButton } from "@slack/types";
import type { Button } from "../../core/view.ts";
import { clip } from "../../lib/text.ts";

/** Block Kit, button: 75 characters of text; confirmation: 100, 300 and 30. */
const LABEL = 75;
const TITLE = 100;
const ASKS = 300;
const CHOICE = 30;
/** Block Kit, actions block: 25 elements. */
const ROW = 25;
const ROWS = 4;

/** Rows of buttons; of two that do the same the first counts, for Slack takes no id twice. */
export function controls(buttons: readonly Button[]): KnownBlock[] {
  const known = new Set<string>();
  const all = buttons.flatMap((one): SlackButton[] => {
    const id = idOf(one);
    if (known.has(id)) return [];
    known.add(id);
    return [button(one, id)];
  });
  const rows = Array.from({ length: Math.min(ROWS, Math.ceil(all.length / ROW)) }, (_, n) => n * ROW);
  return rows.map((from) => ({ type: "actions", elements: all.slice(from, from + ROW) }));
}

/** What a click comes back with: the action itself, or the page. */
export const idOf = ({ does }: Button): string => ("action" in does ? does.action : does.page);

/** Stop counts whatever its number: it means what runs. */
export const isStop = ({ does }: Button): boolean => "action" in does && does.action.startsWith("stop:");

/** A page of another server: Slack opens it, and tells us of it all the same. */
export const isAway = (id: string): boolean => /^https?:\/\//.test(id);

const button = ({ label, style, confirm }: Button, id: string): SlackButton => ({
  type: "button",
  action_id: id,
  text: plainText(label, LABEL),
  ...(isAway(id) ? { url: id } : {}),
  ...(style === "plain" ? {} : { style }),
  ...(confirm ? { confirm: sure(confirm, label, style) } : {}),
});

const sure = (
  { text, yes, no }: NonNullable<Button["confirm"]>,
  label: string,
  style: Button["style"],
): ConfirmationDialog => ({
  title: plainText(label, TITLE),
  text: plainText(text, ASKS),
  confirm: plainText(yes, CHOICE),
  deny: plainText(no, CHOICE),
  ...(style === "danger" ? { style } : {}),
});

export const plainText = (text: string, max: number): PlainTextElement => ({
  type: "plain_text",
  text: clip(text.trim(), max).trim() || "…",
  emoji: false,
});
