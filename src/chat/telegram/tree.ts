import type { Person } from "../../core/parts.ts";
import type { Part, View } from "../../core/view.ts";
import { type Branch as Marked, readMarkdown } from "../../lib/markdown.ts";
import { clip, firstLine, plain } from "../../lib/text.ts";

/** A card as a tree that is printed as rich blocks or as text with entities: there is no markup on the way to slip into. */
export type Leaf = string | Branch;
export type Branch = Omit<Marked, "tag" | "children"> & {
  /** `details` is shown closed under its `summary`; `mention` reaches the person with this id. */
  tag: Marked["tag"] | "details" | "mention";
  summary?: string;
  user?: number;
  children: Leaf[];
};

const SUMMARY_CHARS = 80;

export function treeOf(view: View): Branch[] {
  const head = plain(view.head).trim();
  return [
    ...(head === "" ? [] : [paragraph({ tag: "strong", children: [head] })]),
    ...view.parts.flatMap(partTree),
    ...mentions(view.mentions),
  ];
}

const paragraph = (...children: Leaf[]): Branch => ({ tag: "p", children });

function partTree(part: Part): Branch[] {
  switch (part.kind) {
    case "line":
      return [line(plain(part.text), part.tone)];
    case "markdown":
      return words(plain(part.markdown), part.fold);
    case "steps":
      return [{ tag: "ul", children: part.steps.map(({ title, state }) => step(plain(title), state)) }];
    case "files":
      return [
        {
          tag: "ul",
          children: part.files.map(({ path, added, removed }) => file(plain(path), `+${added} −${removed}`)),
        },
        ...(part.more === null ? [] : [line(plain(part.more), "muted")]),
      ];
    default:
      return [{ tag: "pre", children: [plain(part.text)] }];
  }
}

function line(text: string, tone: "plain" | "muted" | "warn"): Branch {
  if (tone === "plain") return paragraph(text);
  return tone === "muted" ? paragraph({ tag: "em", children: [text] }) : paragraph(`⚠️ ${text}`);
}

function words(markdown: string, fold: boolean): Branch[] {
  const leaves = readMarkdown(markdown);
  const blocks = leaves.map((leaf): Branch => (typeof leaf === "string" ? paragraph(leaf) : leaf));
  if (!fold || blocks.length === 0) return blocks;
  const summary = firstLine(markdown.replace(/^[#>\s*+-]+/, ""), SUMMARY_CHARS) || "…";
  return [{ tag: "details", summary, children: blocks }];
}

function step(title: string, state: "open" | "doing" | "done"): Branch {
  const text: Leaf = state === "doing" ? { tag: "strong", children: [`▸ ${title}`] } : title;
  return { tag: "li", checked: state === "done", children: [paragraph(text)] };
}

const file = (path: string, sums: string): Branch => ({
  tag: "li",
  children: [paragraph({ tag: "code", children: [path] }, ` ${sums}`)],
});

/** Only people of Telegram can be reached; the others are named. */
function mentions(people: readonly Person[]): Branch[] {
  if (people.length === 0) return [];
  const named = people.map(({ chat, user, name }): Leaf => {
    const text = clip(plain(name).replaceAll("\n", " "), 60) || user;
    const id = chat === "telegram" ? Number(user) : Number.NaN;
    return Number.isSafeInteger(id) && id > 0 ? { tag: "mention", user: id, children: [text] } : text;
  });
  return [paragraph(...named.flatMap((one, n) => (n === 0 ? [one] : [", ", one])))];
}

/** Everything that is read in a tree, without what separates it. */
export const textOf = (leaf: Leaf): string =>
  typeof leaf === "string" ? leaf : (leaf.summary ?? "") + leaf.children.map(textOf).join("");
