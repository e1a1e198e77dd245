// Cost of a saved event whatever the number of sessions, of a start, and of sessions that rest.
import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/store/store.ts";
import { next, opened, said } from "../test/store/stories.ts";

const quiet = { warn: () => undefined };
const PUTS = 300;

const table: Record<string, Record<string, string>> = {};
for (const sessions of [10, 1_000, 10_000]) {
  const folder = await mkdtemp(join(tmpdir(), "oca-bench-"));
  try {
    await fill(folder, sessions);
    table[sessions.toLocaleString("en")] = await measure(folder, sessions);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
console.table(table);

async function measure(folder: string, sessions: number): Promise<Record<string, string>> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const from = performance.now();
  const store = await openStore({ folder, step: next, log: quiet });
  const startMs = performance.now() - from;
  globalThis.gc?.();
  const rss = process.memoryUsage.rss() - before;
  const puts: number[] = [];
  for (let n = 0; n < PUTS; n++) {
    const id = idOf((n * 7919) % sessions);
    const old = await store.get(id);
    if (!old) throw new Error(`${id} is missing`);
    const event = said(`put${n}`, "and the tests, please");
    puts.push(await timed(() => store.put(next(old, event), event, old.rev)));
  }
  const raw: number[] = [];
  const text = JSON.stringify(await store.get(idOf(0)));
  for (let n = 0; n < PUTS; n++) raw.push(await timed(() => replace(join(folder, "raw.json"), text)));
  await store.close();
  return {
    "put p50": ms(quantile(puts, 0.5)),
    "put p99": ms(quantile(puts, 0.99)),
    "raw write+fsync+rename p50": ms(quantile(raw, 0.5)),
    "raw p99": ms(quantile(raw, 0.99)),
    start: ms(startMs),
    "start per session": ms(startMs / sessions),
    "rss for them": `${(rss / 1e6).toFixed(0)} MB`,
    "rss in all": `${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
    document: `${text.length} B`,
  };
}

/** Resting sessions as a store leaves them, written without its fsyncs. */
async function fill(folder: string, sessions: number): Promise<void> {
  for (let n = 0; n < sessions; n++) {
    const home = join(folder, "sessions", idOf(n));
    await mkdir(home, { recursive: true });
    const birth = opened(idOf(n), "Fix the login redirect after the session has expired");
    const events = [birth, ...Array.from({ length: 12 }, (_, i) => said(`m${n}-${i}`, "Look at the middleware too."))];
    const session = events.reduce<ReturnType<typeof next> | null>((s, event) => next(s, event), null);
    await writeFile(join(home, "session.json"), JSON.stringify(session));
    const lines = events.map((event, i) => `${JSON.stringify({ rev: i + 1, event })}\n`);
    await writeFile(join(home, "journal.jsonl"), lines.join(""));
  }
}

/** The least that makes one document durable. */
async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.tmp`, "w");
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
  await rename(`${file}.tmp`, file);
}

async function timed(job: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await job();
  return performance.now() - from;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function quantile(values: number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? Number.NaN;
}

function idOf(n: number): string {
  return `s${String(n).padStart(9, "0")}`;
}
