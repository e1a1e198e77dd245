/**
 * An OpenCode without a model: the pipes of `acp`, its HTTP server and its events, as far as oca uses them. `--play` names
 * what it does with a prompt; conversations lie in its home. What it was asked is in $FAKE_LOG, one JSON a line.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const option = (name: string): string => process.argv[process.argv.indexOf(name) + 1] ?? "";
const play = option("--play");
const config = JSON.parse(process.env["OPENCODE_CONFIG_CONTENT"] ?? "{}");
const home = process.env["HOME"] ?? "";
const password = process.env["OPENCODE_SERVER_PASSWORD"] ?? "";
const log = (what: object) =>
  process.env["FAKE_LOG"] && appendFileSync(process.env["FAKE_LOG"], `${JSON.stringify(what)}\n`);

if (process.argv.includes("--version")) {
  console.log(play === "old" ? "opencode 0.9.1" : "1.18.33");
  process.exit(0);
}
if (process.argv.includes("list")) {
  console.log(`┌  Credentials\n└  ${play === "strange" ? "many" : play === "login" ? 1 : 0} credentials`);
  process.exit(0);
}
log({ args: process.argv.slice(2), env: process.env });
if (play === "slow-start") await wait(60_000);
if (play === "dies-at-start") {
  process.stderr.write("cannot find my licence\n");
  process.exit(3);
}

// --- conversations ---

interface Talk {
  id: string;
  parentID?: string;
  cost: number;
  tokens: { input: number; output: number; reasoning: number; cache: { read: number; write: number } };
  messages: { info: Record<string, unknown>; parts: Record<string, unknown>[] }[];
}
let count = 0;
const fresh = (kind: string) => `${kind}_${Date.now().toString(36)}${(++count).toString().padStart(4, "0")}`;
const fileOf = (id: string) => join(home, `${id}.json`);
const newTalk = (over: Partial<Talk> = {}): Talk => ({
  id: fresh("ses"),
  cost: 0,
  tokens: { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } },
  messages: [],
  ...over,
});
const talks = new Map<string, Talk>();
const save = (talk: Talk) => writeFileSync(fileOf(talk.id), JSON.stringify(talk));
function find(id: string): Talk | undefined {
  const known =
    talks.get(id) ?? (existsSync(fileOf(id)) ? (JSON.parse(readFileSync(fileOf(id), "utf8")) as Talk) : undefined);
  if (known) talks.set(id, known);
  return known;
}
const infoOf = ({ messages: _, ...info }: Talk) => info;

// --- events ---

const streams = new Set<ServerResponse>();
const raw = (bytes: string | Buffer) => {
  for (const stream of streams) stream.write(bytes);
};
const emit = (type: string, properties: object) =>
  raw(`data: ${JSON.stringify({ id: fresh("evt"), type, properties })}\n\n`);
const status = (talk: Talk, of: object) => emit("session.status", { sessionID: talk.id, status: of });
const idle = (talk: Talk) => {
  status(talk, { type: "idle" });
  emit("session.idle", { sessionID: talk.id });
};
const error = (talk: Talk, name: string, data: object) =>
  emit("session.error", { sessionID: talk.id, error: { name, data } });

const open = new Map<
  string,
  { talk: Talk; settle(body: { reply?: string; message?: string; answers?: string[][] }): void }
>();

// --- what it does ---

let stop = new AbortController();
/** The parent of what is said now. */
let asked: Record<string, unknown> = {};

function user(
  talk: Talk,
  body: { agent?: string; model?: object; variant?: string; parts: Record<string, unknown>[] },
) {
  const info = { id: fresh("msg"), sessionID: talk.id, role: "user", agent: body.agent };
  asked = { ...info, ...body };
  const parts = body.parts.map((part) => ({ ...part, id: fresh("prt"), sessionID: talk.id, messageID: info.id }));
  talk.messages.push({ info, parts });
  save(talk);
  emit("message.updated", { info });
  for (const part of parts) emit("message.part.updated", { part });
}

/** A message of the agent's with one text in pieces. */
function say(talk: Talk, text: string, over: Record<string, unknown> = {}, pieces = 2) {
  const model = (asked["model"] ?? { providerID: "scripted", modelID: "model" }) as object;
  const agent = asked["agent"];
  const info = {
    id: fresh("msg"),
    sessionID: talk.id,
    role: "assistant",
    parentID: asked["id"],
    agent,
    ...model,
    ...over,
  };
  const part = { id: fresh("prt"), sessionID: talk.id, messageID: info.id, type: "text", text };
  const thought = { ...part, id: fresh("prt"), type: "reasoning", text: "" };
  talk.messages.push({ info, parts: [part] });
  talk.cost += 0.5;
  talk.tokens.input += 100;
  talk.tokens.cache.read += 20;
  talk.tokens.output += 10;
  save(talk);
  emit("message.updated", { info });
  emit("message.part.updated", { part: thought });
  emit("message.part.delta", {
    sessionID: talk.id,
    messageID: info.id,
    partID: thought.id,
    field: "text",
    delta: "Hm.",
  });
  emit("message.part.updated", { part: { ...part, text: "" } });
  const size = Math.ceil(text.length / pieces);
  for (let at = 0; at < text.length; at += size)
    emit("message.part.delta", {
      sessionID: talk.id,
      messageID: info.id,
      partID: part.id,
      field: "text",
      delta: text.slice(at, at + size),
    });
  for (let n = 0; n < 2; n++) emit("message.part.updated", { part: { ...part, time: { start: 1, end: 2 } } });
  emit("message.updated", { info: { ...info, finish: "stop" } });
  emit("session.updated", { sessionID: talk.id, info: infoOf(talk) });
}

function tool(talk: Talk, name: string, input: object, state: string, callID = "call") {
  const part = { id: `prt_${callID}`, sessionID: talk.id, messageID: "msg_x", type: "tool", tool: name, callID };
  emit("message.part.updated", { part: { ...part, state: { status: state, input } } });
}

const ask = (talk: Talk, permission: string, patterns: string[], metadata: object, callID = "call") =>
  new Promise<{ reply?: string; message?: string }>((resolve) => {
    const id = fresh("per");
    open.set(id, { talk, settle: resolve });
    emit("permission.asked", {
      id,
      sessionID: talk.id,
      permission,
      patterns,
      metadata,
      always: ["*"],
      tool: { messageID: "m", callID },
    });
  });

const question = (talk: Talk, questions: object[]) =>
  new Promise<{ answers?: string[][] }>((resolve) => {
    const id = fresh("que");
    open.set(id, { talk, settle: resolve });
    emit("question.asked", { id, sessionID: talk.id, questions });
  });

/** Like the real one: a refusal takes all that is open with it. */
function settled(id: string, body: { reply?: string }): boolean {
  const one = open.get(id);
  if (!one || !open.delete(id)) return false;
  one.settle(body);
  emit("permission.replied", { sessionID: one.talk.id, requestID: id, reply: body.reply });
  if (body.reply === "reject")
    for (const [other, { talk }] of [...open]) if (talk === one.talk) settled(other, { reply: "reject" });
  return true;
}

const QUESTIONS = [
  {
    question: "Which colour?",
    header: "c",
    options: [
      { label: "Red", description: "warm" },
      { label: "Blue", description: "cool" },
    ],
  },
  {
    question: "Which days?",
    header: "d",
    options: [{ label: "Mon" }, { label: "Tue" }],
    multiple: true,
    custom: false,
  },
];
const PLAN = "## Goal\n\nSay hello.\n\n## Steps\n\n1. Say hello";
const after = (talk: Talk) => talk.messages.filter(({ info }) => info["role"] === "user").length;
const file = (cwd: string, path: string) => ({ filepath: join(cwd, path), diff: "" });

/** True: it has ended by itself. */
const PLAYS: Record<string, (talk: Talk, cwd: string) => Promise<unknown> | unknown> = {
  hello: (talk) => say(talk, "Hello."),
  plan: (talk) => say(talk, PLAN),
  count: (talk) => say(talk, `You have said ${after(talk)} things.`),
  two: (talk) => {
    say(talk, "I look.", {}, 1);
    say(talk, "I am done.");
  },
  echo: (talk) => say(talk, JSON.stringify(asked["parts"])),
  snapshots: (talk) => {
    const info = {
      id: fresh("msg"),
      sessionID: talk.id,
      role: "assistant",
      parentID: asked["id"],
      agent: asked["agent"],
      providerID: "p",
      modelID: "m",
    };
    talk.messages.push({
      info,
      parts: [{ id: "prt_s", sessionID: talk.id, messageID: info.id, type: "text", text: "One two three." }],
    });
    emit("message.updated", { info });
    for (const text of ["One", "One two", "One two three."])
      emit("message.part.updated", {
        part: {
          id: "prt_s",
          sessionID: talk.id,
          messageID: info.id,
          type: "text",
          text,
          time: { start: 1, end: text.endsWith(".") ? 2 : undefined },
        },
      });
  },
  tools: (talk, cwd) => {
    for (const state of ["pending", "running", "running", "completed", "completed"])
      tool(talk, "bash", { command: "npm test", description: "Test it" }, state, "c1");
    tool(talk, "read", { filePath: join(cwd, "src/a.ts") }, "error", "c2");
    tool(talk, "invalid", { tool: "edit", error: "unavailable" }, "completed", "c3");
    tool(talk, "grep", { pattern: "TODO" }, "running", "c4");
    emit("todo.updated", {
      sessionID: talk.id,
      todos: [
        { content: "one", status: "completed" },
        { content: "two", status: "in_progress" },
        { content: "three", status: "pending" },
        { content: "four", status: "cancelled" },
        { nonsense: true },
      ],
    });
    say(talk, "Done.");
  },
  permissions: async (talk, cwd) => {
    const command = (line: string, id: string) => ask(talk, "bash", [line], { command: line }, id);
    tool(talk, "bash", { command: "make", description: "Build it" }, "running", "c1");
    const all = [
      ask(talk, "edit", ["a.txt"], file(cwd, "a.txt")),
      ask(talk, "read", [".env"], {}),
      command("make", "c1"),
      command("make clean", "c2"),
      ask(talk, "webfetch", ["http://example.com/"], { url: "http://example.com/" }),
    ];
    say(talk, (await Promise.all(all)).map(({ reply, message }) => `${reply} ${message ?? ""}`.trim()).join(" | "));
  },
  ask: async (talk, cwd) => {
    const [permission = "", pattern = "", metadata = "{}"] = String(
      (asked["parts"] as { text: string }[])[0]?.text,
    ).split(" :: ");
    const said = await ask(talk, permission, [pattern], JSON.parse(metadata.replaceAll("$CWD", cwd)));
    say(talk, `${said.reply} ${said.message ?? ""}`.trim());
  },
  helper: async (talk, cwd) => {
    const child = newTalk({ parentID: talk.id });
    emit("session.created", { info: infoOf(child) });
    emit("session.status", { sessionID: child.id, status: { type: "busy" } });
    const { reply } = await ask(child, "edit", ["../x.txt"], file(cwd, "../x.txt"));
    say(child, "I am only a helper.");
    idle(child);
    say(talk, `The helper was told: ${reply}.`);
  },
  questions: async (talk) => {
    const { answers } = await question(talk, QUESTIONS);
    say(talk, answers ? JSON.stringify(answers) : "No answer.");
  },
  steer: async (talk) => {
    await until(() => after(talk) > 1);
    say(talk, "I heard you.");
  },
  "steer-late": async (talk) => {
    say(talk, "Nearly done.");
    await until(() => after(talk) > 1);
  },
  retry: async (talk) => {
    for (let attempt = 1; attempt < 9 && !stop.signal.aborted; attempt++) {
      status(talk, { type: "retry", attempt, message: "Rate limit reached", next: Date.now() + 50 });
      await pause(50);
      status(talk, { type: "busy" });
    }
    return pause(60_000);
  },
  "retry-once": async (talk) => {
    status(talk, { type: "retry", attempt: 1, message: "Overloaded", next: Date.now() + 20 });
    await pause(20);
    say(talk, "Then it worked.");
  },
  "retry-later": (talk) => {
    status(talk, { type: "retry", attempt: 1, message: "come back", next: Date.now() + 3_600_000 });
    return pause(60_000);
  },
  auth: (talk) => error(talk, "APIError", { message: "bad key", statusCode: 401, isRetryable: false }),
  "auth-provider": (talk) => error(talk, "ProviderAuthError", { providerID: "p", message: "no login" }),
  "no-provider": (talk) =>
    error(talk, "UnknownError", {
      message: "ProviderNoProvidersError: No providers are available\n    at x (/$bunfs/root/chunk.js:1:2)",
    }),
  limited: (talk) =>
    error(talk, "APIError", {
      message: "too much",
      statusCode: 429,
      isRetryable: false,
      responseHeaders: { "retry-after": "3600" },
    }),
  filtered: (talk) => error(talk, "ContentFilterError", { message: "not this" }),
  odd: (talk) => error(talk, "BrandNewError", { text: 1 }),
  liar: (talk) => {
    say(talk, "I build.", { agent: "build" });
    return pause(60_000);
  },
  "other-model": (talk) => {
    say(talk, "I am small.", { modelID: "small" });
    return pause(60_000);
  },
  compacts: (talk) => {
    say(talk, "So far: nothing.", { agent: "compaction", modelID: "small", summary: true });
    say(talk, "Hello.");
  },
  mute: () => undefined,
  silent: () => pause(60_000),
  "silent-tool": async (talk, cwd) => {
    tool(talk, "bash", { command: "make" }, "running");
    await until(() => existsSync(join(cwd, "go")));
    tool(talk, "bash", { command: "make" }, "completed");
    say(talk, "It took long.");
  },
  slow: async (talk) => {
    for (let n = 0; n < 1200 && !stop.signal.aborted; n++) {
      emit("message.part.delta", { sessionID: talk.id, messageID: "m", partID: "p", field: "text", delta: "." });
      await pause(20);
    }
  },
  deaf: async (talk) => {
    const child = spawn("sleep", ["600"]);
    tool(talk, "bash", { command: `sleep ${child.pid}` }, "running");
    await wait(60_000);
  },
  eof: (talk) => {
    say(talk, "Half an ans");
    process.stderr.write("something broke\n");
    process.exit(0);
  },
  "events-end": async () => {
    for (const stream of streams) stream.end();
    await pause(60_000);
  },
  "two-idles": (talk) => {
    say(talk, "Hello.");
    idle(talk);
  },
  "early-idle": (talk) => say(talk, "Hello."),
  unknown: (talk) => {
    emit("fireworks", { colour: "red" });
    emit("message.part.updated", { part: { type: "hologram" } });
    emit("session.status", { sessionID: talk.id, status: { type: "dreaming" } });
    emit("permission.asked", { nonsense: 1 });
    raw(": a comment\n\nevent: x\nretry: 5\n\ndata: not json\n\ndata:{\ndata: }\n\n");
    say(talk, "Hello.");
  },
  huge: (talk) => {
    raw(`data: ${"x".repeat(40 * 1024 * 1024)}\n\n`);
    say(talk, "Hello.");
  },
  utf8: async (talk) => {
    const info = {
      id: fresh("msg"),
      sessionID: talk.id,
      role: "assistant",
      parentID: asked["id"],
      agent: asked["agent"],
      providerID: "p",
      modelID: "m",
    };
    const part = { id: "prt_u", sessionID: talk.id, messageID: info.id, type: "text", text: "Grüße 🦫" };
    talk.messages.push({ info, parts: [part] });
    emit("message.updated", { info });
    const bytes = Buffer.from(
      `data: ${JSON.stringify({ type: "message.part.updated", properties: { part: { ...part, time: { end: 1 } } } })}\r\n\r\n`,
    );
    const at = bytes.indexOf(0xbc);
    raw(bytes.subarray(0, at));
    await pause(30);
    raw(bytes.subarray(at));
  },
  "late-ask": (talk, cwd) => {
    say(talk, "Hello.");
    setTimeout(() => void ask(talk, "edit", ["late.txt"], file(cwd, "late.txt")), 1);
  },
};

const pause = (ms: number) => wait(ms, undefined, { signal: stop.signal }).catch(() => undefined);
async function until(what: () => boolean) {
  while (!what() && !stop.signal.aborted) await pause(10);
}

// --- what the real one told (test/fixtures/opencode) ---

interface Recorded {
  post?: string;
  session?: Talk;
  messages?: Talk["messages"];
}
const recorded: Recorded[] =
  play === "replay"
    ? readFileSync(option("--file"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
const posts: string[] = [];

/** Tells it again, in the same order with what is asked of it. */
async function replay() {
  for (const line of recorded) {
    if ("type" in line) raw(`data: ${JSON.stringify(line)}\n\n`);
    const { post } = line;
    while (post !== undefined && !posts.includes(post)) await wait(5);
    if (post !== undefined) posts.splice(posts.indexOf(post), 1);
  }
}

let running = false;
async function prompt(talk: Talk, body: Parameters<typeof user>[1], cwd: string) {
  if (body.agent !== undefined && !agents().some(({ name }) => name === body.agent))
    return error(talk, "UnknownError", { message: `Agent not found: "${body.agent}".` });
  user(talk, body);
  if (running) return;
  running = true;
  stop = new AbortController();
  if (play === "early-idle") {
    idle(talk);
    await wait(3500);
  }
  status(talk, { type: "busy" });
  await PLAYS[play]?.(talk, cwd);
  if (play === "steer-late" && !stop.signal.aborted) {
    idle(talk);
    await wait(500);
    status(talk, { type: "busy" });
    say(talk, "And that as well.");
  }
  running = false;
  if (stop.signal.aborted) error(talk, "MessageAbortedError", { message: "Aborted" });
  idle(talk);
  if (stop.signal.aborted) idle(talk);
}

// --- the server ---

interface Named {
  name: string;
  mode: string;
  permission: { permission: string; pattern: string; action: string }[];
}
function agents(): Named[] {
  const rules = (own: object = {}) =>
    Object.entries({ ...config.permission, ...own }).map(([permission, action]) => ({
      permission,
      pattern: "*",
      action: String(action),
    }));
  const first = [{ permission: "*", pattern: "*", action: "allow" }];
  const last = play === "open-plan" ? [{ permission: "bash", pattern: "git *", action: "allow" }] : [];
  const all = [
    { name: "build", mode: "primary", permission: [...first, ...rules(config.agent?.build?.permission)] },
    { name: "plan", mode: "primary", permission: [...first, ...rules(config.agent?.plan?.permission), ...last] },
    { name: "general", mode: "subagent", permission: [...first, ...rules()] },
  ];
  return play === "no-plan" ? all.filter(({ name }) => name !== "plan") : all;
}

const bodyOf = async (request: IncomingMessage) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
};

async function answer(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://x");
  const cwd = url.searchParams.get("directory") ?? "";
  const body = await bodyOf(request);
  const [, kind = "", id = "", verb = ""] = url.pathname.split("/");
  log({ method: request.method, path: url.pathname, body });
  const send = (value: unknown, code = 200) =>
    response
      .writeHead(code, { "content-type": "application/json" })
      .end(value === undefined ? "" : JSON.stringify(value));
  const wanted = `Basic ${Buffer.from(`opencode:${password}`).toString("base64")}`;
  if (request.headers.authorization !== wanted) return response.writeHead(401).end();
  if (play === "html") return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
  if (play === "nonsense" && kind === "agent") return send({ agents: "plenty" });
  if (kind === "agent") return send(agents());
  if (kind === "event") {
    streams.add(response.writeHead(200, { "content-type": "text/event-stream" }));
    return void response.write('data: {"type":"server.connected","properties":{}}\n\n');
  }
  if (play !== "replay" && (kind === "permission" || kind === "question")) {
    if (!settled(id, verb === "reject" ? {} : body)) return send({ _tag: "NotFound", message: "not found" }, 404);
    return send(true);
  }
  if (play === "replay") {
    if (request.method === "POST" && id !== "") posts.push(verb);
    if (verb === "prompt_async") void replay();
    if (verb === "message") return send(recorded.find(({ messages }) => messages)?.messages ?? []);
    const told = recorded.filter(({ session }) => session);
    return send(verb === "" ? told.at(id === "" ? 0 : -1)?.session : true);
  }
  if (id === "") {
    const talk = newTalk();
    talks.set(talk.id, talk);
    save(talk);
    return send(infoOf(talk));
  }
  const talk = find(id);
  if (!talk) return send({ name: "NotFoundError", data: { message: `Session not found: ${id}` } }, 404);
  if (verb === "") return send(infoOf(talk));
  if (verb === "message") return send(talk.messages);
  if (verb === "abort") {
    if (play === "deaf") return send(true);
    stop.abort();
    // Its list keeps them.
    for (const { settle } of open.values()) settle({ reply: "reject" });
    return send(true);
  }
  if (verb === "fork") {
    const end = talk.messages.findIndex(({ info }) => info["id"] === body.messageID);
    const copy = { ...newTalk(), cost: talk.cost, messages: talk.messages.slice(0, end < 0 ? undefined : end) };
    talks.set(copy.id, copy);
    save(copy);
    return send(infoOf(copy));
  }
  if (play === "refuses-prompt")
    return send({ name: "UnknownError", data: { message: "Unexpected server error" } }, 500);
  void prompt(talk, body, cwd);
  return response.writeHead(204).end();
}

mkdirSync(home, { recursive: true });
let attempts = 0;
const server = createServer((request, response) => {
  if (play === "flaky" && ++attempts < 4) return void request.socket.destroy();
  void answer(request, response);
});
server.listen(Number(option("--port")), option("--hostname"), () => {
  // As with the real one the first line on the pipes is an answer, and what comes before is lost.
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const { id, method } = JSON.parse(line);
      log({ acp: method });
      console.log("a warning of a library");
      console.log(JSON.stringify({ jsonrpc: "2.0", id, result: { protocolVersion: 1 } }));
    })
    .on("close", () => {
      if (play !== "lingers") process.exit(play === "exit-1" ? 1 : 0);
    });
});
PLAYS["lingers"] =
  PLAYS["exit-1"] =
  PLAYS["flaky"] =
  PLAYS["open-plan"] =
  PLAYS["no-plan"] =
    (talk) => say(talk, "Hello.");
