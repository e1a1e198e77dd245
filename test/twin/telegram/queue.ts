import { bad, Refused } from "./rules.ts";

interface Waiting {
  update: { update_id: number } & Record<string, unknown>;
  settled: ((acknowledged: boolean) => void)[];
  served: boolean;
}

type Method = (params: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>;

/** Updates on their way to the bot, by long polling or by webhook. */
export interface Queue {
  methods: Readonly<Record<string, Method>>;
  /** Resolves to whether the bot took it: confirmed by a later offset, or answered with 200. */
  push(update: Record<string, unknown>): Promise<boolean>;
  /** The last update comes once more, with the same number. */
  again(): Promise<boolean>;
  /** What getUpdates or setWebhook asked for; null: not yet. */
  allowed(): readonly string[] | null;
  webhook(): string | null;
  /** Says in getWebhookInfo why the last delivery failed. */
  fails(why: string): void;
  close(): void;
}

const RETRY_MS = 20;

export function createQueue(): Queue {
  let number = 1000;
  let waiting: Waiting[] = [];
  let last: Waiting["update"] | null = null;
  let hook: { url: string; secret: string } | null = null;
  let allowed: readonly string[] | null = null;
  let poller: ((conflict: boolean) => void) | null = null;
  let closed = false;
  let failure: string | null = null;

  const add = (update: Waiting["update"]): Promise<boolean> => {
    last = update;
    const kind = Object.keys(update).find((key) => key !== "update_id") ?? "";
    if (allowed && allowed.length > 0 && !allowed.includes(kind)) return Promise.resolve(false);
    return new Promise((resolve) => {
      waiting.push({ update, settled: [resolve], served: false });
      waiting.sort((a, b) => a.update.update_id - b.update.update_id);
      poller?.(false);
      void deliver();
    });
  };
  const settle = (one: Waiting, acknowledged: boolean): void => {
    for (const tell of one.settled.splice(0)) tell(acknowledged);
  };

  let delivering = false;
  const deliver = async (): Promise<void> => {
    if (delivering) return;
    delivering = true;
    while (hook && waiting[0] && !closed) {
      const [first] = waiting;
      const ok = await fetch(hook.url, {
        method: "POST",
        headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": hook.secret },
        body: JSON.stringify(first.update),
      }).then(
        (response) => response.ok,
        () => false, // the bot is not there: like Telegram, try again
      );
      settle(first, ok);
      if (ok) waiting = waiting.filter((one) => one !== first);
      else await new Promise((done) => setTimeout(done, RETRY_MS));
    }
    delivering = false;
  };

  const getUpdates: Method = async (params, signal) => {
    if (hook)
      throw new Refused(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    poller?.(true);
    const offset = Number(params["offset"] ?? 0);
    if (Array.isArray(params["allowed_updates"])) allowed = params["allowed_updates"].map(String);
    for (const one of waiting) if (one.served) settle(one, one.update.update_id < offset);
    waiting = waiting.filter((one) => !one.served || one.update.update_id >= offset);
    const wait = Math.min(Number(params["timeout"] ?? 0), 50) * 1000;
    if (waiting.length === 0 && wait > 0 && !closed) {
      const conflict = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), wait);
        poller = (terminated) => {
          clearTimeout(timer);
          resolve(terminated);
        };
        signal.addEventListener("abort", () => poller?.(false));
      });
      poller = null;
      if (conflict)
        throw new Refused(
          409,
          "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        );
    }
    if (signal.aborted) return [];
    const batch = waiting.slice(0, Number(params["limit"] ?? 100));
    for (const one of batch) one.served = true;
    return batch.map(({ update }) => update);
  };

  return {
    methods: {
      getUpdates,
      setWebhook: async (params) => {
        const url = String(params["url"] ?? "");
        const secret = String(params["secret_token"] ?? "");
        if (secret !== "" && !/^[A-Za-z0-9_-]{1,256}$/.test(secret))
          throw bad("secret token contains unallowed characters");
        hook = url === "" ? null : { url, secret };
        if (Array.isArray(params["allowed_updates"])) allowed = params["allowed_updates"].map(String);
        void deliver();
        return true;
      },
      deleteWebhook: async () => {
        hook = null;
        return true;
      },
      getWebhookInfo: async () => ({
        url: hook?.url ?? "",
        has_custom_certificate: false,
        pending_update_count: waiting.length,
        ...(failure === null ? {} : { last_error_message: failure }),
      }),
    },
    push: (update) => add({ update_id: ++number, ...update }),
    again: () => (last ? add(last) : Promise.resolve(false)),
    allowed: () => allowed,
    webhook: () => hook?.url ?? null,
    fails: (why) => {
      failure = why;
    },
    close: () => {
      closed = true;
      poller?.(false);
      for (const one of waiting) settle(one, false);
    },
  };
}
