import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { App, HTTPReceiver, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";
import { quiet, type SlackLog } from "./log.ts";
import { codeOf, isLocked } from "./trouble.ts";

export type LinkOrder =
  | { mode: "socket"; appToken: string }
  | { mode: "http"; signingSecret: string; port: number; path: string };

export interface Link {
  /** Rejects when Slack refuses the tokens, or the port is taken; anything else is tried again until it works. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port that Slack's requests come to; null in socket mode. */
  port(): number | null;
}

interface Deps {
  token: string;
  apiUrl: string | undefined;
  log: SlackLog;
  /** Resolves to what the acknowledgement says; until then Slack gets none. */
  deliver(body: unknown): Promise<object | undefined>;
}

const AGAIN_MS = [250, 1000, 2000, 5000, 10_000, 30_000];
const TIMEOUT_MS = 10_000;

/** Slack's way in: a WebSocket that oca opens, or requests that Slack makes. */
export const createLink = (order: LinkOrder, deps: Deps): Link =>
  order.mode === "socket" ? socketLink(order.appToken, deps) : httpLink(order, deps);

/** Bolt acknowledges events before its listeners run: ours is saved first, and then Bolt acknowledges it. */
function saving(receiver: Receiver, deliver: Deps["deliver"]): Receiver {
  return {
    init: (app) => {
      app.processEvent = async ({ body, ack }) => {
        const answer = await deliver(body);
        await ack(answer);
      };
      receiver.init(app);
    },
    start: (...how) => receiver.start(...how),
    stop: (...how) => receiver.stop(...how),
  };
}

const open = (receiver: Receiver, { token, deliver, log }: Deps): App =>
  new App({
    receiver: saving(receiver, deliver),
    token,
    tokenVerificationEnabled: false,
    logger: quiet(log),
  });

interface Connected {
  up: boolean;
  lost: Promise<void>;
}

function socketLink(appToken: string, deps: Deps): Link {
  const { apiUrl, log } = deps;
  const clientOptions = {
    retryConfig: { retries: 0 },
    timeout: TIMEOUT_MS,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
  // With its own reconnecting, a token that is refused on the way ends the whole process.
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
    logger: quiet(log),
  });
  open(receiver, deps);
  const { client } = receiver;
  const end = new AbortController();
  client.on("ws_message", (data: unknown) => greet(data, log));

  /** Connects; `lost` resolves when the connection is gone again. */
  const once = async (): Promise<Connected> => {
    await client.start();
    return { up: true, lost: new Promise((lost) => void client.once("disconnected", () => lost())) };
  };
  const missed = (error: unknown): Connected => {
    log.warn({ error: codeOf(error) }, "Slack is not connected; trying again");
    return { up: false, lost: Promise.resolve() };
  };
  const keep = async (first: Connected): Promise<void> => {
    let [now, tries] = [first, 0];
    for (;;) {
      await now.lost;
      await wait(AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)], null, { signal: end.signal });
      now = await once().catch(missed);
      if (now.up) tries = 0;
    }
  };
  return {
    start: async () => {
      const first = await once().catch((error: unknown) => {
        if (isLocked(codeOf(error))) throw refused("SLACK_APP_TOKEN", error);
        return missed(error);
      });
      keep(first).catch(() => undefined); // it ends by the signal
    },
    stop: async () => {
      end.abort();
      await client.disconnect();
    },
    port: () => null,
  };
}

export const refused = (name: string, error: unknown): Error =>
  new Error(
    `Slack refuses ${name} (${codeOf(error)}): put the one of your app there, docs/setup-slack.md says where it is`,
  );

const Hello = z.object({ type: z.literal("hello"), num_connections: z.number() });

/** Slack hands each delivery to one connection only: a second process of the same app takes a part of them away. */
function greet(data: unknown, log: SlackLog): void {
  const hello = Hello.safeParse(parse(data));
  if (!hello.success || hello.data.num_connections < 2) return;
  const connections = hello.data.num_connections;
  log.warn({ connections }, "another process is connected as the same Slack app and gets part of its messages");
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null; // not for us
  }
}

function httpLink(order: Extract<LinkOrder, { mode: "http" }>, deps: Deps): Link {
  const { signingSecret, port, path } = order;
  const receiver = new HTTPReceiver({ signingSecret, port, endpoints: [path], logger: quiet(deps.log) });
  const app = open(receiver, deps);
  let server: Server | null = null;
  return {
    start: async () => {
      server = await receiver.start({ port, host: "127.0.0.1" });
    },
    stop: async () => {
      if (!server) return;
      server.closeAllConnections();
      await app.stop();
      server = null;
    },
    port: () => {
      const address = server?.address();
      return typeof address === "object" && address ? address.port : null;
    },
  };
}
