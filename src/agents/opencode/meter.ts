import type { Usage } from "../../core/parts.ts";
import type { Feed } from "../feed.ts";
import type { Session } from "../wire/opencode.ts";

/** What the turn has used: OpenCode counts for a whole conversation, and apart for each helper. */
export interface Meter {
  /** The totals of a conversation before this turn. */
  start(session: Session): void;
  take(session: Session): void;
  tell(): void;
}

export function createMeter(feed: Feed): Meter {
  const since = performance.now();
  const before = new Map<string, Sum>();
  const after = new Map<string, Sum>();
  let told = "";

  return {
    start: (session) => void before.set(session.id, sumOf(session)),
    take: (session) => {
      // A helper of an earlier turn that is taken up again comes with the totals that it had.
      if (!before.has(session.id)) before.set(session.id, sumOf(session));
      after.set(session.id, sumOf(session));
    },
    tell: () => {
      const used = { inputTokens: 0, outputTokens: 0, costUsd: 0 };
      for (const [id, sum] of after) {
        used.inputTokens += Math.max(0, sum.inputTokens - (before.get(id)?.inputTokens ?? 0));
        used.outputTokens += Math.max(0, sum.outputTokens - (before.get(id)?.outputTokens ?? 0));
        used.costUsd += Math.max(0, sum.costUsd - (before.get(id)?.costUsd ?? 0));
      }
      if (JSON.stringify(used) === told) return;
      told = JSON.stringify(used);
      const workedMs = Math.round(performance.now() - since);
      feed.put({ type: "spent", usage: { ...used, estimated: false, workedMs } });
    },
  };
}

type Sum = Pick<Usage, "inputTokens" | "outputTokens" | "costUsd">;

const sumOf = ({ cost, tokens }: Session): Sum => ({
  inputTokens: tokens.input + tokens.cache.read + tokens.cache.write,
  outputTokens: tokens.output + tokens.reasoning,
  costUsd: cost,
});
