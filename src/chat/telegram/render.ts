import type { InputRichMessage, MessageEntity } from "grammy/types";
import type { Document, View } from "../../core/view.ts";
import { TEXT_ROOM, textWithEntities } from "./entities.ts";
import { RICH_ROOM, richBlocks } from "./rich.ts";
import { split } from "./split.ts";
import { type Branch, treeOf } from "./tree.ts";

/** How a chat takes cards, best first. */
export const MODES = ["rich", "entities", "plain"] as const;
export type Mode = (typeof MODES)[number];

/** The one message of a card, and what goes along as files. */
export type Print = { documents: Document[] } & (
  | { is: "rich"; rich_message: InputRichMessage }
  | { is: "text"; text: string; entities: MessageEntity[] }
);

/** A card is one message. What does not fit is cut off between its blocks, and the whole goes along as a file. */
export function print(view: View, mode: Mode): Print {
  const tree = treeOf(view);
  const { documents } = view;
  // Unless one of its documents is the text that was cut.
  const hasWhole = documents.some(({ mime }) => mime === "text/markdown");
  return printTree(tree, mode, documents, hasWhole ? [] : whole(tree));
}

/** What does not fit is cut off between its blocks; then `whole` goes along too. */
export function printTree(tree: readonly Branch[], mode: Mode, given: Document[], whole: Document[] = []): Print {
  const [first = [], ...more] = split(tree, mode === "rich" ? RICH_ROOM : TEXT_ROOM);
  const page: Branch[] = more.length > 0 ? [...first, { tag: "p", children: ["…"] }] : first;
  const documents = more.length > 0 ? [...given, ...whole] : given;
  const { text, entities } = textWithEntities(page);
  if (mode === "rich" && text !== "") {
    return { is: "rich", rich_message: { blocks: richBlocks(page), skip_entity_detection: true }, documents };
  }
  return { is: "text", text: text || "…", entities: mode === "plain" ? [] : entities, documents };
}

const whole = (tree: readonly Branch[]): Document[] => [
  { name: "card.txt", mime: "text/plain", text: textWithEntities(tree).text },
];

/** What is said to one person in a bubble of 200 characters; null when it needs more than that. */
export function alert(view: View): string | null {
  if (view.buttons.length > 0 || view.documents.length > 0) return null;
  const { text } = textWithEntities(treeOf(view));
  return text.length <= ALERT_CHARS ? text : null;
}

/** Telegram Bot API: the text of an answer to a button has 200 characters. */
const ALERT_CHARS = 200;
