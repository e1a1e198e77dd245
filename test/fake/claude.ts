/*
 * Speaks the stream-json wire of Claude Code 2.1.329, as far as a test needs it: `node test/fake/claude.ts --play <name>`, or
 * `--replay <file>` for a recorded stream of the real one. It notes its arguments and what it is told in $FAKE_LOG.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

type Json = Record<string, unknown>;

const args = process.argv.slice(2);
const option = (name: string): string | null => {
  const at = args.indexOf(name);
  return at === -1 ? null : (args[at + 1] ?? null);
};
const log = (entry: Json) =>
  process.env["FAKE_LOG"] && appendFileSync(process.env["FAKE_LOG"], `${JSON.stringify(entry)}\n`);

const OLD = option("--resume");
const SESSION = OLD === null ? "s-1" : args.includes("--fork-session") ? `${OLD}-fork` : OLD;
const WANTED = option("--model") ?? "opus";
const MODEL = WANTED === "opus" ? "claude-opus-5-5" : WANTED;
const MODE = option("--permission-mode") ?? "default";
/** As the real one: the sums of a conversation go on when it is resumed or forked. */
const BEFORE = Number(process.env["FAKE_TURNS"] ?? "0");

const servers = option("--mcp-config");
if (servers !== null) log({ servers: JSON.parse(readFileSync(servers, "utf8")) });

const put = (line: Json | string) =>
  void process.stdout.write(typeof line === "string" ? line : `${JSON.stringify(line)}\n`);
const inbox: Json[] = [];
let waiting: (() => void)[] = [];

createInterface({ input: process.stdin }).on("line", (text) => {
  const line = JSON.parse(text) as Json;
  log({ got: line });
  inbox.push(line);
  const all = waiting;
  waiting = [];
  for (const wake of all) wake();
});

/** The next line that fits; what does not is left for others. */
async function next(fits: (line: Json) => boolean): Promise<Json> {
  for (;;) {
    const at = inbox.findIndex(fits);
    const [line] = at === -1 ? [] : inbox.splice(at, 1);
    if (line) return line;
    await new Promise<void>((resolve) => void waiting.push(resolve));
  }
}
const request = (subtype: string) => (line: Json) =>
  line["type"] === "control_request" && (line["request"] as Json)["subtype"] === subtype;
const user = (line: Json) => line["type"] === "user";

let asked = 0;
async function ask(body: Json): Promise<Json> {
  const request_id = `fake-${++asked}`;
  put({ type: "control_request", request_id, request: body });
  const reply = await next(
    (line) => line["type"] === "control_response" && (line["response"] as Json)["request_id"] === request_id,
  );
  return (reply["response"] as Json)["response"] as Json;
}

const init = (over: Json = {}) =>
  put({
    type: "system",
    subtype: "init",
    session_id: SESSION,
    model: MODEL,
    permissionMode: MODE,
    tools: [],
    ...over,
  });
const say = (text: string) => {
  put({
    type: "stream_event",
    parent_tool_use_id: null,
    event: { type: "content_block_delta", delta: { type: "text_delta", text } },
  });
  put({ type: "stream_event", parent_tool_use_id: null, event: { type: "content_block_stop" } });
  put({ type: "assistant", parent_tool_use_id: null, message: { content: [{ type: "text", text }] } });
};
const use = (id: string, name: string, input: Json, parent: string | null = null) =>
  put({ type: "assistant", parent_tool_use_id: parent, message: { content: [{ type: "tool_use", id, name, input }] } });
const used = (tool_use_id: string, is_error = false) =>
  put({
    type: "user",
    parent_tool_use_id: null,
    message: { content: [{ type: "tool_result", tool_use_id, is_error, content: "x" }] },
  });

let turns = BEFORE;
const result = (over: Json = {}) => {
  turns++;
  put({
    type: "result",
    subtype: "success",
    is_error: false,
    result: "Done.",
    terminal_reason: "completed",
    total_cost_usd: turns * 0.01,
    modelUsage: { m: { inputTokens: turns * 100, cacheReadInputTokens: turns * 10, outputTokens: turns * 5 } },
    ...over,
  });
};
const aborted = () =>
  result({ subtype: "error_during_execution", is_error: true, terminal_reason: "aborted_streaming" });
const exit = (code: number) => process.exit(code);

async function withdraw(when?: Promise<unknown>): Promise<void> {
  const id = `fake-${asked + 1}`;
  const reply = ask({ subtype: "can_use_tool", tool_name: "Bash", input: { command: "npm test" } });
  await when;
  put({ type: "control_cancel_request", request_id: id });
  say("Never mind.");
  result({ result: await Promise.race([reply.then(() => "answered"), wait(500).then(() => "silence")]) });
}

const PLAYS: Record<string, () => Promise<void> | void> = {
  hello: () => {
    say("Hello.");
    result({ result: "Hello." });
  },
  "silent-tool": async () => {
    use("t1", "Bash", { command: "until [ -e go ]; do sleep 0.1; done" });
    while (!existsSync("go")) await wait(10);
    used("t1");
    result();
  },
  silence: () => new Promise(() => {}),
  "never-begins": () => new Promise(() => {}),
  eof: () => {
    say("Half an ans");
    process.stderr.write("something broke\n");
    exit(0);
  },
  forgotten: () => {
    const errors = [`No conversation found with session ID: ${SESSION}`];
    result({ subtype: "error_during_execution", is_error: true, result: "", errors, terminal_reason: undefined });
    exit(1);
  },
  "two-results": () => {
    result({ result: "The first." });
    result({ result: "The second." });
  },
  "failed-exit-0": async () => {
    result({ is_error: true, result: "API Error: 500 boom", api_error_status: 500, terminal_reason: "api_error" });
    await wait(20);
    exit(0);
  },
  "ok-exit-1": async () => {
    result({ result: "It worked." });
    await wait(20);
    exit(1);
  },
  unknown: () => {
    put({ type: "brand_new", anything: [1] });
    put({ type: "system", subtype: "brand_new" });
    put({
      type: "assistant",
      parent_tool_use_id: null,
      message: { content: [{ type: "brand_new" }, { type: "text", text: "x" }] },
    });
    put({ type: "stream_event", event: { type: "ping" } });
    result({ subtype: "success", modelUsage: { m: { inputTokens: "many" } }, total_cost_usd: "free" });
  },
  "unknown-request": async () => {
    const reply = await Promise.race([
      ask({ subtype: "brand_new" }).then(() => "answered"),
      wait(60_000).then(() => "silence"),
    ]);
    result({ result: reply });
  },
  garbage: () => {
    put('Warning: this is no JSON\n{"type":\n[]\n\n');
    result({ result: "Still here." });
  },
  "long-line": () => {
    put({
      type: "user",
      parent_tool_use_id: null,
      message: { content: [{ type: "tool_result", tool_use_id: "t", content: "x".repeat(10_000_000) }] },
    });
    result({ result: "Still here." });
  },
  utf8: async () => {
    const bytes = Buffer.from(
      `${JSON.stringify({ type: "result", subtype: "success", is_error: false, result: "Grüße 🌍" })}\n`,
    );
    const cut = bytes.indexOf(Buffer.from("🌍")) + 2;
    process.stdout.write(bytes.subarray(0, cut));
    await wait(50);
    process.stdout.write(bytes.subarray(cut));
  },
  "late-request": () => {
    result({ result: "Over." });
    put({
      type: "control_request",
      request_id: "late",
      request: { subtype: "can_use_tool", tool_name: "Bash", input: { command: "ls" } },
    });
  },
  "ignores-interrupt": () => {
    process.on("SIGTERM", () => {});
    say("You cannot stop me.");
    return new Promise(() => {});
  },
  interruptible: async () => {
    say("one two three");
    await next(request("interrupt"));
    aborted();
  },
  "never-exits": () => {
    result({ result: "Over." });
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
  floods: async () => {
    const words = "all work and no play ".repeat(500);
    for (let sent = 0; sent < 100_000_000; sent += words.length) {
      const event = { type: "content_block_delta", delta: { type: "text_delta", text: words } };
      const line = JSON.stringify({ type: "stream_event", parent_tool_use_id: null, event });
      if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
    result({ result: words.repeat(100) });
  },
  permission: async () => {
    use("t1", "Bash", { command: "npm test" });
    const hook = await ask({
      subtype: "hook_callback",
      callback_id: "gate",
      input: { tool_name: "Bash", tool_input: { command: "npm test" } },
    });
    const reply = await ask({
      subtype: "can_use_tool",
      tool_name: "Bash",
      input: { command: "npm test" },
      description: "Run the tests",
    });
    used("t1", reply["behavior"] !== "allow");
    result({ result: JSON.stringify({ hook, reply }) });
  },
  withdrawn: () => withdraw(),
  /** Only when somebody has been asked: the test tells by a word. */
  "withdrawn-late": () => withdraw(next(user)),
  questions: async () => {
    const questions = [
      { question: "Which?", header: "W", options: [{ label: "A", description: "a" }, { label: "B (Recommended)" }] },
      { question: "Why?", multiSelect: true, options: [{ label: "X" }, { label: "Y" }] },
    ];
    const reply = await ask({ subtype: "can_use_tool", tool_name: "AskUserQuestion", input: { questions } });
    result({ result: JSON.stringify((reply["updatedInput"] as Json | undefined)?.["answers"]) });
  },
  plan: async () => {
    const reply = await ask({
      subtype: "hook_callback",
      input: { tool_name: "ExitPlanMode", tool_input: { plan: "## Steps\n\n1. Do it" } },
    });
    result({ result: "Ready.", terminal_reason: "hook_stopped" });
    log({ reply });
  },
  "plan-in-words": () => result({ result: "## Goal\n\nDo it\n\n## Steps\n\n1. Do it" }),
  hook: async () => {
    const [name = "", input = ""] = [option("--tool") ?? "", option("--input") ?? "{}"];
    const said = JSON.parse(input) as Json;
    const hook = await ask({ subtype: "hook_callback", input: { tool_name: name, tool_input: said } });
    const reply = await ask({ subtype: "can_use_tool", tool_name: name, input: said });
    result({
      result: JSON.stringify({
        hook: (hook["hookSpecificOutput"] as Json | undefined)?.["permissionDecision"] ?? "none",
        host: reply["behavior"],
      }),
    });
  },
  steps: () => {
    const todos = [
      { content: "One", status: "completed", activeForm: "x" },
      { content: "Two", status: "in_progress", activeForm: "x" },
      { content: "Three", status: "pending", activeForm: "x" },
    ];
    use("t1", "TodoWrite", { todos });
    used("t1");
    use("t2", "TodoWrite", { todos: [] }, "a-helper");
    result();
  },
  steered: async () => {
    say("Working.");
    const { uuid } = await next(user);
    put({ type: "command_lifecycle", command_uuid: uuid, state: "queued" });
    put({ type: "command_lifecycle", command_uuid: uuid, state: "started" });
    result({ result: "I heard you." });
  },
  "steered-late": async () => {
    say("Nearly done.");
    const { uuid } = await next(user);
    put({ type: "command_lifecycle", command_uuid: uuid, state: "queued" });
    result({ result: "The first answer." });
    await wait(20);
    put({ type: "command_lifecycle", command_uuid: uuid, state: "started" });
    init();
    result({ result: "The answer to the late words." });
  },
  "steered-never": async () => {
    say("Nearly done.");
    await next(user);
    result({ result: "I never took them up." });
  },
  limited: () => {
    put({ type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt: 2_000_000_000 } });
    result({ is_error: true, result: "You've hit your limit", api_error_status: 429 });
  },
  auth: () => result({ is_error: true, result: "Not logged in · Please run /login", api_error_status: null }),
  budget: () =>
    result({ subtype: "error_max_budget_usd", is_error: true, result: "", errors: ["the budget is spent"] }),
  refused: () => result({ stop_reason: "refusal", result: "I will not do that." }),
  mode: () => init({ permissionMode: "bypassPermissions" }),
  "mode-later": async () => {
    put({ type: "system", subtype: "status", session_id: SESSION, permissionMode: "acceptEdits" });
    await wait(3000);
    result({ result: "I did it all the same." });
  },
  model: () => init({ model: "claude-other-1" }),
};

/** Says what was recorded, and waits where the real one waited. */
async function replay(file: string): Promise<void> {
  const { CLAUDE_CONFIG_DIR: home = "", TMPDIR: tmp = "" } = process.env;
  const places = { cwd: process.cwd(), home, tmp, base: dirname(process.cwd()) };
  const text = Object.entries(places).reduce(
    (all, [name, path]) => all.replaceAll(`{${name}}`, path),
    readFileSync(file, "utf8"),
  );
  for (const line of text.trim().split("\n").slice(1)) {
    const { type, request_id } = JSON.parse(line) as { type: string; request_id?: string };
    if (type === "result") await wait(20);
    put(`${line}\n`);
    if (type !== "control_request") continue;
    await next(
      (reply) => reply["type"] === "control_response" && (reply["response"] as Json)["request_id"] === request_id,
    );
  }
}

async function main(): Promise<void> {
  log({ args, cwd: process.cwd(), env: process.env });
  if (args.includes("--version")) return put("2.1.329 (Claude Code)\n");
  if (args.includes("status")) return put(JSON.stringify({ loggedIn: process.env["FAKE_LOGIN"] === "yes" }));
  process.stdin.once("end", () => {
    if (!["never-exits", "ignores-interrupt"].includes(play)) exit(0);
  });
  const play = option("--play") ?? "hello";
  const file = option("--replay");
  if (file !== null) return replay(file);
  const { request_id } = await next(request("initialize"));
  const models = [{ value: "opus", resolvedModel: "claude-opus-5-5" }];
  put({ type: "control_response", response: { subtype: "success", request_id, response: { models } } });
  await next(user);
  if (!["mode", "model", "never-begins"].includes(play)) init();
  await PLAYS[play]?.();
}

await main();
