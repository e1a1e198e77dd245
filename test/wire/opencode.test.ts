import { readFileSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createOpencode, type OpencodeOptions } from "../../src/agents/opencode.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { AgentEvent, Desk, Run } from "../../src/core/ports/agent.ts";
import { agree, collect, type On, turn } from "../contract/agent.ts";
import { SERVER_SECRET, SERVERS } from "../contract/mcp.ts";
import { starting } from "../fake/start.ts";
import { clock, PATIENT, STALL_MS } from "./clock.ts";
import { folders } from "./folders.ts";

const FAKE = starting("opencode.ts");
const at = folders("opencode");
const { desk } = at;

/** Dead ones that nobody collected do not count. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

interface Play {
  kind?: Turn["kind"];
  prompt?: string;
  desk?: Partial<Desk>;
  times?: OpencodeOptions["times"];
  config?: OpencodeOptions["config"];
  on?: On;
}

/** What comes to its end by a time-out only. */
const FORCED: Readonly<Record<string, Play["times"]>> = {
  deaf: { interruptMs: 300 },
  "events-end": { closeMs: 250 },
  lingers: { closeMs: 250 },
  "slow-start": { startMs: 300, closeMs: 250 },
};

const fake = (name: string, { times = {}, config = {} }: Pick<Play, "times" | "config"> = {}) =>
  createOpencode({
    command: process.execPath,
    args: [...FAKE, "--play", name],
    times: { ...PATIENT, ...FORCED[name], ...times },
    config,
  });

/** One turn of the fake. */
const play = (name: string, { kind = "write", prompt = "Do it.", on = agree, ...how }: Play = {}) =>
  collect(fake(name, how), turn(kind, prompt), desk(how.desk), on);

interface Line {
  method?: string;
  path?: string;
  body?: Record<string, unknown>;
  args?: string[];
  env?: Record<string, string>;
  acp?: string;
}
const told = (): Promise<Line[]> => at.told();
const prompts = async () =>
  (await told()).filter(({ path }) => path?.endsWith("/prompt_async")).map(({ body }) => body);
const configs = async () => (await told()).flatMap(({ env }) => JSON.parse(env?.["OPENCODE_CONFIG_CONTENT"] ?? "[]"));
const memory = (token: string, over: Partial<NonNullable<Desk["memory"]>> = {}) => ({
  memory: { token, fork: false, point: null, ...over },
});

describe("how a turn ends", () => {
  test("with the last words, and the process is gone", async () => {
    const { outcome, of, events } = await play("two");
    expect(outcome).toEqual({ ok: true, answer: "I am done.", plan: null });
    expect(
      of("text")
        .map(({ text }) => text)
        .join(" "),
    ).toBe("I look. I am done.");
    expect(events.at(-1)?.type).toBe("ended");
  });

  test("with a plan where it has the form of one, else with an answer", async () => {
    expect((await play("plan", { kind: "plan" })).outcome).toMatchObject({
      ok: true,
      plan: expect.stringMatching(/^## Goal/),
    });
    expect((await play("hello", { kind: "plan" })).outcome).toEqual({ ok: true, answer: "Hello.", plan: null });
    expect((await play("plan")).outcome).toMatchObject({ ok: true, plan: null });
  });

  test.each(["two-idles", "early-idle", "unknown", "huge", "flaky", "exit-1", "lingers", "late-ask", "compacts"])(
    "once and well, whatever the wire does: %s",
    async (name) => {
      const { outcome, of } = await play(name);
      expect(outcome).toEqual({ ok: true, answer: "Hello.", plan: null });
      expect(of("ended")).toHaveLength(1);
    },
  );

  test("characters that arrive in two pieces stay whole", async () => {
    const { outcome, of } = await play("utf8");
    expect(outcome).toMatchObject({ ok: true, answer: "Grüße 🦫" });
    expect(of("text")).toEqual([{ type: "text", text: "Grüße 🦫" }]);
  });

  test.each([
    ["auth", { kind: "auth", error: "bad key\nLog in with: oca agents login opencode" }],
    ["auth-provider", { kind: "auth", error: "no login\nLog in with: oca agents login opencode" }],
    ["no-provider", { kind: "auth", error: expect.not.stringContaining("bunfs") }],
    ["retry", { kind: "limited", error: "Rate limit reached" }],
    ["filtered", { kind: "refused", error: "not this" }],
    ["odd", { kind: "failed", error: "BrandNewError" }],
    ["mute", { kind: "failed", error: "OpenCode ended its turn without an answer." }],
    ["refuses-prompt", { kind: "failed", error: "Unexpected server error" }],
    ["eof", { kind: "crashed", error: expect.stringContaining("something broke") }],
    ["events-end", { kind: "crashed", error: expect.stringContaining("stopped telling") }],
    ["dies-at-start", { kind: "crashed", error: expect.stringContaining("cannot find my licence") }],
    ["html", { kind: "failed", error: expect.stringMatching(/GET \/agent with text\/html where JSON belongs/) }],
    ["nonsense", { kind: "failed", error: expect.stringMatching(/array/) }],
  ])("%s is told apart", async (name, expected) => {
    expect((await play(name)).outcome).toMatchObject({ ok: false, resetAt: null, ...expected });
  });

  test.each([
    ["limited", {}],
    ["retry-later", { error: "come back" }],
  ])("%s says when it may go on", async (name, expected) => {
    const from = Date.now() + 3_600_000;
    const { outcome } = await play(name);
    expect(outcome).toMatchObject({ ok: false, kind: "limited", ...expected });
    const resetAt = outcome?.ok === false && outcome.kind === "limited" ? (outcome.resetAt ?? 0) : 0;
    expect(resetAt).toBeGreaterThanOrEqual(from);
    expect(resetAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  test("one retry is waited for, and shown", async () => {
    const { outcome, of } = await play("retry-once");
    expect(outcome).toMatchObject({ ok: true, answer: "Then it worked." });
    expect(of("activity").map(({ activity }) => activity.title)).toEqual(["Overloaded"]);
  });

  test("a program that is not there, a home that cannot be written, a model that is none", async () => {
    const missing = createOpencode({ command: "/nonexistent/opencode" });
    expect((await collect(missing, turn("write", "x"), desk())).outcome).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("npm install -g opencode-ai"),
    });
    await writeFile(join(at.base, "file"), "");
    expect((await play("hello", { desk: { home: join(at.base, "file") } })).outcome).toMatchObject({ kind: "failed" });
    expect((await play("hello", { desk: { model: "opus" } })).outcome).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("provider/model"),
    });
  });
});

describe("what the real OpenCode 1.18.33 told", () => {
  const recorded = (
    name: string,
    kind: Turn["kind"] = "write",
    on: On = agree,
    signal = new AbortController().signal,
  ) => {
    const args = [
      ...FAKE,
      "--play",
      "replay",
      "--file",
      join(import.meta.dirname, "../fixtures/opencode", `${name}.jsonl`),
    ];
    const agent = createOpencode({ command: process.execPath, args });
    return collect(agent, turn(kind, "x"), desk({ cwd: "/", model: "scripted/model", signal }), on);
  };

  test("a plan", async () => {
    const { plan, usage, of, token } = await recorded("plan", "plan");
    expect(plan).toMatch(/^## Goal\n\nWrite the first/);
    expect(usage).toMatchObject({ costUsd: expect.closeTo(0.0032, 2), outputTokens: expect.any(Number) });
    expect(of("activity")).toEqual([]);
    expect(token).toMatch(/^ses_/);
  });

  test("a file and a commit", async () => {
    const { answer, of } = await recorded("write");
    expect(answer).toBe("All done.");
    expect(of("activity").map(({ activity: { kind, state } }) => `${kind} ${state}`)).toEqual([
      "edit open",
      "edit ok",
      "command open",
      "command ok",
    ]);
    expect(of("asked").map(({ ask }) => ask.what)).toMatchObject([{ tool: "Bash", why: "Run it" }]);
    expect(of("text").map(({ text }) => text)).toEqual(["Working.", "All done."]);
  });

  test("questions, steps and a helper", async () => {
    const questions = await recorded("questions");
    expect(questions.of("asked").map(({ ask }) => ask.what)).toMatchObject([
      { text: "Which colour?", multi: false },
      { text: "Which fruits?", multi: true },
    ]);
    const todo = await recorded("todo");
    expect(todo.of("steps").at(-1)?.steps).toEqual([
      { title: "Look", state: "done" },
      { title: "Write", state: "doing" },
    ]);
    const helper = await recorded("helper");
    expect(helper.of("activity").map(({ activity }) => activity.title)).toContain("ls");
    expect(helper.of("text").map(({ text }) => text)).not.toContain("I looked around.");
    expect(helper.usage?.costUsd).toBeGreaterThan(questions.usage?.costUsd ?? 1);
  });

  test("failures and a stop", async () => {
    expect((await recorded("auth")).outcome).toMatchObject({ kind: "auth" });
    expect((await recorded("broken")).outcome).toMatchObject({ kind: "failed", error: "the scripted model is broken" });
    const stop = new AbortController();
    const cut = await recorded("stopped", "write", ({ type }) => type === "text" && stop.abort(), stop.signal);
    expect(cut.outcome).toMatchObject({ kind: "interrupted" });
  });
});

describe("time", () => {
  test("a start that takes too long", async () => {
    expect((await play("slow-start")).outcome).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("has not started"),
    });
  });

  test("silence ends the turn, a tool at work or an open question does not", async () => {
    const time = clock();
    const times = { stallMs: STALL_MS };
    const silent = await play("silent", { times, on: time.silentAfter("token") });
    expect(silent.outcome).toMatchObject({ error: expect.stringContaining("silent") });
    const working = await play("silent-tool", { times, on: time.slowly(join(at.cwd, "go")) });
    expect(working.outcome).toMatchObject({ ok: true, answer: "It took long." });
    expect((await play("questions", { times, on: time.slowly() })).outcome).toEqual({
      ok: true,
      answer: expect.stringContaining("Red"),
      plan: null,
    });
  });
});

describe("a stop", () => {
  const stopped = async (name: string, when: (event: AgentEvent) => boolean, how: Play = {}) => {
    const stop = new AbortController();
    const result = await play(name, {
      ...how,
      desk: { signal: stop.signal },
      on: (event, run) => (when(event) ? stop.abort() : how.on?.(event, run)),
    });
    expect(result.outcome).toMatchObject({ ok: false, kind: "interrupted" });
    return result;
  };

  test("is asked for by the protocol, and the turn ends once though it is idle twice", async () => {
    const { of } = await stopped("slow", ({ type }) => type === "token");
    expect(of("ended")).toHaveLength(1);
    expect((await told()).filter(({ path }) => path?.endsWith("/abort")).length).toBeGreaterThan(0);
  });

  test("while somebody is asked", async () => {
    await stopped("permissions", ({ type }) => type === "asked");
    await stopped("questions", ({ type }) => type === "asked");
  });

  test("of one that does not listen ends its process, and what it started", async () => {
    const { of } = await stopped("deaf", ({ type }) => type === "activity");
    const pid = Number(/\d+/.exec(of("activity")[0]?.activity.title ?? "")?.[0]);
    expect(pid).toBeGreaterThan(1);
    expect(lives(pid)).toBe(false);
    expect(of("activity").at(-1)?.activity.state).toBe("failed");
  });

  test("before it began starts nothing", async () => {
    const { outcome } = await play("hello", { desk: { signal: AbortSignal.abort() } });
    expect(outcome).toMatchObject({ kind: "interrupted" });
    await expect(told()).rejects.toThrow();
  });
});

describe("what is told on the way", () => {
  test("tools once per change, steps, and no thoughts", async () => {
    const { of } = await play("tools");
    expect(of("activity").map(({ activity }) => activity)).toEqual([
      { id: "c1", kind: "command", title: "npm test", state: "open" },
      { id: "c1", kind: "command", title: "npm test", state: "ok" },
      { id: "c2", kind: "read", title: "src/a.ts", state: "failed" },
      { id: "c3", kind: "tool", title: "edit", state: "failed" },
      { id: "c4", kind: "search", title: "TODO", state: "open" },
      { id: "c4", kind: "search", title: "TODO", state: "failed" },
    ]);
    expect(of("steps").at(-1)?.steps).toEqual([
      { title: "one", state: "done" },
      { title: "two", state: "doing" },
      { title: "three", state: "open" },
    ]);
    expect(JSON.stringify(of("text"))).not.toContain("Hm.");
  });

  test("text that comes as growing snapshots is told once", async () => {
    const { of } = await play("snapshots", { desk: { model: "p/m" } });
    expect(of("text")).toEqual([{ type: "text", text: "One two three." }]);
  });

  test("what it used: the totals less those of before, with the helpers", async () => {
    const first = await play("hello");
    expect(first.usage).toMatchObject({ inputTokens: 120, outputTokens: 10, costUsd: 0.5, estimated: false });
    const second = await play("hello", { desk: memory(first.token) });
    expect(second.usage).toMatchObject({ inputTokens: 120, outputTokens: 10, costUsd: 0.5 });
    expect((await play("hello", { desk: memory(first.token, { fork: true }) })).usage?.costUsd).toBe(0.5);
    expect((await play("helper")).usage).toMatchObject({ inputTokens: 240, costUsd: 1 });
  });
});

describe("memory", () => {
  test("the same conversation goes on, a fork is another one, and begins before its point", async () => {
    const first = await play("count");
    const second = await play("count", { desk: memory(first.token) });
    expect(second).toMatchObject({ token: first.token, answer: "You have said 2 things." });
    const fork = await play("count", { desk: memory(first.token, { fork: true }) });
    expect(fork.answer).toBe("You have said 3 things.");
    expect(fork.token).not.toBe(first.token);
    const saved = JSON.parse(await readFile(join(at.home, `${first.token}.json`), "utf8"));
    const point = saved.messages[2].info.id;
    const early = await play("count", { desk: memory(first.token, { fork: true, point }) });
    expect(early.answer).toBe("You have said 2 things.");
  });

  test("a conversation or a point that is gone fails the turn with its name", async () => {
    const gone = await play("hello", { desk: memory("ses_gone") });
    expect(gone.outcome).toMatchObject({ kind: "forgotten", error: expect.stringContaining("ses_gone") });
    expect(await prompts()).toEqual([]);
    const { token } = await play("hello");
    const lost = await play("hello", { desk: memory(token, { fork: true, point: "msg_gone" }) });
    expect(lost.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("msg_gone") });
  });
});

test("MCP servers are told in its configuration, which is a variable", async () => {
  await play("hello", { desk: { mcp: SERVERS } });
  expect((await configs()).at(-1).mcp).toEqual({
    tracker: {
      type: "local",
      command: ["tracker-mcp", "--stdio"],
      environment: { TRACKER_KEY: SERVER_SECRET },
      enabled: true,
    },
    docs: {
      type: "remote",
      url: "https://docs.example/mcp",
      headers: { Authorization: `Bearer ${SERVER_SECRET}` },
      enabled: true,
    },
  });
});

describe("words put in", () => {
  const steering = (): On => {
    let once = false;
    return (event, run) => {
      if (once || event.type !== "token") return;
      once = true;
      run.steer?.([{ message: "m-1", text: "mind the gap" }]);
    };
  };

  test.each([
    ["steer", "I heard you."],
    ["steer-late", "And that as well."],
  ])("are heard, and answered before the turn ends: %s", async (name, answer) => {
    const result = await play(name, { kind: "plan", desk: { model: "p/m" }, on: steering() });
    expect(result.of("heard")).toEqual([{ type: "heard", messages: ["m-1"] }]);
    expect(result.answer).toBe(answer);
    expect((await prompts())[1]).toMatchObject({ agent: "plan", model: { providerID: "p", modelID: "m" } });
  });

  test("are heard by nobody when the turn is over", async () => {
    let run: Run | undefined;
    const { of } = await play("hello", {
      on: (event, of) => {
        run = of;
        if (event.type === "ended") of.steer?.([{ message: "m-1", text: "too late" }]);
      },
    });
    run?.answer("ask-1", { is: "allowed", scope: "once" });
    expect(of("heard")).toEqual([]);
  });
});

describe("agent and model", () => {
  test("are stated in every prompt, with the effort", async () => {
    await play("hello", { desk: { model: "p/a/b", effort: "high" } });
    expect(await prompts()).toMatchObject([
      { agent: "build", model: { providerID: "p", modelID: "a/b" }, variant: "high" },
    ]);
  });

  test.each<[string, Partial<Desk>, RegExp]>([
    ["liar", {}, /agent build, although plan/],
    ["other-model", { model: "p/big" }, /model p\/small, although p\/big/],
  ])("another one than asked for ends the turn with both names: %s", async (name, over, words) => {
    const { outcome } = await play(name, { kind: "plan", desk: over });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringMatching(words) });
  });

  test.each<[string, RegExp]>([
    ["no-plan", /has no agent plan/],
    ["open-plan", /lets its agent plan use bash/],
  ])("a plan agent that is not there or not held starts no turn: %s", async (name, words) => {
    const { outcome } = await play(name, { kind: "plan" });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringMatching(words) });
    expect(await prompts()).toEqual([]);
  });

  test("the plan agent is offered reading only; a shell where a kernel holds it, and what the owner allows by name", async () => {
    await play("plan", { kind: "plan", config: { agent: { plan: { permission: { bash: "allow" } } } } });
    await play("plan", { kind: "plan", desk: { contained: true, allow: ["fetch", "mcp:my docs"] } });
    const [closed, wide] = (await configs()).map((config) => config.agent.plan.permission);
    expect(closed).toMatchObject({ "*": "deny", read: "ask", grep: "ask" });
    expect(Object.keys(closed)).not.toContain("bash");
    expect(wide).toMatchObject({ "*": "deny", bash: "ask", webfetch: "ask", "my_docs_*": "ask" });
  });
});

describe("permissions", () => {
  const asking = (permission: string, pattern: string, metadata: object = {}, how: Play = {}) =>
    play("ask", { ...how, prompt: `${permission} :: ${pattern} :: ${JSON.stringify(metadata)}` });

  test("several at once: each gets its own answer, though one refusal closes all", async () => {
    const answers: (() => void)[] = [];
    const { answer, of } = await play("permissions", {
      on: (event, run) => {
        if (event.type !== "asked" || event.ask.what.kind !== "permission") return;
        const denied = event.ask.what.detail === "make clean";
        const said = denied
          ? { is: "denied" as const, reason: "keep it" }
          : { is: "allowed" as const, scope: "once" as const };
        answers.push(() => run.answer(event.ask.id, said));
        if (answers.length === 3) for (const say of answers) say();
      },
    });
    // They are judged side by side: whichever is through first is asked first.
    const asked = of("asked").map(({ ask: { key, what } }) => ({ key, what }));
    expect(asked.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: "command make", what: { kind: "permission", tool: "Bash", detail: "make", why: "Build it" } },
      { key: "command make clean", what: { kind: "permission", tool: "Bash", detail: "make clean", why: "" } },
      {
        key: expect.stringContaining("fetch"),
        what: { kind: "permission", tool: "Webfetch", detail: "http://example.com/", why: "" },
      },
    ]);
    const [edit, secret, make, clean, fetch] = answer.split(" | ");
    expect([edit, make, fetch]).toEqual(["once", "once", "once"]);
    expect(secret).toMatch(/^reject/);
    expect(clean).toMatch(/^reject/);
  });

  test("a helper is judged like the agent itself", async () => {
    const { of, answer } = await play("helper", {
      on: (event, run) => event.type === "asked" && run.answer(event.ask.id, { is: "denied", reason: "" }),
    });
    expect(of("asked")[0]?.ask.what).toMatchObject({ tool: "Edit", detail: "../x.txt" });
    expect(answer).toBe("The helper was told: reject.");
  });

  test.each<[string, string, object]>([
    ["edit", "a.txt", { filepath: "$CWD/a.txt" }],
    ["bash", "ls", { command: "ls" }],
    ["webfetch", "http://x/", {}],
    ["task", "general", {}],
    ["docs_search", "*", {}],
    ["invented", "*", {}],
  ])("in a plan turn %s is refused, and nobody is asked", async (permission, pattern, metadata) => {
    const { answer, of } = await asking(permission, pattern, metadata, { kind: "plan" });
    expect(answer).toMatch(/^reject .*planning turn/);
    expect(of("asked")).toEqual([]);
  });

  test.each<[string, string, object]>([
    ["read", "src/a.ts", {}],
    ["grep", "TODO", { pattern: "TODO", include: "**/*.{ts,js}" }],
    ["glob", "**/*", { pattern: "**/*", path: "$CWD/src" }],
    ["external_directory", "/usr/include/*", { filepath: "/usr/include/stdio.h" }],
    ["docs_search", "*", {}],
    ["bash", "ls", { command: "ls" }],
  ])("in a plan turn %s is open where it is safe", async (permission, pattern, metadata) => {
    const over = { contained: true, allow: ["mcp:docs"] };
    expect((await asking(permission, pattern, metadata, { kind: "plan", desk: over })).answer).toBe("once");
  });

  test.each<[string, string, string, object]>([
    ["a secret file", "read", ".env.local", {}],
    ["oca's own folder", "external_directory", "/secret/oca/*", { filepath: "/secret/oca/x" }],
    ["a search above it", "grep", "token", { pattern: "token", path: "/secret" }],
    ["a search that names secret files", "grep", "token", { pattern: "token", include: ".e*" }],
    ["a search that takes in everything", "grep", "token", { pattern: "token", include: "*" }],
    ["a link to it", "read", "link", {}],
    ["its own login", "read", "../home/data/opencode/auth.json", {}],
  ])("no tool reads %s", async (_, permission, pattern, metadata) => {
    await symlink("/secret/oca/token", join(at.cwd, "link"));
    const { answer } = await asking(permission, pattern, metadata, { desk: { hidden: ["/secret/oca"] } });
    expect(answer).toMatch(/^reject .*not open to agents/);
  });

  test.each<[string, string, object, boolean]>([
    ["edit", "a.txt", { filepath: "$CWD/a.txt" }, false],
    ["edit", "out/a.txt", { filepath: "$CWD/out/a.txt" }, true],
    ["edit", "../a.txt", { filepath: "$CWD/../a.txt" }, true],
    ["edit", ".git/hooks/x", { filepath: "$CWD/.git/hooks/x" }, true],
    ["edit", "a.txt", { filepath: "a.txt", files: [{ filePath: "$CWD/a.txt", movePath: "/etc/a.txt" }] }, true],
    ["bash", "npm test", { command: "npm test" }, false],
    ["bash", "npm test; x", { command: "npm test; x" }, true],
    ["doom_loop", "bash", {}, true],
  ])("in a write turn: %s %s", async (permission, pattern, metadata, isAsked) => {
    await symlink(at.base, join(at.cwd, "out"));
    const { of, answer } = await asking(permission, pattern, metadata, { desk: { commands: ["npm test"] } });
    expect(of("asked")).toHaveLength(isAsked ? 1 : 0);
    expect(answer).toBe("once");
  });
});

describe("questions", () => {
  test("several, with several answers and own words", async () => {
    const { of, answer } = await play("questions", {
      on: (event, run) => {
        if (event.type !== "asked" || event.ask.what.kind !== "question") return;
        const { multi } = event.ask.what;
        run.answer(event.ask.id, { is: "picked", labels: multi ? ["Mon", "Tue"] : [], text: multi ? null : "Green" });
      },
    });
    expect(of("asked").map(({ ask: { what } }) => what)).toMatchObject([
      {
        text: "Which colour?",
        multi: false,
        free: true,
        options: [{ label: "Red", detail: "warm" }, { label: "Blue" }],
      },
      { text: "Which days?", multi: true, free: false },
    ]);
    expect(answer).toBe('[["Green"],["Mon","Tue"]]');
  });

  test("one that is declined is declined", async () => {
    const { answer } = await play("questions", {
      on: (event, run) => event.type === "asked" && run.answer(event.ask.id, { is: "denied", reason: "" }),
    });
    expect(answer).toBe("No answer.");
  });
});

describe("what it is started with", () => {
  test("a password of its own each time, nothing secret in arguments, and only a greeting on the pipes", async () => {
    await play("hello", { config: { provider: { p: { options: { apiKey: "sk-secret" } } } } });
    await play("hello");
    const lines = await told();
    const starts = lines.filter(({ args }) => args);
    const passwords = starts.map(({ env }) => env?.["OPENCODE_SERVER_PASSWORD"] ?? "");
    expect(new Set(passwords).size).toBe(2);
    for (const word of [...passwords, "sk-secret"])
      expect(JSON.stringify(starts.map(({ args }) => args))).not.toContain(word);
    expect(lines.filter(({ acp }) => acp !== undefined)).toEqual([{ acp: "initialize" }, { acp: "initialize" }]);
    const env = starts[0]?.env ?? {};
    expect(env).toMatchObject({ HOME: at.home, TMPDIR: join(at.base, "tmp"), OPENCODE_DISABLE_PROJECT_CONFIG: "1" });
    for (const name of ["CONFIG", "DATA", "STATE", "CACHE"])
      expect(env[`XDG_${name}_HOME`]).toMatch(new RegExp(`^${at.home}/`));
    // Its home keeps it quiet; the agent's own npm is not touched.
    expect(Object.keys(env).filter((name) => /npm_config/i.test(name) && !(name in process.env))).toEqual([]);
    expect(await readFile(join(at.home, "config/opencode/.npmrc"), "utf8")).toContain("127.0.0.1");
  });

  test("the free models of its maker are off unless they were chosen", async () => {
    await play("hello");
    await play("hello", { desk: { model: "opencode/some" } });
    await mkdir(join(at.home, "data/opencode"), { recursive: true });
    await writeFile(join(at.home, "data/opencode/auth.json"), '{"opencode":{"type":"api"}}');
    await play("hello");
    expect((await configs()).map((config) => config.disabled_providers)).toEqual([["opencode"], undefined, undefined]);
  });

  test("images are parts, other files are told by their path", async () => {
    const files = [
      { path: join(at.base, "a b.png"), name: "a b.png", mime: "image/png" },
      { path: join(at.base, "x.zip"), name: "x.zip", mime: "application/zip" },
    ];
    const { answer } = await play("echo", { desk: { files } });
    expect(JSON.parse(answer)).toMatchObject([
      { type: "text", text: `Do it.\n\nAttached file x.zip: ${join(at.base, "x.zip")}` },
      { type: "file", mime: "image/png", filename: "a b.png", url: `file://${at.base}/a%20b.png` },
    ]);
  });
});

describe("the probe", () => {
  test.each([
    ["login", {}, { version: "1.18.33", loggedIn: true, fix: null }],
    ["out", {}, { version: "1.18.33", loggedIn: false, fix: "Log in with: oca agents login opencode" }],
    ["out", { provider: {}, model: "p/m" }, { loggedIn: null, fix: null, model: "p/m" }],
    ["strange", {}, { version: "1.18.33", loggedIn: null, fix: null }],
    ["old", {}, { version: "0.9.1" }],
  ])("%s", async (name, config, expected) => {
    expect(await fake(name, { config }).probe(desk())).toMatchObject(expected);
  });

  test("of what is not installed says how to install it", async () => {
    const probe = await createOpencode({ command: "/nonexistent/opencode" }).probe(desk());
    expect(probe).toMatchObject({ version: null, loggedIn: null, fix: "Install it with: npm install -g opencode-ai" });
  });
});
