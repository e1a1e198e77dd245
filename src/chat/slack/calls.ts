import { setTimeout as wait } from "node:timers/promises";
import { createSerial } from "../../lib/serial.ts";
import { codeOf, isPassing, waitMs } from "./trouble.ts";

/** How Slack is called: no faster than it takes. */
export interface Calls {
  /** Posts of one channel, one after another. */
  paced<T>(channel: string, call: () => Promise<T>): Promise<T>;
}

const TRIES = 4;
const FIRST_MS = 300;

export function createCalls({ now, postSpacingMs }: { now: () => number; postSpacingMs: number }): Calls {
  const inChannel = createSerial();
  const postedAt = new Map<string, number>();
  return {
    paced: (channel, call) =>
      inChannel(channel, async () => {
        const ms = (postedAt.get(channel) ?? 0) + postSpacingMs - now();
        if (ms > 0) await wait(ms);
        try {
          return await call();
        } finally {
          postedAt.set(channel, now());
        }
      }),
  };
}

/** Again while Slack has passing trouble. `found` looks, before each repetition, whether only the answer was lost. */
export async function insist<T>(call: () => Promise<T>, found?: () => Promise<T | null>, tries = 1): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = codeOf(error);
    if (tries >= TRIES || !isPassing(code)) throw error;
    const limited = code === "ratelimited";
    await wait(limited ? waitMs(error) : 2 ** (tries - 1) * FIRST_MS);
    const lost = limited ? null : await found?.();
    return lost ?? insist(call, found, tries + 1);
  }
}
