import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, onTestFinished } from "vitest";
import { createScripted } from "../../src/agents/scripted.ts";
import { createText, type TextChat } from "../../src/chat/text/index.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import { readAction } from "../../src/core/action.ts";
import type { Role } from "../../src/core/authority.ts";
import type { Person, Thread } from "../../src/core/parts.ts";
import type { Policy } from "../../src/core/policy.ts";
import type { Chat, Incoming } from "../../src/core/ports/chat.ts";
import type { Session } from "../../src/core/session.ts";
import type { Button } from "../../src/core/view.ts";
import { makeSample } from "../../src/demo.ts";
import { createLog } from "../../src/log.ts";
import { createOca, type Oca, type Parts } from "../../src/main.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { asText } from "../../src/view/text.ts";
import { POLICY } from "../core/life.ts";

const run = promisify(execFile);
/** A server, an emulator and a bot take their time on a busy machine. */
const PATIENCE_MS = 45_000;

const person = (name: string): Person => ({
  id: `text:${name.toLowerCase()}`,
  chat: "text",
  user: name.toLowerCase(),
  name,
});
export const Ana = person("Ana");
export const Ben = person("Ben");
export const Cleo = person("Cleo");
export const Dan = person("Dan");
export const Eve = person("Eve");
const ROLES: Record<string, Role> = {
  [Ana.id]: "owner",
  [Ben.id]: "approver",
  [Cleo.id]: "requester",
  [Dan.id]: "observer",
  [Eve.id]: "merger",
};

/** One thread of the chat and the session in it. */
export interface Talk {
  thread(): Thread;
  session(): Promise<Session>;
  /** The first words start the thread. */
  say(by: Person, text: string): Promise<void>;
  /** Presses the newest button of this session with this label; `text` is what its form was filled in with. */
  click(by: Person, label: string, text?: string): Promise<void>;
  /** Waits for a card that says this, in its head or anywhere in it, until it may be answered; resolves to the newest. */
  sees(part: string): Promise<string>;
  /** Waits for the phase, and until its cards are drawn. */
  rests(at: Session["phase"]["at"]): Promise<Session>;
  /** The cards of the thread as they read now, oldest first. */
  cards(): string[];
  /** Where its agent works. */
  workspace(): Promise<string>;
}

/** The bot, and the thread of the first request. */
export interface Stage extends Talk {
  chat: TextChat;
  oca: Oca;
  /** The repository. */
  repo: string;
  data: string;
  config: Config;
  git(...args: string[]): Promise<string>;
  /** A file as it is in the user's own checkout; empty when there is none. */
  reads(file: string): Promise<string>;
  /** Puts a file on `main`, as a colleague does. */
  commit(file: string, text: string): Promise<string>;
  /** A thread of its own; without an address the next words start it. */
  talk(thread?: Thread): Talk;
  /** Waits until this person, and nobody else, is told something that says this. */
  told(by: Person, part: string): Promise<string>;
  /** Everything that people sent, in order. */
  deliveries: Incoming[];
  /** From here on the demo agent stops at its pauses, until it may go on. */
  hold(): void;
  release(): void;
  /** The bot is stopped wherever it stands, and a new one starts on the same folder. */
  restart(changed?: Play): Promise<Stage>;
}

export interface Play {
  parts?: Partial<Parts>;
  config?: Partial<Config>;
  policy?: Partial<Policy>;
  /** Settings of the repository. */
  repo?: Partial<Config["repos"][string]>;
  /** Puts something between the bot and the chat. */
  chat?: (chat: Chat) => Chat;
  /** The demo agent stops at its first pause. */
  held?: boolean;
  /** How long people wait for what they expect. */
  patienceMs?: number;
  /** What stands before the bot starts; else a sample repository and an empty data folder. */
  home?: Home;
}

interface Home {
  repo: string;
  data: string;
  chat: TextChat;
}

/** A whole bot on a real repository, with a chat in memory and the demo agent without its pauses. */
export async function play(how: Play = {}): Promise<Stage> {
  const home = how.home ?? (await makeHome());
  const { repo, data, chat } = home;
  const config = await configOf(how, home);
  const deliveries: Incoming[] = [];
  const gate = createGate();
  if (how.held) gate.close();
  const oca = await createOca(config, {
    log: createLog({ level: process.env["OCA_LOG"] ?? "silent" }),
    chats: [heard(how.chat?.(chat) ?? chat, deliveries)],
    agents: (spawn) => {
      const demo = createScripted({ spawn, env: environment(), wait: (_, signal) => gate.pass(signal) });
      return new Map([[demo.name, demo]]);
    },
    ...how.parts,
  });
  // A story that needs the sweep says when it looks: its own time might come in the middle of a sentence.
  oca.sweep.stop();
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= oca.stop());
  onTestFinished(stop);
  const talk = (thread?: Thread): Talk => createTalk({ oca, chat, patienceMs: how.patienceMs }, thread ?? null);
  const git = async (...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim();
  return {
    ...talk(chat.lines.find(({ by }) => by !== null)?.at),
    ...{ chat, oca, repo, data, config, deliveries, talk, git },
    commit: async (file, text) => {
      await writeFile(join(repo, file), text);
      await git("add", "--", file);
      await git("commit", "--quiet", "--message", `Change ${file}`);
      return git("rev-parse", "HEAD");
    },
    told: async (by, part) => {
      const said = () => chat.replies.flatMap(({ to, view }) => (to.id === by.id ? [asText(view)] : []));
      await until(
        () => said().some((text) => text.includes(part)),
        () => `"${part}" for ${by.name} only, but there was:\n${said().join("\n---\n")}`,
      );
      return said().findLast((text) => text.includes(part)) ?? "";
    },
    reads: (file) => readFile(join(repo, file), "utf8").catch(() => ""),
    hold: gate.close,
    release: gate.open,
    restart: async (changed = {}) => {
      gate.open();
      await stop();
      return play({ ...how, ...changed, home });
    },
  };
}

interface Room {
  oca: Oca;
  chat: TextChat;
  patienceMs: number | undefined;
}

function createTalk({ oca, chat, patienceMs }: Room, from: Thread | null): Talk {
  let at = from && { chat: from.chat, channel: from.channel, thread: from.thread };
  const thread = (): Thread => {
    if (!at) throw new Error("nobody has said anything");
    return at;
  };
  const find = async () => (await oca.store.all()).find(({ threads }) => threads[0]?.thread === thread().thread);
  const session = async (): Promise<Session> => {
    const found = await find();
    if (!found) throw new Error("no session was opened");
    return found;
  };
  const cards = () =>
    chat.lines.flatMap(({ at, view }) => (view && at.thread === thread().thread ? [asText(view)] : []));
  /** Nobody answers in the millisecond in which a card appears: words count for what stood there before, by the clock of the chat. */
  const read = async (): Promise<void> => {
    const shown = await oca.screen.cards((await session()).id, thread().chat);
    const newest = Math.max(0, ...shown.map(({ postedAt }) => postedAt));
    await until(
      () => Date.now() > newest,
      () => `the clock of the chat to pass ${newest}`,
      patienceMs,
    );
  };
  return {
    thread,
    session,
    cards,
    workspace: async () => {
      const { id, workspace } = await session();
      if (!workspace) throw new Error(`session ${id} has no workspace`);
      return oca.git.path({ session: id, workspace });
    },
    say: async (by, text) => {
      at = await chat.say(by, text, at ?? undefined);
    },
    click: async (by, label, text) => {
      const { id } = await session();
      const fits = ({ label: it, does }: Button) =>
        it === label && "action" in does && readAction(does.action)?.session === id;
      await until(
        () => chat.lines.some(({ view }) => view?.buttons.some(fits)),
        () => `the button "${label}", but saw:\n${cards().join("\n---\n")}`,
        patienceMs,
      );
      await chat.press(by, fits, text);
    },
    sees: async (part) => {
      await until(
        () => cards().some((card) => card.includes(part)),
        () => `a card with "${part}", but saw:\n${cards().join("\n---\n")}`,
        patienceMs,
      );
      await read();
      return cards().findLast((card) => card.includes(part)) ?? "";
    },
    rests: async (phase) => {
      await until(
        async () => (await find())?.phase.at === phase,
        async () => `${phase}, but stands in ${JSON.stringify((await find())?.phase)}`,
        patienceMs,
      );
      await oca.screen.idle();
      await read();
      return session();
    },
  };
}

async function configOf({ config = {}, policy, repo: settings }: Play, { repo, data }: Home): Promise<Config> {
  const folder = dirname(repo);
  await writeFile(join(folder, "oca.config.json"), JSON.stringify({ repos: { sample: { root: repo } } }));
  const given = await loadConfig({ cwd: folder, env: environment() });
  const { sample } = given.repos;
  if (!sample) throw new Error("the sample repository is not configured");
  return {
    ...given,
    data,
    web: "off",
    log: "silent",
    locale: "en",
    timezone: "UTC",
    repos: { sample: { ...sample, ...settings } },
    defaults: { repo: null, agent: "demo", hears: "words", cards: "normal", policy: { ...POLICY, ...policy } },
    roles: { everybody: "observer", people: ROLES, channels: {} },
    ...config,
  };
}

/** Writes down what people send. */
function heard(chat: Chat, deliveries: Incoming[]): Chat {
  return {
    ...chat,
    start: (receive) =>
      chat.start((incoming) => {
        deliveries.push(incoming);
        return receive(incoming);
      }),
  };
}

/** Folders with a sample repository in them and nothing else; gone when the test is over. */
export async function makeHome({ sample = true }: { sample?: boolean } = {}): Promise<Home> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-story-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const repo = join(folder, "sample");
  if (sample) await copySample(repo);
  return { repo, data: join(folder, "data"), chat: createText({}) };
}

let template: Promise<string> | null = null;

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "oca-sample-"));
  await makeSample(folder, { spawn: createHostSpawn(), env: environment() });
  return folder;
}

/** The sample repository of the demo, made once for all tests of a file. */
export async function copySample(to: string): Promise<void> {
  template ??= makeTemplate();
  await cp(await template, to, { recursive: true });
}

afterAll(async () => {
  if (template !== null) await rm(await template, { recursive: true, force: true, maxRetries: 5 });
});

export function environment(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME };
}

/** Lets everybody pass while it is open; who waits at it leaves when its signal aborts. */
function createGate(): { open(): void; close(): void; pass(signal: AbortSignal): Promise<void> } {
  let closed: PromiseWithResolvers<void> | null = null;
  return {
    open: () => {
      closed?.resolve();
      closed = null;
    },
    close: () => {
      closed ??= Promise.withResolvers();
    },
    pass: async (signal) => {
      signal.throwIfAborted();
      if (!closed) return;
      const { promise, reject } = Promise.withResolvers<void>();
      const leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      await Promise.race([promise, closed.promise]).finally(() => signal.removeEventListener("abort", leave));
    },
  };
}

/** Looks again and again; fails with what was there instead. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  wanted: () => string | Promise<string>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${await wanted()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
