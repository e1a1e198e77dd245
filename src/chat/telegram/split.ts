import { type Branch, type Leaf, textOf } from "./tree.ts";

/** What one message holds. `block` is what each block costs beside its text. */
export interface Room {
  characters: number;
  block: number;
}

// Not lib/split.ts, which cuts Markdown as text for a platform that parses it again: what Telegram is sent is never Markdown
// but a tree, cut by what each of its blocks costs there.

/**
 * A tree in pieces that each fit into a message. It is cut between blocks where that is possible, else between lines,
 * else between words: what is open at a cut is closed there and opened again in the next piece, a list goes on counting,
 * a table repeats its head.
 */
export function split(blocks: readonly Branch[], room: Room): Branch[][] {
  const pieces: Branch[][] = [];
  let rest: Branch[] = [...blocks];
  while (rest.length > 0) {
    const { piece, after } = fill(rest, room);
    pieces.push(piece);
    rest = after;
  }
  return pieces;
}

function fill(blocks: readonly Branch[], room: Room): { piece: Branch[]; after: Branch[] } {
  const costs = blocks.map((block) => costOf(block, room));
  const { fit, space } = fitting(costs, room.characters);
  const piece = blocks.slice(0, fit);
  const next = blocks[fit];
  if (!next) return { piece, after: [] };
  // What is torn was too long anyway, or the page would stay half empty.
  if (fit > 0 && space < room.characters / 2) return { piece, after: blocks.slice(fit) };
  const [here, there] = divide(next, space, room);
  const after = [...(there ? [there] : []), ...blocks.slice(fit + 1)];
  if (here || fit > 0) return { piece: here ? [...piece, here] : piece, after };
  // Nested so deep that not even its frame fits: only its words are left.
  return fill([{ tag: "p", children: [textOf(next)] }, ...blocks.slice(1)], room);
}

/** How many of these fit, and what is left then. */
function fitting(costs: readonly number[], room: number): { fit: number; space: number } {
  let space = room;
  const stop = costs.findIndex((cost) => {
    if (cost > space) return true;
    space -= cost;
    return false;
  });
  return { fit: stop < 0 ? costs.length : stop, space };
}

const INLINE: ReadonlySet<Branch["tag"]> = new Set(["strong", "em", "del", "code", "a", "span", "mention", "br"]);

function costOf(leaf: Leaf, room: Room): number {
  if (typeof leaf === "string") return leaf.length;
  const own = (INLINE.has(leaf.tag) ? 1 : room.block) + (leaf.summary?.length ?? 0);
  return leaf.children.reduce((sum, child) => sum + costOf(child, room), own);
}

/** What fits, and what is left. */
function divide(branch: Branch, left: number, room: Room): [Branch | null, Branch | null] {
  const costs = branch.children.map((child) => costOf(child, room));
  const { fit, space } = fitting(costs, left - costOf({ ...branch, children: [] }, room));
  const next = branch.children[fit];
  if (next === undefined) return [branch, null];
  const [here, there] = fit > 0 && isWhole(next, room) ? [null, next] : divideLeaf(next, space, room);
  const kept = [...branch.children.slice(0, fit), ...some(here)];
  const after = [...some(there), ...branch.children.slice(fit + 1)];
  const torn = some(here).length > 0;
  return [kept.length > 0 ? { ...branch, children: kept } : null, reopen(branch, { kept, after, torn })];
}

/** A row or an item goes on the next page rather than being torn, unless it is as long as a page itself. */
const isWhole = (leaf: Leaf, room: Room): boolean =>
  typeof leaf !== "string" && !INLINE.has(leaf.tag) && costOf(leaf, room) <= room.characters / 2;

const divideLeaf = (leaf: Leaf, space: number, room: Room): [Leaf | null, Leaf | null] =>
  typeof leaf === "string" ? divideText(leaf, space) : divide(leaf, space, room);

const some = (leaf: Leaf | null): Leaf[] => (leaf === null || leaf === "" ? [] : [leaf]);

function reopen(branch: Branch, { kept, after, torn }: { kept: Leaf[]; after: Leaf[]; torn: boolean }): Branch | null {
  if (after.length === 0) return null;
  if (branch.tag === "ol")
    return { ...branch, start: (branch.start ?? 1) + kept.length - (torn ? 1 : 0), children: after };
  const [head] = branch.children;
  if (branch.tag === "table" && head !== undefined && kept.length > 1) return { ...branch, children: [head, ...after] };
  return { ...branch, children: after };
}

/** Between lines, else between words, else between characters as people see them. */
function divideText(text: string, space: number): [string, string] {
  if (space < 2) return ["", text]; // a surrogate pair would not fit
  const page = text.slice(0, space);
  const line = page.lastIndexOf("\n") + 1;
  if (line > space / 2) return [text.slice(0, line), text.slice(line)];
  const word = page.lastIndexOf(" ") + 1;
  const at = Math.max(line, word) > 0 ? Math.max(line, word) : whole(text, space);
  return [text.slice(0, at), text.slice(at)];
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** No character that people see is longer than this; a longer one is torn at a surrogate pair at worst. */
const LONGEST = 64;

function whole(text: string, space: number): number {
  const from = Math.max(0, space - LONGEST);
  const near = graphemes.segment(text.slice(from, space + LONGEST)).containing(space - from);
  const at = from + (near?.index ?? 0);
  if (at > from) return at;
  return /[\udc00-\udfff]/.test(text[space] ?? "") ? space - 1 : space;
}
