/** At most `max` UTF-16 units, cut between characters as people see them, with "…" where something is missing. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return "";
  const end = graphemes.segment(text.slice(0, max + 1)).containing(max - 1)?.index ?? 0;
  return `${text.slice(0, end)}…`;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Text that shows what it says: without control characters (newline and tab stay), half surrogate pairs, and the
 * direction overrides and isolates that make a line read otherwise than it is.
 */
export function plain(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "")
    .toWellFormed();
}

/** The first line that says something, for headings; empty when none does. */
export function firstLine(text: string, max: number): string {
  const line = plain(text)
    .split("\n")
    .find((candidate) => candidate.trim() !== "");
  return clip((line ?? "").replaceAll("\t", " ").trim(), max);
}

const SLUG_MAX = 24;

/** A name for branches: `[a-z0-9-]{1,24}`, no dash at either end, cut between words; "task" when no letter is left. */
export function slug(text: string): string {
  const name = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const words = name.length <= SLUG_MAX ? name : name.slice(0, SLUG_MAX + 1).replace(/-[^-]*$/, "");
  return words.slice(0, SLUG_MAX) || "task";
}
