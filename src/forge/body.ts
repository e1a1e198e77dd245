import { createHash } from "node:crypto";

/** A part of a text that is oca's. The digest of what it wrote tells whether a person has edited it since. */

const BEGIN = /<!-- oca:begin ([0-9a-f]{16}) -->\n?/;
const END = "<!-- oca:end -->";

export const wrap = (text: string): string => `<!-- oca:begin ${digest(text)} -->\n${text.trim()}\n${END}`;

/** Puts a newer text where oca's own stands; a text in which a person has touched that part, or taken it out, stays as it is. */
export function renew(whole: string, text: string): string {
  const unix = whole.replaceAll("\r\n", "\n");
  const begin = BEGIN.exec(unix);
  if (!begin) return whole;
  const from = begin.index + begin[0].length;
  const to = unix.indexOf(END, from);
  if (to < 0 || digest(unix.slice(from, to)) !== begin[1]) return whole;
  return `${unix.slice(0, begin.index)}${wrap(text)}${unix.slice(to + END.length)}`;
}

const digest = (text: string): string => createHash("sha256").update(text.trim()).digest("hex").slice(0, 16);
