import type { Outcome } from "../core/outcome.ts";
import { clip } from "../lib/text.ts";
import { failed } from "./feed.ts";

const ERROR_CHARS = 600;
const AUTH =
  /\b401\b|\b403\b|unauthori[sz]ed|unauthenticated|not logged in|log ?in required|authentication (?:required|failed)|(?:invalid|incorrect|missing|no) api[ -]?key|api[ -]?key (?:is )?(?:not valid|invalid|missing|expired)/i;
const LIMITED = /\b429\b|rate.?limit|quota|usage limit|too many requests|resource.?exhausted/i;
const AGAIN = /(?:retry|again|reset\w*)\D{0,20}?(\d+(?:\.\d+)?)\s?(ms|s|sec|seconds?|m|min|minutes?|h|hours?)\b/i;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What went wrong, from the words of an agent that has none of its own for it. `fix` helps with a login. */
export function trouble(words: string, { fix, now }: { fix: string | null; now: number }): Outcome {
  const error = clip(words.trim(), ERROR_CHARS);
  if (LIMITED.test(words)) return failed("limited", error, resetAt(words, now));
  if (AUTH.test(words)) return failed("auth", fix === null ? error : `${error}\n${fix}`);
  return failed("failed", error);
}

const GONE =
  /\bno (?:conversation|session|thread|rollout)s? (?:was )?found|\b(?:conversation|session|thread)\b.{0,100}\b(?:not found|does not exist|is unknown)|\b(?:unknown|no such|no previous|invalid) (?:conversation|session|thread)/i;

/** Does an agent say so of the conversation that it was to go on with? */
export const forgets = (words: string): boolean => GONE.test(words);

/** Why a plan turn is refused, in the words that `oca agents` has for it too. */
export const unsafe = (name: string): string =>
  `${name} cannot plan safely: nothing is known to keep it from changing things, so its plan turns need a sandbox.`;

function resetAt(words: string, now: number): number | null {
  const [, amount, unit = ""] = AGAIN.exec(words) ?? [];
  if (amount === undefined) return null;
  const size = UNITS[unit.toLowerCase()] ?? UNITS[unit[0]?.toLowerCase() ?? ""] ?? 0;
  return now + Number.parseFloat(amount) * size;
}

/** The end of what a process said beside its protocol: never a secret of ours, and short enough for a card. */
export function tail(stream: AsyncIterable<Uint8Array>, maxChars = 2000): { text(): string } {
  let kept = "";
  const decoder = new TextDecoder();
  const read = async (): Promise<void> => {
    for await (const chunk of stream) kept = (kept + decoder.decode(chunk, { stream: true })).slice(-maxChars);
  };
  read().catch(() => undefined); // a broken pipe says nothing more
  return { text: () => kept.trim() };
}
