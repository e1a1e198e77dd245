import type { Outcome } from "../../core/outcome.ts";
import { clip } from "../../lib/text.ts";
import { failed } from "../feed.ts";
import { planIn } from "../proposal.ts";
import { trouble } from "../trouble.ts";
import type { Result } from "../wire/claude.ts";

export const LOGIN = "Log in with: oca agents login claude";
export const INSTALL = "Install it with: npm install -g @anthropic-ai/claude-code";

const WORDS_CHARS = 100_000;
const ERROR_CHARS = 2000;

export interface Ending {
  result: Result;
  /** What ExitPlanMode brought; null in a write turn. */
  plan: string | null;
  isPlan: boolean;
  /** When the account may go on, as it was told during the turn (epoch ms). */
  resetAt: number | null;
  /** Why the last words are an error, in one word of the CLI. */
  reason: string | null;
}

/** How a turn ended, by the last message of the CLI: its exit code says nothing of the turn. */
export function outcomeOf({ result, plan, isPlan, resetAt, reason }: Ending): Outcome {
  if (result.stop_reason === "refusal") return failed("refused", errorOf(result));
  if (result.is_error || result.subtype !== "success") return failure(result, resetAt, reason);
  const answer = clip(result.result, WORDS_CHARS);
  return { ok: true, answer, plan: isPlan ? (plan ?? planIn(answer)) : null };
}

function failure(result: Result, resetAt: number | null, reason: string | null): Outcome {
  const error = errorOf(result);
  const status = result.api_error_status;
  // As of 2.1.329, of a conversation that was to be resumed.
  if (error.startsWith("No conversation found")) return failed("forgotten", error);
  if (result.terminal_reason?.startsWith("aborted")) return failed("interrupted", error);
  if (/^error_max_/.test(result.subtype)) return failed("budget", error);
  if (status === 429 || reason === "rate_limit" || reason === "billing_error") return failed("limited", error, resetAt);
  if (status === 401 || status === 403 || reason === "authentication_failed")
    return failed("auth", `${error}\n${LOGIN}`);
  if (status !== null || reason !== null) return failed("failed", error);
  return trouble(error, { fix: LOGIN, now: 0 });
}

const errorOf = ({ result, errors, subtype }: Result): string =>
  clip(result.trim() || errors.join("\n").trim() || `Claude Code ended with ${subtype}`, ERROR_CHARS);
