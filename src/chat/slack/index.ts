import { SlackError, WebClient } from "@slack/web-api";
import { type Chat, Gone, type Incoming, type Message } from "../../core/ports/chat.ts";
import { createDesk } from "./desk.ts";
import { earlier } from "./earlier.ts";
import { fetchFile } from "./file.ts";
import { createLink, refused } from "./link.ts";
import { quiet } from "./log.ts";
import { createMoods } from "./moods.ts";
import type { SlackOrder } from "./order.ts";
import { createPeople } from "./people.ts";
import { probe } from "./probe.ts";
import { PLAIN } from "./render.ts";
import { createReplies } from "./replies.ts";
import { createSender } from "./sender.ts";
import { codeOf, isLocked, isLost } from "./trouble.ts";
import { msOf } from "./wire.ts";

export type { SlackOrder } from "./order.ts";

/** A team's Slack. */
export interface Slack extends Chat {
  /** The port of HTTP mode; null in socket mode. */
  port(): number | null;
  /** Resolves when no sign waits to be drawn. */
  idle(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** Slack has its acknowledgement within three seconds: what is asked before must not take them. */
const QUICK_MS = 1200;
const AGAIN_MS = 5000;
/** How far Slack's clock and this machine's may be apart. */
const SKEW_MS = 10_000;

export function createSlack(order: SlackOrder): Slack {
  const { token, now, log, apiUrl, postSpacingMs = 1000 } = order;
  const options = {
    // Its own waiting would hold up every other call.
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    logger: quiet(log),
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
  const client = new WebClient(token, { ...options, timeout: TIMEOUT_MS });
  const quick = new WebClient(token, { ...options, timeout: QUICK_MS });
  let self = { bot: "", site: "" };
  let features = PLAIN;
  let receive = (_: Incoming): Promise<void> => Promise.reject(new Error("Slack has not been started"));

  const people = createPeople(quick, now);
  const startedAt = now();
  const isYoung = (ts: string): boolean => Number(ts) * 1000 > startedAt + SKEW_MS;
  const isKnown = async (message: Message) => (await order.card(message)) !== null;
  const sender = createSender({ client, features: () => features, isKnown, isYoung, now, log, postSpacingMs });
  const moods = createMoods(client, { bot: () => self.bot, requestIn: order.requestIn, isYoung, log });
  const replies = createReplies({
    client,
    sender,
    features: () => features,
    words: order.words,
    fetch: order.fetch ?? fetch,
    log,
  });
  const desk = createDesk(order, { client, people, sender, replies, self: () => self, receive: (it) => receive(it) });
  const link = createLink(order.link, { token, apiUrl, log, deliver: desk.deliver });

  /** Slack may be down when oca starts: everything else works meanwhile. */
  async function open(): Promise<void> {
    const { user_id: bot = "", url: site = "" } = await client.auth.test();
    self = { bot, site };
    features = await probe(client, log);
    await link.start();
  }
  const opening = patient(open, log);

  return {
    name: "slack",
    start: async (listener) => {
      receive = listener;
      await opening.start();
    },
    stop: async () => {
      opening.stop();
      sender.stop();
      moods.stop();
      await link.stop();
    },
    port: link.port,
    idle: moods.idle,
    post: async (thread, view) => {
      const message = await sender.post(thread, await people.addressed(view)).catch(orGone);
      moods.note(message, view.mood);
      return { ...message, at: msOf(message.id) };
    },
    edit: async (message, view) => {
      await sender.edit(message, await people.addressed(view)).catch(orGone);
      moods.note(message, view.mood);
    },
    reply: replies.reply,
    context: (thread, before) => earlier(thread, before, { client: quick, people, bot: () => self.bot, log }),
    fetch: (file) => fetchFile(file, { client, token, fetch: order.fetch ?? fetch }),
  };
}

function orGone(error: unknown): never {
  const code = codeOf(error);
  throw isLost(code) ? new Gone(`Slack takes nothing there: ${code}`, { cause: error }) : error;
}

/** Starts now or later; what only other settings can mend is thrown. */
function patient(open: () => Promise<void>, log: SlackOrder["log"]): { start(): Promise<void>; stop(): void } {
  let again: NodeJS.Timeout | null = null;
  const start = async (): Promise<void> => {
    await open().catch((error: unknown) => {
      const code = codeOf(error);
      if (isLocked(code)) throw refused("SLACK_BOT_TOKEN", error);
      if (!(error instanceof SlackError)) throw error;
      log.warn({ error: code }, "Slack cannot be reached; trying again");
      const late = (error: unknown) => log.warn({ error }, "Slack is given up");
      again = setTimeout(() => void start().catch(late), AGAIN_MS);
    });
  };
  return {
    start,
    stop: () => {
      if (again) clearTimeout(again);
    },
  };
}
