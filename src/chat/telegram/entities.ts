import type { MessageEntity } from "grammy/types";
import { type Branch, type Leaf, textOf } from "./tree.ts";

/** Telegram Bot API: 4,096 UTF-16 units of text, 100 entities. */
export const TEXT_ROOM = { characters: 3_900, block: 6 };
const ENTITIES = 100;

interface Page {
  text: string;
  entities: MessageEntity[];
}

/** A card as text with entities: what clients show that know no rich messages. */
export function textWithEntities(tree: readonly Leaf[]): Page {
  const page: Page = { text: "", entities: [] };
  writeAll(tree, page, { prefix: "", depth: 0 });
  return tidy(page);
}

interface Place {
  /** What a line of this block begins with. */
  prefix: string;
  depth: number;
}

const DEPTH = 20;

function writeAll(leaves: readonly Leaf[], page: Page, at: Place): void {
  for (const leaf of leaves) write(leaf, page, at);
}

function write(leaf: Leaf, page: Page, at: Place): void {
  if (typeof leaf === "string") page.text += calm(leaf);
  else if (at.depth > DEPTH) page.text += calm(textOf(leaf));
  else writeBranch(leaf, page, { ...at, depth: at.depth + 1 });
}

/** A name that Telegram would make a mention of by itself: an invisible joiner keeps it a word. */
const calm = (text: string): string => text.replace(/@(?=\w)/g, "@\u2060");

function writeBranch(leaf: Branch, page: Page, at: Place): void {
  const mark = markOf(leaf);
  if (mark) put(page, mark, () => writeInside(leaf, page, at));
  else if (leaf.tag === "br") say(page, "\n");
  else if (leaf.tag === "a" || leaf.tag === "span") writeAll(leaf.children, page, at);
  else if (leaf.tag === "ul" || leaf.tag === "ol") writeList(leaf, page, at);
  else if (leaf.tag === "table") writeTable(leaf, page, at);
  else writeBlock(leaf, page, at);
}

function markOf(leaf: Branch): Mark | undefined {
  if (leaf.tag === "a") return leaf.href === undefined ? undefined : { type: "text_link", url: leaf.href };
  return leaf.tag === "mention" ? { type: "text_mention", user: userOf(leaf) } : INLINE[leaf.tag];
}

/** Code knows no marks in it. */
function writeInside(leaf: Branch, page: Page, at: Place): void {
  if (leaf.tag === "code" || leaf.tag === "mention") say(page, textOf(leaf));
  else writeAll(leaf.children, page, at);
}

const INLINE: Partial<Record<Branch["tag"], Mark>> = {
  strong: { type: "bold" },
  em: { type: "italic" },
  del: { type: "strikethrough" },
  code: { type: "code" },
};

const userOf = (leaf: Branch) => ({ id: leaf.user ?? 0, is_bot: false, first_name: textOf(leaf) });

/** A block stands on lines of its own. */
function writeBlock(leaf: Branch, page: Page, at: Place): void {
  const { tag, language, summary = "" } = leaf;
  const inside = (): void => writeAll(leaf.children, page, at);
  line(page);
  if (tag === "hr") page.text += "———";
  else if (tag === "pre")
    put(page, language ? { type: "pre", language } : { type: "pre" }, () => say(page, textOf(leaf)));
  else if (tag === "blockquote") put(page, { type: "blockquote" }, inside);
  else if (tag === "details") {
    put(page, { type: "bold" }, () => say(page, calm(summary)));
    line(page);
    put(page, { type: "expandable_blockquote" }, inside);
  } else if (tag.startsWith("h")) put(page, { type: "bold" }, inside);
  else inside();
  line(page);
}

function writeList(leaf: Branch, page: Page, at: Place): void {
  for (const [index, item] of leaf.children.entries()) writeItem(item, page, { ...at, prefix: bullet(leaf, index) });
}

const bullet = ({ tag, start = 1 }: Branch, index: number): string => (tag === "ol" ? `${start + index}. ` : "• ");

function writeItem(item: Leaf, page: Page, at: Place): void {
  line(page);
  const { checked = null, children } = typeof item === "string" ? { children: [item] } : item;
  page.text += `${"  ".repeat(Math.min(4, Math.max(0, Math.floor((at.depth - 1) / 3))))}${checked === null ? at.prefix : checked ? "☑ " : "☐ "}`;
  const [first, ...rest] = children;
  // The bullet and the first paragraph stand on one line.
  if (first !== undefined)
    writeAll(typeof first !== "string" && first.tag === "p" ? first.children : [first], page, at);
  writeAll(rest, page, at);
  line(page);
}

function writeTable(leaf: Branch, page: Page, at: Place): void {
  for (const row of leaf.children) writeRow(row, page, at);
}

function writeRow(row: Leaf, page: Page, at: Place): void {
  line(page);
  const cells = typeof row === "string" ? [row] : row.children;
  for (const [index, cell] of cells.entries()) {
    if (index > 0) page.text += " | ";
    writeAll(typeof cell === "string" ? [cell] : cell.children, page, at);
  }
  line(page);
}

function say(page: Page, text: string): void {
  page.text += text;
}

/** Ends the line, if anything stands in it. */
function line(page: Page): void {
  if (page.text !== "" && !page.text.endsWith("\n")) page.text += "\n";
}

type Mark = MessageEntity extends infer E ? (E extends MessageEntity ? Omit<E, "offset" | "length"> : never) : never;

function put(page: Page, entity: Mark, inside: () => void): void {
  const offset = page.text.length;
  inside();
  page.entities.push({ ...entity, offset, length: page.text.length - offset });
}

/** Telegram cuts white space off a message's ends, refuses entities that reach beyond it, and knows no nested quotes or marks in code. */
function tidy({ text, entities }: Page): Page {
  const start = text.length - text.trimStart().length;
  const shown = text.trim();
  const moved = entities.flatMap((entity) => {
    const from = Math.max(0, entity.offset - start);
    const part = shown.slice(from, Math.max(from, Math.min(shown.length, entity.offset + entity.length - start)));
    const length = part.trimEnd().length;
    return length > 0 ? [{ ...entity, offset: from, length }] : [];
  });
  const outer = moved.filter(({ type }) => type === "blockquote" || type === "expandable_blockquote");
  const allowed = moved.filter(
    (one) => !outer.includes(one) || !outer.some((other) => other !== one && holds(other, one)),
  );
  const sorted = allowed.sort((a, b) => a.offset - b.offset || b.length - a.length || rank(a) - rank(b));
  return { text: shown, entities: sorted.slice(0, ENTITIES) };
}

/** Of two marks on the same words the outer one comes first: code holds nothing. */
const rank = ({ type }: MessageEntity): number =>
  type === "blockquote" || type === "expandable_blockquote" ? 0 : type === "pre" || type === "code" ? 2 : 1;

const holds = (outer: MessageEntity, inner: MessageEntity): boolean =>
  outer.offset <= inner.offset &&
  outer.offset + outer.length >= inner.offset + inner.length &&
  (outer.length > inner.length || outer.offset < inner.offset);
