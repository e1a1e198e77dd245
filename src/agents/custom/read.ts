import type { Activity } from "../../core/parts.ts";
import { clip } from "../../lib/text.ts";
import type { Field, Lines, When } from "./schema.ts";

/** All values at a path. */
export function valuesAt(line: unknown, path: string): unknown[] {
  let found = [line];
  for (const key of path.split(".")) {
    found = found.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (key === "*") return Object.values(value);
      return Object.hasOwn(value, key) ? [Reflect.get(value, key)] : [];
    });
  }
  return found;
}

export const holds = (when: When, line: unknown): boolean =>
  Object.entries(when).every(([path, wanted]) => valuesAt(line, path).includes(wanted));

/** The text of a field, put together; null where the line has none. */
export function textOf(field: Field | undefined, line: unknown): string | null {
  if (!field || !holds(field.when, line)) return null;
  const words = valuesAt(line, field.path).filter((value) => typeof value === "string" || typeof value === "number");
  return words.length === 0 ? null : words.join("");
}

export function numberAt(path: string | undefined, line: unknown): number | null {
  const [value] = path === undefined ? [] : valuesAt(line, path);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

const TITLE_CHARS = 200;

/** What a line says of a tool; the title may have been said before. */
export function toolOf(tool: Lines["tool"], line: unknown, known: ReadonlyMap<string, Activity>): Activity | null {
  if (!tool) return null;
  const done = tool.done !== undefined && holds(tool.done, line);
  const failed = tool.failed !== undefined && holds(tool.failed, line);
  if (!done && !failed && !holds(tool.when, line)) return null;
  const id = textOf({ path: tool.id, when: {} }, line);
  if (id === null) return null;
  const title = textOf({ path: tool.title, when: {} }, line) ?? known.get(id)?.title ?? id;
  return { id, kind: "tool", title: clip(title, TITLE_CHARS), state: failed ? "failed" : done ? "ok" : "open" };
}
