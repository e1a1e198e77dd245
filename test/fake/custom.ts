/**
 * A command line program that takes a prompt and asks no model: it does what the prompt says, each `[word rest]` in its
 * order, and prints JSON, or only words with `--text`. It writes without asking, but not with `--read-only`. `FAKE` names
 * the faults that it has, separated by commas; its memory, and what it was started with, lie in its home.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const args = process.argv.slice(2);
const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const faults = new Set((process.env["FAKE"] ?? "").split(","));
const home = process.env["HOME"] ?? "";
const isText = args.includes("--text");
const note = (line: string) => appendFileSync(join(home, "log"), `${line}\n`);
const print = (text: string | Uint8Array) => new Promise((done) => process.stdout.write(text, done));
const put = (line: object) => (isText ? undefined : print(`${JSON.stringify(line)}\n`));
const say = (text: string) => (isText ? print(`${text}\n`) : put({ type: "message", parts: [{ text }] }));
const stop = new AbortController();
const pause = (ms: number) => wait(ms, undefined, { signal: stop.signal }).catch(() => undefined);

if (args.includes("--version")) {
  process.stdout.write("fake 3.1.4\n");
  process.exit(0);
}
if (args.includes("login")) process.exit(0);
if (faults.has("dies-at-start")) {
  process.stderr.write("cannot find my licence\n");
  process.exit(3);
}
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    note(signal);
    if (faults.has("deaf")) return;
    stop.abort();
    process.exit(130);
  });

const file = option("--file");
const prompt = option("--prompt") ?? (file === undefined ? await input() : readFileSync(file, "utf8"));
note(`args ${JSON.stringify(args)}`);
note(`prompt ${JSON.stringify(prompt)}`);
const servers = option("--mcp");
if (servers !== undefined) note(`servers ${readFileSync(servers, "utf8")}`);
if (faults.has("slow-start")) await pause(60_000);

const old = option("--resume");
const save = (talk: { id: string; said: string[]; used: number }) =>
  writeFileSync(join(home, `${talk.id}.json`), JSON.stringify(talk));
if (old !== undefined && !faults.has("amnesia") && !existsSync(join(home, `${old}.json`))) {
  await put({ type: "error", message: `session ${old} not found` });
  process.exit(1);
}
const talk: { id: string; said: string[]; used: number } =
  old === undefined || faults.has("amnesia")
    ? { id: `c-${process.pid}`, said: [], used: 0 }
    : JSON.parse(readFileSync(join(home, `${old}.json`), "utf8"));
talk.said.push(prompt);
save(talk);
await put({
  type: "start",
  session: talk.id,
  model: faults.has("stubborn") ? "small" : (option("--model") ?? "small"),
});
for (const fault of faults) await misbehave(fault);

const moves = [...prompt.matchAll(/\[(\w+) ?([^\]]*)\]/g)];
if (moves.length === 0) await say(`I heard: ${prompt}`);
for (const [n, [, move = "", arg = ""]] of moves.entries()) await MOVES()[move]?.(arg, n);
if (args.includes("--read-only") && !/\[answer|\[mute/.test(prompt)) await say(planOf());
if (/\[edit/.test(prompt) && !args.includes("--read-only")) await say("Done.");
talk.used += 100;
save(talk);
const total = talk.used;
await put({
  type: "usage",
  turn: { in: 100, out: 10, usd: 0.5 },
  total: { in: total, out: total / 10, usd: total / 200 },
});
if (!faults.has("endless")) await put({ type: "end", ok: !faults.has("fails") });
if (faults.has("two-results")) {
  await say("I was over already.");
  await put({ type: "end", ok: false });
  await put({ type: "error", message: "too late" });
}
if (faults.has("lingers")) setInterval(() => undefined, 1000);
else process.exit(faults.has("exit-1") ? 1 : 0);

async function input(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
  return text;
}

function planOf(): string {
  return `## Goal\n\nSay hello, version ${talk.said.length}. [edit] [run git commit -qam Hello]\n\n## Steps\n\n1. Say hello`;
}

function MOVES(): Readonly<Record<string, (arg: string, n: number) => unknown>> {
  return {
    answer: (arg) => say(arg || "Hello."),
    hello: () => say("Hello from the fake."),
    edit: (arg, n) => work(n, `write ${arg || "hello.txt"}`, () => appendFileSync(arg || "hello.txt", "Hello.\n")),
    run: (arg, n) => work(n, arg, () => run(arg)),
    wish: () => say("May I? Which colour?"),
    tool: async (arg) => {
      await put({ type: "tool", id: "t", name: arg, state: "running" });
      while (!existsSync("go")) await wait(10);
      await put({ type: "tool", id: "t", name: arg, state: "done" });
    },
    slow: async () => {
      for (let i = 0; i < 1200 && !stop.signal.aborted; i++) {
        await say(`${i}`);
        await pause(50);
      }
    },
    silent: () => pause(60_000),
    note: () => say("Noted."),
    recall: () =>
      say(`Words: ${[...talk.said.join("\n").matchAll(/the word is (\w+)/gi)].map(([, word]) => word).join(", ")}.`),
    look: () => say(`Images: 0. Paths: ${(prompt.match(/\/\S+\.(?:png|txt)/g) ?? []).join(" ")}.`),
    auth: () => fail("401: the key is not valid"),
    limited: () => fail("429: rate limit exceeded, retry in 3600 s"),
    broken: () => fail("500: the model is broken"),
    cut: async () => {
      await say("Half an ans");
      process.kill(process.pid, "SIGKILL");
      await wait(1000);
    },
  };
}

async function work(n: number, name: string, does: () => unknown): Promise<void> {
  const id = `t${n}`;
  await put({ type: "tool", id, name, state: "running" });
  if (isText) await say(name);
  if (args.includes("--read-only")) return void (await put({ type: "tool", id, name, state: "refused" }));
  await does();
  await put({ type: "tool", id, name, state: "done" });
}

function run(command: string): Promise<void> {
  return new Promise((done) => {
    const child = spawn("/bin/sh", ["-c", command], { stdio: "ignore", signal: stop.signal });
    child.on("error", () => done()).on("exit", () => done());
  });
}

async function fail(message: string): Promise<void> {
  await put({ type: "error", message });
  if (isText) process.stderr.write(`${message}\n`);
  await put({ type: "end", ok: true });
  process.exit(isText ? 1 : 0);
}

async function misbehave(fault: string): Promise<void> {
  switch (fault) {
    case "unknown":
      await put({ type: "fireworks", parts: "red", tool: null });
      return;
    case "garbage":
      await print('warning: {"not json\n[1,2]\nnull\n\n');
      return;
    case "huge":
      await print(`${"x".repeat(40 * 1024 * 1024)}\n`);
      return;
    case "utf8": {
      const bytes = Buffer.from(
        isText ? "Grüße 🦫\n" : `${JSON.stringify({ type: "message", parts: [{ text: "Grüße 🦫" }] })}\n`,
      );
      await print(bytes.subarray(0, bytes.indexOf(0xbc)));
      await wait(30);
      await print(bytes.subarray(bytes.indexOf(0xbc)));
      return;
    }
    case "floods": {
      const words = "all work and no play ".repeat(2500);
      for (let sent = 0; sent < 100_000_000; sent += words.length) await say(words);
      return;
    }
    case "deaf":
      await say("I do not listen.");
      await wait(60_000);
      return;
    case "eof":
      await say("Half an ans");
      process.exit(0);
      return;
    default:
      return;
  }
}
