import { z } from "zod";
import type { Block } from "../core/parts.ts";

const Answer = z.object({
  status: z.number(),
  message: z.string(),
  response: z.object({
    headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])),
    data: z.unknown(),
  }),
});

/** GitHub said no. */
export interface Refused {
  status: number;
  /** Everything that it said. */
  words: string;
  /** When it may be asked again, if it was asked too often. */
  limitedUntil(now: number): number | null;
}

const MINUTE_MS = 60_000;

/** What the server answered; null when it was not reached, or did not answer in time. */
export function refusalOf(error: unknown): Refused | null {
  const answer = Answer.safeParse(error).data;
  if (!answer) return null;
  const { status, message, response } = answer;
  const header = (name: string): number => Number(response.headers[name] ?? Number.NaN);
  return {
    status,
    words: `${message} ${JSON.stringify(response.data ?? "")}`,
    limitedUntil: (now) => {
      if (status !== 403 && status !== 429) return null;
      if (header("retry-after") > 0) return now + header("retry-after") * 1000;
      if (header("x-ratelimit-remaining") === 0)
        return Math.max(now + MINUTE_MS, header("x-ratelimit-reset") * 1000 || 0);
      return status === 429 || /rate limit/i.test(message) ? now + MINUTE_MS : null;
    },
  };
}

/** Why there is no pull request, for the card. */
export function blockOf(error: unknown, now: number): Extract<Block, { why: "pull" }> {
  const message = error instanceof Error ? error.message : String(error);
  const refused = refusalOf(error);
  const no = (reason: Extract<Block, { why: "pull" }>["reason"], until: number | null = null) =>
    ({ why: "pull", reason, error: message, until }) as const;
  if (!refused) return no("refused");
  const until = refused.limitedUntil(now);
  if (until !== null) return no("limited", until);
  if (refused.status === 401) return no("token");
  // It hides what a token may not see.
  if (refused.status === 403 || refused.status === 404) return no("scope");
  return no(refused.status === 422 && /"field":"base"/.test(refused.words) ? "base" : "refused");
}
