/** A fence that is open: how it was opened, and what closes it. */
interface Fence {
  open: string;
  close: string;
}

const FENCE = /^\s*(`{3,}|~{3,})([^`]*)$/;

/**
 * Cuts Markdown into parts of at most `max` UTF-16 units (from 40), between lines where it can. A code block that is cut
 * is closed at the end of its part and opened again in the next, so that each part can be shown alone.
 */
export function split(markdown: string, max: number): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let size = 0;
  let fence: Fence | null = null;
  let fresh = true;

  const put = (line: string): void => {
    size += line.length + (part.length > 0 ? 1 : 0);
    part.push(line);
  };
  const end = (): void => {
    parts.push([...part, ...(fence ? [fence.close] : [])].join("\n"));
    [part, size, fresh] = [[], 0, true];
    if (fence) put(fence.open);
  };
  const room = (after: Fence | null): number =>
    max - size - (part.length > 0 ? 1 : 0) - (after ? after.close.length + 1 : 0);

  for (const line of markdown.split("\n")) {
    const next = step(fence, line, max);
    if (next === null && fence !== null) {
      put(fence.close); // room for it was kept
      fence = null;
      continue;
    }
    const wide = next ?? fence;
    if (!fresh && line.length > room(wide)) end();
    let rest = line;
    while (rest.length > room(wide)) {
      const piece = cut(rest, Math.max(1, room(wide)));
      put(piece);
      rest = rest.slice(piece.length);
      end();
    }
    put(rest);
    fresh = false;
    fence = next;
  }
  if (fence) put(fence.close);
  return [...parts, part.join("\n")].filter((text) => text.trim() !== "");
}

/** The fence that is open after a line. */
function step(fence: Fence | null, line: string, max: number): Fence | null {
  const [, marks = "", info = ""] = FENCE.exec(line) ?? [];
  if (marks === "") return fence;
  if (fence) return marks.startsWith(fence.close) && info.trim() === "" ? null : fence;
  // What nobody writes as a fence is text: opening it again would fill every part.
  return line.length > max / 4 ? null : { open: line, close: marks };
}

/** At most `max` units from the start, not inside a pair of surrogates, after a space if there is one near the end. */
function cut(text: string, max: number): string {
  const space = text.lastIndexOf(" ", max - 1) + 1;
  if (space > max / 2) return text.slice(0, space);
  const code = text.charCodeAt(max - 1);
  return text.slice(0, max > 1 && code >= 0xd800 && code < 0xdc00 ? max - 1 : max);
}
