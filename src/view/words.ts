import de from "../../locales/de/intent.json" with { type: "json" };
import en from "../../locales/en/intent.json" with { type: "json" };
import { Words } from "../core/words.ts";

/** What people say to oca, of all languages at once: nobody has to tell the bot which one they write. */
export const createWords = (): Words => [en, de].map((words) => Words.parse(words)).reduce(merge);

const merge = (a: Words, b: Words): Words => ({
  start: both(a.start, b.start),
  not: both(a.not, b.not),
  polite: both(a.polite, b.polite),
  thanks: both(a.thanks, b.thanks),
  say: each(a.say, b.say),
  soft: each(a.soft, b.soft),
  permit: each(a.permit, b.permit),
  in: both(a.in, b.in),
  on: both(a.on, b.on),
  with: both(a.with, b.with),
});

const both = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];

function each<K extends string>(a: Record<K, string[]>, b: Record<K, string[]>): Record<K, string[]> {
  const merged = { ...a };
  for (const key in merged) merged[key] = both(a[key], b[key]);
  return merged;
}
