import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { asText } from "../../src/view/text.ts";
import { faults } from "./faults.ts";
import { createPeople, type People, type Wish } from "./people.ts";
import { createServer } from "./server.ts";
import type { FromBot, Order, Point } from "./wire.ts";

/** Where one life of the bot ends: at a call, or so long after its start; `whole`: with every process of its group. */
export type Death = { at: "call"; point: Point } | { at: "time"; ms: number; whole: boolean };

export interface Told {
  /** What the killed lives said of where they died; empty when the story has no such moment. */
  deaths: string[];
  /** What is not as it should be. */
  faults: string[];
  strays: number;
  /** How often a card asked people to tidy up, or git would have: after a git that died in the user's repository. */
  helped: number;
  ms: number;
  /** All calls of the last life by kind. */
  calls: Record<string, string[]>;
}

const run = promisify(execFile);
/** A story is stuck when nothing was said for so long. */
const SILENCE_MS = 120_000;

interface Stage {
  /** Where Node keeps what it has compiled. */
  cache: string;
  plot: Plot;
}

/** What a story is about. */
export interface Plot {
  wishes: readonly Wish[];
  check: string | null;
  /** The wish before which somebody commits to the base; null: nobody does. */
  moves: number | null;
  /** It gets home by a pull request instead of by these wishes. */
  isPulled: boolean;
}

/**
 * Plays a request from its first word to its end, with a real bot over a copy of `sample`. The bot dies as told, one
 * death a life, and is started again each time on the same folder; people go by what the cards show.
 */
export async function play(sample: string, deaths: readonly Death[], { cache, plot }: Stage): Promise<Told> {
  const since = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-kill-")));
  const at = { folder, repo: join(folder, "sample"), data: join(folder, "data"), home: join(folder, "home"), cache };
  const { wishes, check, moves } = plot;
  const commit = moves === null ? null : () => commitTo(at.repo);
  const told: Told = { deaths: [], faults: [], strays: 0, helped: 0, ms: 0, calls: {} };
  await Promise.all([cp(sample, at.repo, { recursive: true }), mkdir(at.home)]);
  const server = plot.isPulled ? await createServer(at.repo) : null;
  const people = createPeople({ wishes, tidy: () => tidy(at.repo), commit, before: moves ?? 0, server });
  const github = server && { url: server.hub.url, token: server.hub.token };
  const stuck = new AbortController();
  const silence = setTimeout(() => stuck.abort(), SILENCE_MS);
  try {
    const { signal } = stuck;
    for (const left = [...deaths]; ; ) {
      const life = await live({ ...at, check, github, people, death: left.shift() ?? null, silence, signal });
      if (life.calls) told.calls = life.calls;
      if (life.calls) break;
      if (signal.aborted) throw new Error(`the story did not end\n${life.said}\n${threadOf(people)}`);
      if (life.by !== "SIGKILL") throw new Error(`the bot ended by itself\n${life.said}\n${threadOf(people)}`);
      told.deaths.push(life.said.trim());
    }
    if (deaths.some(isWhole) && (await unlock(at.repo))) told.helped += 1;
    told.faults = [...people.wrong, ...(await faults({ ...at, people, wishes, others: commit ? 1 : 0, server }))];
    if (told.faults.length > 0) told.faults.push(threadOf(people));
  } catch (error) {
    told.faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(silence);
    await server?.hub.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  if (people.helped() > 0 && !deaths.some(isWhole)) told.faults.push("a person had to tidy up, though no git had died");
  return { ...told, strays: people.strays(), helped: told.helped + people.helped(), ms: performance.now() - since };
}

const isWhole = (death: Death): boolean => (death.at === "time" ? death.whole : death.point.when === "within");

/** As cards and git itself say: a lock that nobody holds is removed, and a file that nobody edited is put back. */
async function tidy(repo: string): Promise<void> {
  await unlock(repo);
  await run("git", ["checkout", "--", "."], { cwd: repo });
}

/** A git that died may have left its lock: then they tidy up and try again, as people do. */
async function commitTo(repo: string): Promise<void> {
  await writeFile(join(repo, "theirs.txt"), "theirs\n");
  const commit = async () => {
    await run("git", ["add", "theirs.txt"], { cwd: repo });
    await run("git", ["commit", "--quiet", "--message", "Theirs", "--", "theirs.txt"], { cwd: repo });
  };
  await commit().catch(async () => {
    await unlock(repo);
    await commit();
  });
}

/** Removes what a git that died has left in the user's repository; false when there was nothing. */
async function unlock(repo: string): Promise<boolean> {
  const git = join(repo, ".git");
  const names = (await readdir(git, { recursive: true })).filter((name) =>
    /^[^/]+\.lock$|^refs\/(heads|remotes)\/.*\.lock$/.test(name),
  );
  await Promise.all(names.map((name) => rm(join(git, name))));
  return names.length > 0;
}

interface Living extends Omit<Order, "kill"> {
  folder: string;
  cache: string;
  people: People;
  death: Death | null;
  silence: NodeJS.Timeout;
  signal: AbortSignal;
}

/** One life of the bot; `calls` when it ended in peace. */
async function live(of: Living): Promise<{ calls: Told["calls"] | null; said: string; by: string | null }> {
  const { folder, data, repo, home, check, github, cache, people, death, silence, signal } = of;
  const order: Order = { data, repo, home, check, github, kill: death?.at === "call" ? death.point : null };
  const bot = spawn(process.execPath, [join(import.meta.dirname, "bot.ts"), JSON.stringify(order)], {
    // The folder marks every process that the bot starts, wherever it goes.
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: cache },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
  const end = (whole: boolean): void => {
    const lives = bot.exitCode === null && bot.signalCode === null;
    if (bot.pid && lives) process.kill(whole ? -bot.pid : bot.pid, "SIGKILL");
  };
  const giveUp = () => end(true);
  signal.addEventListener("abort", giveUp);
  const timer = death?.at === "time" ? setTimeout(end, death.ms, death.whole) : undefined;
  let said = "";
  let calls: Told["calls"] | null = null;
  bot.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const hears = people.meet((message) => bot.connected && bot.send(message, () => {}));
  bot.on("message", (message: FromBot) => {
    silence.refresh();
    if (message.is === "over") calls = message.calls;
    hears(message);
  });
  const by = await new Promise<string | null>((resolve) => bot.once("close", (_, signal) => resolve(signal)));
  clearTimeout(timer);
  signal.removeEventListener("abort", giveUp);
  return { calls: by === null ? calls : null, said, by };
}

const threadOf = ({ lines }: People): string =>
  lines.map(({ words, view }) => (view ? asText(view) : `> ${words}`)).join("\n---\n");
