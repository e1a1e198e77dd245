import type { InputRichBlock, RichText } from "grammy/types";
import { type Branch, type Leaf, textOf } from "./tree.ts";

/** Telegram Bot API 10.3: 32,768 characters, 500 blocks, 16 levels and 20 columns in a rich message. */
export const RICH_ROOM = { characters: 32_000, block: 66 };
const LEVELS = 12;
const COLUMNS = 20;

type Block = InputRichBlock;

/** A card as rich blocks. Text is data in them: there is no markup to escape. */
export const richBlocks = (tree: readonly Leaf[], level = 1): Block[] => {
  const blocks: Block[] = [];
  let words: Leaf[] = [];
  const flush = (): void => {
    blocks.push(...paragraph(words, level));
    words = [];
  };
  for (const leaf of tree) {
    if (typeof leaf === "string" || INLINE[leaf.tag]) words.push(leaf);
    else {
      flush();
      blocks.push(...block(leaf, level));
    }
  }
  flush();
  return blocks;
};

const INLINE: Partial<Record<Branch["tag"], true>> = {
  strong: true,
  em: true,
  del: true,
  code: true,
  a: true,
  span: true,
  mention: true,
  br: true,
};

const paragraph = (leaves: readonly Leaf[], level: number): Block[] => {
  const text = rich(leaves, level + 1);
  return isBlank(leaves) ? [] : [{ type: "paragraph", text }];
};

const isBlank = (leaves: readonly Leaf[]): boolean => leaves.every((leaf) => textOf(leaf).trim() === "");

const SIZES = { h3: 3, h4: 4, h5: 5, h6: 6 } as const;

function block(branch: Branch, level: number): Block[] {
  const { tag, children } = branch;
  if (tag === "hr") return [{ type: "divider" }];
  if (isBlank([branch])) return [];
  if (level >= LEVELS) return [{ type: "paragraph", text: textOf(branch) }];
  switch (tag) {
    case "h3":
    case "h4":
    case "h5":
    case "h6":
      return [{ type: "heading", size: SIZES[tag], text: rich(children, level + 1) }];
    case "pre":
      return [{ type: "pre", text: textOf(branch), ...(branch.language ? { language: branch.language } : {}) }];
    case "blockquote":
      return [{ type: "blockquote", blocks: richBlocks(children, level + 1) }];
    case "details":
      return details(branch, level);
    case "ul":
    case "ol":
      return list(branch, level);
    case "table":
      return table(branch, level);
    case "li":
      return richBlocks(children, level);
    default:
      return paragraph(children, level);
  }
}

function details({ summary = "…", children }: Branch, level: number): Block[] {
  const blocks = richBlocks(children, level + 1);
  return blocks.length > 0 ? [{ type: "details", summary, blocks }] : [{ type: "paragraph", text: summary }];
}

function list({ tag, start = 1, children }: Branch, level: number): Block[] {
  const items = children.flatMap((child, index) => {
    const blocks = richBlocks([child], level + 1);
    if (blocks.length === 0) return [];
    const checked = typeof child === "string" ? undefined : child.checked;
    return [
      {
        blocks,
        ...(checked === undefined ? {} : { has_checkbox: true as const }),
        ...(checked ? { is_checked: true as const } : {}),
        ...(tag === "ol" ? { value: start + index } : {}),
      },
    ];
  });
  return items.length > 0 ? [{ type: "list", items }] : [];
}

function table({ children }: Branch, level: number): Block[] {
  const rows = children.filter((row) => typeof row !== "string").map((row) => row.children);
  if (rows.some((row) => row.length > COLUMNS))
    return [{ type: "pre", text: rows.map((row) => row.map(textOf).join(" | ")).join("\n") }];
  const cells = rows.filter((row) => row.length > 0).map((row) => row.map((cell) => tableCell(cell, level + 2)));
  return cells.length > 0 ? [{ type: "table", is_bordered: true, is_compact: true, cells }] : [];
}

const tableCell = (cell: Leaf, level: number) => ({
  ...(isBlank([cell]) ? {} : { text: rich(typeof cell === "string" ? [cell] : cell.children, level) }),
  ...(typeof cell !== "string" && cell.tag === "th" ? { is_header: true as const } : {}),
  align: "left" as const,
  valign: "top" as const,
});

function rich(leaves: readonly Leaf[], level: number): RichText {
  if (level >= LEVELS) return leaves.map(textOf).join("");
  const texts = leaves.map((leaf) => (typeof leaf === "string" ? leaf : styled(leaf, level)));
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : texts;
}

function styled(leaf: Branch, level: number): RichText {
  if (leaf.tag === "br") return "\n";
  const text = rich(leaf.children, level + 1);
  if (isBlank([leaf])) return textOf(leaf);
  switch (leaf.tag) {
    case "strong":
      return { type: "bold", text };
    case "em":
      return { type: "italic", text };
    case "del":
      return { type: "strikethrough", text };
    case "code":
      return { type: "code", text: textOf(leaf) };
    case "a":
      return leaf.href === undefined ? text : { type: "url", text, url: leaf.href };
    case "mention":
      return { type: "text_mention", text, user: { id: leaf.user ?? 0, is_bot: false, first_name: textOf(leaf) } };
    default:
      return text;
  }
}
