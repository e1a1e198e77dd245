import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ClaudeOptions } from "../../src/agents/claude.ts";
import { createClaude } from "../../src/agents/claude.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import { agree, type Collected, collect, type On, turn } from "../contract/agent.ts";
import { SERVER_FILE, SERVER_SECRET, SERVERS } from "../contract/mcp.ts";
import { starting } from "../fake/start.ts";
import { clock, STALL_MS } from "./clock.ts";
import { folders } from "./folders.ts";

const FAKE = starting("claude.ts");
const at = folders("claude");
const { desk, told } = at;

interface Play {
  kind?: Turn["kind"];
  prompt?: string;
  desk?: Partial<Desk>;
  times?: ClaudeOptions["times"];
  args?: string[];
  on?: On;
}

/** One turn of the fake. */
const play = (
  name: string,
  { kind = "write", prompt = "Do it.", times = {}, args = [], on = agree, ...how }: Play = {},
) => {
  const agent = createClaude({ command: process.execPath, args: [...FAKE, "--play", name, ...args], times });
  return collect(agent, turn(kind, prompt), desk(how.desk), on);
};

const memory = (token: string, over: Partial<NonNullable<Desk["memory"]>> = {}) => ({
  memory: { token, fork: false, point: null, ...over },
});

describe("how a turn ends", () => {
  test("with the answer, and the process is gone", async () => {
    const { outcome, of, events } = await play("hello");
    expect(outcome).toEqual({ ok: true, answer: "Hello.", plan: null });
    expect(of("text")).toEqual([{ type: "text", text: "Hello." }]);
    expect(events.at(-1)?.type).toBe("ended");
  });

  test("the first of two results counts", async () => {
    expect((await play("two-results")).outcome).toMatchObject({ ok: true, answer: "The first." });
  });

  test("a failure that exits with 0 is a failure, a success that exits with 1 a success", async () => {
    expect((await play("failed-exit-0")).outcome).toMatchObject({
      ok: false,
      kind: "failed",
      error: expect.stringContaining("500"),
    });
    expect((await play("ok-exit-1")).outcome).toMatchObject({ ok: true, answer: "It worked." });
  });

  test("a stream that stops without an end is a crash, with what the process said last", async () => {
    const { outcome } = await play("eof");
    expect(outcome).toMatchObject({ ok: false, kind: "crashed", error: expect.stringContaining("something broke") });
  });

  test.each([
    ["limited", { kind: "limited", resetAt: 2_000_000_000_000 }],
    ["auth", { kind: "auth", error: expect.stringContaining("oca agents login claude") }],
    ["budget", { kind: "budget", error: "the budget is spent" }],
    ["refused", { kind: "refused", error: "I will not do that." }],
  ])("%s is told apart", async (name, expected) => {
    expect((await play(name)).outcome).toMatchObject({ ok: false, ...expected });
  });

  test("a process that lingers on is ended", async () => {
    expect((await play("never-exits", { times: { endMs: 100 } })).outcome).toMatchObject({ ok: true, answer: "Over." });
  });

  test("a request after the end is nobody's", async () => {
    const { outcome, of } = await play("late-request");
    expect(outcome).toMatchObject({ ok: true, answer: "Over." });
    expect(of("asked")).toEqual([]);
  });

  test("a memory of somebody else is not silently a new one", async () => {
    expect((await play("hello", { desk: memory("not ours") })).outcome).toMatchObject({ ok: false, kind: "forgotten" });
  });

  test("a program that is not there says how to get it", async () => {
    const { outcome } = await collect(createClaude({ command: "claude-of-nobody" }), turn("write", "x"), desk());
    expect(outcome).toMatchObject({ ok: false, error: expect.stringMatching(/not found in PATH.*npm install/s) });
  });
});

describe("a stream that is not as it should be", () => {
  test.each(["unknown", "garbage", "long-line"])("%s does no harm", async (name) => {
    expect((await play(name)).outcome).toMatchObject({ ok: true });
  });

  test("a character that comes in two pieces stays whole", async () => {
    expect((await play("utf8")).outcome).toMatchObject({ ok: true, answer: "Grüße 🌍" });
  });

  test("a request that nobody knows is answered, else it would be waited for", async () => {
    expect((await play("unknown-request")).answer).toBe("answered");
    expect(JSON.stringify(await told())).toContain("oca does not know this request");
  });

  test("100 MB of words are cut to what can be read", async () => {
    const { of, outcome } = await play("floods");
    const words = of("text")
      .map(({ text }) => text)
      .join("");
    expect(words.length).toBeGreaterThan(100_000);
    expect(words.length).toBeLessThan(250_000);
    expect(outcome?.ok && outcome.answer.length).toBeLessThan(110_000);
  });
});

describe("silence", () => {
  test("while a tool runs is work", async () => {
    const { outcome } = await play("silent-tool", {
      times: { stallMs: STALL_MS },
      on: clock().slowly(join(at.cwd, "go")),
    });
    expect(outcome).toMatchObject({ ok: true });
  });

  test("without a tool is a stall", async () => {
    const { outcome } = await play("silence", {
      times: { stallMs: STALL_MS },
      on: clock().silentAfter("token"),
    });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("said nothing") });
  });

  test("while a person thinks is patience", async () => {
    const { outcome } = await play("permission", {
      times: { stallMs: STALL_MS },
      on: clock().slowly(),
    });
    expect(outcome).toMatchObject({ ok: true });
  });

  test("at the start is a failure of its own", async () => {
    const { outcome } = await play("never-begins", { times: { startMs: 300 } });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("did not begin") });
  });
});

describe("stop", () => {
  const stopAt =
    (type: string, stop: AbortController): On =>
    (event) => {
      if (event.type === type) stop.abort();
    };

  test("the protocol's interrupt comes first", async () => {
    const stop = new AbortController();
    const { outcome, of } = await play("interruptible", { desk: { signal: stop.signal }, on: stopAt("text", stop) });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect(of("spent")).toHaveLength(1);
    expect(JSON.stringify(await told())).toContain('"subtype":"interrupt"');
  });

  test("who ignores it is killed", async () => {
    const stop = new AbortController();
    const { outcome } = await play("ignores-interrupt", {
      desk: { signal: stop.signal },
      times: { interruptMs: 200 },
      on: stopAt("text", stop),
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
  });

  test("while a person is asked", async () => {
    const stop = new AbortController();
    const { outcome } = await play("permission", {
      desk: { signal: stop.signal },
      times: { interruptMs: 200 },
      on: stopAt("asked", stop),
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
  });
});

describe("what it is told and how it is started", () => {
  test("mode, model and effort are said every time, and read back", async () => {
    const over = { model: "opus", effort: "high" };
    expect((await play("hello", { kind: "plan", desk: over })).outcome).toMatchObject({ ok: true });
    const { args, env } = (await told())[0];
    expect(args.join(" ")).toMatch(/--permission-mode plan .*--setting-sources {2}--strict-mcp-config/);
    expect(args.join(" ")).toContain("--model opus --effort high");
    expect(env).toMatchObject({ CLAUDE_CONFIG_DIR: at.home, TMPDIR: join(at.base, "tmp") });
  });

  test.each(["mode", "mode-later", "model"])(
    "another %s than was asked for ends the turn, and both are named",
    async (name) => {
      const { outcome } = await play(name, { kind: "plan", desk: { model: "claude-opus-5-5" } });
      expect(outcome).toMatchObject({ ok: false, kind: "failed" });
      expect(outcome?.ok === false && outcome.error).toMatch(
        /(bypassPermissions|acceptEdits) instead of plan|claude-other-1 instead of claude-opus-5-5/,
      );
    },
  );

  test("a plan turn has no shell and no helper, unless a kernel holds it", async () => {
    const tools = async () => {
      const { args } = (await told()).findLast((entry) => entry.args);
      return args[args.indexOf("--tools") + 1].split(",");
    };
    await play("hello", { kind: "plan" });
    expect(await tools()).toEqual(["Read", "Glob", "Grep", "Write", "Edit", "ExitPlanMode", "AskUserQuestion"]);
    await play("hello", { kind: "plan", desk: { contained: true, allow: ["fetch"] } });
    expect(await tools()).toEqual(expect.arrayContaining(["Bash", "WebFetch"]));
    expect(await tools()).not.toContain("Agent");
  });

  test("small images are shown, other files are named", async () => {
    const [image, text] = [join(at.base, "a.png"), join(at.base, "b.txt")];
    await writeFile(image, "not really a picture");
    await writeFile(text, "words");
    const gone = { path: join(at.base, "gone.png"), name: "gone.png", mime: "image/png" };
    const files = [
      { path: image, name: "a.png", mime: "image/png" },
      { path: text, name: "b.txt", mime: "text/plain" },
      gone,
    ];
    await play("hello", { desk: { files } });
    const { content } = (await told()).find(({ got }) => got?.type === "user").got.message;
    expect(content[0].text).toBe(`Do it.\n\nFiles that came with it:\n- b.txt: ${text}\n- gone.png: ${gone.path}`);
    expect(content[1].source).toMatchObject({ type: "base64", media_type: "image/png" });
  });

  test("a conversation is resumed, and forked where it was asked for", async () => {
    const { token } = await play("hello");
    await play("hello", { desk: memory(token) });
    const fork = await play("hello", { desk: memory(token, { fork: true, point: "m-7" }) });
    const args = (await told()).flatMap((entry) => (entry.args ? [entry.args.join(" ")] : []));
    expect(args[0]).not.toContain("--resume");
    expect(args[1]).toMatch(/--resume s-1$/);
    expect(args[2]).toMatch(/--resume s-1 --fork-session --resume-session-at m-7$/);
    expect(JSON.parse(fork.token)).toMatchObject({ session: "s-1-fork" });
  });
});

test("MCP servers are told in a file for this user only, which is gone afterwards", async () => {
  await play("hello", { desk: { mcp: SERVERS } });
  const entries = await told();
  expect(entries.find(({ servers }) => servers)?.servers).toEqual(SERVER_FILE);
  const args = entries.find((entry) => entry.args)?.args.join(" ");
  expect(args).toContain("--strict-mcp-config");
  expect(args).not.toContain(SERVER_SECRET);
  await expect(readFile(join(at.base, "tmp", "mcp.json"))).rejects.toThrow("ENOENT");
});

describe("a conversation that is gone", () => {
  test("is said, in the words of the CLI", async () => {
    const { token } = await play("hello");
    const { outcome } = await play("forgotten", { desk: memory(token) });
    expect(outcome).toMatchObject({ kind: "forgotten", error: "No conversation found with session ID: s-1" });
  });

  test("is said of a memory that is none", async () => {
    const { outcome } = await play("hello", { desk: memory("nonsense") });
    expect(outcome).toMatchObject({ kind: "forgotten", error: expect.stringContaining("nonsense") });
  });
});

describe("cost and use", () => {
  test("are of this turn alone, though the CLI counts on", async () => {
    let token = "";
    for (const turns of [0, 1, 2]) {
      const env = { ...desk().env, FAKE_TURNS: String(turns) };
      const result = await play("hello", { desk: { env, ...(token === "" ? {} : memory(token)) } });
      expect(result.usage).toMatchObject({ costUsd: 0.01, inputTokens: 110, outputTokens: 5, estimated: false });
      token = result.token;
    }
  });
});

describe("plans", () => {
  test("end the turn where they are proposed, and are remembered as handed over", async () => {
    const { outcome, of } = await play("plan", { kind: "plan" });
    expect(outcome).toEqual({ ok: true, answer: "Ready.", plan: "## Steps\n\n1. Do it" });
    expect(of("asked")).toEqual([]);
    const { reply } = (await told()).find((entry) => entry.reply);
    expect(reply).toMatchObject({ continue: false, hookSpecificOutput: { permissionDecision: "deny" } });
  });

  test("count in words as well, but an answer is no plan", async () => {
    expect((await play("plan-in-words", { kind: "plan" })).plan).toContain("1. Do it");
    expect((await play("hello", { kind: "plan" })).outcome).toMatchObject({ ok: true, answer: "Hello.", plan: null });
  });

  test("are nothing that a write turn proposes", async () => {
    expect((await play("plan")).outcome).toMatchObject({ ok: true, plan: null });
  });
});

describe("people are asked", () => {
  test.each([
    ["allowed", { is: "allowed", scope: "once" }, { behavior: "allow", updatedInput: { command: "npm test" } }],
    ["denied", { is: "denied", reason: "not today" }, { behavior: "deny", message: "not today" }],
  ] as const)("for a permission that is %s", async (_, said, expected) => {
    const { answer, of } = await play("permission", {
      on: (event, run) => event.type === "asked" && run.answer(event.ask.id, said),
    });
    expect(JSON.parse(answer).reply).toEqual(expected);
    expect(of("asked")).toMatchObject([
      { ask: { key: "command npm test", what: { tool: "Bash", detail: "npm test", why: "Run the tests" } } },
    ]);
    expect(of("activity").at(-1)?.activity).toMatchObject({
      kind: "command",
      title: "npm test",
      state: said.is === "allowed" ? "ok" : "failed",
    });
  });

  test("not for what the repository allows", async () => {
    const { answer, of } = await play("permission", { desk: { commands: ["npm test"] } });
    expect(of("asked")).toEqual([]);
    expect(JSON.parse(answer).hook.hookSpecificOutput.permissionDecision).toBe("allow");
  });

  test("no longer, when the agent took it back", async () => {
    let id = "";
    const { answer } = await play("withdrawn-late", {
      on: (event, run) => {
        if (event.type === "asked") id = event.ask.id;
        if (event.type === "asked") run.steer?.([{ message: "m-1", text: "take it back" }]);
        if (event.type === "text") run.answer(id, { is: "allowed", scope: "once" });
      },
      times: { interruptMs: 100 },
    });
    expect(id).not.toBe("");
    expect(answer).toBe("silence");
    expect((await play("withdrawn")).of("asked")).toEqual([]);
  });

  test("several questions stand side by side and are answered together", async () => {
    const { answer, of } = await play("questions", {
      on: (event, run) => {
        if (event.type !== "asked" || event.ask.what.kind !== "question") return;
        const labels = event.ask.what.multi ? ["X", "Y"] : [];
        run.answer(event.ask.id, { is: "picked", labels, text: event.ask.what.multi ? null : "my own" });
      },
    });
    expect(of("asked").map(({ ask: { what } }) => what)).toMatchObject([
      {
        text: "Which?",
        multi: false,
        free: true,
        recommended: 1,
        options: [{ label: "A", detail: "a" }, { label: "B (Recommended)" }],
      },
      { text: "Why?", multi: true, recommended: null },
    ]);
    expect(JSON.parse(answer)).toEqual({ "Which?": "my own", "Why?": "X, Y" });
  });
});

describe("the gate, before a tool runs", () => {
  /** What the hook says, and what the host says if the CLI asks it all the same. */
  const gate = async (kind: Turn["kind"], tool: string, input: object, over: Partial<Desk> = {}) => {
    const args = ["--tool", tool, "--input", JSON.stringify(input)];
    const { answer, of } = await play("hook", { kind, args, desk: over, on: refuse });
    const said = JSON.parse(answer);
    return { ...said, host: of("asked").length > 0 ? "asked" : said.host };
  };
  const refuse: On = (event, run) => {
    if (event.type === "asked") run.answer(event.ask.id, { is: "denied", reason: "" });
  };
  const SHUT = { hook: "deny", host: "deny" };
  const OPEN = { hook: "allow", host: "allow" };

  test.each<[string, object]>([
    ["Write", { file_path: "a.txt" }],
    ["Edit", { file_path: "/etc/hosts" }],
    ["NotebookEdit", { notebook_path: "n.ipynb" }],
    ["Bash", { command: "git log --output=x" }],
    ["Agent", { description: "do it for me" }],
    ["WebFetch", { url: "http://example.invalid" }],
    ["mcp__files__write", {}],
    ["BrandNewTool", {}],
  ])("a plan turn does without %s", async (tool, input) => {
    expect(await gate("plan", tool, input)).toEqual(SHUT);
  });

  test("a plan turn reads, and runs what a kernel holds", async () => {
    expect(await gate("plan", "Read", { file_path: "a.txt" })).toEqual(OPEN);
    expect(await gate("plan", "Bash", { command: "git log" }, { contained: true })).toEqual(OPEN);
    expect(await gate("plan", "Bash", { command: "git log" })).toEqual(SHUT);
  });

  test("a write turn edits its workspace, and asks about everything outside", async () => {
    expect(await gate("write", "Write", { file_path: "new/a.txt" })).toEqual(OPEN);
    expect(await gate("write", "Write", { file_path: "../a.txt" })).toEqual({ hook: "ask", host: "asked" });
    await symlink(at.base, join(at.cwd, "out"));
    expect(await gate("write", "Write", { file_path: "out/a.txt" })).toEqual({ hook: "ask", host: "asked" });
  });

  test("a workspace behind a link is still the workspace", async () => {
    await symlink(at.cwd, join(at.base, "link"));
    expect(await gate("write", "Write", { file_path: join(at.cwd, "a.txt") }, { cwd: join(at.base, "link") })).toEqual(
      OPEN,
    );
  });

  test("secrets are shut in every way that leads to them", async () => {
    const hidden = [join(at.base, "data")];
    await mkdir(join(at.base, "data"));
    await symlink(join(at.base, "data"), join(at.cwd, "data"));
    for (const [tool, input] of [
      ["Read", { file_path: join(at.base, "data", "x") }],
      ["Read", { file_path: "data/x" }],
      ["Read", { file_path: "sub/.env" }],
      ["Grep", { pattern: "x", path: at.base }],
      ["Glob", { pattern: `${at.base}/data/**` }],
      ["Glob", { pattern: "../data/*" }],
    ] as const)
      expect([tool, input, await gate("write", tool, input, { hidden })]).toEqual([tool, input, SHUT]);
    expect(await gate("write", "Grep", { pattern: "x" }, { hidden })).toEqual(OPEN);
  });

  test("what is the agent's own is left to the CLI, and nobody can allow more of it", async () => {
    expect(await gate("plan", "Write", { file_path: join(at.home, "plans", "p.md") })).toEqual({
      hook: "none",
      host: "deny",
    });
    expect(await gate("write", "Read", { file_path: join(at.home, ".credentials.json") })).toEqual({
      hook: "none",
      host: "deny",
    });
    await symlink(at.home, join(at.cwd, "home"));
    expect(await gate("write", "Write", { file_path: "home/settings.json" }, { trust: "bypass" })).toEqual(SHUT);
  });

  test("files that came with the request can be read, though they lie in oca's folder", async () => {
    expect(
      await gate("plan", "Read", { file_path: join(at.base, "tmp", "files", "a.txt") }, { hidden: [at.base] }),
    ).toEqual(OPEN);
  });
});

describe("words put in while it works", () => {
  const steer: On = (event, run) => {
    if (event.type === "text") run.steer?.([{ message: "m-1", text: "please mind the gap" }]);
  };

  test("are heard when the agent takes them up", async () => {
    const { of, answer } = await play("steered", { on: steer });
    expect(of("heard")).toEqual([{ type: "heard", messages: ["m-1"] }]);
    expect(answer).toBe("I heard you.");
  });

  test("are words, even with a slash in front", async () => {
    const slash: On = (event, run) => {
      if (event.type === "text") run.steer?.([{ message: "m-1", text: "/clear is a nice name" }]);
    };
    await play("steered", { prompt: "/compact the list", on: slash });
    const words = (await told()).flatMap(({ got }) => (got?.type === "user" ? [got.message.content] : []));
    expect(words).toEqual([" /compact the list", " /clear is a nice name"]);
  });

  test("that come too late for one answer get one of their own, in the same turn", async () => {
    const { of, answer, usage } = await play("steered-late", { on: steer });
    expect(of("heard")).toEqual([{ type: "heard", messages: ["m-1"] }]);
    expect(answer).toBe("The answer to the late words.");
    expect(usage?.costUsd).toBe(0.02);
  });

  test("that nobody takes up are not heard, and the turn ends without them", async () => {
    const { of, answer } = await play("steered-never", { on: steer, times: { interruptMs: 200 } });
    expect(of("heard")).toEqual([]);
    expect(answer).toBe("I never took them up.");
  });
});

test("its list of steps is shown, not that of a helper", async () => {
  const { of } = await play("steps");
  expect(of("steps")).toEqual([
    {
      type: "steps",
      steps: [
        { title: "One", state: "done" },
        { title: "Two", state: "doing" },
        { title: "Three", state: "open" },
      ],
    },
  ]);
});

describe("what the real one said", () => {
  const FIXTURES = join(import.meta.dirname, "../fixtures", "claude");
  const replay = async (name: string) => {
    const file = join(FIXTURES, `${name}.jsonl`);
    const { version, kind } = JSON.parse((await readFile(file, "utf8")).split("\n")[0] ?? "");
    expect(version).toBe("2.1.329");
    return play("", { kind, args: ["--replay", file] });
  };
  const shown = ({ of }: Collected) =>
    of("activity").map(({ activity: { kind, title, state } }) => `${kind} ${title} ${state}`);

  test("a plan", async () => {
    const result = await replay("plan");
    expect(result.plan).toMatch(/^## Goal\n.*## Steps\n/s);
    // The plan's file is no work.
    expect(shown(result)).toEqual([]);
    expect(result.of("text").map(({ text }) => text)).toEqual(["I write a plan."]);
    const { costUsd = 0 } = result.usage ?? {};
    expect(costUsd).toBeGreaterThan(0);
    expect(JSON.parse(result.token)).toMatchObject({ session: expect.stringMatching(/^[\w-]{36}$/), costUsd });
  });

  test("a plan turn that tried to write", async () => {
    expect(shown(await replay("refused"))).toEqual([
      "edit sneaky.txt open",
      "edit sneaky.txt failed",
      expect.stringMatching(/^edit \S+canary open$/),
      expect.stringMatching(/^edit \S+canary failed$/),
    ]);
  });

  test("work: an edit that needs no permission, and a command that does", async () => {
    const result = await replay("write");
    expect(result.of("asked").map(({ ask }) => ask.what)).toMatchObject([{ kind: "permission", tool: "Bash" }]);
    expect(shown(result)).toEqual([
      "edit hello-model.txt open",
      "edit hello-model.txt ok",
      expect.stringMatching(/^command git add .* open$/),
      expect.stringMatching(/^command git add .* ok$/),
    ]);
    expect(result).toMatchObject({ answer: "All done.", usage: { inputTokens: 4500, outputTokens: 240 } });
  });

  test("questions", async () => {
    const { of } = await replay("questions");
    expect(of("asked").map(({ ask }) => ask.what)).toMatchObject([
      { text: "Which colour?", multi: false, options: [{ label: "Red", detail: "It is Red" }, { label: "Blue" }] },
      { text: "Which fruits?", multi: true },
    ]);
  });

  test("a helper, whose tools are seen as well and whose tokens count", async () => {
    const result = await replay("helper");
    expect(shown(result)).toEqual(["tool Help open", "command ls open", "command ls ok", "tool Help ok"]);
    expect(result.usage).toMatchObject({ inputTokens: 6000, outputTokens: 320 });
  });

  test("steps", async () => {
    const steps = [
      { title: "Look", state: "done" },
      { title: "Write", state: "doing" },
    ];
    expect((await replay("steps")).of("steps")).toEqual([{ type: "steps", steps }]);
  });

  test("an interrupt, a limit with its end, a login that is missing", async () => {
    expect((await replay("interrupted")).outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect((await replay("limited")).outcome).toMatchObject({ kind: "limited", resetAt: expect.any(Number) });
    const { outcome } = await replay("auth");
    expect(outcome).toMatchObject({ kind: "auth", error: expect.stringContaining("oca agents login claude") });
  });
});

describe("probe", () => {
  const probe = (env: Record<string, string> = {}, command = process.execPath) =>
    createClaude({ command, args: FAKE }).probe({ ...desk(), env: { ...desk().env, ...env } });

  test("tells version and login", async () => {
    expect(await probe({ FAKE_LOGIN: "yes" })).toMatchObject({ version: "2.1.329", loggedIn: true, fix: null });
    expect(await probe()).toMatchObject({ loggedIn: false, fix: expect.stringContaining("oca agents login claude") });
  });

  test("tells how to install what is missing", async () => {
    expect(await probe({}, "claude-of-nobody")).toMatchObject({
      version: null,
      fix: expect.stringContaining("npm install"),
    });
  });
});
