import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAcp } from "../../src/agents/acp.ts";
import { KNOWN, Quirks } from "../../src/agents/quirks.ts";
import type { Times } from "../../src/agents/watch.ts";
import type { Answer } from "../../src/core/ask.ts";
import type { AgentEvent, Desk } from "../../src/core/ports/agent.ts";
import { agentContract, agree, type Bench, collect, type On, turn } from "../contract/agent.ts";
import { SERVER_SECRET, SERVERS } from "../contract/mcp.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { starting } from "../fake/start.ts";
import { clock, PATIENT, STALL_MS } from "./clock.ts";

const SCRIPT = starting("acp.ts");
const SECRET = "sk-secret-of-the-fake";
const QUIRKS: Partial<Quirks> = {
  plan: ["plan"],
  write: ["default"],
  holds: "gate",
  proposes: "switch_mode",
  steer: true,
  question: true,
  cost: "own",
  tested: ">=1.2.0 <2",
};

/** What comes to its end by a time-out only. */
const FORCED: Readonly<Record<string, Partial<Times>>> = { deaf: { interruptMs: 300 }, lingers: { closeMs: 250 } };

/** The fake agent with these faults. */
const fake = (faults = "", { times, ...over }: Partial<Parameters<typeof createAcp>[0]> = {}) =>
  createAcp({
    name: "fake",
    command: process.execPath,
    args: SCRIPT,
    env: { FAKE: faults },
    quirks: QUIRKS,
    times: { ...PATIENT, ...FORCED[faults], ...times },
    ...over,
  });

const REQUESTS: Readonly<Record<string, string>> = {
  hello: "[hello]",
  plan: "[read] please",
  replan: "[steps] please",
  permission: "[run touch permitted.txt] [answer Over.]",
  counted: "[run tee -a counted.txt < counted.in] [run tee -a counted.txt < counted.in]",
  question: "[ask colour]",
  questions: "[ask colour,fruit]",
  slow: "[slow]",
  slowtool: "[run echo $$ > slow.pid; exec sleep 600]",
  steered: "[run touch waiting; until test -e go; do sleep 0.05; done]",
  noted: "[note]",
  recall: "[recall]",
  look: "[look]",
  auth: "[auth]",
  limited: "[limited]",
  broken: "[broken]",
  cut: "[cut]",
  attacks:
    "[edit sneaky.txt] [edit $/write] [run touch $/redirect] [tool fetch $/fetch] [tool other mcp__canary__touch] [answer Nothing was harmed.]",
};

agentContract("acp", async (place): Promise<Bench> => {
  const env = { ...place.env, SECRET };
  let script = "";
  return {
    agent: () => fake(),
    missing: () => fake("", { command: "/nonexistent/fake" }),
    can: {
      plan: "gate",
      permission: "own",
      question: "own",
      steer: "own",
      interrupt: "own",
      resume: "own",
      fork: "own",
      cost: "own",
      images: "own",
    },
    request: (play, arg = "") => {
      script = play;
      return REQUESTS[play]?.replaceAll("$/", `${arg}/`) ?? null;
    },
    desk: { env },
    secrets: [SECRET],
    // Each time that it was told what came of a wish.
    asked: () =>
      [...readFileSync(join(place.home, "log"), "utf8").matchAll(/^answer/gm)].map((_, n) => ({
        path: "/",
        script,
        step: n + 1,
      })),
    stop: async () => undefined,
  };
});

let place: Place;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.stop());

const write = (
  text: string,
  how: { faults?: string; desk?: Partial<Desk>; on?: On; agent?: ReturnType<typeof fake> } = {},
) => collect(how.agent ?? fake(how.faults), turn("write", text), place.desk(how.desk), how.on ?? agree);
const plan = (
  text: string,
  how: { faults?: string; desk?: Partial<Desk>; on?: On; agent?: ReturnType<typeof fake> } = {},
) => collect(how.agent ?? fake(how.faults), turn("plan", text), place.desk(how.desk), how.on ?? agree);
/** What the fake wrote down. */
const log = () => readFile(join(place.home, "log"), "utf8");
const memory = (token: string, fork = false): Pick<Desk, "memory"> => ({ memory: { token, fork, point: null } });
const saying =
  (said: Answer): On =>
  (event, run) => {
    if (event.type === "asked") run.answer(event.ask.id, said);
  };
const asks = (events: readonly AgentEvent[]) => events.flatMap((event) => (event.type === "asked" ? [event.ask] : []));

describe("what it may do", () => {
  test("an edit of the worktree is allowed by the rules, one outside is asked, and a no is obeyed", async () => {
    const { events, outcome } = await write("[edit] [edit /etc/fake]", { on: saying({ is: "denied", reason: "" }) });
    expect(place.read("hello.txt")).toContain("Hello from the fake.");
    expect(asks(events).map(({ what }) => what)).toMatchObject([{ kind: "permission", detail: "/etc/fake" }]);
    expect(await log()).toContain("answer Writing /etc/fake: 3");
    expect(outcome).toMatchObject({ ok: true });
  });

  test("always for once, even for the session: the longer rules are oca's", async () => {
    await write("[run touch a]", { on: saying({ is: "allowed", scope: "session" }) });
    expect(await log()).toContain("answer touch a: 2");
  });

  test("why a person refused reaches the agent in the same turn", async () => {
    const { outcome } = await write("[run make world]", {
      on: saying({ is: "denied", reason: "the world is big enough" }),
    });
    expect(outcome).toMatchObject({ ok: true, answer: expect.stringContaining("make world: the world is big enough") });
  });

  test.each([
    ["read /etc/hosts", "2"],
    ["fetch https://example.org", "3"],
    ["execute git log --output=x", "3"],
    ["delete hello.txt", "3"],
    ["think of a helper", "3"],
    ["other mcp__tracker__close", "3"],
  ])("in a plan turn: %s", async (call, option) => {
    const { events } = await plan(`[tool ${call}]`);
    expect(asks(events)).toEqual([]);
    expect(await log()).toContain(`answer ${call.slice(call.indexOf(" ") + 1)}: ${option}`);
  });

  test("what the owner allows by name is allowed while planning", async () => {
    await plan("[tool fetch https://example.org] [tool other mcp__tracker__list]", {
      desk: { allow: ["fetch", "mcp:tracker"] },
    });
    expect(await log()).toContain("did fetch");
    expect(await log()).toContain("did other mcp__tracker__list");
  });

  test("a command that nobody was asked about ends a plan turn", async () => {
    const { outcome } = await plan("[sneak touch sneaked] [slow]");
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("touch sneaked") });
    expect(await log()).toContain("cancel");
  });

  test("neither files nor a terminal are offered, questions are", async () => {
    await write("[hello]");
    expect(await log()).toMatch(
      /^offered \{"fs":\{"readTextFile":false,"writeTextFile":false\},"terminal":false,.*"elicitation":\{"form":\{\}\}/,
    );
  });
});

describe("MCP servers", () => {
  test("are told when the conversation is opened; one with an address to those that can reach it", async () => {
    await write("[hello]", { desk: { mcp: SERVERS } });
    const told = JSON.parse((await log()).match(/^servers (.*)$/m)?.[1] ?? "");
    expect(told).toEqual([
      {
        name: "tracker",
        command: "tracker-mcp",
        args: ["--stdio"],
        env: [{ name: "TRACKER_KEY", value: SERVER_SECRET }],
      },
      {
        type: "http",
        name: "docs",
        url: "https://docs.example/mcp",
        headers: [{ name: "Authorization", value: `Bearer ${SERVER_SECRET}` }],
      },
    ]);
    expect(place.orders.map(({ args }) => args.join(" ")).join()).not.toContain(SERVER_SECRET);
    const { of } = await write("[hello]", { faults: "no-http", desk: { mcp: SERVERS } });
    expect(of("activity")[0]?.activity.title).toContain("MCP server docs is left out");
  });

  test("are not told to one that would not start them, and it is said", async () => {
    const agent = fake("", { quirks: { ...QUIRKS, servers: false } });
    const { of } = await write("[hello]", { agent, desk: { mcp: SERVERS } });
    expect(await log()).not.toContain("servers ");
    expect(of("activity").map(({ activity }) => activity.title)).toEqual([
      expect.stringContaining("MCP server tracker is left out"),
      expect.stringContaining("MCP server docs is left out"),
    ]);
  });
});

describe("modes", () => {
  test("the mode is said anew on each start, for planning and for writing", async () => {
    const first = await plan("[answer]");
    const second = await plan("[answer]", { desk: memory(first.token) });
    await write("[hello]", { desk: memory(second.token) });
    expect([...(await log()).matchAll(/^mode (\w+)/gm)].map(([, mode]) => mode)).toEqual(["plan", "plan", "default"]);
  });

  test("without quirks the modes are found by their names, and the free ones are not taken", async () => {
    const agent = fake("", { quirks: { holds: "gate" } });
    const { outcome } = await plan("[read]", { agent });
    expect(outcome).toMatchObject({ ok: true, plan: expect.stringContaining("## Goal") });
    await write("[run touch a]", { agent });
    expect(await log()).toMatch(/mode plan[\s\S]*mode default[\s\S]*answer touch a/);
  });

  test.each([
    ["lies about it", "liar", /put into the mode plan, but is in yolo/],
    ["leaves it", "flees", /left its read-only mode for yolo/],
  ])("an agent that %s does not plan on", async (_, faults, error) => {
    const { outcome } = await plan("[answer]", { faults });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringMatching(error) });
  });

  test("an agent without a read-only mode is refused, in words", async () => {
    const agent = fake("no-plan", { quirks: { holds: "gate" } });
    const { outcome } = await plan("[answer]", { agent });
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining("no read-only mode") });
  });

  test("nobody knows what holds it: it plans in a sandbox only, and the probe says so", async () => {
    const agent = fake("", { quirks: {} });
    const { outcome } = await plan("[read]", { agent });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("cannot plan safely") });
    expect(place.orders).toEqual([]);
    expect(await plan("[read]", { agent, desk: { contained: true } })).toMatchObject({ outcome: { ok: true } });
    const probe = await agent.probe(place.desk());
    expect(probe).toMatchObject({
      version: "1.2.3",
      fix: expect.stringContaining("cannot plan safely"),
      can: { plan: "kernel" },
    });
  });

  test("a model is set and read back; one that it does not have or take is said", async () => {
    expect((await write("[hello]", { desk: { model: "big" } })).outcome).toMatchObject({ ok: true });
    const unknown = await write("[hello]", { desk: { model: "huge" } });
    expect(unknown.outcome).toMatchObject({ ok: false, error: expect.stringMatching(/huge.*small, big/) });
    const stubborn = await write("[hello]", { desk: { model: "big" }, faults: "stubborn" });
    expect(stubborn.outcome).toMatchObject({ ok: false, error: expect.stringMatching(/big.*small/) });
    const effort = await write("[hello]", { desk: { effort: "high" } });
    expect(effort.outcome).toMatchObject({ ok: false, error: expect.stringContaining("effort high") });
  });
});

describe("plans", () => {
  test("one that asks to leave the plan mode is the plan, and the turn is over", async () => {
    const { outcome } = await plan("[propose]");
    expect(outcome).toMatchObject({ ok: true, plan: expect.stringContaining("## Goal") });
    expect(await log()).toContain("answer Ready?: cancelled");
  });

  test("words without a plan are an answer", async () => {
    const { outcome } = await plan("[answer It is blue.]");
    expect(outcome).toEqual({ ok: true, answer: "It is blue.", plan: null });
  });

  test("a plan turn that ends without a word failed", async () => {
    expect((await plan("[mute]")).outcome).toMatchObject({
      ok: false,
      error: expect.stringContaining("without a word"),
    });
  });
});

describe("questions", () => {
  test("a form is as many questions as it has fields, of each kind", async () => {
    const seen: string[] = [];
    const { answer } = await write("[ask colour,fruit,name,sure]", {
      on: (event, run) => {
        if (event.type !== "asked" || event.ask.what.kind !== "question") return;
        const { text, multi, free, recommended, options } = event.ask.what;
        seen.push(
          `${text} ${options.map(({ label }) => label).join("/")} ${multi ? "many" : "one"} ${free ? "free" : "fixed"} ${recommended}`,
        );
        const labels = text.includes("fruit") ? ["Apple", "Pear"] : options.slice(0, 1).map(({ label }) => label);
        run.answer(event.ask.id, { is: "picked", labels, text: free ? "Ada" : null });
      },
    });
    expect(seen).toEqual([
      "Which colour? Red/Blue one fixed 1",
      "Which fruits? Apple/Pear/Quince many fixed null",
      "Which name?  one free null",
      "Are you sure? Yes/No one fixed null",
    ]);
    expect(answer).toContain('{"colour":"the Red","fruit":["the Apple","the Pear"],"name":"Ada","sure":true}');
  });
});

describe("memory", () => {
  test("the replay of a loaded conversation is not of this turn", async () => {
    const agent = fake("only-load");
    const first = await write("[note] the word is TAMINO", { agent });
    const { events, words } = await write("[recall]", { agent, desk: memory(first.token) });
    expect(words).toContain("TAMINO");
    expect(JSON.stringify(events)).not.toContain("old ");
  });

  test("who cannot fork begins anew, and the parent stays as it is", async () => {
    const agent = fake("only-load");
    const first = await write("[note] the word is TAMINO", { agent });
    const fork = await write("[recall]", { agent, desk: memory(first.token, true) });
    expect(fork.words).not.toContain("TAMINO");
    expect((await agent.probe(place.desk())).can).toMatchObject({ fork: "summary", resume: "own" });
  });

  test("a conversation that is gone is said", async () => {
    const { outcome } = await write("[hello]", { desk: memory("no-such-one") });
    expect(outcome).toMatchObject({
      ok: false,
      kind: "forgotten",
      error: expect.stringContaining("no longer knows this conversation"),
    });
  });

  test("what it costs is the difference to the last turn; where it says nothing, nothing is made up", async () => {
    const first = await write("[hello]");
    const second = await write("[hello]", { desk: memory(first.token) });
    const third = await write("[hello]", { desk: memory(second.token) });
    const fork = await write("[hello]", { desk: memory(third.token, true) });
    expect([first, second, third, fork].map(({ usage }) => usage?.costUsd)).toEqual([0.5, 0.5, 0.5, 0.5]);
    const free = await write("[hello]", { faults: "free" });
    expect(free.usage).toMatchObject({ costUsd: 0, estimated: true, inputTokens: 120, outputTokens: 10 });
  });

  test("Gemini's transcripts are put in order before a load: three in the same minute", async () => {
    const folder = join(place.home, "chats", "tree");
    const agent = fake("only-load", { quirks: { ...QUIRKS, minutes: "chats/*" } });
    const first = await write("[hello]", { agent });
    const id = JSON.parse(first.token).id.slice(0, 8);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `session-2026-11-21T10-28-${id}.jsonl`), "a whole conversation");
    for (const minute of ["10-28", "10-29"]) {
      await write("[hello]", { agent, desk: memory(first.token) });
      expect(await readFile(join(folder, `session-2000-01-01T00-00-${id}.jsonl`), "utf8")).toBe("a whole conversation");
      await writeFile(join(folder, `session-2026-11-21T${minute}-${id}.jsonl`), "empty");
    }
  });
});

describe("what goes wrong", () => {
  test.each([
    ["unknown kinds of updates and requests", "unknown"],
    ["lines that are no messages", "garbage"],
    ["a line of 40 MB", "huge"],
    ["answers that nobody waits for", "two-results"],
    ["a request after the end of the turn", "late-ask"],
    ["a process that does not go", "lingers"],
  ])("%s: the turn goes on to its one end", async (_, faults) => {
    const { of, outcome } = await write("[edit] [hello]", { faults });
    expect(outcome).toMatchObject({ ok: true, answer: expect.stringContaining("Hello from the fake.") });
    expect(of("ended")).toHaveLength(1);
    expect(place.alive()).toEqual([]);
  });

  test("a character that comes in two pieces stays whole", async () => {
    expect((await write("[note]", { faults: "utf8" })).words).toContain("Grüße 🦫");
  });

  test.each([
    ["not logged in", "auth", "auth", /oca agents login fake/],
    ["refused by its model", "refuses", "refused", /\S/],
    ["dies at its start", "dies-at-start", "crashed", /exit code 3[\s\S]*licence/],
  ])("%s", async (_, faults, kind, error) => {
    const agent = fake(faults, { quirks: { ...QUIRKS, login: "fake login" } });
    const { outcome } = await write("[note]", { agent });
    expect(outcome).toMatchObject({ ok: false, kind, error: expect.stringMatching(error) });
  });

  test("not ready in time", async () => {
    const agent = fake("slow-start", { times: { startMs: 300 } });
    const { outcome } = await write("[note]", { agent });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("not ready within") });
    expect(place.alive()).toEqual([]);
  });

  test("silent for too long; a tool at work or an open question is no silence", async () => {
    const time = clock();
    const agent = fake("", { times: { stallMs: STALL_MS } });
    const silent = await write("[silent]", { agent, on: time.silentAfter("token") });
    expect(silent.outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("silent") });
    const busy = await write("[run until test -e go; do sleep 0.05; done]", {
      agent,
      on: time.slowly(join(place.cwd, "go")),
    });
    expect(busy.outcome).toMatchObject({ ok: true });
    const asked = await write("[ask sure]", { agent, on: time.slowly() });
    expect(asked.outcome).toMatchObject({ ok: true });
  });

  test("one that does not listen to a stop is ended", async () => {
    const stop = new AbortController();
    const { outcome } = await write("[note]", {
      faults: "deaf",
      desk: { signal: stop.signal },
      on: (event) => (event.type === "text" || event.type === "token" ? stop.abort() : undefined),
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect(place.alive()).toEqual([]);
  });

  test("a permission that waits when the turn is stopped is answered: cancelled", async () => {
    const stop = new AbortController();
    const { outcome } = await write("[run make]", {
      desk: { signal: stop.signal },
      on: (event) => event.type === "asked" && stop.abort(),
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect(await log()).toContain("answer make: cancelled");
  });

  test("its home cannot be made", async () => {
    const file = join(place.home, "file");
    await writeFile(file, "");
    const { outcome } = await write("[note]", { desk: { home: join(file, "home") } });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("file") });
  });

  test("settings of its own that are not JSON are said, not overwritten", async () => {
    await writeFile(join(place.home, "settings.json"), "{ not json");
    const agent = fake("", { quirks: { ...QUIRKS, settings: { file: "settings.json", content: { quiet: true } } } });
    const { outcome } = await write("[note]", { agent });
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining("settings.json is not a JSON object") });
    expect(await readFile(join(place.home, "settings.json"), "utf8")).toBe("{ not json");
  });
});

test("settings are put beside what a person has set", async () => {
  const file = join(place.home, "settings.json");
  await writeFile(file, JSON.stringify({ theme: "dark", privacy: { level: 3, share: true } }));
  const settings = { file: "settings.json", content: { privacy: { share: false } } };
  await write("[note]", { agent: fake("", { quirks: { ...QUIRKS, settings } }) });
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ theme: "dark", privacy: { level: 3, share: false } });
});

test("steps, activities and words are told as they come", async () => {
  const { of } = await write("[steps] [answer One.] [read] [answer Two.]");
  expect(of("steps")[0]?.steps).toEqual([
    { title: "Read", state: "done" },
    { title: "Write", state: "doing" },
  ]);
  expect(of("activity").map(({ activity }) => activity)).toEqual([
    { id: "r2", kind: "read", title: "hello.txt", state: "ok" },
  ]);
  expect(of("text").map(({ text }) => text)).toEqual(["One.", "Two."]);
});

test("a person's git settings count although the agent has a home of its own", async () => {
  const outside = join(place.tmp, "person");
  await mkdir(outside);
  await writeFile(join(outside, ".gitconfig"), "[oca]\n\tauthor = Ada\n");
  await write("[run git config oca.author > author.txt]", { desk: { env: { ...place.env, HOME: outside } } });
  expect(place.read("author.txt")).toBe("Ada\n");
});

test("every known agent has quirks that can be read", () => {
  for (const [name, { quirks }] of Object.entries(KNOWN)) expect(Quirks.safeParse(quirks).error, name).toBeUndefined();
});
