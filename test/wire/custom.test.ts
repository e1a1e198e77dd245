import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { Cli } from "../../src/agents/custom/schema.ts";
import { createCustom } from "../../src/agents/custom.ts";
import { loginOf } from "../../src/agents/login.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import { agentContract, agree, type Bench, collect, type On, turn } from "../contract/agent.ts";
import { SERVER_FILE, SERVER_SECRET, SERVERS } from "../contract/mcp.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { starting } from "../fake/start.ts";
import { clock, PATIENT, STALL_MS } from "./clock.ts";

type Given = z.input<typeof Cli>;
const SCRIPT = starting("custom.ts");
const SECRET = "sk-secret-of-the-fake";
const LINES = {
  text: { path: "parts.*.text", when: { type: "message" } },
  tool: {
    when: { type: "tool" },
    id: "id",
    title: "name",
    done: { type: "tool", state: "done" },
    failed: { type: "tool", state: "refused" },
  },
  session: { path: "session", when: { type: "start" } },
  model: { path: "model", when: { type: "start" } },
  usage: { when: { type: "usage" }, input: "turn.in", output: "turn.out", costUsd: "turn.usd" },
  error: { path: "message", when: { type: "error" } },
  end: { type: "end" },
} as const;
const JSONL: Given = {
  output: LINES,
  resume: { args: ["--resume", "{session}"] },
  plan: ["--read-only"],
  model: ["--model", "{model}"],
  login: "fake login",
};
const TEXT: Given = { plan: ["--read-only"], model: ["--model", "{model}"] };

interface How {
  faults?: string;
  cli?: Given;
  args?: string[];
  times?: Parameters<typeof createCustom>[0]["times"];
  desk?: Partial<Desk>;
  on?: On;
}

/** What comes to its end by a time-out only. */
const FORCED: Readonly<Record<string, How["times"]>> = { deaf: { interruptMs: 300 }, lingers: { closeMs: 250 } };

const fake = ({ faults = "", cli = JSONL, args = [], times = {} }: How = {}) =>
  createCustom({
    name: "fake",
    command: process.execPath,
    args: [...SCRIPT, ...args, ...("output" in cli ? [] : ["--text"])],
    cli: { ...cli, version: [...SCRIPT, "--version"], env: { HOME: "{home}", FAKE: faults } },
    times: { ...PATIENT, ...FORCED[faults], ...times },
  });

const REQUESTS: Readonly<Record<string, string>> = {
  hello: "[hello]",
  plan: "please",
  replan: "[hello] please",
  permission: "[run touch permitted.txt]",
  counted: "[run tee -a counted.txt < counted.in]",
  question: "[wish]",
  questions: "[wish]",
  slow: "[slow]",
  slowtool: "[run echo $$ > slow.pid; exec sleep 600]",
  noted: "[note]",
  recall: "[recall]",
  look: "[look]",
  auth: "[auth]",
  limited: "[limited]",
  broken: "[broken]",
  cut: "[cut]",
  attacks: "[edit sneaky.txt] [edit $/write] [run touch $/redirect] [answer Nothing was harmed.]",
};

const bench =
  (cli: Given, can: Partial<Bench["can"]>) =>
  async (place: Place): Promise<Bench> => {
    let script = "";
    return {
      agent: () => fake({ cli }),
      missing: () => createCustom({ name: "fake", command: "/nonexistent/fake", args: [], cli }),
      can: {
        plan: "own",
        permission: "none",
        question: "text",
        steer: "queue",
        interrupt: "own",
        resume: "own",
        fork: "summary",
        cost: "own",
        images: "path",
        ...can,
      },
      request: (play, arg = "") => {
        script = play;
        return REQUESTS[play]?.replaceAll("$/", `${arg}/`) ?? null;
      },
      desk: { env: { ...place.env, SECRET } },
      secrets: [SECRET],
      asked: () =>
        [...readFileSync(join(place.home, "log"), "utf8").matchAll(/^prompt/gm)].map((_, n) => ({
          ...{ path: "/", script },
          step: n + 1,
        })),
      stop: async () => undefined,
    };
  };

agentContract("custom, JSON lines", bench(JSONL, {}));
agentContract("custom, plain text", bench(TEXT, { resume: "summary", cost: "none" }));

let place: Place;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.stop());

const play = (kind: "plan" | "write", text: string, how: How = {}) =>
  collect(fake(how), turn(kind, text), place.desk(how.desk), how.on ?? agree);
const log = () => readFile(join(place.home, "log"), "utf8");
const memory = (token: string): Pick<Desk, "memory"> => ({ memory: { token, fork: false, point: null } });

describe("where the prompt goes", () => {
  test.each<[string, Given, string[], RegExp]>([
    ["an argument in its place", { ...TEXT, prompt: "argument" }, ["--prompt", "{prompt}"], /--prompt","hello"/],
    ["an argument behind all others", { ...TEXT, prompt: "argument" }, ["--prompt"], /--prompt","--text","hello"/],
    ["standard input", { ...TEXT, prompt: "stdin" }, [], /args \["--text"\]/],
    ["a file that is gone afterwards", { ...TEXT, prompt: "file" }, ["--file", "{file}"], /--file","\/\S+\.md/],
  ])("%s", async (_, cli, args, expected) => {
    const { outcome } = await play("write", "hello", { cli, args });
    expect(outcome).toMatchObject({ ok: true });
    expect(await log()).toMatch(expected);
    const [, file] = /--file","([^"]+)/.exec(await log()) ?? [];
    if (file !== undefined) await expect(readFile(file)).rejects.toThrow("ENOENT");
  });

  test("words are no option and no place, whatever they look like", async () => {
    const cli: Given = { ...TEXT, prompt: "argument" };
    await play("write", "--yolo {home} $(id)", { cli, args: ["--prompt", "{prompt}"] });
    expect(await log()).toContain('prompt " --yolo {home} $(id)"');
  });

  test("one that no argument could hold is said before anything starts", async () => {
    const cli: Given = { ...TEXT, prompt: "argument" };
    const { outcome } = await play("write", "x".repeat(200_000), { cli });
    expect(outcome).toMatchObject({
      kind: "failed",
      error: expect.stringContaining('agents.fake.cli.prompt to "stdin" or "file"'),
    });
    expect(place.orders).toEqual([]);
  });
});

describe("plan turns", () => {
  test("without read-only arguments there are none, unless walls hold the program", async () => {
    const cli: Given = { ...JSONL, plan: undefined };
    const bare = await play("plan", "please", { cli });
    expect(bare.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("fake cannot plan safely") });
    expect(place.orders).toEqual([]);
    const held = await play("plan", "[answer ## Goal]", { cli, desk: { contained: true } });
    expect(held.outcome).toMatchObject({ ok: true, plan: "## Goal" });
    expect(await fake({ cli }).probe(place.desk())).toMatchObject({
      version: "3.1.4",
      fix: expect.stringContaining("cannot plan safely"),
      can: { plan: "kernel" },
    });
  });

  test("are read-only on each start, a resumed one too; what lets it write is for write turns only", async () => {
    const cli: Given = { ...JSONL, write: ["--free"] };
    const first = await play("plan", "please", { cli });
    const second = await play("plan", "please", { cli, desk: memory(first.token) });
    await play("write", "[hello]", { cli, desk: memory(second.token) });
    const args = [...(await log()).matchAll(/^args (.*)$/gm)].map(([, json = "[]"]) => JSON.parse(json).join(" "));
    expect(args[0]).toBe("--read-only");
    expect(args[1]).toMatch(/^--read-only --resume c-/);
    expect(args[2]).toMatch(/^--free --resume c-/);
  });

  test("one that ends without a word failed", async () => {
    const { outcome } = await play("plan", "[mute]");
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("without a word") });
  });
});

describe("MCP servers", () => {
  test("are told in a file for this user only, which is gone afterwards; else it is said that they are left out", async () => {
    const cli: Given = { ...JSONL, mcp: ["--mcp", "{mcp}"] };
    await play("write", "[hello]", { cli, desk: { mcp: SERVERS } });
    expect(JSON.parse((await log()).match(/^servers (.*)$/m)?.[1] ?? "")).toEqual(SERVER_FILE);
    expect(place.orders.map(({ args }) => args.join(" ")).join()).not.toContain(SERVER_SECRET);
    await expect(readFile(join(place.tmp, "mcp.json"))).rejects.toThrow("ENOENT");
    const { of } = await play("write", "[hello]", { desk: { mcp: SERVERS } });
    expect(of("activity").map(({ activity }) => activity.title)).toEqual([
      expect.stringContaining("MCP server tracker is left out"),
      expect.stringContaining("MCP server docs is left out"),
    ]);
  });
});

describe("model and effort", () => {
  test("are given as the configuration says; where it says nothing, the turn is refused in words", async () => {
    expect((await play("write", "[hello]", { desk: { model: "big" } })).outcome).toMatchObject({ ok: true });
    expect(await log()).toContain('"--model","big"');
    const { outcome } = await play("write", "[hello]", { desk: { effort: "high" } });
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("effort high") });
  });

  test("a program that uses another model is said", async () => {
    const { outcome } = await play("write", "[slow]", { faults: "stubborn", desk: { model: "big" } });
    expect(outcome).toMatchObject({ kind: "failed", error: "fake was asked for the model big, but uses small." });
  });
});

describe("memory and use", () => {
  test("a conversation that is gone is said, and so is another one in its place", async () => {
    const gone = await play("write", "[hello]", { desk: memory("c-nobody") });
    expect(gone.outcome).toMatchObject({ kind: "forgotten", error: "session c-nobody not found" });
    const first = await play("write", "[note]");
    const { outcome } = await play("write", "[slow]", { faults: "amnesia", desk: memory(first.token) });
    expect(outcome).toMatchObject({ kind: "forgotten", error: expect.stringContaining("instead of going on") });
  });

  test.each(["turn", "conversation"] as const)("figures of a %s come to the same each turn", async (of) => {
    const from = of === "turn" ? "turn" : "total";
    const usage = { when: { type: "usage" }, input: `${from}.in`, output: `${from}.out`, costUsd: `${from}.usd`, of };
    const cli: Given = { ...JSONL, output: { ...LINES, usage } };
    let token = "";
    for (const desk of [{}, {}, {}]) {
      const result = await play("write", "[hello]", { cli, desk: token === "" ? desk : memory(token) });
      expect(result.usage).toMatchObject({ inputTokens: 100, outputTokens: 10, costUsd: 0.5, estimated: false });
      token = result.token;
    }
  });
});

describe("what goes wrong", () => {
  test.each([
    ["lines of unknown kinds", "unknown"],
    ["lines that are no messages", "garbage"],
    ["a line of 40 MB", "huge"],
    ["two ends", "two-results"],
    ["a process that does not go", "lingers"],
    ["exit code 1 after a success", "exit-1"],
  ])("%s: the turn goes on to its one end", async (_, faults) => {
    const { of, outcome, words } = await play("write", "[edit] [hello]", { faults });
    expect(outcome).toMatchObject({ ok: true, answer: "Done." });
    expect(words).toContain("Hello from the fake.");
    expect(of("ended")).toHaveLength(1);
    expect(place.alive()).toEqual([]);
  });

  test.each<[string, string, string, RegExp, Given?]>([
    ["its output ends without an end, with exit code 0", "eof", "crashed", /middle of its turn \(exit code 0\)/],
    ["no end, though all was done", "endless", "crashed", /middle of its turn/],
    ["dies at its start", "dies-at-start", "crashed", /exit code 3[\s\S]*licence/],
    ["dies at its start, in plain text", "dies-at-start", "failed", /exit code 3[\s\S]*licence/, TEXT],
    [
      "it does not say that it succeeded",
      "fails",
      "failed",
      /did not say that it succeeded/,
      { ...JSONL, success: { line: { type: "end", ok: true } } },
    ],
    ["an exit code that is no success", "exit-1", "failed", /exit code 1/, { ...JSONL, success: { exit: [0] } }],
  ])("%s", async (_, faults, kind, error, cli = JSONL) => {
    const { outcome } = await play("write", "[note]", { faults, cli });
    expect(outcome).toMatchObject({ ok: false, kind, error: expect.stringMatching(error) });
  });

  test("an error counts, whatever success is told after it", async () => {
    const { outcome } = await play("write", "[auth]");
    expect(outcome).toMatchObject({ kind: "auth", error: expect.stringContaining("oca agents login fake") });
  });

  test.each([
    ["JSON lines", JSONL],
    ["plain text", TEXT],
  ])("a character that comes in two pieces stays whole: %s", async (_, cli) => {
    expect((await play("write", "[note]", { faults: "utf8", cli })).words).toContain("Grüße 🦫");
  });

  test.each([
    ["JSON lines", JSONL],
    ["plain text", TEXT],
  ])("100 MB of output are counted, not kept: %s", async (_, cli) => {
    const { of, outcome, words } = await play("write", "[hello]", { faults: "floods", cli });
    expect(outcome).toMatchObject({ ok: true, answer: expect.stringContaining("Hello from the fake.") });
    expect(of("text").reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(1_100_000);
    expect(words).toMatch(/\d{8} more characters are left out/);
  });

  test("nothing said in time, or silent for too long; a tool at work is no silence", async () => {
    const late = await play("write", "[note]", { faults: "slow-start", times: { startMs: 300 } });
    expect(late.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("said nothing within") });
    const time = clock();
    const times = { stallMs: STALL_MS };
    const silent = await play("write", "[silent]", { times, on: time.silentAfter("token") });
    expect(silent.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("was silent") });
    const busy = await play("write", "[tool build]", { times, on: time.slowly(join(place.cwd, "go")) });
    expect(busy.outcome).toMatchObject({ ok: true });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "a stop begins with %s; who does not listen is ended",
    async (interrupt) => {
      const stop = new AbortController();
      const { outcome } = await play("write", "[note]", {
        faults: "deaf",
        cli: { ...JSONL, interrupt },
        desk: { signal: stop.signal },
        on: ({ type }) => type === "token" && stop.abort(),
      });
      expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
      expect((await log()).match(/^SIG\w+$/gm)).toEqual(interrupt === "SIGINT" ? ["SIGINT", "SIGTERM"] : ["SIGTERM"]);
    },
  );

  test("its home cannot be made", async () => {
    const file = join(place.home, "file");
    await writeFile(file, "");
    const { outcome } = await play("write", "[note]", { desk: { home: join(file, "home") } });
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("file") });
  });
});

test("a person logs in by the command of the configuration, in the home of the agent", () => {
  const program = { is: "cli" as const, command: "fake", args: [], cli: Cli.parse(JSONL) };
  const order = loginOf({ name: "fake", home: "/homes/fake", env: { HOME: "/home/ana", PATH: "/bin" }, program });
  expect(order).toMatchObject({ command: "fake", args: ["login"], env: { HOME: "/homes/fake", PATH: "/bin" } });
});
