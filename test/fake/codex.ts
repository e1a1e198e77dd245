/**
 * A program that speaks `codex app-server` and asks no model: it does what a prompt says, each `[word rest]` in its order.
 * `FAKE` names the faults that it has, separated by commas. It writes what it is told to `$CODEX_HOME/told.jsonl`.
 * With `FAKE=replay:<file>` it plays the server's half of a recording instead.
 */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

// biome-ignore lint/suspicious/noExplicitAny: the wire, as it comes
type Json = Record<string, any>;

const args = process.argv.slice(2);
const FAKE = process.env["FAKE"] ?? "";
const faults = new Set(FAKE.split(","));
const home = process.env["CODEX_HOME"] ?? "";
const put = (message: Json): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const news = (method: string, params: Json): void => put({ method, params });

if (args.includes("--version")) {
  process.stdout.write("codex-cli 0.169.0\n");
} else if (args.includes("login")) {
  process.stdout.write(faults.has("logged-out") ? "Not logged in\n" : "Logged in using ChatGPT\n");
  process.exitCode = faults.has("logged-out") ? 1 : 0;
} else if (FAKE.startsWith("replay:")) {
  await replay(FAKE.slice("replay:".length));
} else {
  await serve();
}

interface Thread {
  id: string;
  model: string;
  /** Tokens that the conversation has used. */
  used: number;
  /** What each turn was asked. */
  turns: string[];
}

async function serve(): Promise<void> {
  if (faults.has("dies-at-start")) {
    process.stderr.write("cannot read config.toml\n");
    process.exit(3);
  }
  if (faults.has("deaf")) process.on("SIGTERM", () => undefined);
  await mkdir(home, { recursive: true });
  const answers = new Map<number, (result: Json) => void>();
  let thread: Thread = { id: "", model: "", used: 0, turns: [] };
  let running: { id: string; stop: AbortController; steered: string[] } | null = null;
  let requests = 0;

  const at = () => ({ threadId: thread.id, turnId: running?.id });
  const item = (state: "started" | "completed", of: Json): void => news(`item/${state}`, { ...at(), item: of });
  const whole = (of: Json, done: Json = {}): void => {
    item("started", of);
    item("completed", { ...of, ...done });
  };
  const request = (method: string, params: Json): Promise<Json> =>
    new Promise((resolve) => {
      const id = requests++;
      answers.set(id, resolve);
      put({ method, id, params: { ...at(), ...params } });
    });
  const fileOf = (id: string): string => join(home, `${id}.json`);
  const save = () => writeFile(fileOf(thread.id), JSON.stringify(thread));
  const tokens = (total: number): Json => ({
    inputTokens: total * 10,
    cachedInputTokens: total * 5,
    outputTokens: total,
  });
  const usage = (turnId: string): void =>
    news("thread/tokenUsage/updated", {
      ...{ threadId: thread.id, turnId },
      tokenUsage: { total: tokens(thread.used), last: tokens(100), modelContextWindow: null },
    });
  const end = (turn: Json): void =>
    news("turn/completed", { ...at(), turn: { id: running?.id, error: null, ...turn } });

  async function command(line: string): Promise<void> {
    const id = `cmd-${requests}`;
    const it = {
      type: "commandExecution",
      id,
      command: `/bin/bash -lc '${line}'`,
      status: "inProgress",
      commandActions: [],
    };
    item("started", it);
    const { decision } = await request("item/commandExecution/requestApproval", {
      itemId: id,
      command: it.command,
      reason: "why not",
    });
    item("completed", { ...it, status: decision === "accept" ? "completed" : "declined" });
    await wait(20); // a word about the refusal may follow it
  }

  async function patch(path: string): Promise<void> {
    const it = {
      type: "fileChange",
      id: `patch-${requests}`,
      changes: [{ path, kind: { type: "add" }, diff: "" }],
      status: "inProgress",
    };
    item("started", it);
    const { decision } = await request("item/fileChange/requestApproval", { itemId: it.id });
    item("completed", { ...it, status: decision === "accept" ? "completed" : "declined" });
  }

  function say(text: string): void {
    const it = { type: "agentMessage", id: `msg-${Math.random()}`, text: "" };
    item("started", it);
    for (const word of text.match(/\S+\s*/g) ?? [])
      news("item/agentMessage/delta", { ...at(), itemId: it.id, delta: word });
    item("completed", { ...it, text });
  }

  const hang = (signal: AbortSignal) => wait(120_000, undefined, { signal }).catch(() => undefined);

  /** One word of the prompt; true when the turn is over. */
  async function act(word: string, rest: string, signal: AbortSignal): Promise<boolean> {
    if (word === "say") say(rest);
    if (word === "plan") whole({ type: "plan", id: "p", text: `## Goal\n\n${rest}\n` });
    if (word === "run") await command(rest);
    if (word === "patch") await patch(rest);
    if (word === "tool") {
      const it = { type: "mcpToolCall", id: "t1", server: "s", tool: "slow", status: "inProgress" };
      item("started", it);
      while (!existsSync(rest) && !signal.aborted) await wait(10);
      if (!signal.aborted) item("completed", { ...it, status: "completed" });
    }
    if (word === "ask") {
      const options = [
        { label: "Red (Recommended)", description: "warm" },
        { label: "Blue", description: "" },
      ];
      const { answers: got } = await request("item/tool/requestUserInput", {
        questions: [
          { id: "c", header: "C", question: "Which colour?", isOther: true, isSecret: false, options },
          { id: "n", header: "N", question: "Which name?", isOther: true, isSecret: false, options: null },
        ],
      });
      say(`It said ${got["c"].answers.join()} and ${got["n"].answers.join()}.`);
    }
    if (word === "mcp") {
      const { action } = await request("mcpServer/elicitation/request", {
        serverName: rest,
        mode: "form",
        message: "May I?",
        requestedSchema: { type: "object", properties: {} },
      });
      say(`It was ${action}.`);
    }
    if (word === "rights") {
      const { permissions } = await request("item/permissions/requestApproval", {
        itemId: "x",
        reason: "more",
        permissions: { network: { enabled: true } },
      });
      say(`It got ${JSON.stringify(permissions)}.`);
    }
    if (word === "strange") {
      const refused = await request("item/strange/request", {});
      say(`It heard ${refused["error"]}.`);
    }
    if (word === "steps")
      news("turn/plan/updated", {
        ...at(),
        plan: [
          { step: "one", status: "completed" },
          { step: "two", status: "inProgress" },
          { step: "three", status: "pending" },
        ],
      });
    if (word === "helper") {
      const other = { threadId: "sub", turnId: "sub-turn" };
      news("item/completed", { ...other, item: { type: "agentMessage", id: "m", text: "words of a helper" } });
      news("thread/tokenUsage/updated", { ...other, tokenUsage: { total: tokens(99_999), last: tokens(9) } });
      news("turn/completed", { threadId: "sub", turn: { id: "sub-turn", status: "completed", error: null } });
    }
    if (word === "early") usage(running?.id ?? "");
    if (word === "retry")
      news("error", { ...at(), willRetry: true, error: { message: "Reconnecting... 1/5", codexErrorInfo: null } });
    if (word === "reroute")
      news("model/rerouted", { ...at(), fromModel: thread.model, toModel: rest, reason: "highRiskCyberActivity" });
    if (word === "wait") {
      while (!running?.steered.length && !signal.aborted) await wait(5);
      say(`I heard: ${running?.steered.join(" ")}`);
    }
    if (word === "hang") await hang(signal);
    if (word === "limit")
      news("account/rateLimits/updated", {
        rateLimits: {
          limitId: "codex",
          primary: { usedPercent: 100, windowDurationMins: 300, resetsAt: Number(rest) },
          secondary: { usedPercent: 3, resetsAt: 9_999_999_999 },
        },
      });
    if (word === "fail") {
      const [info = "", ...message] = rest.split(" ");
      const codexErrorInfo = /^\d+$/.test(info)
        ? { responseTooManyFailedAttempts: { httpStatusCode: Number(info) } }
        : info;
      end({ status: "failed", error: { message: message.join(" "), codexErrorInfo, additionalDetails: null } });
      return true;
    }
    return false;
  }

  async function play(text: string, signal: AbortSignal): Promise<void> {
    if (faults.has("unknown-kinds")) {
      news("thread/dreamt", { of: "sheep" });
      whole({ type: "hologram", id: "h", colour: "blue" });
    }
    if (faults.has("garbage")) process.stdout.write("WARN: this is no message {\n\n[1,2\n");
    if (faults.has("cut-utf8")) {
      const it = { type: "agentMessage", id: "u8", text: "Grüße aus Köln" };
      const line = Buffer.from(`${JSON.stringify({ method: "item/completed", params: { ...at(), item: it } })}\n`);
      const middle = line.indexOf(0xc3) + 1;
      process.stdout.write(line.subarray(0, middle));
      await wait(50);
      process.stdout.write(line.subarray(middle));
    }
    if (faults.has("huge-line"))
      process.stdout.write(`{"method":"item/completed","params":{"x":"${"y".repeat(40_000_000)}"}}\n`);
    if (faults.has("flood"))
      for (let i = 0; i < 100; i++) {
        news("item/reasoning/textDelta", { ...at(), delta: "z".repeat(1_000_000) });
        if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once("drain", resolve));
      }
    for (const [, word = "", rest = ""] of text.matchAll(/\[(\w+)(?: ([^\]]*))?\]/g)) {
      if (signal.aborted) break;
      if (await act(word, rest, signal)) return;
    }
    thread.used += 100;
    await save();
    usage(running?.id ?? "");
    if (faults.has("eof")) {
      process.stdout.end();
      await hang(signal);
      return;
    }
    if (faults.has("exits")) process.exit(0);
    if (faults.has("failed-exit-0")) end({ status: "failed", error: { message: "no", codexErrorInfo: "other" } });
    else end({ status: signal.aborted ? "interrupted" : "completed" });
    if (faults.has("two-ends")) end({ status: "failed", error: { message: "again", codexErrorInfo: "unauthorized" } });
    if (faults.has("late-request"))
      void request("item/commandExecution/requestApproval", { itemId: "late", command: "rm -rf ." });
    if (faults.has("failed-exit-0")) process.exit(0);
    if (faults.has("completed-exit-1")) process.exit(1);
  }

  async function opened(p: Json, is: Partial<Thread>): Promise<Json> {
    thread = { ...thread, ...is, model: p["model"] ?? is.model ?? "gpt-6.1-sol" };
    await save();
    const model = faults.has("other-model") ? "gpt-small" : thread.model;
    return { thread: { id: thread.id }, model, sandbox: { type: sandboxOf(p) } };
  }
  const sandboxOf = (p: Json): string => {
    if (faults.has("open-sandbox")) return "dangerFullAccess";
    if (p["permissions"] === ":danger-full-access") return "dangerFullAccess";
    const flags = args.join("\n");
    return /filesystem=.*"write"/.test(flags) ? "workspaceWrite" : "readOnly";
  };
  const recall = async (id: string): Promise<Thread> => {
    const text = await readFile(fileOf(id), "utf8").catch(() => "");
    if (text === "") throw new Error(`no rollout found for thread id ${id}`);
    return JSON.parse(text) as Thread;
  };

  async function handle(method: string, p: Json): Promise<Json> {
    if (method === "initialize") {
      if (faults.has("slow-start")) await wait(60_000);
      return { userAgent: "fake" };
    }
    if (method === "account/read") return { account: null, requiresOpenaiAuth: true };
    if (method === "thread/start") return opened(p, { id: `thread-${process.pid}`, used: 0, turns: [] });
    if (method === "thread/resume") {
      const before = await recall(p["threadId"]);
      thread = before;
      usage("an-earlier-turn");
      return opened(p, before);
    }
    if (method === "thread/fork") return opened(p, { ...(await recall(p["threadId"])), id: `fork-${process.pid}` });
    if (method === "turn/start") return begin(p);
    if (method === "turn/steer") {
      if (!running || running.id !== p["expectedTurnId"]) throw new Error("no active turn to steer");
      const text = p["input"][0].text;
      running.steered.push(text);
      if (!faults.has("unheard"))
        whole({ type: "userMessage", id: "u", clientId: p["clientUserMessageId"], content: [] });
      return { turnId: running.id };
    }
    if (method === "turn/interrupt") {
      if (!faults.has("deaf")) running?.stop.abort();
      return {};
    }
    return {};
  }

  function begin(p: Json): Json {
    const text = p["input"].map((one: Json) => one["text"] ?? `[image ${one["path"]}]`).join("\n");
    const turn = { id: `turn-${thread.turns.length + 1}-${process.pid}`, stop: new AbortController(), steered: [] };
    running = turn;
    thread.turns.push(text);
    const { mode, settings } = p["collaborationMode"];
    setImmediate(() => {
      news("thread/settings/updated", {
        threadId: thread.id,
        threadSettings: {
          model: settings.model,
          sandboxPolicy: { type: sandboxOf(p) },
          collaborationMode: { mode: faults.has("other-mode") ? "default" : mode },
        },
      });
      news("turn/started", { threadId: thread.id, turn: { id: turn.id } });
      void play(text, turn.stop.signal).then(() => {
        if (running === turn) running = null;
      });
    });
    return { turn: { id: turn.id } };
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params, result, error } = JSON.parse(line) as Json;
    await appendFile(join(home, "told.jsonl"), `${JSON.stringify(method ? { method, params } : { result, error })}\n`);
    if (method === undefined) answers.get(id)?.(result ?? { error: error?.message });
    else if (id !== undefined)
      handle(method, params ?? {}).then(
        (answer) => put({ id, result: answer }),
        (failure: Error) => put({ id, error: { code: -32_600, message: failure.message } }),
      );
  }
  if (faults.has("deaf")) await wait(120_000);
  process.exit(0);
}

/** Lines are `{ from: "client" | "server", message }`, the first one says what was recorded. */
async function replay(file: string): Promise<void> {
  const [, ...script] = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { from: string; message: Json });
  const ids = new Map<number, number>();
  let next = 0;
  const speak = (): void => {
    for (const { from, message } of script.slice(next)) {
      if (from !== "server") return;
      put(message["method"] === undefined ? { ...message, id: ids.get(message["id"]) } : message);
      next++;
    }
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const said = JSON.parse(line) as Json;
    const expected = script[next]?.message;
    if (said["method"] !== expected?.["method"]) {
      // Once the recording is over, whatever is asked is answered with nothing.
      if (said["method"] && said["id"] !== undefined) put({ id: said["id"], result: {} });
      continue;
    }
    if (said["method"] && said["id"] !== undefined) ids.set(expected?.["id"], said["id"]);
    next++;
    speak();
  }
}
