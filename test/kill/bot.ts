import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { createScripted } from "../../src/agents/scripted.ts";
import type { Script } from "../../src/agents/scripts.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Agent, AgentEvent, Desk } from "../../src/core/ports/agent.ts";
import type { Chat, Incoming } from "../../src/core/ports/chat.ts";
import type { Forge } from "../../src/core/ports/forge.ts";
import type { Git } from "../../src/core/ports/git.ts";
import type { Spawn } from "../../src/core/ports/spawn.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { createLog } from "../../src/log.ts";
import { createOca } from "../../src/main.ts";
import type { Asked, FromBot, Order, Point, ToBot } from "./wire.ts";

/**
 * The real bot, as a process that kills itself at a call of its store, its git, its agents' processes, its chat or a server. What
 * people see and say is kept by the process that started it, as a platform would.
 */
const order: Order = JSON.parse(process.argv[2] ?? "");
const calls = new Map<string, string[]>();

const tell = (message: FromBot): void => void process.send?.(message);

/** Lets nothing else come in between. */
function wait(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Counts a call, and returns what is to be called when another moment of it has come. */
function begin(kind: string, about: () => string): (when: Point["when"]) => void {
  const all = calls.get(kind) ?? [];
  calls.set(kind, all);
  const n = all.push(about());
  /** Nothing is flushed, nothing is said goodbye to: as with `kill -9` from outside, only at an exact place. */
  const come = (when: Point["when"]): void => {
    all[n - 1] = about();
    const { kill } = order;
    if (kill?.kind !== kind || kill.n !== n || kill.when !== when) return;
    wait(kill.ms);
    writeSync(2, `died ${when} ${kind} ${n} (${all[n - 1]})\n`);
    process.kill(when === "within" ? -process.pid : process.pid, "SIGKILL");
  };
  come("before");
  return come;
}

async function during<T>(kind: string, about: string, job: () => Promise<T>): Promise<T> {
  const come = begin(kind, () => about);
  const result = await job();
  come("after");
  return result;
}

/** To die at a call that only looks is to die at the call before or after it. */
const LOOKS = new Set([
  "get",
  "all",
  "cards",
  "transcript",
  "journal",
  "path",
  "head",
  "changed",
  "instructions",
  "diff",
  "tips",
  "standing",
]);

/** A word of what a call is about, for the report. */
const about = ([, what]: unknown[]): string => /"(?:type|how)":"(\w+)/.exec(JSON.stringify([what]))?.[1] ?? "";

/** Every method of a port that does something is counted. */
const counted = <T extends object>(kind: string, port: T): T =>
  new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || LOOKS.has(`${String(name)}`)) return method;
      return (...args: unknown[]) => during(`${kind}.${String(name)}`, about(args), () => method.apply(target, args));
    },
  });

/** A death in a phase: when it has been saved. */
const phased = (store: Store): Store => ({
  ...store,
  put: (s, event, rev) => during(`phase.${s.phase.at}`, event.type, () => store.put(s, event, rev)),
});

/** What is being landed now: one session at a time. */
let landing: string | null = null;

const wrap = {
  store: (store: Store): Store => (order.real ? phased(store) : counted("store", store)),
  git: (git: Git): Git =>
    counted("git", {
      ...git,
      land: async (place, at, aim) => {
        landing = at.how;
        try {
          return await git.land(place, at, (to) => during("git.land aim", at.how, () => aim(to)));
        } finally {
          landing = null;
        }
      },
    }),
  forge: (forge: Forge): Forge => counted("forge", forge),
  spawn:
    (spawn: Spawn): Spawn =>
    (what) => {
      const come = begin("spawn", () => [what.command, ...what.args].join(" "));
      const child = spawn(what);
      const over = () => come("after");
      void child.done.then(over, over);
      return child;
    },
};

/** Every process that oca starts, below all ports: each command of git is one. */
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  // What it is to run is not known yet.
  const inside = landing ? `${landing}: ` : "";
  const about = () => `${inside}${child.spawnargs?.join(" ").replace(/(-c \S+ )+/g, "") ?? ""}`;
  const come = begin("process", about);
  child.once("spawn", () => come("within"));
  child.once("exit", () => come("after"));
});

/** Every question to the REST API, below the port. */
const questions = new WeakMap<object, ReturnType<typeof begin>>();
subscribe("undici:request:create", (message) => {
  const { request } = message as { request: { method: string; path: string } };
  questions.set(
    request,
    begin("http", () => `${request.method} ${request.path}`),
  );
});
subscribe("undici:request:headers", (message) => questions.get((message as { request: object }).request)?.("after"));

const waiting = new Map<number, (value: unknown) => void>();
let asked = 0;

function ask<K extends keyof Asked>(what: K, args: Asked[K]["args"]): Promise<Asked[K]["gives"]> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const call = ++asked;
  waiting.set(call, resolve);
  // What is asked and what is given belong together by their name; only the compiler cannot see it through the generic.
  tell({ is: "asks", call, what, args } as FromBot);
  return promise as Promise<Asked[K]["gives"]>;
}

let receive: (incoming: Incoming) => Promise<void> = () => Promise.reject(new Error("not started"));

const chat: Chat = {
  name: "text",
  start: async (listener) => {
    receive = listener;
    for (const incoming of await ask("pending", null)) void take(incoming);
  },
  stop: async () => {},
  post: (thread, view) => during("chat.post", view.head, () => ask("post", { thread, view })),
  edit: async (message, view) => void (await during("chat.edit", view.head, () => ask("edit", { message, view }))),
  reply: async ({ id }, view) =>
    void (await during("chat.reply", view.head, () => ask("reply", { delivery: id, view }))),
  context: () => ask("context", null),
  fetch: () => Promise.reject(new Error("nobody sent a file")),
};

async function take(incoming: Incoming): Promise<void> {
  const about = incoming.type === "click" ? incoming.action : incoming.type;
  const ok = await during("chat.receive", about, () => receive(incoming)).then(
    () => true,
    () => false,
  );
  tell({ is: "took", delivery: incoming.id, ok });
}

const SCRIPT: Script = {
  name: "greet",
  when: /greet/i,
  goal: "Greet somebody in `hello.txt`; I ask you whom.",
  steps: ["Ask whom to greet", "Add the greeting", "Commit it"],
  files: ["hello.txt"],
  commands: ["git commit"],
  tests: "",
  risks: "",
  write: [
    { do: "step", n: 1 },
    {
      do: "ask",
      asks: [
        {
          name: "whom",
          what: {
            kind: "question",
            text: "Whom shall I greet?",
            options: ["The team", "Everybody"].map((label) => ({ label, detail: "" })),
            multi: false,
            free: true,
            recommended: 0,
          },
        },
      ],
    },
    { do: "step", n: 2 },
    { do: "append", file: "hello.txt", line: "Greetings to: {whom}" },
    { do: "pause", ms: 1 },
    { do: "step", n: 3 },
    { do: "run", command: "git", args: ["add", "--", "hello.txt"] },
    { do: "run", command: "git", args: ["commit", "-m", "Greet"] },
  ],
  done: "I greeted: {whom}.",
};

/** The demo agent without its pauses. What it is told, and whether it came to an end, is kept by the people. */
function crew(spawn: Spawn): ReadonlyMap<string, Agent> {
  const isMiddle = ({ kind }: Turn, ms: number) => kind === "write" && ms === 1;
  const run = (turn: Turn, desk: Desk) => {
    const demo = createScripted({
      spawn,
      env,
      scripts: [SCRIPT],
      wait: async (ms, signal) => {
        if (isMiddle(turn, ms)) await ask("middle", null);
        signal.throwIfAborted();
      },
    });
    tell({ is: "turn", turn, ended: false });
    const running = demo.run(turn, desk);
    async function* watched(): AsyncGenerator<AgentEvent, void> {
      for await (const event of running) {
        if (event.type === "ended" && event.outcome.ok) tell({ is: "turn", turn, ended: true });
        yield event;
      }
    }
    return { ...running, [Symbol.asyncIterator]: watched };
  };
  return new Map([["demo", { ...createScripted({ spawn, env }), run }]]);
}

const env = { PATH: process.env["PATH"] ?? "", HOME: order.home };
const config: Config = {
  ...(await loadConfig({ env, cwd: order.home })),
  data: order.data,
  web: "off",
  repos: {
    sample: {
      name: "sample",
      root: order.repo,
      base: null,
      setup: { command: "true", timeoutMs: 120_000 },
      checks: order.check ? [{ command: order.check, timeoutMs: 120_000 }] : [],
      copy: [],
      commands: [],
      policy: order.github ? { rule: "pr-allowed" } : {},
    },
  },
  roles: {
    everybody: "observer",
    people: { "text:ana": "owner", "text:ben": "approver", "text:cleo": "requester" },
    channels: {},
  },
  ...(order.github && { github: order.github }),
  ...(await reality()),
};
/** It is later than it is: nobody waits for a minute to pass. */
let skippedMs = 0;

process.on("message", (message) => {
  const said = message as ToBot;
  if (said.is === "answer") {
    waiting.get(said.call)?.(said.value);
    waiting.delete(said.call);
  } else if (said.is === "delivery") void take(said.incoming);
  else if (said.is === "look") void look();
  else void stop();
});

const oca = await createOca(config, {
  log: createLog({ level: "warn" }),
  chats: [chat],
  agents: await crewOf(),
  wrap,
  now: () => Date.now() + skippedMs,
});
if (order.github) oca.sweep.stop();
tell({ is: "ready" });

async function reality(): Promise<Partial<Config>> {
  if (!order.real) return {};
  const { name, url } = order.real;
  const { CREW } = await import("../agents/crew.ts");
  const { env: given, models } = CREW[name];
  const { POLICY: policy } = await import("../core/life.ts");
  return {
    defaults: { repo: null, agent: name, hears: "words", cards: "normal", policy },
    agents: { [name]: { model: models[0], env: [], allow: [], program: { is: "own" } } },
    agentEnv: () => ({ ...env, ...given(url) }),
  };
}

async function crewOf(): Promise<typeof crew> {
  if (!order.real) return crew;
  const { name, url } = order.real;
  const { CREW } = await import("../agents/crew.ts");
  return () => new Map([[name, CREW[name].agent(url)]]);
}

async function look(): Promise<void> {
  skippedMs += 90_000;
  await oca.sweep.look();
}

async function stop(): Promise<void> {
  await oca.screen.idle();
  await oca.stop();
  tell({ is: "over", calls: Object.fromEntries(calls) });
  process.disconnect();
}
