import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { Session } from "../../../src/core/session.ts";
import { copySample } from "../../story/stage.ts";
import { createTwin, type Message, type Person, type Place, type Twin } from "../../twin/telegram/index.ts";
import type { Order } from "./bot.ts";

export type Where = "a topic" | "a group" | "a direct chat";
/** The bot dies at its `n`-th call, or at the first one that shows this button; the call is or is not obeyed. */
export type Death = { when: "before" | "after" } & ({ n: number; method: string } | { shows: string });
export interface Told {
  /** What is not as it should be; nothing when all is well. */
  faults: string[];
  /** All calls of the first life, by method. */
  calls: string[];
  died: boolean;
  /** Cards that could still be pressed in the end, and answered that it is too late. */
  strays: number;
}

const run = promisify(execFile);
const PATIENCE_MS = 90_000;
/** When no reply box opens, people press again. */
const AGAIN_MS = 2000;
const WORDS = "Let oca answer a question in hello.txt";

/** Tells the whole story with a bot that dies as told and is started again on the same folder; everything arrives twice. */
export async function tell(where: Where, death: Death | null, revises: Life["revises"] = "newest"): Promise<Told> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-kill-telegram-")));
  const twin = await createTwin({ secondMs: 2 });
  const ana = twin.person("Ana");
  const at = where === "a direct chat" ? ana.direct : twin.group("Team", { forum: where === "a topic" });
  const told: Told = { faults: [], calls: [], died: false, strays: 0 };
  const bots = createBots(twin, folder, death, told);
  try {
    await copySample(join(folder, "sample"));
    const roles = { everybody: "observer", people: { [`telegram:${ana.id}`]: "owner" } };
    const repos = { sample: { root: "sample" } };
    const settings = { data: "data", web: "off", log: "warn", repos, defaults: { agent: "demo" }, roles };
    await writeFile(join(folder, "oca.config.json"), JSON.stringify(settings));
    bots.start();
    await live({ twin, ana, at, folder, revises });
    told.strays = await pressStrays(ana, at);
    told.faults = await faultsOf(folder);
  } catch (error) {
    told.faults.push(`${error}\n${bots.said()}\n${at.messages.map(({ shown }) => shown).join("\n---\n")}`);
  } finally {
    await bots.end();
    await twin.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return told;
}

/** One bot at a time. */
function createBots(twin: Twin, folder: string, death: Death | null, told: Told) {
  const order: Order = { home: folder, token: twin.token, apiRoot: twin.url };
  let bot: ChildProcess | null = null;
  let said = "";
  let isOver = false;
  const start = (): void => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "bot.ts"), JSON.stringify(order)], {
      cwd: folder,
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: join(tmpdir(), "oca-kill-cache") },
      stdio: ["ignore", "ignore", "pipe"],
    });
    bot = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once("close", () => {
      if (!isOver) start();
    });
  };
  twin.faults.watch = (method, when, params) => {
    if (when === "before" && !told.died) told.calls.push(method);
    if (death === null || told.died || when !== death.when || !isMeant(death, told.calls.length, params)) return false;
    told.died = true;
    bot?.kill("SIGKILL");
    return true;
  };
  return {
    start,
    said: () => said,
    end: async () => {
      isOver = true;
      const gone = new Promise((resolve) => bot?.once("close", resolve));
      if (bot?.exitCode === null && bot.signalCode === null) {
        bot.kill("SIGKILL");
        await gone;
      }
    },
  };
}

const isMeant = (death: Death, n: number, params: object): boolean =>
  "n" in death ? n === death.n : JSON.stringify(params).includes(`"text":"${death.shows}"`);

interface Life {
  twin: Twin;
  ana: Person;
  at: Place;
  folder: string;
  /** Whether Ana revises the plan on the card that stands last, or on the first one that was ever posted. */
  revises: "newest" | "first";
}

const labels = ({ markup }: Message): string[] =>
  markup && "inline_keyboard" in markup ? markup.inline_keyboard.flat().map(({ text }) => text) : [];

/** Ana does what the newest card asks for, until the work is merged. Whatever she does arrives twice. */
async function live({ twin, ana, at, folder, revises }: Life): Promise<void> {
  const done = new Map<string, number>();
  /** What was done is never lost; only that a reply box opens is for the moment, so that is asked for again. */
  const once = (what: string, act: () => Promise<unknown>, againMs = Number.POSITIVE_INFINITY): void => {
    const since = done.get(what);
    if (since !== undefined && Date.now() - since < againMs) return;
    done.set(what, Date.now());
    void act().catch(() => undefined); // the bot died before it was taken: it comes again by itself
    void twin.redeliver();
  };
  void ana.says(WORDS, { in: at });
  void twin.redeliver();
  let isRevised = false;
  for (const end = Date.now() + PATIENCE_MS; ; await wait(20)) {
    if (Date.now() > end) throw new Error("the story did not end");
    // Below the card of the end there may be one that a dead bot had posted and not noted.
    const isOver = at.messages.some((one) => labels(one).some((label) => label.includes("Undo")));
    if (isOver && (await isClosed(folder))) return;
    const card = at.messages.findLast((one) => labels(one).length > 0 && !one.shown.includes("Ana: "));
    const box = at.messages.findLast(({ shown, from }) => from.is_bot && shown.startsWith("Ana: "));
    if (card === undefined) continue;
    const has = (label: string) => labels(card).some((one) => one.includes(label));
    const press = (label: string, againMs?: number, on = card) =>
      once(`${label} ${on.message_id}`, () => ana.clicks(on, label, at), againMs);
    const first = at.messages.find((one) => labels(one).includes("Revise"));
    isRevised ||= at.messages.some(({ shown }) => /Plan v[2-9]/.test(shown));
    if (has("Approve") && !isRevised && box) once("reply", () => ana.replies(box, "Keep it short", at));
    else if (has("Approve") && !isRevised) press("Revise", AGAIN_MS, revises === "first" ? first : card);
    else for (const label of ["Approve", "The team", "Resume", "Merge"]) if (has(label)) press(label);
  }
}

async function sessions(folder: string): Promise<Session[]> {
  const home = join(folder, "data", "sessions");
  const ids = await readdir(home).catch(() => []); // the bot has not begun
  const texts = await Promise.all(ids.map((id) => readFile(join(home, id, "session.json"), "utf8").catch(() => null)));
  return texts.flatMap((text) => (text === null ? [] : [Session.parse(JSON.parse(text))]));
}

const isClosed = async (folder: string): Promise<boolean> =>
  (await sessions(folder)).every(({ phase }) => phase.at === "closed");

/** All is said and done: what can still be pressed is pressed, and must change nothing. */
async function pressStrays(ana: Person, at: Place): Promise<number> {
  const old = at.messages.filter((one) =>
    labels(one).some((label) => ["Approve", "Merge", "The team"].includes(label)),
  );
  for (const card of old) for (const label of labels(card)) if (label !== "Revise") await ana.clicks(card, label, at);
  return old.length;
}

async function faultsOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  const check = (name: string, is: unknown, wanted: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(wanted))
      found.push(`${name}: ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
  };
  const all = await sessions(folder);
  const [{ phase, plans, landed, queue } = { phase: null, plans: [], landed: [], queue: [] }] = all;
  check("sessions", all.length, 1);
  check("phase", phase?.at === "closed" ? phase.outcome : phase, "merged");
  check("plans", plans.length, 2);
  check("landings", landed.length, 1);
  check("words that wait", queue, []);
  const repo = join(folder, "sample");
  const text = await readFile(join(repo, "hello.txt"), "utf8");
  check("greetings", text.split("Greetings to: The team\n").length - 1, 1);
  const git = async (...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim();
  check("uncommitted", await git("status", "--porcelain"), "");
  check("worktrees", (await git("worktree", "list", "--porcelain")).match(/^worktree /gm)?.length, 1);
  return found;
}
