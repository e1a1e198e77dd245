import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../../src/core/session.ts";
import { copySample } from "../../story/stage.ts";
import type { TwinOptions } from "../../twin/slack/index.ts";
import type { Moment, Order } from "./bot.ts";
import { type Behind, createThread, createTwin, ROLES } from "./stage.ts";
import { wholeStory } from "./story.ts";

/**
 * `kill -9` of the bot before and after saves and calls of Slack. Every day two stories, in which it dies again and again;
 * `OCA_KILL=full` takes each moment of the story by itself, and `OCA_KILL="call 7 after"` that one.
 */
const WANTED = process.env["OCA_KILL"] ?? "";
const FULL_MS = 3 * 60 * 60_000;
const AT_ONCE = 1 + availableParallelism();
/** A dead bot has to start again first. */
const PATIENCE_MS = 120_000;

interface Told {
  /** Where it died. */
  deaths: string[];
  /** Of the life that ended in peace. */
  counts: Record<Moment["kind"], number>;
}

const save = (n: number, when: Moment["when"]): Moment => ({ kind: "save", n, when });
const call = (n: number, when: Moment["when"]): Moment => ({ kind: "call", n, when });

/** Each is of one life: a new one has other calls to make. */
const DAILY: [TwinOptions["mode"], Moment[]][] = [
  [
    "socket",
    [save(1, "before"), call(9, "after"), save(4, "after"), call(12, "before"), save(5, "before"), call(10, "after")],
  ],
  [
    "http",
    [call(7, "before"), save(3, "after"), call(11, "after"), save(6, "before"), call(8, "after"), save(4, "after")],
  ],
];

test.skipIf(WANTED !== "").for(DAILY)(
  "killed again and again, over %s, the bot ends the story as if nothing had been",
  {
    timeout: FULL_MS,
  },
  async ([mode, moments]) => {
    const { deaths } = await tell(mode, moments);
    expect(deaths.length, deaths.join("\n")).toBeGreaterThanOrEqual(4);
  },
);

test.runIf(WANTED !== "")(
  "killed at any save and any call of Slack, it does so too",
  { timeout: FULL_MS },
  async () => {
    const { counts } = await tell("socket", []);
    const all = momentsOf(counts);
    const left = all
      .filter(({ kind, n, when }) => WANTED === "full" || `${kind} ${n} ${when}`.startsWith(WANTED))
      .entries();
    let deaths = 0;
    const work = async (): Promise<void> => {
      for (const [i, moment] of left) deaths += (await tell(i % 2 === 0 ? "socket" : "http", [moment])).deaths.length;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.log(`${deaths} deaths of ${all.length} moments`);
    expect(deaths).toBeGreaterThan(0);
  },
);

const momentsOf = (counts: Told["counts"]): Moment[] =>
  (["save", "call"] as const).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, i) => i + 1).flatMap((n) =>
      (["before", "after"] as const).map((when): Moment => ({ kind, n, when })),
    ),
  );

/** Plays the whole story with a bot that dies as told, once a life, and is started again each time. */
async function tell(mode: TwinOptions["mode"], moments: readonly Moment[]): Promise<Told> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-slack-kill-")));
  const slack = await createTwin(mode);
  const port = await freePort();
  slack.requestUrl = `http://127.0.0.1:${port}/slack/events`;
  const { bot: token, app: appToken } = slack.tokens;
  const { signingSecret } = slack;
  const link = mode === "socket" ? { mode, appToken } : { mode, signingSecret, port, path: "/slack/events" };
  const people = Object.entries(ROLES).map(([name, role]) => [`slack:${slack.person(name).id}`, role] as const);
  const at = { repo: join(folder, "sample"), data: join(folder, "data"), home: join(folder, "home") };
  await Promise.all([copySample(at.repo), mkdir(at.home)]);
  const bot = keep(
    {
      ...at,
      apiUrl: slack.slackApiUrl,
      slack: { token, link },
      people: Object.fromEntries(people),
      goesOn: false,
      moment: null,
    },
    moments,
  );
  try {
    await Promise.race([bot.broken, bot.ready]);
    await Promise.race([bot.broken, wholeStory(createThread(slack, bot.behind))]);
    return await bot.stop();
  } catch (error) {
    throw new Error(`over ${mode}: ${String(error)}\n${bot.said()}`, { cause: error });
  } finally {
    bot.end();
    await slack.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Kept {
  behind: Behind;
  /** Resolves when it listens for the first time. */
  ready: Promise<void>;
  /** Rejects when the bot ends otherwise than by its own kill. */
  broken: Promise<never>;
  /** All that its lives said on standard error. */
  said(): string;
  /** Resolves when it has ended in peace. */
  stop(): Promise<Told>;
  end(): void;
}

/** A bot that is started again when it dies. */
function keep(order: Order, moments: readonly Moment[]): Kept {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined); // told by the race, if it is still on
  const ready = Promise.withResolvers<void>();
  const over = Promise.withResolvers<Told>();
  let goesOn = false;
  let isStopped = false;
  let said = "";
  const left = [...moments];
  let child: ChildProcess | null = null;
  const start = (): void => {
    const moment = left.shift() ?? null;
    const bot = spawn(
      process.execPath,
      [join(import.meta.dirname, "bot.ts"), JSON.stringify({ ...order, goesOn, moment })],
      {
        cwd: order.home,
        env: { PATH: process.env["PATH"] },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      },
    );
    child = bot;
    said += `${new Date().toISOString()} starts\n`;
    bot.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    bot.on("message", (message) => {
      if (message === "ready") ready.resolve();
      if (message === "ready" && isStopped) bot.send("stop");
      if (typeof message === "object")
        over.resolve({ deaths: said.match(/died .*/g) ?? [], counts: message as Told["counts"] });
    });
    bot.once("close", (code, signal) => {
      if (signal === "SIGKILL" && !isStopped) start();
      else if (code !== 0) {
        const error = new Error(`the bot ended with ${code ?? signal}\n${said}`);
        broken.reject(error);
        over.reject(error);
      }
    });
  };
  over.promise.catch(() => undefined); // told by `stop`, if anybody waits for it
  start();
  return {
    ready: ready.promise,
    broken: broken.promise,
    said: () => said,
    behind: {
      patienceMs: PATIENCE_MS,
      sessions: () => sessionsIn(order.data),
      step: () => Promise.resolve(),
      drawn: () => Promise.resolve(),
      reads: (file) => readFile(join(order.repo, file), "utf8"),
      goOn: () => {
        goesOn = true;
        child?.send("go on", () => undefined);
      },
    },
    stop: () => {
      isStopped = true;
      child?.send("stop", () => undefined);
      return over.promise;
    },
    end: () => {
      isStopped = true;
      if (child?.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    },
  };
}

/** What is saved; a file that is being replaced is read the next time. */
async function sessionsIn(data: string): Promise<Session[]> {
  const folder = join(data, "sessions");
  const ids = await readdir(folder).catch(() => []);
  const read = async (id: string): Promise<Session[]> => {
    const text = await readFile(join(folder, id, "session.json"), "utf8").catch(() => null);
    return text === null ? [] : [Session.parse(JSON.parse(text))];
  };
  return (await Promise.all(ids.map(read))).flat();
}

/** A port that nobody listens on, to come back to after a death. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
