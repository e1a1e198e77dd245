import type { Usage } from "../../core/parts.ts";
import type { Result } from "../wire/claude.ts";
import type { Memory } from "./order.ts";

type Sums = Omit<Memory, "session">;

/** What a conversation has cost and used so far. */
export function sumsOf({ total_cost_usd, modelUsage }: Result): Sums {
  const models = Object.values(modelUsage);
  const sum = (count: (one: (typeof models)[number]) => number): number =>
    models.reduce((all, one) => all + count(one), 0);
  return {
    costUsd: total_cost_usd,
    inputTokens: sum((one) => one.inputTokens + one.cacheReadInputTokens + one.cacheCreationInputTokens),
    outputTokens: sum((one) => one.outputTokens),
  };
}

/** What this turn has, by what the conversation had before it. */
export function usageOf(now: Sums, before: Sums | null, workedMs: number): Usage {
  const since = (key: keyof Sums): number => {
    const had = before?.[key] ?? 0;
    // A sum that went down began anew.
    return now[key] >= had ? now[key] - had : now[key];
  };
  return {
    inputTokens: since("inputTokens"),
    outputTokens: since("outputTokens"),
    costUsd: Math.round(since("costUsd") * 1e9) / 1e9,
    estimated: false,
    workedMs: Math.round(workedMs),
  };
}
