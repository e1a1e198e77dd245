import type { Json } from "../json.ts";

/** One thing that Slack tells the app. */
export interface Delivery {
  kind: "events_api" | "interactive" | "slash_commands";
  payload: Json;
}

export type Acked = { ok: true; payload: Json } | { ok: false; why: string };

/** How often it was tried before, and why that was not enough. */
export interface Retry {
  num: number;
  reason: string;
}

/** One attempt by one of the two ways to the app. */
export type Attempt = (delivery: Delivery, retry: Retry | null) => Promise<Acked>;
