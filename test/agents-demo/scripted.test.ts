import { mkdtemp, readFile, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agents } from "../../src/agents/registry.ts";
import { createScripted } from "../../src/agents/scripted.ts";
import type { Script } from "../../src/agents/scripts.ts";
import { answerTo, hear } from "../../src/agents/words.ts";
import { readPlan } from "../../src/core/plan.ts";
import type { AgentEvent, Desk } from "../../src/core/ports/agent.ts";
import { prompt } from "../../src/core/prompt.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { agentContract, type Collected, collect, type On, type Play, turn } from "../contract/agent.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { fc } from "../property.ts";

let waited = 0;
/** Time passes at once, and is counted. */
const wait = async (ms: number, signal: AbortSignal) => {
  await new Promise(setImmediate);
  signal.throwIfAborted();
  waited += ms;
};
const spawn = createHostSpawn({ killAfterMs: 1000, pollMs: 5 });
const env = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
const agent = createScripted({ spawn, env, wait });

/** It asks no model: what it is made to do stands in its own scripts. */
const PLAYS: Partial<Record<Play, string>> = {
  hello: "add a greeting to hello.txt",
  plan: "add a greeting to hello.txt",
  replan: "mention the weather in hello.txt",
  permission: "ask for permission",
  question: "ask a question",
  questions: "ask several things",
  slow: "take long",
  noted: "add a greeting to hello.txt",
  recall: "what was it",
};

agentContract("demo", async () => ({
  agent: () => createScripted({ spawn, env, wait }),
  missing: () => null,
  request: (play) => PLAYS[play] ?? null,
  can: {
    plan: "own",
    permission: "own",
    question: "own",
    steer: "queue",
    interrupt: "own",
    resume: "own",
    fork: "own",
    cost: "own",
    images: "none",
  },
  desk: {},
  secrets: [],
  asked: null,
  remembers: /remember/,
  stop: async () => undefined,
}));

const OWN: Script = {
  name: "own",
  when: /.*/,
  goal: "g",
  steps: ["one"],
  files: [],
  commands: [],
  tests: "",
  risks: "",
  done: "Ready.",
  write: [{ do: "append", file: "new.txt", line: "in {here}" }],
};

let place: Place;
beforeEach(async () => {
  waited = 0;
  place = await makePlace();
});
afterEach(() => place.stop());

const desk = (token?: string): Desk =>
  place.desk({ memory: token === undefined ? null : { token, fork: false, point: null } });
const hello = async () => place.read("hello.txt") ?? "";
const git = (...args: string[]) => place.git(...args);
const planTurn = (text: string, token?: string) => collect(agent, turn("plan", text), desk(token));
const writeTurn = (text: string, token?: string, on?: On) => collect(agent, turn("write", text), desk(token), on);
const planOf = ({ plan }: Collected): string => plan;
const answerOf = ({ answer }: Collected): string => answer;

describe("the demo agent", () => {
  test("says what it is", async () => {
    expect(agent.name).toBe("demo");
    const { of } = await planTurn(prompt.ruled("plan", "add a greeting"));
    expect(of("text")[0]?.text).toBe("I am the demo agent: I follow a small script, no model is asked.");
  });

  test("costs nothing, and says so", async () => {
    const { of } = await planTurn(prompt.ruled("plan", "add a greeting"));
    expect(of("spent").at(-1)?.usage).toMatchObject({ inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false });
  });

  test("a greeting: plan, approval, commit", async () => {
    const planned = await planTurn(prompt.ruled("plan", "please add a greeting to hello.txt"));
    expect(readPlan(planOf(planned))).toEqual({
      steps: ["Read hello.txt", "Add the greeting", "Commit it"],
      files: ["hello.txt"],
      commands: ["git commit"],
    });
    for (const heading of ["Goal", "Steps", "Files", "Tests", "Risks"])
      expect(planOf(planned)).toContain(`## ${heading}\n`);
    const written = await writeTurn(prompt.approved(planOf(planned)), planned.token);
    expect(await hello()).toContain("A friendly greeting to everybody");
    expect(await git("log", "-1", "--format=%s")).toBe("Add a greeting");
    expect(await git("status", "--porcelain")).toBe("");
    expect(
      written
        .of("steps")
        .at(-1)
        ?.steps.every(({ state }) => state === "done"),
    ).toBe(true);
    expect(waited).toBeLessThan(5000);
  });

  test("a revision changes the plan in its own words, and then the work", async () => {
    const first = await planTurn(prompt.ruled("plan", "add a greeting"));
    const second = await planTurn(prompt.revise("mention the weather"), first.token);
    expect(planOf(second)).not.toBe(planOf(first));
    expect(readPlan(planOf(second)).steps.at(-1)).toContain("mention the weather");
    await writeTurn(prompt.approved(planOf(second)), second.token);
    expect(await hello()).toContain("A friendly greeting");
    expect(await hello()).toContain("You said: “mention the weather”");
  });

  test("follow-ups: new words are added, once more planned or not", async () => {
    const first = await writeTurn(prompt.ruled("write", "add a greeting"));
    const second = await writeTurn(prompt.ruled("write", "and thank the team"), first.token);
    expect(answerOf(second)).toContain("and thank the team");
    expect(await hello()).toContain("“and thank the team”");
    const third = await planTurn(prompt.ruled("plan", "and sign it"), second.token);
    expect(planOf(third)).toContain("and sign it");
    await writeTurn(prompt.approved(planOf(third)), third.token);
    expect((await hello()).split("\n").filter((line) => line.startsWith("You said"))).toEqual([
      "You said: “and thank the team”",
      "You said: “and sign it”",
    ]);
  });

  test("a later request for another script is that script", async () => {
    const first = await writeTurn(prompt.ruled("write", "add a greeting"));
    const second = await writeTurn(prompt.ruled("write", "now please fail"), first.token);
    expect(second.outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringContaining("on purpose") });
  });

  test("it counts the turns that it remembers", async () => {
    const first = await planTurn(prompt.ruled("plan", "add a greeting"));
    const second = await planTurn(prompt.revise("shorter"), first.token);
    const third = await writeTurn(prompt.approved(planOf(second)), second.token);
    expect(third.of("text")[0]?.text).toContain("turn 3 of our conversation");
  });

  test("a turn that was cut off goes on, and does nothing twice", async () => {
    const request = prompt.ruled("write", "add a greeting");
    const stop = new AbortController();
    const cut = await collect(agent, turn("write", request), place.desk({ signal: stop.signal }), (event) => {
      if (event.type === "activity" && event.activity.kind === "edit" && event.activity.state === "ok") stop.abort();
    });
    expect(cut.outcome).toMatchObject({ ok: false, kind: "interrupted" });
    const again = await writeTurn(prompt.cut(request), cut.token);
    expect(again.outcome).toMatchObject({ ok: true });
    expect((await hello()).split("\n").filter((line) => line.includes("friendly"))).toHaveLength(1);
    expect(await hello()).not.toContain("You said");
  });

  test("a question that was answered after its turn is not asked again", async () => {
    let what: Extract<AgentEvent, { type: "asked" }>["ask"]["what"] | undefined;
    const stop = new AbortController();
    const request = prompt.ruled("write", "ask a question");
    const first = await collect(agent, turn("write", request), place.desk({ signal: stop.signal }), (event) => {
      if (event.type !== "asked") return;
      what = event.ask.what;
      stop.abort();
    });
    if (what === undefined) throw new Error("it did not ask");
    const answered = prompt.answered(what, { is: "picked", labels: ["The team"], text: null });
    const second = await writeTurn(answered, first.token);
    expect(second.of("asked")).toEqual([]);
    expect(await hello()).toContain("Greetings to: The team");
    expect(await hello()).not.toContain("You said");
  });

  test("several asks stand side by side and may be answered in any order", async () => {
    const ids: string[] = [];
    const { of, outcome } = await writeTurn(prompt.ruled("write", "ask several things"), undefined, (event, run) => {
      if (event.type !== "asked") return;
      ids.unshift(event.ask.id);
      if (ids.length < 3) return;
      setImmediate(() => {
        run.answer(ids[0] ?? "", { is: "denied", reason: "" });
        run.answer(ids[1] ?? "", { is: "picked", labels: ["Warm", "Short"], text: null });
        run.answer(ids[2] ?? "", { is: "picked", labels: ["German"], text: null });
      });
    });
    expect(new Set(of("asked").map(({ ask }) => ask.key)).size).toBe(3);
    expect(outcome).toMatchObject({ ok: true, answer: "Language: German. Tone: Warm, Short. Permission: denied." });
  });

  test("two sessions of the conflict script clash", async () => {
    const other = await mkdtemp(join(tmpdir(), "oca-demo-"));
    await git("worktree", "add", "-q", "-b", "other", join(other, "w"));
    await writeTurn(prompt.ruled("write", "run into a conflict"));
    await collect(
      agent,
      turn("write", prompt.ruled("write", "run into a conflict")),
      place.desk({ cwd: join(other, "w") }),
    );
    await git("commit", "-qam", "here");
    await git("-C", join(other, "w"), "commit", "-qam", "there");
    await expect(git("merge-tree", "--write-tree", "--name-only", "HEAD", "other")).rejects.toThrow(
      "CONFLICT (content)",
    );
    await rm(other, { recursive: true });
  });

  test("taking long is about a minute of several signs of life a second", async () => {
    const { of, outcome } = await writeTurn(prompt.ruled("write", "take long"));
    expect(outcome).toMatchObject({ ok: true });
    expect(waited).toBeGreaterThan(55_000);
    expect(waited).toBeLessThan(75_000);
    expect(of("activity").length / (waited / 1000)).toBeGreaterThan(3);
  });

  test("a plan of a greeting takes a few seconds", async () => {
    await planTurn(prompt.ruled("plan", "add a greeting"));
    expect(waited).toBeGreaterThan(500);
    expect(waited).toBeLessThan(5000);
  });

  test("in real time as well an abort is obeyed at once, and not at the end of a pause", async () => {
    const script: Script = {
      ...OWN,
      write: [
        { do: "say", text: "Soon." },
        { do: "pause", ms: 86_400_000 },
      ],
    };
    const real = createScripted({ spawn, env, scripts: [script] });
    const stop = new AbortController();
    const { outcome } = await collect(real, turn("write", "x"), place.desk({ signal: stop.signal }), ({ type }) => {
      if (type === "text") setImmediate(() => stop.abort());
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
  });

  test("it never writes through a link", async () => {
    await unlink(join(place.cwd, "hello.txt"));
    await symlink(join(place.cwd, "README.md"), join(place.cwd, "hello.txt"));
    const { outcome } = await writeTurn(prompt.ruled("write", "add a greeting"));
    expect(outcome).toMatchObject({ ok: false, kind: "crashed" });
    expect(await readFile(join(place.cwd, "README.md"), "utf8")).not.toContain("greeting to everybody");
  });

  test("tests may bring scripts of their own", async () => {
    const own = createScripted({ spawn, env, wait, scripts: [OWN] });
    const { outcome } = await collect(own, turn("write", "x"), desk());
    expect(outcome).toMatchObject({ ok: true, answer: "Ready." });
    expect(await readFile(join(place.cwd, "new.txt"), "utf8")).toMatch(/^in [0-9a-f]{4}\n$/);
  });

  test("a token of somebody else begins a new conversation", async () => {
    const { outcome, token } = await writeTurn(prompt.ruled("write", "add a greeting"), "not ours");
    expect(outcome).toMatchObject({ ok: true });
    expect(JSON.parse(token)).toMatchObject({ turns: 1 });
  });

  test("it is in the registry", () => {
    expect([...agents({ spawn, env, settings: {} }).keys()].at(-1)).toBe("demo");
  });
});

describe("the words in a prompt", () => {
  const words = fc.stringMatching(/^[A-Za-z][A-Za-z ,.!?]{0,60}[a-z]$/);
  test("are found in every frame that oca puts around them", () => {
    fc.assert(
      fc.property(words, words, (text, context) => {
        for (const kind of ["plan", "write"] as const)
          for (const own of [true, false])
            expect(hear(prompt.ruled(kind, text, own))).toEqual({ kind: "request", words: text });
        expect(hear(prompt.ruled("plan", prompt.revise(text)))).toEqual({ kind: "revise", words: text });
        expect(hear(prompt.ruled("write", prompt.approved(text)))).toEqual({ kind: "go" });
        expect(hear(prompt.ruled("write", `${prompt.approved(context)}\n\n${text}`))).toMatchObject({ words: text });
        expect(hear(prompt.cut(prompt.ruled("plan", text)))).toEqual({ kind: "go" });
        // What heard it may have died before it remembered.
        expect(hear(prompt.cut(prompt.revise(text)))).toEqual(hear(prompt.revise(text)));
        expect(hear(prompt.ruled("plan", prompt.request(text, context)))).toMatchObject({
          words: expect.not.stringContaining(`> ${context}`),
        });
      }),
    );
  });

  test("an answer is found, and is not taken for new words", () => {
    const what = {
      kind: "question",
      text: "Which?",
      options: [],
      multi: false,
      free: true,
      recommended: null,
    } as const;
    fc.assert(
      fc.property(words, words, (answer, more) => {
        const text = `${prompt.answered({ ...what, options: [] }, { is: "picked", labels: [], text: answer })}\n\n${more}`;
        expect(answerTo({ ...what, options: [] }, text)).toBe(answer);
        expect(hear(text)).toEqual({ kind: "request", words: more });
      }),
    );
  });
});
