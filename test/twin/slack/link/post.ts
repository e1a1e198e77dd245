import { setTimeout as wait } from "node:timers/promises";
import type { Acked, Attempt, Delivery } from "./link.ts";

export interface Office {
  /** Tells the app. Resolves after the first attempt; an event that was not acknowledged comes again by itself. */
  send(delivery: Delivery): Promise<Acked>;
  /** Sends these once more, as if their acknowledgement had been lost. */
  again(deliveries: readonly Delivery[]): Promise<Acked[]>;
  /** How many attempts there were, by kind and type. */
  sent: readonly { delivery: Delivery; retry: number; acked: Acked }[];
  stop(): void;
}

export function createOffice(attempt: Attempt, retryMs: () => readonly number[]): Office {
  const sent: { delivery: Delivery; retry: number; acked: Acked }[] = [];
  const end = new AbortController();

  const tryOnce = async (delivery: Delivery, num: number, reason: string): Promise<Acked> => {
    const acked = await attempt(delivery, num === 0 ? null : { num, reason });
    sent.push({ delivery, retry: num, acked });
    return acked;
  };
  const retry = async (delivery: Delivery, why: string): Promise<void> => {
    let reason = why;
    for (const [i, ms] of retryMs().entries()) {
      await wait(ms, undefined, { signal: end.signal, ref: false });
      const acked = await tryOnce(delivery, i + 1, reason);
      if (acked.ok) return;
      reason = acked.why;
    }
  };
  return {
    sent,
    send: async (delivery) => {
      const acked = await tryOnce(delivery, 0, "");
      if (!acked.ok && delivery.kind === "events_api") void retry(delivery, acked.why).catch(() => undefined); // stopped
      return acked;
    },
    again: (deliveries) => Promise.all(deliveries.map((delivery) => tryOnce(delivery, 1, "http_timeout"))),
    stop: () => end.abort(),
  };
}
