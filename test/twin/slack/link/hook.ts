import { createHmac } from "node:crypto";
import { type Json, obj, str } from "../json.ts";
import type { Acked, Attempt, Delivery } from "./link.ts";

export interface HookOrder {
  /** Where the app listens. */
  requestUrl: () => string;
  secret: string;
  ackMs: () => number;
  now: () => number;
}

/** Deliveries by signed HTTP requests. */
export function createHook({ requestUrl, secret, ackMs, now }: HookOrder): Attempt {
  return async (delivery, retry) => {
    const body = bodyOf(delivery);
    const at = String(Math.floor(now() / 1000));
    const headers = {
      "content-type": delivery.kind === "events_api" ? "application/json" : "application/x-www-form-urlencoded",
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      "x-slack-request-timestamp": at,
      "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`,
      ...(retry && { "x-slack-retry-num": String(retry.num), "x-slack-retry-reason": retry.reason }),
    };
    const init = { method: "POST", headers, body, signal: AbortSignal.timeout(ackMs()) };
    return await fetch(requestUrl(), init).then(answerOf, (error: Error) => ({ ok: false, why: whyOf(error) }));
  };
}

function bodyOf({ kind, payload }: Delivery): string {
  if (kind === "events_api") return JSON.stringify(payload);
  if (kind === "interactive") return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const fields = new URLSearchParams();
  for (const [key, value] of Object.entries(payload)) fields.set(key, str(value));
  return fields.toString();
}

async function answerOf(response: Response): Promise<Acked> {
  const text = await response.text();
  if (!response.ok) return { ok: false, why: "http_error" };
  return { ok: true, payload: read(text) };
}

/** A plain answer is a text. */
function read(text: string): Json {
  if (text.trim() === "") return {};
  return text.startsWith("{") ? obj(JSON.parse(text)) : { text };
}

const whyOf = (error: Error): string => (error.name === "TimeoutError" ? "http_timeout" : "connection_failed");
