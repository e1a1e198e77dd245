import type { Outcome } from "../../core/outcome.ts";
import { clip, firstLine } from "../../lib/text.ts";
import { failed } from "../feed.ts";
import { trouble } from "../trouble.ts";
import type { Failure } from "../wire/opencode.ts";

export const LOGIN = "Log in with: oca agents login opencode";
const ERROR_CHARS = 600;

/** Why a turn failed, from what OpenCode says of it. */
export function failure({ name, data }: Failure, now: number): Outcome {
  const words = wordsOf(data.message) || name || "OpenCode does not say why.";
  const status = data.statusCode;
  if (name === "MessageAbortedError") return failed("interrupted", "OpenCode ended the turn before it was done.");
  if (
    name === "ProviderAuthError" ||
    status === 401 ||
    status === 403 ||
    /^ProviderNoProviders|No providers are/.test(words)
  )
    return failed("auth", `${words}\n${LOGIN}`);
  if (status === 429 || status === 402) return failed("limited", words, resetAt(data.responseHeaders, now));
  if (name === "ContentFilterError") return failed("refused", words);
  return trouble(words, { fix: LOGIN, now });
}

/** OpenCode tries again for ever: from here on waiting is left to a person. */
const ATTEMPTS = 3;
const PATIENCE_MS = 60_000;

/** Null while another attempt is worth it. `next`: when OpenCode would make it. */
export function givenUp(of: { attempt: number; message: string; next: number }, now: number): Outcome | null {
  const isFar = of.next > now + PATIENCE_MS;
  if (of.attempt < ATTEMPTS && !isFar) return null;
  const words = wordsOf(of.message) || "The model does not answer.";
  // So long a wait was asked for by the provider.
  return isFar ? failed("limited", words, of.next) : trouble(words, { fix: LOGIN, now });
}

/** Without the stack of the server. */
const wordsOf = (message: string): string => {
  const words = message.split(/\n\s+at /)[0] ?? "";
  return clip(firstLine(words, ERROR_CHARS) === "" ? "" : words.trim(), ERROR_CHARS);
};

function resetAt(headers: Readonly<Record<string, string>>, now: number): number | null {
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) && seconds > 0 ? now + seconds * 1000 : null;
}
