import type { Feed } from "../feed.ts";
import { estimate } from "../prices.ts";
import type { Tokens } from "../wire/codex.ts";

export interface Meter {
  /** The model whose price counts. */
  model: string;
  /** Codex counted: of this turn, or of an earlier one when a conversation is resumed. */
  count(isThisTurn: boolean, counted: { total: Tokens; last: Tokens }): void;
  /** Says what this turn has used so far. */
  tell(): void;
}

const NOTHING: Tokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** What one turn uses. Codex counts by conversation, and a fork goes on counting: the turn is the difference. */
export function createMeter(feed: Feed, isNew: boolean): Meter {
  const since = performance.now();
  let before: Tokens | null = isNew ? NOTHING : null;
  let now: Tokens | null = null;
  const meter: Meter = {
    model: "",
    count: (isThisTurn, { total, last }) => {
      // What a conversation has used is told again when it is resumed, and once more when a limit is told.
      if (!isThisTurn) {
        before = total;
        return;
      }
      before ??= minus(total, last); // a fork is not told what its parent had used
      now = total;
      meter.tell();
    },
    tell: () => {
      const { inputTokens, cachedInputTokens, outputTokens } = now && before ? minus(now, before) : NOTHING;
      const costUsd = estimate(meter.model, { input: inputTokens, cached: cachedInputTokens, output: outputTokens });
      const workedMs = Math.round(performance.now() - since);
      feed.put({ type: "spent", usage: { inputTokens, outputTokens, costUsd, estimated: true, workedMs } });
    },
  };
  return meter;
}

const minus = (a: Tokens, b: Tokens): Tokens => ({
  inputTokens: Math.max(0, a.inputTokens - b.inputTokens),
  cachedInputTokens: Math.max(0, a.cachedInputTokens - b.cachedInputTokens),
  outputTokens: Math.max(0, a.outputTokens - b.outputTokens),
});
