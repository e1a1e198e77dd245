import type { RichTextBlockElement, RichTextElement, RichTextSection } from "@slack/types";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>["children"][number];
type Style = NonNullable<Extract<RichTextElement, { type: "text" }>["style"]>;

/** Nested deeper, only the text is kept. */
const DEPTH = 12;
const URL_CHARS = 3000;

/**
 * Markdown of an agent or a person as rich text: what Slack shows is named element by element, so no text in it can
 * mention anybody, whatever signs it is made of. Never throws.
 */
export function richText(markdown: string): RichTextBlockElement[] {
  const options = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown()] };
  try {
    const tree = fromMarkdown(markdown, options);
    return blocks(tree.children, 0);
  } catch (error) {
    if (error instanceof RangeError) return [section([word(markdown)])]; // nested so deep that the stack ends
    throw error;
  }
}

export const word = (text: string, style: Style = {}): RichTextElement => ({
  type: "text",
  text,
  ...(Object.keys(style).length > 0 ? { style } : {}),
});

/** Slack refuses elements without text. */
export const section = (elements: RichTextElement[]): RichTextSection => ({
  type: "rich_text_section",
  elements: filled(elements),
});

export const preformatted = (text: string): RichTextBlockElement => ({
  type: "rich_text_preformatted",
  elements: [{ type: "text", text: text === "" ? " " : text }],
});

function filled(elements: RichTextElement[]): RichTextElement[] {
  const kept = elements.filter((one) => one.type !== "text" || one.text !== "");
  return kept.length > 0 ? kept : [word(" ")];
}

function blocks(nodes: readonly Node[], depth: number): RichTextBlockElement[] {
  return nodes.flatMap((node, index) => block(node, depth, index < nodes.length - 1));
}

/** `more`: something follows, so a paragraph needs an empty line behind it. */
function block(node: Node, depth: number, more: boolean): RichTextBlockElement[] {
  if (depth > DEPTH) return [section([word(textOf(node))])];
  switch (node.type) {
    case "paragraph":
      return [section([...inline(node.children, {}), word(more ? "\n\n" : "")])];
    case "heading":
      return [section([...inline(node.children, { bold: true }), word(more ? "\n" : "")])];
    case "code":
      return [preformatted(node.value)];
    case "blockquote":
      return [{ type: "rich_text_quote", elements: filled(flow(node.children)) }];
    case "list":
      return list(node, depth);
    case "table":
      return [preformatted(table(node))];
    case "thematicBreak":
      return [section([word("———\n")])];
    case "html":
      return [section([word(`${node.value}${more ? "\n\n" : ""}`)])];
    case "footnoteDefinition":
      return [section([word(`[${node.identifier}] `), ...flow(node.children)])];
    case "definition":
    case "yaml":
      return [];
    default:
      return [section(inline([node], {}))];
  }
}

type List = Extract<Node, { type: "list" }>;

/** Slack has lists of single lines, with an indentation: what else stands in an item follows it. */
const list = (node: List, depth: number): RichTextBlockElement[] =>
  node.children.flatMap((item, index) => {
    const [first, ...rest] = item.children;
    const begins = first?.type === "paragraph";
    const line: RichTextBlockElement = {
      type: "rich_text_list",
      style: node.ordered ? "ordered" : "bullet",
      indent: Math.min(depth, 8),
      elements: [section([word(TICKS[`${item.checked}`] ?? ""), ...(begins ? inline(first.children, {}) : [])])],
      ...(node.ordered ? { offset: (node.start ?? 1) + index - 1 } : {}),
    };
    return [line, ...(begins ? rest : item.children).flatMap((one) => block(one, depth + 1, false))];
  });

const TICKS: Readonly<Record<string, string>> = { true: "☑ ", false: "☐ " };

/** Blocks as one run of words, a line for each. */
const flow = (nodes: readonly Node[]): RichTextElement[] =>
  nodes.flatMap((node, index) => [
    ...(index > 0 ? [word("\n")] : []),
    ...(node.type === "paragraph" || node.type === "heading" ? inline(node.children, {}) : [word(textOf(node))]),
  ]);

function inline(nodes: readonly Node[], style: Style): RichTextElement[] {
  return nodes.flatMap((node) => {
    switch (node.type) {
      case "text":
      case "html":
        return [word(node.value, style)];
      case "inlineCode":
        return [word(node.value, { ...style, code: true })];
      case "strong":
        return inline(node.children, { ...style, bold: true });
      case "emphasis":
        return inline(node.children, { ...style, italic: true });
      case "delete":
        return inline(node.children, { ...style, strike: true });
      case "link":
        return [link(node.url, textOf(node), style)];
      case "image":
        return [link(node.url, node.alt || node.url, style)];
      case "break":
        return [word("\n")];
      default:
        return [word(textOf(node), style)];
    }
  });
}

function link(url: string, text: string, style: Style): RichTextElement {
  const parsed = URL.parse(url);
  const safe = parsed !== null && ["http:", "https:", "mailto:"].includes(parsed.protocol);
  if (!safe || url.length > URL_CHARS || text === "") return word(text, style);
  return { type: "link", url: parsed.href, text };
}

const CELL = 40;

/** Columns under each other: Slack has one table a message, and that one is for the changed files. */
function table(node: Extract<Node, { type: "table" }>): string {
  const rows = node.children.map((row) => row.children.map((cell) => textOf(cell).replaceAll("\n", " ")));
  const widths = (rows[0] ?? []).map((_, n) => Math.min(CELL, Math.max(...rows.map((row) => (row[n] ?? "").length))));
  return rows
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The text of a node without its markup; without recursion, for it is also called for what is nested too deep. */
function textOf(node: Node): string {
  const parts: string[] = [];
  const walk: Node[] = [node];
  for (let at = walk.pop(); at; at = walk.pop()) {
    if ("value" in at) parts.push(at.value);
    else if ("alt" in at && at.alt) parts.push(at.alt);
    if ("children" in at) walk.push(...at.children.toReversed());
  }
  return parts.join("");
}
