// What the real bot needs to start and to hold sessions that rest: from the sources, and as the package that npm ships.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import english from "../locales/en/cli.json" with { type: "json" };
import type { Session } from "../src/core/session.ts";
import { CHANGES, cleo, opened, run, take } from "../test/core/life.ts";
import { inFolder, mb, ms, type Row } from "./parts/parts.ts";

const top = join(import.meta.dirname, "..");
const BOTS = { sources: "src/cli.ts", package: "dist/src/cli.js" };
const COUNTS = [0, 1_000, 10_000];
/** A bot at rest collects its garbage by itself, in its own time. */
const SETTLED_MS = 10_000;
const execute = promisify(execFile);

await execute(process.execPath, [join(top, "build.ts")], { cwd: top });
const table: Record<string, Row> = { "an empty process (baseline)": await inFolder(empty) };
for (const [name, cli] of Object.entries(BOTS))
  for (const count of COUNTS)
    table[`${name}, ${count.toLocaleString("en")} sessions`] = await inFolder(async (folder) => {
      await fill(folder, count);
      // The first start posts the cards, the second one finds them.
      await resting(folder, cli);
      return { ...(await resting(folder, cli)), "raw read of their files (baseline)": ms(await rawRead(folder)) };
    });
console.table(table);

/** From the call of the command to its last line, and what the process holds when it has settled. */
async function resting(folder: string, cli: string): Promise<Row> {
  const since = performance.now();
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "en_GB.UTF-8" };
  const bot = spawn(process.execPath, [join(top, cli), "start"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  for await (const chunk of bot.stdout) {
    said += String(chunk);
    if (said.includes(english.start.stop)) break;
  }
  if (!said.includes(english.start.stop)) throw new Error(`${cli} did not start: ${said}`);
  const ready = performance.now() - since;
  await wait(SETTLED_MS);
  const rss = await residentOf(bot.pid ?? 0);
  bot.kill("SIGTERM");
  await once(bot, "exit");
  return { "start to ready": ms(ready), rss: mb(rss) };
}

async function empty(): Promise<Row> {
  const since = performance.now();
  const idle = spawn(process.execPath, ["-e", "console.log(1); setTimeout(() => 0, 60_000)"], { stdio: "pipe" });
  await once(idle.stdout, "data");
  const ready = performance.now() - since;
  const rss = await residentOf(idle.pid ?? 0);
  idle.kill();
  return { "start to ready": ms(ready), rss: mb(rss) };
}

async function residentOf(pid: number): Promise<number> {
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

/** Every document and journal, one after another in a warm process. */
async function rawRead(folder: string): Promise<number> {
  const home = join(folder, "data", "sessions");
  const names = await readdir(home).catch(() => []);
  const since = performance.now();
  for (const name of names)
    for (const file of ["session.json", "journal.jsonl"]) await readFile(join(home, name, file));
  return performance.now() - since;
}

/** Sessions as a bot leaves them, written without its fsyncs: half wait for a decision, half are closed. */
async function fill(folder: string, sessions: number): Promise<void> {
  const root = join(folder, "shop");
  await execute("git", ["init", "--quiet", "--initial-branch=main", root]);
  const who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"];
  await execute("git", ["-C", root, ...who, "commit", "--quiet", "--allow-empty", "-m", "Begin"]);
  const config = { repos: { shop: { root } }, data: join(folder, "data"), web: { port: 0 } };
  await writeFile(join(folder, "oca.config.json"), JSON.stringify(config));
  for (let n = 0; n < sessions; n++) {
    const id = [...String(n).padStart(10, "0")].map((digit) => "abcdefghij"[Number(digit)]).join("");
    const home = join(folder, "data", "sessions", id);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await writeFile(join(home, "session.json"), JSON.stringify(lived(id, n % 2 === 0)), { mode: 0o600 });
    await writeFile(join(home, "journal.jsonl"), "", { mode: 0o600 });
  }
}

function lived(session: string, isOpen: boolean): Session {
  const thread = { chat: "web", channel: "general", thread: session };
  const planned = run(take(null, opened(cleo, { session, thread, at: Date.now() - 1000 })), "deciding");
  if (isOpen) return planned;
  const answer = "I changed what you asked for, and the tests pass.";
  const phase = { at: "closed" as const, offer: planned.offer, outcome: "merged" as const, answer, blocked: null };
  return { ...planned, title: `${planned.title} ${CHANGES.head}`, phase: { ...phase, since: Date.now() } };
}
