import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

/** The only elements that Markdown can become. */
const TAGS = [
  "p",
  "h3",
  "h4",
  "h5",
  "h6",
  "strong",
  "em",
  "del",
  "code",
  "pre",
  "blockquote",
  "ul",
  "ol",
  "li",
  "hr",
] as const;
const MORE_TAGS = ["br", "a", "table", "tr", "th", "td", "span"] as const;
type Tag = (typeof TAGS)[number] | (typeof MORE_TAGS)[number];

/** A tree that the page grows element by element: there is no HTML on the way, so none can slip in. */
export type Leaf = string | Branch;
export interface Branch {
  tag: Tag;
  /** http, https or mailto; on links only. */
  href?: string;
  /** Of a code block, where its author named one. */
  language?: string;
  /** First number of a numbered list. */
  start?: number;
  /** A tick box at the start of a list's line. */
  checked?: boolean;
  children: Leaf[];
}

type Tree = ReturnType<typeof fromMarkdown>;
type Node = Tree | Tree["children"][number];
type Links = Map<string, string>;

/** Longer text is shown as it is: nobody reads it as a page, and parsing would hold up everybody else. */
const PARSED_CHARS = 40_000;
const DEPTH = 40;

/** Markdown of an agent or a person. Never throws; raw HTML and links of other kinds stay visible as text. */
export function readMarkdown(markdown: string): Leaf[] {
  const plain: Leaf[] = [{ tag: "pre", children: [markdown] }];
  if (markdown.length > PARSED_CHARS) return plain;
  try {
    return parse(markdown).map((leaf) => (typeof leaf === "string" ? { tag: "p", children: [leaf] } : leaf));
  } catch (error) {
    if (error instanceof RangeError) return plain; // nested so deep that the stack ends: nobody writes that to be read
    throw error;
  }
}

function parse(markdown: string): Leaf[] {
  const options = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown()] };
  const tree = fromMarkdown(markdown, options);
  const links: Links = new Map();
  collect(tree, links);
  return growAll(tree.children, links, 0);
}

function collect(node: Node, links: Links): void {
  if (node.type === "definition") links.set(node.identifier, node.url);
  else if ("children" in node) for (const child of node.children) collect(child, links);
}

function grow(node: Node, links: Links, depth: number): Leaf[] {
  if (depth > DEPTH) return [textOf(node)];
  const inside = (): Leaf[] => ("children" in node ? growAll(node.children, links, depth + 1) : []);
  switch (node.type) {
    case "text":
    case "html":
      return [node.value];
    case "code":
      return [{ tag: "pre", ...(node.lang ? { language: node.lang } : {}), children: [node.value] }];
    case "inlineCode":
      return [{ tag: "code", children: [node.value] }];
    case "heading":
      return [{ tag: HEADINGS[node.depth], children: inside() }];
    case "list":
      return [{ ...(node.ordered ? { tag: "ol", start: node.start ?? 1 } : { tag: "ul" }), children: inside() }];
    case "listItem":
      return [{ tag: "li", ...tick(node.checked), children: inside() }];
    case "table":
      return [{ tag: "table", children: node.children.map((row, n) => growRow(row, n === 0 ? "th" : "td", links)) }];
    case "link":
      return link(node.url, inside());
    case "linkReference":
      return link(links.get(node.identifier) ?? "", inside());
    case "image":
      // A picture from elsewhere would tell that place who reads this: it stays a link.
      return link(node.url, [node.alt || node.url]);
    case "imageReference":
      return link(links.get(node.identifier) ?? "", [node.alt || node.label || ""]);
    case "footnoteReference":
      return [`[${node.identifier}]`];
    case "footnoteDefinition":
      return [{ tag: "p", children: [`[${node.identifier}] `] }, ...inside()];
    case "definition":
    case "yaml":
      return [];
    case "break":
      return [{ tag: "br", children: [] }];
    default:
      return [{ tag: PLAIN[node.type], children: inside() }];
  }
}

const growAll = (nodes: readonly Node[], links: Links, depth: number): Leaf[] =>
  nodes.flatMap((node) => grow(node, links, depth));

const tick = (checked: boolean | null | undefined): { checked?: boolean } =>
  typeof checked === "boolean" ? { checked } : {};

const HEADINGS = { 1: "h3", 2: "h4", 3: "h5", 4: "h6", 5: "h6", 6: "h6" } as const;

const PLAIN = {
  root: "span",
  paragraph: "p",
  strong: "strong",
  emphasis: "em",
  delete: "del",
  blockquote: "blockquote",
  thematicBreak: "hr",
  tableRow: "tr",
  tableCell: "td",
} as const;

function growRow(row: Extract<Node, { type: "tableRow" }>, tag: "th" | "td", links: Links): Branch {
  const cells = row.children.map((cell): Branch => ({ tag, children: growAll(cell.children, links, 0) }));
  return { tag: "tr", children: cells };
}

/** Where a link may lead; null for everything that could run or that points into this page. */
export function safeHref(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed && ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
}

function link(url: string, children: Leaf[]): Leaf[] {
  const href = safeHref(url);
  return href === null ? [{ tag: "span", children }] : [{ tag: "a", href, children }];
}

function textOf(node: Node): string {
  if ("value" in node) return node.value;
  const parts: string[] = [];
  const walk: Node[] = [node];
  // Without recursion: it is called for what is nested too deep.
  for (let at = walk.pop(); at; at = walk.pop()) {
    if ("value" in at) parts.push(at.value);
    if ("children" in at) walk.push(...at.children.toReversed());
  }
  return parts.join("");
}
