import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";

/** Why a call failed: Slack's own word for it, or that Slack was not reached. */
export function codeOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  if (error instanceof WebAPIRateLimitedError) return "ratelimited";
  if (error instanceof WebAPIHTTPError) return error.statusCode === 429 ? "ratelimited" : "unreachable";
  return "unreachable";
}

/** Slack's passing trouble: the same call may work in a moment. */
const PASSING: ReadonlySet<string> = new Set([
  "ratelimited",
  "unreachable",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
]);
export const isPassing = (code: string): boolean => PASSING.has(code);

/** Nothing helps but other tokens. */
const LOCKED: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "not_allowed_token_type",
]);
export const isLocked = (code: string): boolean => LOCKED.has(code);

/** Blocks that Slack does not show: the card is made simpler. */
const REFUSED: ReadonlySet<string> = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "msg_blocks_too_long",
  "invalid_attachments",
]);
export const isRefused = (code: string): boolean => REFUSED.has(code);

/** The message is not there any more, or nobody may change it: there is nothing left to draw. */
const GONE: ReadonlySet<string> = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);
export const isGone = (code: string): boolean => GONE.has(code);

/** There is no place to write to any more: the channel, the root of the thread, or oca's membership. */
const LOST: ReadonlySet<string> = new Set([
  "channel_not_found",
  "thread_not_found",
  "not_in_channel",
  "is_archived",
  "is_inactive",
]);
export const isLost = (code: string): boolean => LOST.has(code);

/** Seconds until Slack takes calls again; it does not always say. */
const WAIT_S = 5;
const LONGEST_S = 60;
export const waitMs = (error: unknown): number =>
  1000 * (error instanceof WebAPIRateLimitedError ? Math.min(error.retryAfter, LONGEST_S) : WAIT_S);
