/**
 * An agent that speaks ACP and asks no model: it does what the words of a prompt say, each `[word]` in its order. Started
 * as a process of its own, as the real ones are; its memory lies in its home. `FAKE` names the faults that it has,
 * separated by commas.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { type AgentContext, agent, ndJsonStream, RequestError } from "@agentclientprotocol/sdk";

interface Conversation {
  id: string;
  cwd: string;
  said: string[];
  mode: string;
  model: string;
  cost: number;
}

const faults = new Set((process.env["FAKE"] ?? "").split(","));
const home = process.env["HOME"] ?? "";
const open = new Map<string, Conversation>();
const turns = new Map<string, AbortController>();
const MODES: readonly [string, ...string[]] = faults.has("no-plan") ? ["default"] : ["yolo", "plan", "default"];

const note = (line: string) => appendFile(join(home, "log"), `${line}\n`);
const print = (text: string | Uint8Array) => new Promise((done) => process.stdout.write(text, done));
const raw = (message: unknown) => print(`${JSON.stringify(message)}\n`);
const save = (talk: Conversation) => writeFile(join(home, `${talk.id}.json`), JSON.stringify(talk));

async function remembered(id: string): Promise<Conversation> {
  const text = await readFile(join(home, `${id}.json`), "utf8").catch(() => {
    throw RequestError.sessionNotFound(id);
  });
  return JSON.parse(text) as Conversation;
}

function found(id: string): Conversation {
  const talk = open.get(id);
  if (!talk) throw RequestError.sessionNotFound(id);
  return talk;
}

const optionsOf = ({ model }: Conversation) => [
  {
    ...{ id: "model", name: "Model", category: "model", type: "select" as const },
    currentValue: faults.has("stubborn") ? "small" : model,
    options: ["small", "big"].map((value) => ({ value, name: value })),
  },
];

async function opened(talk: Conversation) {
  open.set(talk.id, talk);
  await save(talk);
  const modes = { currentModeId: talk.mode, availableModes: MODES.map((id) => ({ id, name: id })) };
  return { sessionId: talk.id, modes, configOptions: optionsOf(talk) };
}

const app = agent({ name: "fake" })
  .onRequest("initialize", async ({ params }) => {
    await mkdir(home, { recursive: true });
    await note(`offered ${JSON.stringify(params.clientCapabilities)}`);
    if (faults.has("slow-start")) await wait(60_000);
    if (faults.has("dies-at-start")) {
      process.stderr.write("cannot find my licence\n");
      process.exit(3);
    }
    return {
      protocolVersion: 1,
      agentInfo: { name: "fake", version: "1.2.3" },
      agentCapabilities: {
        loadSession: true,
        mcpCapabilities: { http: !faults.has("no-http") },
        promptCapabilities: { image: !faults.has("blind") },
        sessionCapabilities: faults.has("only-load") ? {} : { resume: {}, fork: {} },
      },
    };
  })
  .onRequest("session/new", async ({ params }) => {
    if (params.mcpServers.length > 0) await note(`servers ${JSON.stringify(params.mcpServers)}`);
    if (faults.has("auth")) throw RequestError.authRequired();
    return opened({ id: randomUUID(), cwd: params.cwd, said: [], mode: MODES[0], model: "small", cost: 0 });
  })
  .onRequest("session/resume", async ({ params }) => opened(await remembered(params.sessionId)))
  .onRequest("session/load", async ({ params, client }) => {
    const talk = await remembered(params.sessionId);
    void replay(talk, client); // as Gemini does: the answer does not wait for it
    return opened(talk);
  })
  .onRequest(
    "session/fork",
    (params: unknown) => params as { sessionId: string },
    async ({ params }) => opened({ ...(await remembered(params.sessionId)), id: randomUUID() }),
  )
  .onRequest("session/set_mode", async ({ params, client }) => {
    const talk = found(params.sessionId);
    talk.mode = faults.has("liar") ? "yolo" : params.modeId;
    if (faults.has("liar")) await update(client, talk, { sessionUpdate: "current_mode_update", currentModeId: "yolo" });
    await note(`mode ${params.modeId}`);
    return {};
  })
  .onRequest("session/set_config_option", ({ params }) => {
    const talk = found(params.sessionId);
    if ("value" in params && typeof params.value === "string") talk.model = params.value;
    return { configOptions: optionsOf(talk) };
  })
  .onRequest("session/prompt", async ({ params, client }) => {
    const talk = found(params.sessionId);
    const text = params.prompt.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
    await note(`prompt ${JSON.stringify(text)}`);
    const stop = new AbortController();
    turns.set(talk.id, stop);
    talk.said.push(text);
    await save(talk);
    const images = params.prompt.filter(({ type }) => type === "image").length;
    const stopReason = await play({ talk, client, stop: stop.signal, text, images });
    const usage = { inputTokens: 100, outputTokens: 10, totalTokens: 130, cachedReadTokens: 20 };
    const result = { stopReason: stop.signal.aborted ? ("cancelled" as const) : stopReason, usage };
    if (faults.has("two-results")) for (let id = 0; id < 9; id++) await raw({ jsonrpc: "2.0", id, result });
    if (faults.has("late-ask")) setTimeout(() => void permitted(talk, client, { kind: "execute", title: "late" }), 1);
    return result;
  })
  .onNotification("session/cancel", async ({ params }) => {
    await note("cancel");
    if (!faults.has("deaf")) turns.get(params.sessionId)?.abort();
  });

const update = (client: AgentContext, { id }: Conversation, of: object) =>
  client.notify("session/update", { sessionId: id, update: of });

async function replay(talk: Conversation, client: AgentContext): Promise<void> {
  for (const text of talk.said) {
    await update(client, talk, {
      sessionUpdate: "agent_message_chunk",
      content: { type: "text", text: `old ${text}` },
    });
    await new Promise((done) => setTimeout(done, 5));
  }
}

interface Stage {
  talk: Conversation;
  client: AgentContext;
  stop: AbortSignal;
  text: string;
  images: number;
}

async function play(stage: Stage): Promise<"end_turn" | "refusal"> {
  const { talk, client, stop, text } = stage;
  const say = (words: string) =>
    update(client, talk, { sessionUpdate: "agent_message_chunk", content: { type: "text", text: words } });
  for (const fault of faults) await misbehave(fault, stage, say);
  const moves = [...text.matchAll(/\[(\w+) ?([^\]]*)\]/g)];
  if (moves.length === 0) await say(`I heard: ${text}`);
  for (const [n, [, move = "", arg = ""]] of moves.entries()) {
    if (stop.aborted) return "end_turn";
    await MOVES[move]?.({ ...stage, n, arg, say });
  }
  if (stop.aborted || text.includes("[mute]")) return "end_turn";
  talk.cost += 0.5;
  await save(talk);
  const cost = { amount: talk.cost, currency: "USD" };
  if (!faults.has("free")) await update(client, talk, { sessionUpdate: "usage_update", used: 1, size: 2, cost });
  if (talk.mode === "plan" && !/\[(?:answer|ask|propose)/.test(text)) await say(planOf(talk));
  if (text.includes("[edit]")) await say("Done.");
  return faults.has("refuses") ? "refusal" : "end_turn";
}

const planOf = ({ said }: Conversation): string =>
  `## Goal\n\nSay hello, version ${said.length}. [edit] [run git commit -qam Hello]\n\n## Steps\n\n1. Say hello`;

/** What the words of a prompt make it do. */
type Move = (of: Stage & { n: number; arg: string; say(words: string): Promise<void> }) => Promise<unknown>;
const MOVES: Readonly<Record<string, Move>> = {
  answer: ({ say, arg }) => say(arg || "Hello."),
  hello: ({ say }) => say("Hello from the fake."),
  steps: ({ client, talk }) => {
    const entries = ["Read", "Write"].map((content, i) => {
      return { content, priority: "medium", status: i === 0 ? "completed" : "in_progress" };
    });
    return update(client, talk, { sessionUpdate: "plan", entries });
  },
  read: ({ client, talk, n }) => {
    const locations = [{ path: join(talk.cwd, "hello.txt") }];
    const call = { toolCallId: `r${n}`, kind: "read", title: "hello.txt", status: "completed", locations };
    return update(client, talk, { sessionUpdate: "tool_call_update", ...call });
  },
  /** Without asking. */
  sneak: ({ client, talk, arg }) => {
    const call = { toolCallId: "s", kind: "execute", title: arg, status: "completed", rawInput: { command: arg } };
    return update(client, talk, { sessionUpdate: "tool_call", ...call });
  },
  edit: (of) => {
    const path = isAbsolute(of.arg) ? of.arg : join(of.talk.cwd, of.arg || "hello.txt");
    const call = { kind: "edit", title: `Writing ${path}`, locations: [{ path }] };
    return asking(of, call, () => appendFile(path, "Hello from the fake.\n"));
  },
  run: (of) => {
    const call = { kind: "execute", title: of.arg, rawInput: { command: of.arg } };
    return asking(of, call, () => run(of.arg, of.talk.cwd, of.stop));
  },
  tool: (of) => {
    const [kind = "", ...title] = of.arg.split(" ");
    return asking(of, { kind, title: title.join(" ") }, () => note(`did ${of.arg}`));
  },
  ask: async ({ client, talk, arg, say }) => say(`You said ${await answered(talk, client, arg.split(","))}.`),
  propose: async ({ client, talk }) => {
    const call = { toolCallId: "x", kind: "switch_mode", title: "Ready?", rawInput: { plan: planOf(talk) } };
    await permitted(talk, client, call);
  },
  slow: async ({ stop, say }) => {
    for (let i = 0; i < 1200 && !stop.aborted; i++) {
      await say(`${i} `);
      await pause(50, stop);
    }
  },
  silent: ({ stop }) => pause(60_000, stop),
  note: ({ say }) => say("Noted."),
  recall: ({ talk, say }) =>
    say(`Words: ${[...talk.said.join("\n").matchAll(/the word is (\w+)/gi)].map(([, word]) => word).join(", ")}.`),
  look: ({ images, text, say }) =>
    say(`Images: ${images}. Paths: ${(text.match(/\/\S+\.(?:png|txt)/g) ?? []).join(" ")}.`),
  auth: () => Promise.reject(new RequestError(401, "the key is not valid")),
  limited: () => Promise.reject(new RequestError(429, "Rate limit exceeded, retry in 3600 s")),
  broken: () => Promise.reject(new RequestError(500, "the model is broken")),
  cut: async ({ say }) => {
    await say("Half an ans");
    process.exit(0);
  },
};

async function misbehave(
  fault: string,
  { talk, client, stop }: Stage,
  say: (words: string) => Promise<void>,
): Promise<void> {
  const spoken = (text: string) => ({
    ...{ jsonrpc: "2.0", method: "session/update" },
    params: { sessionId: talk.id, update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } } },
  });
  switch (fault) {
    case "unknown":
      await update(client, talk, { sessionUpdate: "fireworks", colour: "red" });
      await raw({
        jsonrpc: "2.0",
        method: "session/update",
        params: { sessionId: talk.id, update: { sessionUpdate: "plan" } },
      });
      await raw({ jsonrpc: "2.0", id: 77, method: "fs/read_text_file", params: { path: "/etc/passwd" } });
      return;
    case "garbage":
      await print('warning: {"not json\n[1,2]\n{"jsonrpc":"2.0"}\n\n');
      return;
    case "huge":
      await print(`${"x".repeat(40 * 1024 * 1024)}\n`);
      return;
    case "utf8": {
      const bytes = Buffer.from(`${JSON.stringify(spoken("Grüße 🦫 "))}\n`);
      await print(bytes.subarray(0, bytes.indexOf(0xbc)));
      await pause(30, stop);
      await print(bytes.subarray(bytes.indexOf(0xbc)));
      return;
    }
    case "flees":
      await update(client, talk, { sessionUpdate: "current_mode_update", currentModeId: "yolo" });
      return pause(60_000, stop);
    case "deaf":
      await say("I do not listen.");
      return pause(60_000, new AbortController().signal);
    default:
      return;
  }
}

/** Resolves early when the signal aborts. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);

interface Call {
  toolCallId?: string;
  kind: string;
  title: string;
  locations?: { path: string }[];
  rawInput?: object;
}

/** Asks, works, and tells how it went; the freest mode does not ask. */
async function asking(
  { talk, client, n }: Stage & { n: number },
  call: Call,
  work: () => Promise<unknown>,
): Promise<void> {
  const toolCallId = `t${talk.said.length}-${n}`;
  const tell = (status: string) =>
    update(client, talk, { sessionUpdate: "tool_call_update", toolCallId, ...call, status });
  if (talk.mode !== "yolo" && !(await permitted(talk, client, { toolCallId, ...call }))) return tell("failed");
  await tell("in_progress");
  await work();
  await tell("completed");
}

const OPTIONS = [
  { optionId: "1", name: "Always", kind: "allow_always" },
  { optionId: "2", name: "Yes", kind: "allow_once" },
  { optionId: "3", name: "No", kind: "reject_once" },
];
interface Permitted {
  outcome: { outcome: string; optionId?: string };
}

async function permitted(talk: Conversation, client: AgentContext, call: Call): Promise<boolean> {
  const toolCall = { toolCallId: "t", status: "pending", ...call };
  const asked = { sessionId: talk.id, toolCall, options: OPTIONS };
  const { outcome } = await client.request<Permitted>("session/request_permission", asked);
  await note(`answer ${call.title}: ${outcome.optionId ?? outcome.outcome}`);
  return outcome.optionId === "2";
}

const titled = (titles: string[]) => titles.map((title) => ({ const: `the ${title}`, title }));
const FIELDS: Readonly<Record<string, object>> = {
  colour: { type: "string", title: "Which colour?", oneOf: titled(["Red", "Blue"]), default: "the Blue" },
  fruit: { type: "array", title: "Which fruits?", items: { anyOf: titled(["Apple", "Pear", "Quince"]) } },
  name: { type: "string", title: "Which name?" },
  sure: { type: "boolean", title: "Are you sure?" },
};

async function answered(talk: Conversation, client: AgentContext, names: string[]): Promise<string> {
  const properties = Object.fromEntries(names.map((name) => [name, FIELDS[name]]));
  const requestedSchema = { type: "object", properties };
  const form = { sessionId: talk.id, mode: "form", message: "Please say", requestedSchema };
  const answer = await client.request<{ action: string; content?: object }>("elicitation/create", form);
  return answer.action === "accept" ? JSON.stringify(answer.content) : answer.action;
}

/** A process of the agent's own, as a shell tool has it. */
const run = (command: string, cwd: string, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const child = spawn("/bin/sh", ["-c", command], { cwd, signal, stdio: "ignore" });
    child.on("error", () => done()).on("exit", () => done());
  });

app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));
if (faults.has("lingers")) setInterval(() => undefined, 1000);
else process.stdin.on("end", () => process.exit(0));
