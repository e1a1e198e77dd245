import { z } from "zod";
import { type Address, rootOf } from "./api.ts";
import { ALLOWED } from "./wire.ts";

export interface PollOptions {
  address: Address;
  /** Resolves when the update is saved, rejects when it could not be: then it comes again. */
  take: (update: { update_id: number }) => Promise<void>;
  secondMs: number;
  log: { warn(what: object, message: string): void; error(what: object, message: string): void };
}

const POLL_SECONDS = 30;
const WAITS_S = [1, 2, 5, 10, 30];
/** Another poller may be the bot's own predecessor, about to end; a token may be given back. */
const RIVAL_S = 10;
const REFUSED_S = 60;

/**
 * Asks for updates until it is stopped. The next call is made when the whole batch is saved, for that call tells Telegram
 * to forget them. No trouble ends it: each is named in the log and tried again.
 */
export function poll({ address, take, secondMs, log }: PollOptions): { stop(): Promise<void> } {
  const { token } = address;
  const root = rootOf(address);
  const over = new AbortController();
  let offset = 0;
  let failures = 0;

  const round = async (): Promise<void> => {
    const updates = await ask(offset);
    failures = 0;
    const results = await Promise.allSettled(updates.map(take));
    const lost = updates.find((_, index) => results[index]?.status === "rejected");
    const last = updates.at(-1);
    // What was saved behind it comes once more too, and changes nothing.
    if (lost || last) offset = lost ? lost.update_id : (last?.update_id ?? 0) + 1;
    if (lost) throw new Error(`update ${lost.update_id} could not be saved`);
  };
  const ask = async (offset: number): Promise<{ update_id: number }[]> => {
    const response = await fetch(`${root}/bot${token}/getUpdates`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ offset, timeout: POLL_SECONDS, allowed_updates: ALLOWED }),
      signal: AbortSignal.any([over.signal, AbortSignal.timeout((POLL_SECONDS + 15) * 1000)]),
    });
    const answer = Answer.parse(await response.json());
    if (answer.ok) return answer.result;
    throw new Refusal(answer.error_code, answer.description, answer.parameters?.retry_after ?? null);
  };
  const trouble = (error: unknown): number => {
    const code = error instanceof Refusal ? error.code : 0;
    if (code === 401 || code === 404) {
      log.error({}, "Telegram refuses the token: was it revoked? Set TELEGRAM_BOT_TOKEN to the one of @BotFather");
      return REFUSED_S;
    }
    if (code === 409) {
      log.error(
        { why: `${error}` },
        "another program asks for the updates of this bot: end it, or give oca a bot of its own",
      );
      return RIVAL_S;
    }
    const usual = WAITS_S[Math.min(failures++, WAITS_S.length - 1)] ?? 1;
    const seconds = (error instanceof Refusal ? error.retryAfter : null) ?? usual;
    log.warn({ error: `${error}`, seconds }, "no updates from Telegram; trying again");
    return seconds;
  };
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        await round();
      } catch (error) {
        if (!over.signal.aborted) await pause(trouble(error) * secondMs, over.signal);
      }
    }
  };
  const running = run();
  return {
    stop: async () => {
      over.abort();
      await running;
    },
  };
}

const Answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.array(z.looseObject({ update_id: z.number() })) }),
  z.object({
    ok: z.literal(false),
    error_code: z.number(),
    description: z.string().catch(""),
    parameters: z.object({ retry_after: z.number().optional() }).optional(),
  }),
]);

class Refusal extends Error {
  readonly code: number;
  readonly retryAfter: number | null;
  constructor(code: number, description: string, retryAfter: number | null) {
    super(description);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Ends early, without a fault, when the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
