/** How many calls Slack takes (docs.slack.dev, rate limits). Counted per method and, for posts, per channel. */
export interface Limits {
  /** What a minute of Slack's takes. */
  minuteMs: number;
  /** Posts in a channel beyond one a second that are let through at once. */
  burst: number;
}
export type Tier = 1 | 2 | 3 | 4 | "post" | "free";

const A_MINUTE = { 1: 1, 2: 20, 3: 50, 4: 100 };

/** Answers with the seconds to wait, or null when the call may go on. */
export type Meter = (method: string, tier: Tier, channel: string) => number | null;

export function createMeter(limits: () => Limits | null, now: () => number): Meter {
  const taken = new Map<string, number[]>();
  return (method, tier, channel) => {
    const is = limits();
    if (is === null || tier === "free") return null;
    const post = tier === "post";
    const most = post ? is.burst : A_MINUTE[tier];
    const spanMs = post ? (is.minuteMs / 60) * is.burst : is.minuteMs;
    const key = post ? `${method} ${channel}` : method;
    const since = (taken.get(key) ?? []).filter((at) => at > now() - spanMs);
    const [first = 0] = since;
    taken.set(key, since.length < most ? [...since, now()] : since);
    return since.length < most ? null : Math.max(1, Math.ceil((first + spanMs - now()) / 1000));
  };
}
