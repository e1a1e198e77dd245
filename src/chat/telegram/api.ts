import { autoRetry } from "@grammyjs/auto-retry";
import { Api } from "grammy";

export interface Address {
  token: string;
  /** Null: Telegram's own; else a server of your own, or of a test. */
  apiRoot: string | null;
}

const SECONDS = 30;
/** Longer waits are the lane's: there a newer edit can take the place of an older one. */
const RETRY = { maxRetryAttempts: 2, maxDelaySeconds: 2, rethrowHttpErrors: true };

/** For what the bot says. */
export function createVoice(address: Address): Api {
  const api = new Api(address.token, { apiRoot: rootOf(address), timeoutSeconds: SECONDS });
  api.config.use(autoRetry(RETRY));
  return api;
}

/** Where the Bot API is. */
export const rootOf = ({ apiRoot }: Address): string => apiRoot ?? "https://api.telegram.org";
