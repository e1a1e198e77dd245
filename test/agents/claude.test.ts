import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createClaude } from "../../src/agents/claude.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Desk, Probe } from "../../src/core/ports/agent.ts";
import { prompt } from "../../src/core/prompt.ts";
import { createBubblewrap, hasBubblewrap } from "../../src/sandbox/bubblewrap.ts";
import { agentContract, agree, collect, type On, turn } from "../contract/agent.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { type Model, startModel } from "../twin/model/index.ts";
import { marker, type Scripts, text, tool } from "../twin/model/script.ts";
import { claude } from "../twin/model/scripts/claude.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";

/** It takes its time to start, more so on a machine that has other things to do. */
const times = { startMs: 120_000 };

const CAN: Probe["can"] = {
  plan: "gate",
  permission: "own",
  question: "own",
  steer: "own",
  interrupt: "own",
  resume: "own",
  fork: "own",
  cost: "own",
  images: "own",
};

agentContract("claude", (place) =>
  bench(place, {
    scripts: claude,
    agent: () => createClaude({ command: bin("claude"), times }),
    missing: () => createClaude({ command: "/nonexistent/claude" }),
    // Only a subscription is told when its limit ends.
    env: (url) => ({ ANTHROPIC_BASE_URL: url, CLAUDE_CODE_OAUTH_TOKEN: KEY, CLAUDE_CODE_MAX_RETRIES: "1" }),
    can: CAN,
  }),
);

const echo: Scripts[string][number] = ({ since }) => [text(since.flatMap(({ results }) => results).join(" | "))];
const read = (path: string) => tool("Read", { file_path: path });
const grep = (path: string) => tool("Grep", { pattern: "hunter2", path, output_mode: "content" });
const shell = (command: string) => tool("Bash", { command, description: "Run it" });

const SCRIPTS: Scripts = {
  ...claude,
  secrets: [
    ({ cwd, arg }) => [read(join(cwd, ".env")), grep(cwd), read(join(arg, "token")), grep(arg), grep("/")],
    echo,
  ],
  login: [({ arg }) => [read(join(arg, ".credentials.json")), grep(arg), shell(`cat ${arg}/.credentials.json`)], echo],
  shell: [
    [shell("echo $((40 + 2))")],
    [shell("echo written > sneaky.txt")],
    ({ url }) => [shell(`curl -s ${url}/canary/curl`)],
    echo,
  ],
  late: [[text("one two three four five six seven eight nine ten", 100)]],
  aside: [[text("You said something.")]],
};

describe("claude alone", () => {
  let place: Place;
  let model: Model;
  beforeEach(async () => {
    place = await makePlace();
    model = await startModel({ scripts: SCRIPTS });
  });
  afterEach(async () => {
    await place.stop();
    await model.stop();
  });

  const env = () => ({
    ...place.env,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_MAX_RETRIES: "1",
  });
  const play = (kind: Turn["kind"], words: string, over: Partial<Desk> = {}, on: On = agree) =>
    collect(
      createClaude({ command: bin("claude"), times }),
      turn(kind, words),
      place.desk({ env: env(), ...over }),
      on,
    );
  const memory = (token: string, over: Partial<NonNullable<Desk["memory"]>> = {}) => ({
    memory: { token, fork: false, point: null, ...over },
  });
  /** What the model saw of the conversation in the newest request. */
  const seen = (): string => model.turns().at(-1)?.raw ?? "";

  test("it remembers its plan as handed over, not as refused, and asks the model no more in that turn", async () => {
    const planned = await play("plan", prompt.ruled("plan", marker("plan")));
    expect(planned.plan).toContain("## Steps");
    expect(model.turns("plan")).toHaveLength(2);
    await play("write", prompt.approved(planned.plan), memory(planned.token));
    expect(seen()).toContain("The plan was handed to the people who decide");
    expect(seen()).toContain("You have exited plan mode");
    expect(seen()).not.toContain("doesn't want to proceed");
  });

  test("secrets are read neither by name nor by search", async () => {
    const hidden = join(place.outside, "data");
    await mkdir(hidden);
    await writeFile(join(hidden, "token"), "hunter2");
    await place.write(".env", "PASSWORD=hunter2");
    await place.write("notes.txt", "hunter2 is a word");
    for (const kind of ["plan", "write"] as const) {
      const { answer } = await play(kind, marker("secrets", hidden), { hidden: [hidden] });
      // The one place where it may be found.
      expect(answer.match(/hunter2/g)).toHaveLength(1);
      expect(answer).toContain("notes.txt");
    }
  });

  test("its own login is not read either", async () => {
    await writeFile(join(place.home, ".credentials.json"), JSON.stringify({ secret: "hunter2" }));
    const { answer } = await play("write", marker("login", place.home), {}, () => {});
    expect(answer).toMatch(/\S/);
    expect(answer).not.toContain("hunter2");
  });

  test("a plan turn runs commands where a kernel holds it", async () => {
    if (!(await hasBubblewrap(place.spawn, place.env)))
      return expect.fail("bubblewrap is missing: apt-get install bubblewrap");
    const { home, tmp, cwd } = place;
    const spawn = createBubblewrap(place.spawn, { show: [cwd], writable: [home, tmp], hidden: [] });
    const before = await place.print();
    const { answer, of } = await play("plan", prompt.ruled("plan", marker("shell")), { contained: true, spawn });
    expect(answer).toContain("42");
    expect(answer).toContain("Read-only file system");
    expect(of("asked")).toEqual([]);
    expect(await place.print()).toEqual(before);
    expect(model.seen.filter(({ path }) => path.startsWith("/canary/"))).toEqual([]);
  });

  test("words that come too late for an answer get one of their own, and are not said twice", async () => {
    let sent = false;
    const first = await play("write", `Tell me. ${marker("late")}`, {}, (event, run) => {
      if (event.type !== "text" || sent) return;
      sent = true;
      run.steer?.([{ message: "m-1", text: `By the way. ${marker("aside")}` }]);
    });
    expect(first.of("heard")).toEqual([{ type: "heard", messages: ["m-1"] }]);
    expect(first.answer).toBe("You said something.");
    expect(seen().split("By the way.")).toHaveLength(2);
  });

  test("words with a slash or an at sign are words", async () => {
    await place.write("secret.txt", "hunter2");
    const { outcome } = await play("write", `/compact @secret.txt ${marker("hello")}`);
    expect(outcome).toMatchObject({ ok: true, answer: "Hello from the scripted model." });
    expect(seen()).toContain("/compact @secret.txt");
    expect(seen()).not.toContain("hunter2");
  });

  test("a conversation is forked where it was pointed at", async () => {
    const one = await play("write", `The word is PAPAGENO. ${marker("noted")}`);
    const { session } = JSON.parse(one.token);
    const point = await lastMessage(session);
    const two = await play("write", `The word is SARASTRO. ${marker("noted")}`, memory(one.token));
    const fork = await play("write", `Which words? ${marker("recall")}`, memory(two.token, { fork: true, point }));
    expect(fork.answer).toBe("Words: PAPAGENO.");
    expect(fork.usage?.costUsd).toBe(one.usage?.costUsd);
  });

  /** The uuid of the last thing that was said in a conversation. */
  async function lastMessage(session: string): Promise<string> {
    const files = await readdir(place.home, { recursive: true });
    const file = files.find((name) => name.endsWith(`${session}.jsonl`)) ?? "";
    const lines = (await readFile(join(place.home, file), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return lines.findLast(({ type }) => type === "assistant").uuid;
  }

  test("model and effort reach the model; an alias is understood", async () => {
    const { outcome } = await play("write", marker("hello"), { model: "opus", effort: "low" });
    expect(outcome).toMatchObject({ ok: true });
    expect(model.turns().at(-1)?.told?.model).toMatch(/opus/);
    expect(seen()).toContain('"effort":"low"');
  });

  test("without a login it says how to get one", async () => {
    const { ANTHROPIC_API_KEY: _, ...bare } = env();
    const { outcome } = await play("write", marker("hello"), { env: bare });
    expect(outcome).toMatchObject({
      ok: false,
      kind: "auth",
      error: expect.stringContaining("oca agents login claude"),
    });
    const agent = createClaude({ command: bin("claude") });
    expect(await agent.probe(place.desk({ env: bare }))).toMatchObject({
      loggedIn: false,
      fix: expect.stringContaining("oca agents login claude"),
    });
    expect(await agent.probe(place.desk({ env: env() }))).toMatchObject({
      loggedIn: true,
      version: "2.1.329",
      fix: null,
    });
  });

  test("it leaves no advertisement in commits", async () => {
    await play("write", prompt.ruled("write", marker("write")));
    expect(await place.git("log", "-1", "--format=%B")).toBe("Add hello-model.txt");
    expect(seen()).not.toContain("Co-Authored-By");
  });
});
