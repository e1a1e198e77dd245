// How fast the bot answers while agents work, and how often it edits.
import { execFile } from "node:child_process";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { createText } from "../src/chat/text/index.ts";
import { type Config, loadConfig } from "../src/config.ts";
import type { Chat } from "../src/core/ports/chat.ts";
import { createLog } from "../src/log.ts";
import { createOca, type Oca } from "../src/main.ts";
import { POLICY } from "../test/core/life.ts";
import { BUSY, GIT, inFolder, ms, PER_SECOND, QUICK, quantile, type Row } from "./parts/parts.ts";

const SECONDS = 30;
const CLEO = { id: "text:cleo", chat: "text", user: "cleo", name: "Cleo" };

/** Every figure comes from a process of its own. */
async function child(mode: string, folder: string, sessions: number): Promise<Row> {
  const args = ["--expose-gc", import.meta.filename, mode, folder, String(sessions)];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

const busily = (sessions: number): Promise<Row> => inFolder((folder) => child("busy", folder, sessions));

async function busy(folder: string, sessions: number): Promise<Row> {
  const idle = await loopDelay(() => wait(2000));
  const { oca, chat, first, edits } = await start(folder, sessions + 10);
  const working: string[] = [];
  for (let n = 0; n < sessions; n++) working.push((await chat.say(CLEO, `Let oca keep busy, ${n}`)).thread ?? "");
  await wait(5000);
  edits.clear();
  const [shown, saved, raw]: [number[], number[], number[]] = [[], [], []];
  const file = await open(join(folder, "raw"), "a");
  const cpu = process.cpuUsage();
  const loop = await loopDelay(async () => {
    for (const end = performance.now() + SECONDS * 1000; performance.now() < end; await wait(150)) {
      const since = performance.now();
      const { thread } = await chat.say(CLEO, "Let oca plan it at once with quick");
      shown.push((await first(thread ?? "", () => true)) - since);
      await first(thread ?? "", (head) => head.startsWith("Plan v1"));
      await wait(150); // nobody clicks faster
      saved.push(await timed(() => chat.press(CLEO, ({ label }) => label === "Reject")));
      raw.push(await timed(() => file.appendFile(`${"x".repeat(600)}\n`).then(() => file.datasync())));
    }
  });
  const { user, system } = process.cpuUsage(cpu);
  await file.close();
  const pace = Math.max(...working.map((thread) => perMinute(edits.get(thread) ?? [])));
  await oca.stop();
  return {
    "message in -> first card, p50": ms(quantile(shown, 0.5)),
    "message in -> first card, p99": ms(quantile(shown, 0.99)),
    "click -> saved, p50": ms(quantile(saved, 0.5)),
    "click -> saved, p99": ms(quantile(saved, 0.99)),
    "raw append + fsync (baseline), p50": ms(quantile(raw, 0.5)),
    "raw append + fsync (baseline), p99": ms(quantile(raw, 0.99)),
    "event loop delay, p99": ms(loop),
    "event loop delay of an empty loop (baseline), p99": ms(idle),
    "processor time, of one core": `${(((user + system) / 1e6 / SECONDS) * 100).toFixed(0)} %`,
    "edits per thread and minute, at most": pace.toFixed(1),
  };
}

/** A whole bot without git and without a platform. */
async function start(folder: string, maxSessions: number) {
  const chat = createText({});
  const heads = new Map<string, { at: number; head: string }[]>();
  const edits = new Map<string, number[]>();
  const note = (thread: string | null, head: string): void => {
    heads.set(thread ?? "", [...(heads.get(thread ?? "") ?? []), { at: performance.now(), head }]);
  };
  const metered: Chat = {
    ...chat,
    post: (thread, view) => {
      note(thread.thread, view.head);
      return chat.post(thread, view);
    },
    edit: (message, view) => {
      edits.set(message.thread ?? "", [...(edits.get(message.thread ?? "") ?? []), performance.now()]);
      // What an earlier process posted is not in this memory.
      return chat.lines.some(({ at }) => at.id === message.id) ? chat.edit(message, view) : Promise.resolve();
    },
  };
  /** When the first card of a thread that fits was handed to the platform. */
  const first = async (thread: string, fits: (head: string) => boolean): Promise<number> => {
    for (;;) {
      const found = heads.get(thread)?.find(({ head }) => fits(head));
      if (found) return found.at;
      await wait(1);
    }
  };
  const oca: Oca = await createOca(await configOf(folder, maxSessions), {
    log: createLog({ level: "silent" }),
    chats: [metered],
    agents: () => new Map([BUSY, QUICK].map((agent) => [agent.name, agent])),
    wrap: { store: (store) => store, spawn: (spawn) => spawn, git: () => GIT },
  });
  return { oca, chat, first, edits };
}

async function configOf(folder: string, maxSessions: number): Promise<Config> {
  const file = join(folder, "oca.config.json");
  await writeFile(file, JSON.stringify({ repos: { shop: { root: folder } } }));
  return {
    ...(await loadConfig({ cwd: folder, env: { PATH: process.env["PATH"], HOME: folder } })),
    data: join(folder, "data"),
    web: "off",
    maxSessions,
    defaults: { repo: null, agent: "busy", hears: "words", cards: "normal", policy: POLICY },
    roles: { everybody: "owner", people: {}, channels: {} },
  };
}

/** The 99th percentile of how late the event loop was meanwhile, in milliseconds. */
async function loopDelay(job: () => Promise<unknown>): Promise<number> {
  const resolution = 10;
  const meter = monitorEventLoopDelay({ resolution });
  meter.enable();
  await job();
  meter.disable();
  // A timer of this resolution is never earlier than that.
  return Math.max(0, meter.percentile(99) / 1e6 - resolution);
}

async function timed(job: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await job();
  return performance.now() - since;
}

/** Columns as rows. */
function turned(rows: Record<string, Row>): Record<string, Row> {
  const names = Object.keys(Object.values(rows)[0] ?? {});
  const columns = (name: string) => Object.entries(rows).map(([column, row]) => [column, row[name] ?? ""]);
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(columns(name))]));
}

const perMinute = (times: number[]): number =>
  times.length < 2 ? 0 : ((times.length - 1) * 60_000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));

const [mode, place = "", count = "0"] = process.argv.slice(2);
if (mode === "busy") console.log(JSON.stringify(await busy(place, Number(count))));
else {
  const rows: Record<string, Row> = {};
  for (const sessions of [1, 20, 100]) rows[`${sessions} at work`] = await busily(sessions);
  console.log(`each session's agent reports ${PER_SECOND} activities a second, for ${SECONDS} s`);
  console.table(turned(rows));
}
