import { z } from "zod";
import type { Outcome } from "../../core/outcome.ts";
import { clip } from "../../lib/text.ts";
import { failed } from "../feed.ts";
import { json } from "../lines.ts";
import { trouble } from "../trouble.ts";
import type { TurnError } from "../wire/codex.ts";

export const LOGIN = "Log in with: oca agents login codex";
const ERROR_CHARS = 600;

const KINDS: Readonly<Record<string, "auth" | "limited" | "budget" | "refused" | "failed">> = {
  unauthorized: "auth",
  usageLimitExceeded: "limited",
  rateLimitExceeded: "limited",
  sessionBudgetExceeded: "budget",
  cyberPolicy: "refused",
  misalignmentPolicyViolation: "refused",
  contextWindowExceeded: "failed",
  modelNotFound: "failed",
  serverOverloaded: "failed",
  internalServerError: "failed",
};

/** Why a turn failed, from what Codex says of its kind, else from its words. `resetAt`: when a used-up limit starts anew. */
export function failure(
  error: TurnError | null | undefined,
  { resetAt, now }: { resetAt: number | null; now: number },
): Outcome {
  if (!error) return failed("failed", "Codex does not say why.");
  const words = wordsOf(error);
  const info = error.codexErrorInfo ?? "";
  const kind = typeof info === "string" ? KINDS[info] : byStatus(Object.values(info)[0]?.httpStatusCode);
  if (kind === "auth") return failed("auth", `${words}\n${LOGIN}`);
  if (kind === "limited") {
    return failed("limited", words, resetAt ?? againAt(words, now));
  }
  return kind ? failed(kind, words) : trouble(words, { fix: LOGIN, now });
}

function byStatus(status: number | null | undefined): "auth" | "limited" | "failed" | undefined {
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "limited";
  return status ? "failed" : undefined;
}

/** "try again at 11:57 AM", "try again at Nov 22nd, 2026 11:57 AM": in the time of this machine. */
const AGAIN = /again at (?:(\w{3} \d+)\w\w(, \d{4}) )?(\d+:\d\d [AP]M)/;

function againAt(words: string, now: number): number | null {
  const [, day, year = "", clock] = AGAIN.exec(words) ?? [];
  const at = Date.parse(`${day === undefined ? new Date(now).toDateString() : day + year} ${clock}`);
  return Number.isNaN(at) ? null : at;
}

const Body = z.object({ error: z.object({ message: z.string() }) });

/** Some messages are the body of the model's answer. */
function wordsOf({ message, additionalDetails }: TurnError): string {
  const words = Body.safeParse(json(message)).data?.error.message ?? message;
  return clip([words, additionalDetails ?? ""].filter((part) => part !== "").join("\n"), ERROR_CHARS);
}
