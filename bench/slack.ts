// What the bot costs Slack and how fast it answers there, against a Slack on this machine that is as strict as the real one.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import english from "../locales/en/slack.json" with { type: "json" };
import { manifest } from "../src/chat/slack/manifest.ts";
import { loadConfig } from "../src/config.ts";
import type { Agent } from "../src/core/ports/agent.ts";
import { createLog } from "../src/log.ts";
import { createOca } from "../src/main.ts";
import { CHANGES, POLICY } from "../test/core/life.ts";
import type { Seen } from "../test/twin/slack/acts.ts";
import { createSlackTwin, type SlackTwin } from "../test/twin/slack/index.ts";
import { BUSY, GIT, inFolder, ms, QUICK, quantile, type Row } from "./parts/parts.ts";

const AT_WORK = 50;
const SECONDS = 60;
/** A bot that has just started looks for what an older one has left in every thread. */
const SETTLED_MS = 12_000;
/** Between two things that people do. */
const PAUSE_MS = 4000;
const OUTAGE_MS = 60_000;
const WAITING = 20;
const STORIES = 5;
const RESTING = 300;
const CHANNELS = Array.from({ length: 10 }, (_, n) => `c${n}`);
/** Slack: chat.update is tier 3, and a channel takes a post a second. */
const SLACKS_EDITS = 50;

interface Order {
  folder: string;
  apiUrl: string;
  bot: string;
  app: string;
}

/** Works for ever, plans at once, or plans while Slack is down: as the request says. */
const agent: Agent = {
  ...QUICK,
  name: "quick",
  run: (turn, desk) => {
    if (turn.prompt.includes("keep busy")) return BUSY.run(turn, desk);
    if (turn.kind === "write") return ended("Done.");
    return turn.prompt.includes("in a while") ? late(QUICK.run(turn, desk)) : QUICK.run(turn, desk);
  },
};

function ended(answer: string): ReturnType<Agent["run"]> {
  async function* events() {
    yield { type: "ended" as const, outcome: { ok: true as const, answer, plan: null } };
  }
  return { [Symbol.asyncIterator]: () => events(), answer: () => undefined };
}

function late(run: ReturnType<Agent["run"]>): ReturnType<Agent["run"]> {
  async function* events() {
    await wait(OUTAGE_MS / 2);
    yield* run;
  }
  return { ...run, [Symbol.asyncIterator]: () => events() };
}

/** The bot, in a process of its own. */
async function serve({ folder, apiUrl, bot, app }: Order): Promise<void> {
  await writeFile(join(folder, "oca.config.json"), JSON.stringify({ repos: { shop: { root: folder } } }));
  const config = await loadConfig({ cwd: folder, env: { PATH: process.env["PATH"], HOME: folder } });
  const oca = await createOca(
    {
      ...config,
      data: join(folder, "data"),
      web: "off",
      maxSessions: 2 * AT_WORK,
      slack: { token: bot, link: { mode: "socket", appToken: app } },
      defaults: { ...config.defaults, agent: "quick", policy: POLICY },
      roles: { everybody: "owner", people: {}, channels: {} },
    },
    {
      log: createLog({ level: "silent" }),
      slack: { apiUrl },
      agents: () => new Map([[agent.name, agent]]),
      wrap: {
        store: (store) => store,
        spawn: (start) => start,
        git: () => ({ ...GIT, inspect: () => Promise.resolve(CHANGES), compare: () => Promise.resolve(CHANGES) }),
      },
    },
  );
  process.on("message", async (message) => {
    if (message === "stop") return oca.stop().then(() => process.exit());
    await oca.screen.idle();
    for (let n = 0; n < 3; n++) await wait(1000).then(() => globalThis.gc?.());
    process.send?.(process.memoryUsage().heapUsed);
  });
  process.send?.("ready");
}

interface Stage {
  slack: SlackTwin;
  /** Bytes of the bot's heap when it rests. */
  heap(): Promise<number>;
}

const onStage = (limits: "real" | "none", use: (stage: Stage) => Promise<Row>): Promise<Row> =>
  inFolder(async (folder) => {
    const slack = await createSlackTwin({
      mode: "socket",
      channels: CHANNELS,
      manifest: manifest(english, null),
      retryMs: Array.from({ length: 40 }, () => 5000),
      ...(limits === "none" ? { limits: null } : {}),
    });
    const order: Order = { folder, apiUrl: slack.slackApiUrl, ...slack.tokens };
    const args = ["--expose-gc", import.meta.filename, JSON.stringify(order)];
    const bot = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    try {
      await heard(bot);
      const heap = (): Promise<number> => {
        bot.send("heap");
        return heard(bot).then(Number);
      };
      return await use({ slack, heap });
    } finally {
      bot.send("stop");
      await once(bot, "exit");
      await slack.stop();
    }
  });

const heard = async (bot: ChildProcess): Promise<unknown> => (await once(bot, "message"))[0];

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await wait(2);
  }
}

interface Thread {
  channel: string;
  root: string;
}

const cards = (slack: SlackTwin, { channel, root }: Thread): Seen[] =>
  slack.messages(channel, root).filter(({ ts }) => ts !== root);

const offers = (slack: SlackTwin, at: Thread, label: string): Promise<Seen> =>
  until(() => cards(slack, at).findLast(({ buttons }) => buttons.includes(label)));

/** When Slack took the first such call of a thread, or of a card. */
const called = (slack: SlackTwin, method: string, fits: (args: Record<string, unknown>) => boolean): Promise<number> =>
  until(() => slack.calls.find((call) => call.method === method && call.outcome === "ok" && fits(call.args))?.at);

/** How many calls Slack refused for their rate, and which. */
function refusedIn(slack: SlackTwin): string {
  const refused = slack.calls.filter(({ outcome }) => outcome === "ratelimited").map(({ method }) => method);
  const each = Object.entries(Object.groupBy(refused, (method) => method));
  return [`${refused.length}`, ...each.map(([method, calls = []]) => `${method} ${calls.length}`)].join(", ");
}

/** Mention, plan, approval, merge: one after another, so that each call belongs to one of them. */
const stories = (): Promise<Row> =>
  onStage("real", async ({ slack }) => {
    const first = slack.calls.length;
    for (let n = 0; n < STORIES; n++) {
      const channel = CHANNELS[n % CHANNELS.length] ?? "c0";
      const { ts: root } = await slack.person("Cleo").says(channel, "@oca do it");
      for (const label of ["Approve", "Merge"])
        await slack.person("Ben").clicks(await offers(slack, { channel, root }, label), label);
      await until(() => cards(slack, { channel, root }).find(({ words }) => words.startsWith("Merged")));
      await wait(PAUSE_MS);
    }
    const calls = slack.calls.slice(first);
    const count = (part: string) => calls.filter(({ method }) => method.startsWith(part)).length / STORIES;
    return {
      "Web API calls per finished session": (calls.length / STORIES).toFixed(1),
      "without the edits (target: 12)": ((calls.length - STORIES * count("chat.update")) / STORIES).toFixed(1),
      "of these posts": count("chat.post").toFixed(1),
      edits: count("chat.update").toFixed(1),
      "signs and status": (count("reactions.") + count("agents.")).toFixed(1),
      "refused for their rate": refusedIn(slack),
    };
  });

/** Fifty agents at work, and people who start and decide among them. */
const busily = (): Promise<Row> =>
  onStage("real", async ({ slack }) => {
    const ana = slack.person("Ana");
    await wait(SETTLED_MS);
    const starts = await Promise.all(
      Array.from({ length: AT_WORK }, async (_, n): Promise<number> => {
        const channel = CHANNELS[n % CHANNELS.length] ?? "c0";
        const since = Date.now();
        const { ts } = await ana.says(channel, `@oca keep busy, ${n}`);
        return (await called(slack, "chat.postMessage", (args) => args["thread_ts"] === ts)) - since;
      }),
    );
    const from = slack.calls.length;
    const [acks, firsts, edits]: [number[], number[], number[]] = [[], [], []];
    const end = Date.now() + SECONDS * 1000;
    for (let n = 0; Date.now() < end; n++) {
      const channel = CHANNELS[n % CHANNELS.length] ?? "c0";
      const since = Date.now();
      const { ts: root } = await ana.says(channel, "@oca plan it at once");
      acks.push(Date.now() - since);
      firsts.push((await called(slack, "chat.postMessage", (args) => args["thread_ts"] === root)) - since);
      const card = await offers(slack, { channel, root }, "Reject");
      await wait(PAUSE_MS / 2);
      const clicked = Date.now();
      await ana.clicks(card, "Reject");
      edits.push((await called(slack, "chat.update", (args) => args["ts"] === card.ts)) - clicked);
      await wait(PAUSE_MS / 2);
    }
    const perMinute = (slack.calls.slice(from).filter(({ method }) => method === "chat.update").length * 60) / SECONDS;
    return {
      ...both("message -> first card, 50 threads at once", starts),
      ...both("message -> acknowledged", acks),
      ...both("message -> first card", firsts),
      ...both("click -> edited card", edits),
      "edits a minute (Slack takes 50)": `${perMinute.toFixed(0)} of ${SLACKS_EDITS}`,
      "refused for their rate": refusedIn(slack),
    };
  });

const both = (name: string, values: number[]): Row => ({
  [`${name}, p50`]: ms(quantile(values, 0.5)),
  [`${name}, p99`]: ms(quantile(values, 0.99)),
});

/** Plans become ready while Slack is down. */
const afterwards = (): Promise<Row> =>
  onStage("real", async ({ slack }) => {
    const threads = await Promise.all(
      Array.from({ length: WAITING }, async (_, n): Promise<Thread> => {
        const channel = CHANNELS[n % CHANNELS.length] ?? "c0";
        const { ts: root } = await slack.person("Cleo").says(channel, `@oca plan it in a while, ${n}`);
        await until(() => cards(slack, { channel, root })[0]);
        return { channel, root };
      }),
    );
    await slack.outage(OUTAGE_MS);
    const since = Date.now();
    await Promise.all(threads.map((thread) => offers(slack, thread, "Approve")));
    const posts = WAITING / CHANNELS.length;
    return {
      [`Slack down for ${OUTAGE_MS / 1000} s -> ${WAITING} plans stand there`]: ms(Date.now() - since),
      "at a post a second and channel (baseline)": ms(posts * 1000),
    };
  });

const memory = (): Promise<Row> =>
  onStage("none", async ({ slack, heap }) => {
    const before = await heap();
    for (let n = 0; n < RESTING; n++) {
      const channel = CHANNELS[n % CHANNELS.length] ?? "c0";
      const { ts: root } = await slack.person("Cleo").says(channel, `@oca plan it, ${n}`);
      if (n >= RESTING - CHANNELS.length) await offers(slack, { channel, root }, "Approve");
    }
    return {
      [`heap per open thread, of ${RESTING}`]: `${(((await heap()) - before) / RESTING / 1024).toFixed(1)} KiB`,
    };
  });

const [order] = process.argv.slice(2);
if (order !== undefined) await serve(JSON.parse(order));
else
  for (const measured of [stories, busily, afterwards, memory])
    console.table(Object.fromEntries(Object.entries(await measured()).map(([name, value]) => [name, { value }])));
