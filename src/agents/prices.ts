/** US dollars for a million tokens. Cached input is part of the input in what agents report. */
interface Price {
  input: number;
  cached: number;
  output: number;
}

/**
 * Standard prices as published at developers.openai.com/api/docs/pricing, looked up on 2026-11-21. Tiers (long context,
 * priority, cache writes, subscriptions) are left out: what comes of it is an estimate, and is shown as one.
 */
const PRICES: Readonly<Record<string, Price>> = {
  "gpt-6.1-sol": { input: 2, cached: 0.1, output: 10 },
  "gpt-6.1-terra": { input: 1, cached: 0.05, output: 5 },
  "gpt-6-sol": { input: 2, cached: 0.2, output: 10 },
  "gpt-6-luna": { input: 0.1, cached: 0.01, output: 0.5 },
  "gpt-5.6": { input: 4, cached: 0.4, output: 20 },
  "gpt-5.6-sol": { input: 4, cached: 0.4, output: 20 },
  "gpt-5.6-terra": { input: 2, cached: 0.2, output: 12 },
  "gpt-5.6-luna": { input: 0.2, cached: 0.02, output: 1.2 },
  "gpt-5.5": { input: 5, cached: 0.5, output: 30 },
  "gpt-5.4": { input: 2.5, cached: 0.25, output: 15 },
  "gpt-5.4-mini": { input: 0.75, cached: 0.075, output: 4.5 },
  "gpt-5.4-nano": { input: 0.2, cached: 0.02, output: 1.25 },
  "gpt-5.3-codex": { input: 1.75, cached: 0.175, output: 14 },
  "gpt-5.2": { input: 1.75, cached: 0.175, output: 14 },
  "gpt-5.2-codex": { input: 1.75, cached: 0.175, output: 14 },
};

/** What a model's tokens may have cost, in dollars; 0 when its price is not known. Dated names are priced as their family. */
export function estimate(model: string, tokens: { input: number; cached: number; output: number }): number {
  const price = PRICES[model.replace(/^.*\//, "").replace(/-\d{4}-\d\d-\d\d$/, "")];
  if (!price) return 0;
  const fresh = Math.max(0, tokens.input - tokens.cached);
  return (fresh * price.input + tokens.cached * price.cached + tokens.output * price.output) / 1_000_000;
}
