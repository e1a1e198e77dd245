import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readAction } from "../../src/core/action.ts";
import type { Verb } from "../../src/core/event.ts";
import type { Person } from "../../src/core/parts.ts";
import type { Incoming, Message } from "../../src/core/ports/chat.ts";
import { Session } from "../../src/core/session.ts";
import type { View } from "../../src/core/view.ts";
import { makeSample } from "../../src/demo.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { asText } from "../../src/view/text.ts";
import { processesIn } from "../kill/faults.ts";
import type { FromBot, Order, Point } from "../kill/wire.ts";
import { Ana, Ben, Cleo, until } from "../story/stage.ts";
import { startModel } from "../twin/model/index.ts";
import { hang, marker, type Scene, type Scripts, type Step, text } from "../twin/model/script.ts";
import { bin, type Real } from "./bin.ts";
import { CREW, PATIENCE_MS } from "./crew.ts";

/**
 * From a request to its merge, with a bot that is killed by `kill -9` in every phase on the way. Each time whatever it had
 * started is gone within 5 s, though nobody starts it again; then it is started, and goes on.
 */
const NAMES = ["claude", "codex", "opencode", "gemini"] as const satisfies Real[];

test.for(NAMES)(
  "%s: killed in every phase, nothing survives and the story ends in a merge",
  { timeout: 8 * PATIENCE_MS },
  async (name) => {
    let holds = true;
    const model = await startModel({ scripts: story(CREW[name].scripts, () => holds) });
    onTestFinished(model.stop);
    const world = await createWorld(name, model.url);
    const inTree = (file: string) => join(world.tree(), file);
    const waits = () =>
      readFile(inTree("waiting")).then(
        () => true,
        () => false,
      );

    let bot = await world.start({});
    await world.sees(() => model.turns("plan").length > 0, "the plan turn is at work");
    expect(await world.runs(), "the agent is among the processes that are looked for").toBe(true);
    await bot.kill();

    holds = false;
    bot = await world.start({});
    await world.sees(() => world.offers("approve"), "a plan");
    await bot.kill();

    // The plan that waited through the crash is approved.
    bot = await world.start({ press: ["approve"] });
    await world.sees(() => world.offers("answer"), "a permission");
    await bot.kill();

    bot = await world.start({ press: ["answer"] });
    await world.sees(waits, "a command at work");
    await bot.kill();

    await rm(inTree("waiting"));
    bot = await world.start({ press: ["answer"], kill: "phase.stopping" });
    await world.sees(waits, "a command at work");
    await world.sees(() => world.press(["stop"]), "Stop");
    await bot.ended;

    await writeFile(inTree("go"), "");
    bot = await world.start({ press: ["answer", "resume"], kill: "phase.inspecting" });
    await bot.ended;
    bot = await world.start({ press: ["merge"], kill: "phase.landing" });
    await bot.ended;
    bot = await world.start({ press: ["merge"] });
    await world.sees(() => world.offers("undo"), "a merge");
    await bot.stop();

    const session = await world.session();
    expect(session.phase).toMatchObject({ at: "closed", outcome: "merged" });
    expect(await readFile(join(world.repo, "hello-model.txt"), "utf8")).toBe("hello\n");
    expect(session.landed).toHaveLength(1);
  },
);

/** The first plan turn comes to no end while it is held; a write turn asks, waits for a file and writes. */
function story(scripts: Scripts, holds: () => boolean): Scripts {
  const [propose = [], ...rest] = scripts["plan"] ?? [];
  const first = (name: string): Step => scripts[name]?.[0] ?? [];
  const run = (step: Step, scene: Scene) => (typeof step === "function" ? step(scene) : step);
  return {
    ...scripts,
    plan: [(scene) => (holds() ? [text("Let me see. "), hang(10 * PATIENCE_MS)] : run(propose, scene)), ...rest],
    write: [first("permission"), first("steered"), first("write"), [text("All done.")]],
  };
}

interface Life {
  /** Pressed as soon as a card offers it, each button once. */
  press?: readonly Verb[];
  /** The bot dies when this has been saved for the first time. */
  kill?: string;
}

interface Bot {
  kill(): Promise<void>;
  /** It is gone, and with it all that it had started. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** A repository, a thread with people in it, and one bot after another. */
async function createWorld(name: Real, url: string) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-real-")));
  const [repo, data, home] = [join(folder, "sample"), join(folder, "data"), join(folder, "home")];
  await mkdir(home);
  await makeSample(repo, { spawn: createHostSpawn(), env: { PATH: process.env["PATH"] ?? "", HOME: home } });
  await CREW[name].prepare(join(data, "homes", name));
  const thread = createThread(`Let oca say hello ${marker("plan")}`);
  let id = "";
  const session = async (): Promise<Session> => {
    [id = ""] = await readdir(join(data, "sessions"));
    return Session.parse(JSON.parse(await readFile(join(data, "sessions", id, "session.json"), "utf8")));
  };
  let life: Bot | null = null;
  onTestFinished(async () => {
    await life?.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start({ press = [], kill }: Life): Promise<Bot> {
    const point: Point | null = kill === undefined ? null : { kind: kill, n: 1, when: "after", ms: 0 };
    const order: Order = { data, repo, home, check: null, github: null, kill: point, real: { name, url } };
    const child = spawn(process.execPath, [join(import.meta.dirname, "..", "kill", "bot.ts"), JSON.stringify(order)], {
      // The folder marks every process that the bot starts, wherever it goes.
      cwd: folder,
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: join(folder, "cache") },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      detached: true,
    });
    const exit = once(child, "exit");
    thread.meet((message) => child.connected && child.send(message, () => {}), press);
    child.on("message", (message: FromBot) => thread.hear(message));
    const gone = async () => {
      await exit;
      expect(await processesIn(folder), "processes 5 s after the end of the bot").toEqual([]);
    };
    const end = async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    };
    const ended = gone();
    ended.catch(() => undefined); // whoever waits for it hears of it
    life = {
      kill: end,
      ended,
      stop: () => {
        child.send({ is: "stop" });
        return ended;
      },
    };
    return life;
  }

  return {
    repo,
    start,
    session,
    tree: () => join(data, "worktrees", "sample", id),
    runs: async () =>
      (await processesIn(folder, 0)).some((command) => command.includes(bin(name)) || /app-server|acp/.test(command)),
    offers: (verb: Verb) => thread.offers(verb),
    press: (verbs: readonly Verb[]) => thread.press(verbs),
    sees: async (what: () => boolean | Promise<boolean>, wanted: string) => {
      await until(
        async () => {
          await session().catch(() => null); // not there yet
          return what();
        },
        () => `${wanted}, but saw:\n${thread.text()}`,
        PATIENCE_MS,
      );
    },
  };
}

type Send = (message: { is: "answer"; call: number; value: unknown } | { is: "delivery"; incoming: Incoming }) => void;
const WHO: Readonly<Partial<Record<Verb, Person>>> = {
  approve: Ben,
  answer: Ben,
  stop: Cleo,
  resume: Cleo,
  merge: Ana,
};

/** What people and cards said; it outlives every bot, and brings again what was not acknowledged. */
function createThread(request: string) {
  const lines: { at: Message; view: View }[] = [];
  const open = new Map<string, Incoming>();
  const pressed = new Set<string>();
  let count = 0;
  let send: Send = () => {};
  let auto: readonly Verb[] = [];
  const at = { chat: "text", channel: "general", thread: "t0" };
  const head = (by: Person) => ({ id: `text:t${++count}`, at: Date.now(), by, thread: at, locale: "en" });
  const deliver = (incoming: Incoming) => {
    open.set(incoming.id, incoming);
    return incoming;
  };
  deliver({ ...head(Cleo), type: "message", message: "t0", text: request, files: [], replyTo: null, addressed: false });

  function buttons(verb: Verb) {
    return lines.flatMap(({ at, view }) =>
      view.buttons.flatMap(({ does }) =>
        "action" in does && readAction(does.action)?.verb === verb ? [{ at, action: does.action }] : [],
      ),
    );
  }

  /** The newest button of each, once; false when there is none. */
  function press(verbs: readonly Verb[]): boolean {
    return verbs.some((verb) => {
      const all = buttons(verb);
      // The first option is a yes.
      const last = all.find(({ at }) => at.id === all.at(-1)?.at.id);
      const key = `${last?.at.id} ${last?.action}`;
      if (!last || pressed.has(key)) return false;
      pressed.add(key);
      const by = WHO[verb] ?? Ana;
      send({
        is: "delivery",
        incoming: deliver({ ...head(by), type: "click", message: last.at.id, action: last.action, text: null }),
      });
      return true;
    });
  }

  function take(asks: Extract<FromBot, { is: "asks" }>): unknown {
    if (asks.what === "pending") return [...open.values()];
    if (asks.what === "context") return [];
    if (asks.what === "post") {
      const posted = { at: { ...asks.args.thread, id: `c${++count}` }, view: asks.args.view };
      lines.push(posted);
      return posted.at;
    }
    const edited =
      asks.what === "edit"
        ? lines.find((line) => asks.what === "edit" && line.at.id === asks.args.message.id)
        : undefined;
    if (edited && asks.what === "edit") edited.view = asks.args.view;
    return null;
  }

  return {
    meet: (to: Send, verbs: readonly Verb[]): void => {
      send = to;
      auto = verbs;
    },
    hear: (message: FromBot): void => {
      if (message.is === "took" && message.ok) open.delete(message.delivery);
      if (message.is === "asks") send({ is: "answer", call: message.call, value: take(message) });
      if (message.is === "ready" || message.is === "asks") press(auto);
    },
    press,
    offers: (verb: Verb): boolean => buttons(verb).length > 0,
    text: (): string => lines.map(({ view }) => asText(view)).join("\n---\n"),
  };
}
