// What the bot adds to a turn of a real agent, beside the bare program started once for the same turn. The model is scripted
// and answers at once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createText, type TextChat } from "../src/chat/text/index.ts";
import { type Config, loadConfig } from "../src/config.ts";
import type { Verb } from "../src/core/event.ts";
import type { Person, Thread } from "../src/core/parts.ts";
import type { Agent, Desk } from "../src/core/ports/agent.ts";
import type { Session } from "../src/core/session.ts";
import { makeSample } from "../src/demo.ts";
import { createLog } from "../src/log.ts";
import { createOca } from "../src/main.ts";
import { createHostSpawn } from "../src/sandbox/host.ts";
import { asText } from "../src/view/text.ts";
import { bin, type Real } from "../test/agents/bin.ts";
import { provider } from "../test/agents/codex-provider.ts";
import { CREW } from "../test/agents/crew.ts";
import { config } from "../test/agents/opencode-config.ts";
import { startModel } from "../test/twin/model/index.ts";
import { marker } from "../test/twin/model/script.ts";

const NAMES = ["claude", "codex", "opencode", "gemini"] as const satisfies Real[];
const TIMES = 3;
const RUNNING = 3;
const FOLLOW_UPS = 10;
const WAITS_MS = 120_000;
const environment = { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, HOME: tmpdir() };
const ana: Person = { id: "text:ana", chat: "text", user: "ana", name: "Ana" };

/** How each program is started by hand for one turn. */
const BARE: Readonly<Record<Real, (member: { url: string; model: string; home: string }) => Bare>> = {
  claude: ({ model, home }) => ({
    args: ["-p", "--model", model, "--setting-sources", ""],
    env: { CLAUDE_CONFIG_DIR: home, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
  }),
  codex: ({ url, model, home }) => ({
    args: [
      ...["exec", "--skip-git-repo-check", "--sandbox", "read-only"],
      ...Object.entries({ ...provider(url, model), check_for_update_on_startup: false }).flatMap(([name, value]) => [
        "-c",
        `${name}=${JSON.stringify(value)}`,
      ]),
    ],
    env: { CODEX_HOME: home },
  }),
  opencode: ({ url, model, home }) => ({
    args: ["run", "--model", model],
    env: {
      ...{ HOME: home, OPENCODE_CONFIG_CONTENT: JSON.stringify(config(url)) },
      ...{ OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_PURE: "1" },
    },
  }),
  gemini: ({ model, home }) => ({
    args: ["--skip-trust", "--model", model, "--prompt"],
    env: { GEMINI_CLI_HOME: home, GEMINI_CLI_NO_RELAUNCH: "true" },
  }),
};

interface Bare {
  args: string[];
  env: Record<string, string>;
}

type Row = Record<string, string>;

async function measure(name: Real, folder: string): Promise<Row> {
  const member = CREW[name];
  const model = await startModel({ scripts: member.scripts, maxPlays: 10_000 });
  const bot = await open(name, model.url, folder);
  try {
    // The first turn of all furnishes the agent's folder.
    await bot.turn(`Let oca say hello ${marker("hello")}`);
    const bare = await bareTurns(name, model.url, folder);
    const ours: number[] = [];
    const lines: number[] = [];
    const turns: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      const { line, end, turn } = await bot.turn(`Let oca say hello ${marker("hello")}`);
      ours.push(end);
      lines.push(line);
      turns.push(turn);
    }
    const [plans, writes]: [number[], number[]] = [[], []];
    for (let n = 0; n < TIMES; n++) {
      const { plan, write } = await bot.work(`Let oca write ${marker("plan")}`);
      plans.push(plan);
      writes.push(write);
    }
    return {
      "the bare program, start to end of a turn (baseline)": ms(bare),
      "message in -> end of the same turn": ms(median(ours)),
      "of it the agent's turn, start to end": ms(median(turns)),
      "so oca adds to the program's turn": ms(median(turns) - bare),
      "and around it, workspace and cards included": ms(median(ours) - median(turns)),
      "message in -> first word of the agent": ms(median(lines)),
      "message in -> plan card": ms(median(plans)),
      "approve -> first write": ms(median(writes)),
      "memory of oca for each running session": await bot.memory(),
      [`bytes beside the new words, follow-up ${FOLLOW_UPS}`]: await bot.beside(),
    };
  } finally {
    await bot.oca.stop();
    await model.stop();
  }
}

/** The median of a few turns, each a process of its own. */
async function bareTurns(name: Real, url: string, folder: string): Promise<number> {
  const member = CREW[name];
  const home = join(folder, "bare");
  await mkdir(home, { recursive: true });
  await member.prepare(home);
  const { args, env } = BARE[name]({ url, model: member.models[0], home });
  const times: number[] = [];
  for (let n = 0; n <= TIMES; n++) {
    const since = performance.now();
    const child = spawn(bin(name), [...args, `Say hello ${marker("hello")}`], {
      cwd: join(folder, "sample"),
      env: { ...environment, HOME: home, ...member.env(url), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
    const said = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`${name} by hand ended with ${code}: ${(await said).flat().join("").slice(-500)}`);
    times.push(performance.now() - since);
  }
  return median(times.slice(1));
}

/** A whole bot with one agent, and what happens in it. */
async function open(name: Real, url: string, folder: string) {
  const member = CREW[name];
  const data = join(folder, "data");
  const repo = join(folder, "sample");
  await makeSample(repo, { spawn: createHostSpawn(), env: environment });
  await member.prepare(join(data, "homes", name));
  let said: (() => void) | null = null;
  let took = 0;
  const prompts: string[] = [];
  const chat = createText({});
  const oca = await createOca(await configOf(name, url, folder), {
    log: createLog({ level: "silent" }),
    chats: [chat],
    agents: () =>
      new Map([
        [
          name,
          heard(
            member.agent(url),
            (prompt) => prompts.push(prompt),
            () => said?.(),
            (ms) => {
              took = ms;
            },
          ),
        ],
      ]),
  });
  const sessionOf = async ({ thread }: Thread): Promise<Session | undefined> =>
    (await oca.store.all()).find(({ threads }) => threads[0]?.thread === thread);
  const rests = (thread: Thread, at: Session["phase"]["at"]) =>
    until(async () => {
      const phase = (await sessionOf(thread))?.phase;
      if (phase?.at === "paused" && at !== "paused") throw new Error(`${name} ${JSON.stringify(phase.why)}`);
      return phase?.at === at;
    });
  const press = (thread: Thread, verb: Verb) =>
    chat.press(ana, ({ does }, action) => "action" in does && action?.verb === verb && isOf(chat, thread, does.action));
  return {
    oca,
    turn: async (words: string) => {
      const since = performance.now();
      let line = 0;
      said = () => {
        line ||= performance.now() - since;
      };
      const thread = await chat.say(ana, words);
      await rests(thread, "closed");
      return { line, end: performance.now() - since, turn: took };
    },
    work: async (words: string) => {
      let since = performance.now();
      const thread = await chat.say(ana, words);
      await until(async () => cardOf(chat, thread).includes("Plan v1:"));
      const plan = performance.now() - since;
      await oca.screen.idle();
      since = performance.now();
      await press(thread, "approve");
      const session = await sessionOf(thread);
      if (!session?.workspace) throw new Error("no workspace");
      const file = join(oca.git.path({ session: session.id, workspace: session.workspace }), "hello-model.txt");
      await until(async () => existsSync(file));
      const write = performance.now() - since;
      await press(thread, "stop").catch(() => undefined); // it may be over
      await until(async () => ["paused", "reviewing"].includes((await sessionOf(thread))?.phase.at ?? ""));
      return { plan, write };
    },
    /** The bot's own heap while agents talk, against the same bot at rest. */
    memory: async () => {
      const before = await heap();
      const threads: Thread[] = [];
      for (let n = 0; n < RUNNING; n++) threads.push(await chat.say(ana, `Let oca talk ${marker("slow")}`));
      await until(async () => (await oca.store.all()).filter(({ phase }) => phase.at === "running").length >= RUNNING);
      await wait(5000);
      const after = await heap();
      for (const thread of threads) await chat.say(ana, "stop", thread);
      for (const thread of threads) await rests(thread, "paused");
      return `${((after - before) / RUNNING / 1e6).toFixed(1)} MB`;
    },
    beside: async () => {
      const thread = await chat.say(ana, `Let oca say hello ${marker("hello")}`);
      await rests(thread, "closed");
      for (let n = 0; n < FOLLOW_UPS; n++) {
        const count = prompts.length;
        await chat.say(ana, `Once more ${marker("hello")}`, thread);
        await until(async () => prompts.length > count);
        await rests(thread, "closed");
      }
      return `${Buffer.byteLength(prompts.at(-1) ?? "") - `Once more ${marker("hello")}`.length} B`;
    },
  };
}

const cardOf = (chat: TextChat, { thread }: Thread): string =>
  chat.lines.flatMap(({ at, view }) => (view && at.thread === thread ? [asText(view)] : [])).join("\n");

const isOf = (chat: TextChat, { thread }: Thread, action: string): boolean =>
  chat.lines.some(
    ({ at, view }) =>
      at.thread === thread && view?.buttons.some(({ does }) => "action" in does && does.action === action),
  );

/** Tells which prompts an agent gets, when it says or does something, and how long its turn took. */
const heard = (
  agent: Agent,
  prompted: (prompt: string) => void,
  said: () => void,
  over: (tookMs: number) => void,
): Agent => ({
  ...agent,
  run: (turn, desk: Desk) => {
    const since = performance.now();
    prompted(turn.prompt);
    const run = agent.run(turn, desk);
    async function* events() {
      for await (const event of run) {
        if (event.type === "text" || event.type === "activity" || event.type === "ended") said();
        if (event.type === "ended") over(performance.now() - since);
        yield event;
      }
    }
    return { ...run, [Symbol.asyncIterator]: events };
  },
});

async function configOf(name: Real, url: string, folder: string): Promise<Config> {
  const member = CREW[name];
  const given = await loadConfig({ cwd: folder, env: environment });
  return {
    ...given,
    ...{ data: join(folder, "data"), web: "off", maxSessions: 10 },
    repos: {
      sample: {
        name: "sample",
        root: join(folder, "sample"),
        base: null,
        setup: null,
        copy: [],
        commands: [],
        policy: {},
        checks: [],
      },
    },
    defaults: { ...given.defaults, agent: name },
    agents: { [name]: { model: member.models[0], env: [], allow: [], program: { is: "own" } } },
    agentEnv: () => ({ ...environment, ...member.env(url) }),
    roles: { everybody: "owner", people: {}, channels: {} },
  };
}

async function heap(): Promise<number> {
  for (let n = 0; n < 3; n++) await wait(200).then(() => globalThis.gc?.());
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAITS_MS; !(await holds()); await wait(2))
    if (Date.now() > end) throw new Error("it does not come");
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (value: number): string => `${value.toFixed(0)} ms`;

const rows: Record<string, Row> = {};
const only = process.argv.slice(2);
for (const name of NAMES) {
  if (only.length > 0 && !only.includes(name)) continue;
  if (!existsSync(join(dirname(import.meta.dirname), "test", "agents", "cli", "node_modules", ".bin", name))) {
    console.log(`${name} is not installed in test/agents/cli, and not measured: npm --prefix test/agents/cli ci`);
    continue;
  }
  const folder = await mkdtemp(join(tmpdir(), "oca-bench-"));
  try {
    rows[CREW[name].title] = await measure(name, folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
const names = Object.keys(Object.values(rows)[0] ?? {});
console.table(
  Object.fromEntries(
    names.map((figure) => [
      figure,
      Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row[figure] ?? ""])),
    ]),
  ),
);
