import type { KnownBlock, RichTextBlockElement } from "@slack/types";
import type { Document, Part, View } from "../../core/view.ts";
import { never } from "../../lib/never.ts";
import { split } from "../../lib/split.ts";
import { clip, firstLine } from "../../lib/text.ts";
import { controls, plainText } from "./button.ts";
import { asMarkdown, BOXES, fallback } from "./plain.ts";
import { preformatted, richText, section, word } from "./rich.ts";

/** What this workspace shows beside the blocks that all have. */
export interface Features {
  plan: boolean;
  table: boolean;
  container: boolean;
}

export const PLAIN: Features = { plan: false, table: false, container: false };

/** A View as Slack gets it. What did not fit lies whole in the files. */
export interface Card {
  text: string;
  blocks: KnownBlock[];
  files: Document[];
}

/** Block Kit: 50 blocks a message. A message whose blocks are longer than about 13,200 characters is refused. */
const BLOCKS = 50;
const CHARS = 12_000;
const LABEL = 75;
const TITLE = 100;
const ROW = 25;
/** Block Kit: 3,000 characters a section, 10 blocks in a container. */
const SECTION = 3000;
const CHILDREN = 10;
const CONTEXT = 2000;
const HEAD = 300;
const FILES = 90;
const STEPS = 30;
/** How much of one text is shown, from generous to hardly anything: the first that fits the message counts. */
const SHARES = [6000, 3000, 1200, 400, 100];
/** Folded without a container to fold it into. */
const FOLDED = 1500;

/** Never longer than Slack takes: long text is cut, and comes along as a file. */
export function render(view: View, features: Features): Card {
  for (const share of SHARES) {
    const card = build(view, features, share);
    if (fits(card)) return card;
  }
  return bare(view);
}

/** Head and buttons only, for what Slack refuses to show as it is; all words are in the file. */
export function bare(view: View): Card {
  const whole: Document = { name: "card.md", mime: "text/markdown", text: asMarkdown(view) };
  const blocks = ids([heading(view), ...mentions(view), ...controls(view.buttons.slice(0, ROW))]);
  return { text: fallback(view), blocks, files: [...view.documents, ...(view.parts.length > 0 ? [whole] : [])] };
}

const fits = ({ blocks }: Card): boolean => blocks.length <= BLOCKS && JSON.stringify(blocks).length <= CHARS;

type Piece =
  | { is: "rich"; elements: RichTextBlockElement[] }
  | { is: "muted"; text: string }
  | { is: "block"; block: KnownBlock };

interface Built {
  features: Features;
  share: number;
  /** What was cut, whole. */
  cut: Document[];
  tables: number;
  plans: number;
}

function build(view: View, features: Features, share: number): Card {
  const built: Built = { features, share, cut: [], tables: 0, plans: 0 };
  const pieces = view.parts.flatMap((part) => piece(part, view, built));
  const blocks = [heading(view), ...mentions(view), ...merge(pieces), ...controls(view.buttons)];
  const known = new Set(view.documents.map(({ text }) => text));
  return {
    text: fallback(view),
    blocks: ids(blocks),
    files: [...view.documents, ...built.cut.filter(({ text }) => !known.has(text))],
  };
}

function piece(part: Part, view: View, built: Built): Piece[] {
  const { features, share } = built;
  switch (part.kind) {
    case "line": {
      const text = clip(part.text, share);
      if (part.tone === "muted") return [{ is: "muted", text }];
      return [rich(section([word(part.tone === "warn" ? `⚠️ ${text}` : text)]))];
    }
    case "markdown":
      return words(part, built);
    case "steps":
      return [features.plan && built.plans++ === 0 ? { is: "block", block: plan(part, view) } : steps(part)];
    case "files":
      return files(part, built);
    case "code":
      return [rich(preformatted(shorten(part.text, share, { built, name: "code.txt", mime: "text/plain" })))];
    default:
      return never(part);
  }
}

const rich = (...elements: RichTextBlockElement[]): Piece => ({ is: "rich", elements });

function words({ markdown, fold }: Extract<Part, { kind: "markdown" }>, built: Built): Piece[] {
  const { features, share } = built;
  if (markdown.trim() === "") return [];
  const closed = fold && features.container;
  const max = fold && !closed ? Math.min(share, FOLDED) : share;
  const text = shorten(markdown, max, { built, name: "text.md", mime: "text/markdown" });
  if (closed) return [{ is: "block", block: container(text) }];
  const elements = richText(text);
  return elements.length > 0 ? [{ is: "rich", elements }] : [];
}

/** Slack's validator refuses rich text inside a container: the words are shown as they were written. */
const container = (text: string): KnownBlock => ({
  type: "container",
  title: plainText(firstLine(text, LABEL).replace(/^[#>*\s]+/, ""), LABEL),
  is_collapsible: true,
  default_collapsed: true,
  child_blocks: split(text, SECTION)
    .slice(0, CHILDREN)
    .map((words) => ({ type: "section", text: plainText(words, SECTION) })),
});

interface Cut extends Pick<Document, "name" | "mime"> {
  built: Built;
}

/** The start of a text that is too long; the whole goes into a file. */
function shorten(text: string, max: number, { built, name, mime }: Cut): string {
  if (text.length <= max) return text;
  const [stem = "", ending = ""] = name.split(".");
  const count = built.cut.length;
  built.cut.push({ name: count > 0 ? `${stem}-${count + 1}.${ending}` : name, mime, text });
  const start = mime === "text/markdown" ? (split(text, max)[0] ?? "") : clip(text, max);
  return mime === "text/markdown" ? `${start}\n\n…` : start;
}

const STATES = { open: "pending", doing: "in_progress", done: "complete" } as const;

/** Slack tells task cards of a message apart by their ids: one plan a message. */
const plan = ({ steps }: Extract<Part, { kind: "steps" }>, view: View): KnownBlock => ({
  type: "plan",
  title: clip(view.title.trim() || view.head.trim(), TITLE) || "…",
  tasks: steps.slice(0, STEPS).map(({ title, state }, n) => ({
    type: "task_card",
    task_id: `step-${n}`,
    title: clip(title.trim(), TITLE) || "…",
    status: STATES[state],
  })),
});

const steps = ({ steps: all }: Extract<Part, { kind: "steps" }>): Piece =>
  rich(
    ...all.slice(0, STEPS).map(({ title, state }) => {
      const style = state === "doing" ? { bold: true } : {};
      return section([word(`${BOXES[state]} ${clip(title, TITLE)}\n`, style)]);
    }),
  );

/** Slack takes one table a message. */
function files({ files: all, more }: Extract<Part, { kind: "files" }>, built: Built): Piece[] {
  const rest: Piece[] = more === null ? [] : [{ is: "muted", text: clip(more, built.share) }];
  const shown = all
    .slice(0, FILES)
    .map(({ path, added, removed }) => [clip(path, HEAD) || "…", `+${added}`, `−${removed}`]);
  if (shown.length === 0) return rest;
  if (!built.features.table || built.tables++ > 0)
    return [rich(preformatted(shown.map(([path, ...counts]) => `${counts.join(" ")}  ${path}`).join("\n"))), ...rest];
  const block: KnownBlock = {
    type: "table",
    rows: shown.map((row) => row.map((text) => ({ type: "raw_text", text }))),
    column_settings: [{ is_wrapped: true }, { align: "right" }, { align: "right" }],
  };
  return [{ is: "block", block }, ...rest];
}

/** Neighbours of one kind share a block: fifty are soon used up. */
function merge(pieces: readonly Piece[]): KnownBlock[] {
  const runs: Piece[][] = [];
  for (const one of pieces) {
    const run = runs.at(-1);
    if (run?.[0]?.is === one.is) run.push(one);
    else runs.push([one]);
  }
  return runs.flatMap((run) => [
    ...lines(run.flatMap((one) => (one.is === "rich" ? [one.elements] : []))),
    ...notes(run.flatMap((one) => (one.is === "muted" && one.text.trim() !== "" ? [one.text] : []))),
    ...run.flatMap((one) => (one.is === "block" ? [one.block] : [])),
  ]);
}

/** Each piece begins on a line of its own. */
function lines(pieces: RichTextBlockElement[][]): KnownBlock[] {
  const elements = pieces.flatMap((piece, n) => {
    const last = piece.at(-1);
    if (n === pieces.length - 1 || last?.type !== "rich_text_section") return piece;
    return [...piece.slice(0, -1), section([...last.elements, word("\n")])];
  });
  return elements.length > 0 ? [{ type: "rich_text", elements }] : [];
}

const notes = (texts: readonly string[]): KnownBlock[] =>
  split(texts.join("\n"), CONTEXT).map((text) => ({ type: "context", elements: [plainText(text, CONTEXT)] }));

const heading = ({ head }: View): KnownBlock => ({
  type: "rich_text",
  elements: [section([word(clip(head.trim(), HEAD) || "…", { bold: true })])],
});

/** Only from `View.mentions`, and only people of Slack. */
function mentions({ mentions: people }: View): KnownBlock[] {
  const users = people.filter(({ chat }) => chat === "slack").slice(0, ROW);
  if (users.length === 0) return [];
  const elements = users.flatMap(({ user }) => [{ type: "user" as const, user_id: user }, word(" ")]);
  return [{ type: "rich_text", elements: [section(elements)] }];
}

/** The same block keeps its id from edit to edit: else Slack snaps an opened one shut. */
function ids(blocks: KnownBlock[]): KnownBlock[] {
  const counts = new Map<string, number>();
  return blocks.map((block) => {
    const n = counts.get(block.type) ?? 0;
    counts.set(block.type, n + 1);
    return { ...block, block_id: `${block.type}-${n}` };
  });
}
