import { randomBytes } from "node:crypto";
import { type Api, GrammyError } from "grammy";
import type { Address } from "./api.ts";
import { pause, poll } from "./poll.ts";
import { listen } from "./webhook.ts";
import { ALLOWED } from "./wire.ts";

export interface LineDeps {
  api: Api;
  address: Address;
  /** Null: long polling. `url` is public and leads to `port` on this machine. */
  webhook: { url: string; port: number } | null;
  /** Resolves when the update is saved. */
  take: (update: unknown) => Promise<void>;
  secondMs: number;
  log: { warn(what: object, message: string): void; error(what: object, message: string): void };
}

export interface Me {
  id: number;
  username: string;
  /** Direct chats have topics. */
  topics: boolean;
}

/**
 * Gets updates until it is stopped. A token that is refused at the start is said at once; a Telegram that cannot be
 * reached is waited for.
 */
export async function connect(deps: LineDeps, met: (me: Me) => void): Promise<{ stop(): Promise<void> }> {
  const { log, secondMs } = deps;
  const over = new AbortController();
  let line: { stop(): Promise<void> } | null = null;
  const attempt = async (): Promise<void> => {
    met(await whoAmI(deps.api));
    line ??= await open(deps);
  };
  const keepTrying = async (): Promise<void> => {
    for (let seconds = 1; !over.signal.aborted && line === null; seconds = Math.min(60, seconds * 2)) {
      await pause(seconds * secondMs, over.signal);
      if (over.signal.aborted) return;
      await attempt().catch((error: unknown) =>
        log.warn({ error: `${error}` }, "Telegram cannot be reached; trying again"),
      );
    }
  };
  let trying: Promise<void> = Promise.resolve();
  await attempt().catch((error: unknown) => {
    if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404))
      throw new Error("Telegram refuses TELEGRAM_BOT_TOKEN: copy the token of your bot from @BotFather");
    if (error instanceof Error && "code" in error) throw error; // the webhook's port is taken
    log.warn({ error: `${error}` }, "Telegram cannot be reached; trying again");
    trying = keepTrying();
  });
  return {
    stop: async () => {
      over.abort();
      await trying;
      await line?.stop();
    },
  };
}

async function whoAmI(api: Api): Promise<Me> {
  const { id, username, has_topics_enabled: topics } = await api.getMe();
  return { id, username, topics };
}

async function open({ api, address, webhook, take, secondMs, log }: LineDeps): Promise<{ stop(): Promise<void> }> {
  if (!webhook) {
    await api.deleteWebhook();
    return poll({ address, take, secondMs, log });
  }
  const secret = randomBytes(32).toString("base64url");
  const door = await listen({ port: webhook.port, secret, take, log });
  await api
    .setWebhook(webhook.url, { secret_token: secret, allowed_updates: [...ALLOWED] })
    .catch(async (error: unknown) => {
      await door.stop();
      throw error;
    });
  return door;
}
