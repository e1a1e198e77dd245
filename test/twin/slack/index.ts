import { setTimeout as wait } from "node:timers/promises";
import { createActs, type Seen, seen } from "./acts.ts";
import { type Call, createApi, type Tokens } from "./api.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHappenings, type Happenings, isThere, mayKnow } from "./happenings.ts";
import { createMeter, type Limits } from "./limits.ts";
import { createHook } from "./link/hook.ts";
import type { Attempt, Delivery } from "./link/link.ts";
import { createOffice, type Office } from "./link/post.ts";
import { createSockets } from "./link/socket.ts";
import { EVERYTHING, readManifest } from "./manifest.ts";
import { enveloped } from "./payload.ts";
import { createPerson, type Person } from "./people.ts";
import { createRoutes } from "./routes.ts";
import { serve } from "./server.ts";
import { FILE_HOST } from "./wire.ts";
import { channelOf, createWorkspace, postsOf, type Seed } from "./workspace.ts";
import type { World } from "./world.ts";

export interface TwinOptions extends Partial<Seed> {
  /** How Slack reaches the app. */
  mode: "socket" | "http";
  /** Where the app listens, in `http` mode; it may be known only later (`twin.requestUrl`). */
  requestUrl?: string;
  /** As it would be pasted into Slack; else everything that the twin knows is granted. */
  manifest?: unknown;
  /** Null: Slack takes everything at any speed. */
  limits?: Limits | null;
  /** How long the app has to acknowledge. */
  ackMs?: number;
  /** When an event comes again that was not acknowledged, after each attempt. */
  retryMs?: readonly number[];
  now?: () => number;
}

/** What a test may switch while the twin runs. */
export interface Switches {
  requestUrl: string;
  limits: Limits | null;
  ackMs: number;
  retryMs: readonly number[];
  /** How long every call takes. */
  lagMs: number;
  /** `fails`: every call fails at first, and works when it is made again. `twice`: every event comes twice. */
  troubles: { fails: boolean; twice: boolean };
  /** What every token is answered with; null while they are good. */
  revoked: string | null;
  /** Files are asked for in vain, as with a token that may not read them. */
  hidesFiles: boolean;
  /** Whether the workspace has agent sessions. */
  hasAgents: boolean;
  /** Block types that the workspace does not know: all of `NEW_BLOCKS` for an old one. */
  lacks: ReadonlySet<string>;
}

export interface SlackTwin extends Switches, Happenings {
  url: string;
  /** What the bot is configured with. */
  slackApiUrl: string;
  tokens: Tokens;
  signingSecret: string;
  botUser: string;
  /** A `fetch` for which Slack's file host is this twin. */
  fetch: typeof fetch;
  /** By the name they were made with. */
  person(name: string): Person;
  /** The id of a channel. */
  channel(name: string): string;
  /** A thread with its root, or the top level of a channel; oldest first, as it looks now. */
  messages(channel: string, thread?: string | null): Seen[];
  /** All statuses that an agent session had, oldest first. */
  statuses(channel: string, thread: string): string[];
  /** Every call of the Web API, oldest first. */
  calls: readonly Call[];
  count(method: string): number;
  /** Every attempt to tell the app something. */
  sent: Office["sent"];
  faults: Faults;
  sockets: { count(): number; connected(count: number): Promise<void> };
  /** Ends the WebSocket connections without a word. */
  drop(): void;
  /** Announces that they will be closed. */
  refresh(): void;
  /** Nothing is answered and nothing delivered, for so long. */
  outage(ms: number): Promise<void>;
  /** The last thing that a person did arrives once more. */
  redeliver(): Promise<boolean>;
  stop(): Promise<void>;
}

/** A tenth of a second, then as Slack does: after a minute and after five. */
const RETRY_MS = [100, 60_000, 300_000];
const PEOPLE = ["Ana", "Ben", "Cleo", "Dan", "Eve"];
const CHANNELS = ["agents", "general", { name: "secret", private: true }];

/**
 * A Slack on this machine, as strict as the real one. It takes what Slack documents and refuses the rest, so that a bot that
 * gets on with it should get on with Slack.
 */
export async function createSlackTwin(options: TwinOptions): Promise<SlackTwin> {
  const { mode, people = PEOPLE, channels = CHANNELS, manifest = EVERYTHING, now = Date.now } = options;
  const workspace = createWorkspace({ people, channels }, now);
  const tokens = { bot: "xoxb-twin-bot", app: "xapp-1-twin-app" };
  const signingSecret = "twin-signing-secret";
  const switches: Switches = {
    requestUrl: options.requestUrl ?? "",
    limits: options.limits === undefined ? { minuteMs: 60_000, burst: 5 } : options.limits,
    ackMs: options.ackMs ?? 3000,
    retryMs: options.retryMs ?? RETRY_MS,
    lagMs: 0,
    troubles: { fails: false, twice: false },
    revoked: null,
    hidesFiles: false,
    hasAgents: true,
    lacks: new Set(),
  };
  const faults = createFaults(() => switches.troubles.fails);
  let last: Delivery[] = [];
  let isDown = false;

  const sockets = createSockets({ appId: workspace.bot.appId, ackMs: () => switches.ackMs });
  const hook = createHook({
    requestUrl: () => switches.requestUrl,
    secret: signingSecret,
    ackMs: () => switches.ackMs,
    now,
  });
  const way: Attempt = mode === "socket" ? sockets.attempt : hook;
  const attempt: Attempt = (delivery, retry) =>
    isDown ? Promise.resolve({ ok: false, why: "connection_failed" }) : way(delivery, retry);
  const office = createOffice(attempt, () => switches.retryMs);

  const world: World = {
    workspace,
    manifest: readManifest(manifest),
    get lacks() {
      return switches.lacks;
    },
    get hasAgents() {
      return switches.hasAgents;
    },
    whispers: [],
    views: new Map(),
    triggers: new Map(),
    statuses: new Map(),
    uploads: new Map(),
    replies: new Map(),
    url: () => server.url,
    now,
    emit: async (subscription, event) => {
      if (!mayKnow(world.manifest, subscription) || !isThere(world, event))
        return { delivery: null, acked: { ok: true, payload: {} } };
      return world.deliver({ kind: "events_api", payload: enveloped(world, event) });
    },
    deliver: async (delivery) => {
      const acked = await office.send(delivery);
      if (switches.troubles.twice && delivery.kind === "events_api") await office.again([delivery]);
      return { delivery, acked };
    },
  };
  const meter = createMeter(() => switches.limits, now);
  const api = createApi({
    world,
    tokens,
    revoked: () => switches.revoked,
    meter,
    faults,
    socketUrl: () =>
      mode === "socket" ? `${server.url.replace("http", "ws")}/link/?ticket=${sockets.ticket()}` : null,
    lagMs: () => switches.lagMs,
  });
  const routes = createRoutes({ world, api: api.answer, reader: () => (switches.hidesFiles ? "" : tokens.bot) });
  const server = await serve(
    (request) => (isDown ? Promise.resolve({ status: 503, body: "down" }) : routes(request)),
    (request, socket, head) => (isDown ? void socket.destroy() : sockets.upgrade(request, socket, head)),
  );

  const everybody = new Map(
    [...workspace.members.values()].map((member) => {
      const acts = createActs(world, member, (deliveries) => {
        last = deliveries;
      });
      return [member.realName, createPerson(world, member, acts)];
    }),
  );
  return Object.assign(switches, {
    url: server.url,
    slackApiUrl: `${server.url}/api/`,
    tokens,
    signingSecret,
    botUser: workspace.bot.user,
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      typeof input === "string" || input instanceof URL
        ? fetch(String(input).replace(FILE_HOST, `${server.url}/files`), init)
        : fetch(input, init),
    person: (name: string) => {
      const person = everybody.get(name);
      if (!person) throw new Error(`there is nobody called ${name}`);
      return person;
    },
    channel: (name: string) => channelOf(workspace, name).id,
    messages: (name: string, thread: string | null = null) =>
      postsOf(channelOf(workspace, name), thread).map((post) => seen(world, post)),
    statuses: (channel: string, thread: string) =>
      (world.statuses.get(`${channelOf(workspace, channel).id}:${thread}`) ?? []).map(({ status }) => status),
    calls: api.calls,
    count: (method: string) => api.calls.filter((call) => call.method === method).length,
    sent: office.sent,
    faults,
    sockets: { count: sockets.count, connected: sockets.connected },
    drop: sockets.drop,
    refresh: sockets.refresh,
    outage: async (ms: number) => {
      isDown = true;
      sockets.drop();
      await wait(ms);
      isDown = false;
    },
    redeliver: async () => (await office.again(last)).every(({ ok }) => ok),
    ...createHappenings(world),
    stop: async () => {
      office.stop();
      sockets.stop();
      await server.stop();
    },
  });
}
