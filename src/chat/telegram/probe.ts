import { Api, GrammyError } from "grammy";
import { type Address, rootOf } from "./api.ts";

const SECONDS = 10;

/** What the doctor finds: whether the token works, what the bot may hear, and whether its webhook is reached. */
export interface Found {
  is: "fine" | "privacy" | "refused" | "unreachable" | "webhook";
  values: Record<string, string | number>;
}

/** Asks for no updates: that would end the poll of a running bot. */
export async function probeTelegram(address: Address, webhook: { url: string; port: number } | null): Promise<Found> {
  const api = new Api(address.token, { apiRoot: rootOf(address), timeoutSeconds: SECONDS });
  try {
    const { username: name, can_read_all_group_messages: hearsAll } = await api.getMe();
    const { last_error_message: error } = webhook ? await api.getWebhookInfo() : {};
    if (webhook && error) return { is: "webhook", values: { ...webhook, error } };
    return { is: hearsAll ? "fine" : "privacy", values: { name } };
  } catch (error) {
    const code = error instanceof GrammyError ? error.error_code : 0;
    if (code === 401 || code === 404) return { is: "refused", values: {} };
    return { is: "unreachable", values: { error: error instanceof Error ? error.message : `${error}` } };
  }
}
