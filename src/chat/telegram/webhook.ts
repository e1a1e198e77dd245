import { timingSafeEqual } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

export interface WebhookOptions {
  /** On 127.0.0.1, behind what ends TLS; 0 takes a free one. */
  port: number;
  secret: string;
  /** Resolves when the update is saved: only then Telegram gets its acknowledgement. */
  take: (update: unknown) => Promise<void>;
  log: { warn(what: object, message: string): void };
}

const BODY_BYTES = 1_000_000;

/** Listens for the updates that Telegram sends by itself. Whoever does not know the secret is not heard. */
export async function listen({
  port,
  secret,
  take,
  log,
}: WebhookOptions): Promise<{ port: number; stop(): Promise<void> }> {
  const app = new Hono();
  app.post("/telegram", bodyLimit({ maxSize: BODY_BYTES }), async (c) => {
    if (!same(c.req.header("x-telegram-bot-api-secret-token") ?? "", secret)) return c.text("", 401);
    try {
      await take(await c.req.json());
    } catch (error) {
      log.warn({ error: `${error}` }, "an update was not saved: Telegram sends it again");
      return c.text("", 500);
    }
    return c.text("");
  });
  const started = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => started.resolve(info.port));
  server.on("error", started.reject);
  return {
    port: await started.promise,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

function same(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
