/*
 * What every agent must do. To put an agent through it, write test/agents/<name>.test.ts:
 *
 *     import { agentContract } from "../contract/agent.ts";
 *     import { bin } from "./bin.ts";
 *     import { bench } from "./bench.ts";
 *
 *     agentContract("claude", (place) =>
 *       bench(place, {
 *         scripts: claude,                                   // test/twin/model/scripts/claude.ts
 *         agent: () => createClaude({ command: bin("claude") }),
 *         missing: () => createClaude({ command: "/nonexistent/claude" }),
 *         env: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEY }),   // KEY of bench.ts: a dummy
 *         can: { plan: "gate", permission: "own", ... },     // the table of the wire: probe() must say the same
 *         desk: { model: "claude-sonnet-5" },                // optional: what each turn gets
 *       }));
 *
 * Each test gets a place of its own (place.ts: a real worktree, home, tmp, the real host) and, by `bench`, a scripted model of
 * its own. A request is made with `request(play, arg)`: some words and the marker that makes the model play that script. What a
 * wire cannot do is said in `can`, and the suite then proves the fallback instead: no cell of the table is skipped. The
 * optional fields of Bench say what a wire cannot express (questions only while planning, no multi-select, no reset time).
 * An agent without the scripted model (a fake, the demo agent) returns null from `request` for a play that it does not have:
 * those tests are reported as skipped.
 *
 * A person who says yes to everything answers: the plan gate must hold all the same.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, type TestContext, test } from "vitest";
import type { Answer } from "../../src/core/ask.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { Turn } from "../../src/core/parts.ts";
import { ABILITIES, type Agent, type AgentEvent, type Desk, type Probe, type Run } from "../../src/core/ports/agent.ts";
import { prompt } from "../../src/core/prompt.ts";
import { carried, kill, makePlace, type Place, until } from "./place.ts";

/** What the suite makes an agent do. The scripts of these names are in test/twin/model/scripts/story.ts. */
export type Play =
  | "hello"
  | "plan"
  | "replan"
  | "permission"
  | "counted"
  | "question"
  | "questions"
  | "slow"
  | "slowtool"
  | "steered"
  | "helper"
  | "noted"
  | "recall"
  | "look"
  | "auth"
  | "limited"
  | "broken"
  | "cut"
  | "attacks";

/** A request to the scripted model: the step of a script, or just a path. */
interface Request {
  path: string;
  script: string | null;
  step: number;
}

/** One agent, ready to be tried at one place. */
export interface Bench {
  /** A new one each time, as after a restart of oca. */
  agent(): Agent;
  /** One whose program is not installed; null when it needs none. */
  missing(): Agent | null;
  can: Probe["can"];
  /** Words that make the agent do it; null: it cannot be made to. */
  request(play: Play, arg?: string): string | null;
  /** What each turn gets beside what the place gives. */
  desk: Partial<Desk>;
  /** Values that may stand in an environment, and never in arguments. */
  secrets: readonly string[];
  /** What the scripted model was asked for; null without one. */
  asked: (() => readonly Request[]) | null;
  stop(): Promise<void>;
  /** Kind of turn in which it asks questions: `write` unless said. */
  asksIn?: Turn["kind"];
  /** It knows questions with several answers: yes unless said. */
  multi?: boolean;
  /** A limit comes with the time of its end: yes unless said. */
  resets?: boolean;
  /** What it commits stays committed: yes unless said (a sandbox may forbid it; oca commits then). */
  commits?: boolean;
  /** How soon a stop is obeyed, in milliseconds: before it would be forced, unless said. */
  stopsInMs?: number;
  /** What it says when it remembers a word: the word, unless said. */
  remembers?: RegExp;
}

export const turn = (kind: Turn["kind"], text: string): Turn => ({
  kind,
  agent: "any",
  prompt: text,
  files: [],
  took: [],
});

export type On = (event: AgentEvent, run: Run) => void;

/** Runs a turn to its end. `on` may answer, steer or abort. */
export async function collect(agent: Agent, what: Turn, desk: Desk, on?: On) {
  const run = agent.run(what, desk);
  const events: AgentEvent[] = [];
  for await (const event of run) {
    events.push(event);
    on?.(event, run);
  }
  const of = <K extends AgentEvent["type"]>(type: K) =>
    events.filter((event): event is Extract<AgentEvent, { type: K }> => event.type === type);
  const outcome = of("ended").at(-1)?.outcome;
  const answer = outcome?.ok ? outcome.answer : "";
  return {
    events,
    of,
    outcome,
    answer,
    plan: outcome?.ok ? (outcome.plan ?? "") : "",
    /** All that it said. */
    words: [...of("text").map(({ text }) => text), answer].join(" "),
    token: of("token").at(-1)?.token ?? "",
    usage: of("spent").at(-1)?.usage,
  };
}
export type Collected = Awaited<ReturnType<typeof collect>>;

/** Says yes to everything; a question gets its first option. */
export const agree: On = (event, run) => {
  if (event.type !== "asked") return;
  const { id, what } = event.ask;
  if (what.kind === "permission") run.answer(id, { is: "allowed", scope: "once" });
  else run.answer(id, { is: "picked", labels: what.options.slice(0, 1).map(({ label }) => label), text: null });
};

/** Agrees, but to what `answers` has something else to say about. */
const reply =
  (answers: (ask: Extract<AgentEvent, { type: "asked" }>["ask"]) => Answer | undefined): On =>
  (event, run) => {
    const said = event.type === "asked" ? answers(event.ask) : undefined;
    if (event.type === "asked" && said) run.answer(event.ask.id, said);
    else agree(event, run);
  };

export function agentContract(name: string, make: (place: Place) => Promise<Bench>): void {
  describe(`contract of an agent: ${name}`, () => {
    let place: Place;
    let bench: Bench;
    beforeEach(async () => {
      place = await makePlace();
      bench = await make(place);
    });
    afterEach(async () => {
      await place.stop();
      await bench.stop();
    });

    /** A turn to its end, which is one and last; afterwards nothing lives. */
    const play = async (kind: Turn["kind"], text: string, over: Partial<Desk> = {}, on: On = agree) => {
      const result = await collect(bench.agent(), turn(kind, text), place.desk({ ...bench.desk, ...over }), on);
      expect(result.of("ended")).toHaveLength(1);
      expect(result.events.at(-1)?.type).toBe("ended");
      expect(place.alive(), "processes after the end of the turn").toEqual([]);
      return result;
    };
    const memory = (token: string, fork = false): Pick<Desk, "memory"> => ({ memory: { token, fork, point: null } });
    /** The request, or the end of this test for an agent that cannot be made to do it. */
    const ask = (context: TestContext, what: Play, arg?: string): string =>
      bench.request(what, arg) ?? context.skip(`${name} has no ${what}`);

    const carry = async (canary: string) => {
      for (const [file, text] of Object.entries(carried(canary))) await place.write(file, text);
    };
    /** Nothing here would hold the agent back, and it says so instead of planning. */
    const refuses = ({ outcome }: Collected): boolean =>
      (bench.can.plan === "kernel" || bench.can.plan === "none") && outcome?.ok === false && outcome.error !== "";

    describe("plan and work", () => {
      test("a plan turn brings a plan and changes nothing", async (context) => {
        const request = ask(context, "plan");
        const before = await place.print();
        const planned = await play("plan", prompt.ruled("plan", request));
        expect(await place.print()).toEqual(before);
        if (refuses(planned)) return;
        expect(planned.outcome).toMatchObject({ ok: true });
        expect(planned.plan).toMatch(/## Goal\s+\S/);
      });

      test("revise brings another plan; approve carries out the newest", async (context) => {
        const first = await play("plan", prompt.ruled("plan", ask(context, "plan")));
        if (refuses(first)) return context.skip("it does not plan on the bare host");
        const again = `Differently, please. ${ask(context, "replan")}`;
        const second = await play("plan", prompt.revise(again), memory(first.token));
        expect(second.plan).toMatch(/## Goal\s+\S/);
        expect(second.plan).not.toBe(first.plan);
        const before = await place.git("rev-parse", "HEAD");
        const approved = { ...memory(second.token), commands: ["git add", "git commit"] };
        const third = await play("write", prompt.approved(second.plan), approved);
        expect(third.outcome).toMatchObject({ ok: true, plan: null, answer: expect.stringMatching(/\S/) });
        const changed = `${await place.git("diff", "--name-only", before)} ${await place.git("status", "--porcelain")}`;
        expect(changed).toMatch(/hello/);
        if (bench.commits ?? true) expect(await place.git("rev-list", "--count", `${before}..HEAD`)).not.toBe("0");
      });
    });

    describe("permission", () => {
      const ranWell = ({ of }: Collected) =>
        of("activity").some(({ activity }) => activity.kind === "command" && activity.state === "ok");

      test.for<[string, Answer]>([
        ["allowed", { is: "allowed", scope: "once" }],
        ["denied", { is: "denied", reason: "not today" }],
      ])("what is %s happens or not, and the turn goes on", async ([, said], context) => {
        const request = ask(context, "permission");
        const result = await play(
          "write",
          prompt.ruled("write", request),
          {},
          reply(({ what }) => (what.kind === "permission" ? said : undefined)),
        );
        expect(result.outcome).toMatchObject({ ok: true });
        const asked = result.of("asked").filter(({ ask: { what } }) => what.kind === "permission");
        if (bench.can.permission !== "own") return expect(asked).toEqual([]);
        expect(asked.length).toBeGreaterThan(0);
        expect(asked[0]?.ask.id).toMatch(/^\S{1,200}$/);
        expect(ranWell(result)).toBe(said.is === "allowed");
        if (bench.request("counted") !== null) expect(place.read("permitted.txt") !== null).toBe(said.is === "allowed");
      });

      test("for this session: the same wish has the same key", async (context) => {
        const request = ask(context, "counted");
        const keys: string[] = [];
        const result = await play(
          "write",
          prompt.ruled("write", request),
          {},
          reply((asked) => {
            keys.push(asked.key);
            return { is: "allowed", scope: "session" };
          }),
        );
        expect(result.outcome).toMatchObject({ ok: true });
        if (bench.can.permission !== "own") return expect(keys).toEqual([]);
        expect(place.read("counted.txt")).toBe("x\nx\n");
        expect(keys.length).toBeGreaterThan(0);
        expect(new Set(keys).size).toBe(1);
      });
    });

    describe("questions", () => {
      const kind = () => bench.asksIn ?? "write";
      const framed = (words: string) =>
        kind() === "plan" ? prompt.ruled("plan", words) : prompt.ruled("write", words);

      test.for<[string, Answer, RegExp]>([
        ["an option", { is: "picked", labels: ["Blue"], text: null }, /Blue/],
        ["own words", { is: "picked", labels: [], text: "a very own answer" }, /a very own answer/],
      ])("a question is answered with %s; unknown ids are ignored", async ([, said, expected], context) => {
        const request = ask(context, "question");
        const asked: Extract<AgentEvent, { type: "asked" }>[] = [];
        const result = await play(kind(), framed(request), {}, (event, run) => {
          if (event.type !== "asked" || event.ask.what.kind !== "question") return agree(event, run);
          asked.push(event);
          run.answer("nobody", { is: "picked", labels: ["x"], text: null });
          run.answer(event.ask.id, said);
          run.answer(event.ask.id, { is: "picked", labels: [], text: "too late" });
        });
        expect(result.outcome).toMatchObject({ ok: true });
        if (bench.can.question !== "own") {
          expect(asked).toEqual([]);
          if (bench.can.question === "text") expect(result.answer).toContain("Which colour?");
          return;
        }
        expect(asked).toHaveLength(1);
        expect(asked[0]?.ask.what).toMatchObject({ kind: "question", text: expect.stringMatching(/\S/) });
        expect(result.words).toMatch(expected);
        expect(result.words).not.toContain("too late");
      });

      test("several at once, one with more than one answer", async (context) => {
        const request = ask(context, "questions");
        const multi: boolean[] = [];
        const texts = new Set<string>();
        const result = await play(
          kind(),
          framed(request),
          {},
          reply(({ what }) => {
            if (what.kind !== "question") return;
            multi.push(what.multi);
            texts.add(what.text);
            const labels = what.options.map(({ label }) => label);
            return {
              is: "picked",
              labels: what.multi ? [labels[0] ?? "", labels.at(-1) ?? ""] : labels.slice(-1),
              text: null,
            };
          }),
        );
        expect(result.outcome).toMatchObject({ ok: true });
        if (bench.can.question !== "own") return expect(multi).toEqual([]);
        expect(texts.size).toBe(2);
        if (bench.multi ?? true) expect(multi).toContain(true);
      });

      test("whoever is stopped while it waits for an answer ends at once", async (context) => {
        const request = ask(context, "question");
        if (bench.can.question !== "own") return;
        const stop = new AbortController();
        let since = Number.POSITIVE_INFINITY;
        const { outcome } = await play(kind(), framed(request), { signal: stop.signal }, (event, run) => {
          if (event.type !== "asked" || event.ask.what.kind !== "question") return agree(event, run);
          since = performance.now();
          stop.abort();
        });
        expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
        expect(performance.now() - since).toBeLessThan(bench.stopsInMs ?? OBEYED_MS);
      });
    });

    test("a helper of its own works within the turn", async (context) => {
      const { outcome } = await play("write", prompt.ruled("write", ask(context, "helper")));
      expect(outcome).toMatchObject({ ok: true, answer: expect.stringContaining("It said") });
      const helped = bench.asked?.().some(({ script }) => script === "helper-child");
      expect(helped, "the helper asked the model").toBe(true);
    });

    test("words put in while it works are heard, or wait", async () => {
      const own = bench.can.steer === "own";
      const request = bench.request("steered") ?? bench.request("plan") ?? expect.fail("it has nothing to do");
      const words = [{ message: "m-1", text: "please mind the gap" }];
      const steering = new AbortController();
      let steered: Promise<void> | undefined;
      const result = await play("write", prompt.ruled("write", request), {}, (event, run) => {
        agree(event, run);
        steered ??= steer(run);
      });
      steering.abort();
      await steered;
      expect(result.outcome).toMatchObject({ ok: true });
      const heard = result.of("heard").flatMap(({ messages }) => messages);
      expect(heard).toEqual(own ? ["m-1"] : []);
      if (own) expect(result.words).toContain("please mind the gap");

      async function steer(run: Run): Promise<void> {
        if (bench.request("steered") === null) return run.steer?.(words);
        await until(() => steering.signal.aborted || place.read("waiting") !== null, "the command that waits");
        run.steer?.(words);
        await place.write("go", "");
      }
    });

    describe("stop", () => {
      /** Aborts when `when` says so; resolves to the result and how long the end took. */
      const stopped = async (text: string, when: (event: AgentEvent) => boolean | Promise<boolean>) => {
        const stop = new AbortController();
        let since = 0;
        const abort = () => {
          if (stop.signal.aborted) return;
          since = performance.now();
          stop.abort();
        };
        const result = await play("write", text, { signal: stop.signal }, (event, run) => {
          agree(event, run);
          void Promise.resolve(when(event)).then((yes) => yes && abort());
        });
        const tookMs = performance.now() - since;
        expect(result.outcome).toMatchObject({ ok: false, kind: "interrupted" });
        expect(tookMs).toBeLessThan(bench.stopsInMs ?? OBEYED_MS);
        return result;
      };

      test("in the middle of its words; afterwards the conversation goes on", async (context) => {
        const cut = await stopped(prompt.ruled("write", ask(context, "slow")), ({ type }) => type === "text");
        const next = bench.request("hello");
        if (next === null) return;
        const after = await play("write", prompt.ruled("write", next), cut.token === "" ? {} : memory(cut.token));
        expect(after.outcome).toMatchObject({ ok: true, answer: expect.stringMatching(/hello/i) });
      });

      test("in the middle of a command: its processes die", async (context) => {
        const request = prompt.ruled("write", ask(context, "slowtool"));
        let begun = false;
        await stopped(request, () => {
          if (begun) return false;
          begun = true;
          return until(() => /\d/.test(place.read("slow.pid") ?? ""), "the command").then(() => true);
        });
        const pid = Number(place.read("slow.pid"));
        expect(pid).toBeGreaterThan(1);
        // In a sandbox of its own the number means somebody else.
        expect(place.inside(), "the command of the agent").toEqual([]);
      });

      test("before it has begun", async (context) => {
        const { outcome } = await play("write", prompt.ruled("write", ask(context, "slow")), {
          signal: AbortSignal.abort(),
        });
        expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
      });

      test("a few events after it began, wherever that is", async (context) => {
        const request = prompt.ruled("write", ask(context, "slow"));
        for (const count of [1, 3, 6]) {
          let seen = 0;
          await stopped(request, () => ++seen === count);
        }
      });
    });

    describe("memory", () => {
      const recalls = (): RegExp => bench.remembers ?? /PAPAGENO/;

      test("a later turn of a new process knows what was said, or begins anew", async (context) => {
        const first = await play("write", prompt.ruled("write", `The word is PAPAGENO. ${ask(context, "noted")}`));
        expect(first.outcome).toMatchObject({ ok: true });
        const request = prompt.ruled("write", `Which word? ${ask(context, "recall")}`);
        const second = await play("write", request, memory(first.token));
        expect(second.outcome).toMatchObject({ ok: true });
        if (bench.can.resume === "own") expect(second.words).toMatch(recalls());
        else expect(second.words).not.toMatch(recalls());
      });

      test("a fork is a conversation of its own, and its parent does not change", async (context) => {
        const recall = prompt.ruled("write", `Which words? ${ask(context, "recall")}`);
        const parent = await play("write", prompt.ruled("write", `The word is PAPAGENO. ${ask(context, "noted")}`));
        const other = prompt.ruled("write", `The word is SARASTRO. ${ask(context, "noted")}`);
        const fork = await play("write", other, memory(parent.token, true));
        expect(fork.outcome).toMatchObject({ ok: true });
        if (parent.token !== "") expect(fork.token).not.toBe(parent.token);
        const there = await play("write", recall, memory(fork.token));
        if (bench.can.fork === "own") expect(there.words).toMatch(recalls());
        if (bench.can.resume !== "own") return;
        const here = await play("write", recall, memory(parent.token));
        expect(here.words).toMatch(recalls());
        expect(here.words).not.toContain("SARASTRO");
      });

      test("a memory that is gone is not silently another one", async (context) => {
        const request = prompt.ruled("write", `Which word? ${ask(context, "recall")}`);
        const { outcome } = await play("write", request, memory("00000000-0000-4000-8000-000000000000"));
        if (bench.can.resume === "own" && !bench.remembers)
          expect(outcome).toMatchObject({ ok: false, kind: "forgotten", error: expect.stringMatching(/\S/) });
      });
    });

    test("usage is of this turn alone, with its price or an estimate", async (context) => {
      const request = ask(context, "hello");
      const first = await play("write", prompt.ruled("write", request));
      const second = await play("write", prompt.ruled("write", request), memory(first.token));
      expect(first.usage?.workedMs).toBeGreaterThanOrEqual(0);
      if (bench.can.cost === "none") return;
      expect(first.usage?.estimated).toBe(bench.can.cost === "estimate");
      if (bench.secrets.length === 0) return;
      if (!first.usage) return expect.fail("no usage was told");
      expect(first.usage.outputTokens).toBeGreaterThan(0);
      expect(first.usage.costUsd).toBeGreaterThan(0);
      // A total of the conversation would be twice as much.
      expect(second.usage?.inputTokens).toBeLessThan(first.usage.inputTokens * 1.5);
      expect(second.usage?.costUsd).toBeLessThan(first.usage.costUsd * 1.8);
    });

    test("images and files reach it, or it is told where they lie", async (context) => {
      const request = prompt.ruled("write", ask(context, "look"));
      const [image, words] = [join(place.tmp, "dot.png"), join(place.tmp, "words.txt")];
      await writeFile(image, Buffer.from(DOT, "base64"));
      await writeFile(words, "words\n");
      const files = [
        { path: image, name: "dot.png", mime: "image/png" },
        { path: words, name: "words.txt", mime: "text/plain" },
      ];
      const { outcome, answer } = await play("write", request, { files });
      expect(outcome).toMatchObject({ ok: true });
      if (bench.can.images === "own") expect(answer).toContain("Images: 1.");
      if (bench.can.images === "path") expect(answer).toContain(image);
      if (bench.can.images !== "none") expect(answer).toContain(words);
    });

    describe("what goes wrong is an outcome", () => {
      test("its process is killed", async (context) => {
        const request = prompt.ruled("write", ask(context, "slow"));
        const { outcome } = await play("write", request, {}, (event) => {
          if (event.type === "text") for (const pid of place.alive()) kill(-pid);
        });
        if (place.orders.length === 0) return context.skip("it has no process");
        expect(outcome).toMatchObject({ ok: false, kind: "crashed", error: expect.stringMatching(/\S/) });
      });

      test.for<[string, Play, Extract<Outcome, { ok: false }>["kind"][]]>([
        ["a key that is not valid", "auth", ["auth"]],
        ["a limit", "limited", ["limited"]],
        ["a model that is broken", "broken", ["failed", "crashed"]],
        ["a connection that is cut", "cut", ["failed", "crashed"]],
      ])("%s", async ([, fault, kinds], context) => {
        const request = ask(context, fault);
        const { outcome } = await play("write", prompt.ruled("write", request));
        expect(outcome).toMatchObject({ ok: false, error: expect.stringMatching(/\S/) });
        if (!outcome || outcome.ok || outcome.kind === "forgotten") return expect.fail("it has forgotten something");
        expect(kinds).toContain(outcome.kind);
        if (fault !== "limited" || !(bench.resets ?? true)) return;
        const inS = ((outcome.resetAt ?? 0) - Date.now()) / 1000;
        expect(inS).toBeGreaterThan(3400);
        expect(inS).toBeLessThan(3700);
      });

      test("a workspace that is gone", async (context) => {
        const request = prompt.ruled("write", ask(context, "plan"));
        const { outcome } = await play("write", request, { cwd: join(place.cwd, "gone") });
        expect(outcome).toMatchObject({ ok: false, error: expect.stringMatching(/\S/) });
      });

      test("a program that is not installed, and the probe says what to do", async (context) => {
        const missing = bench.missing() ?? context.skip("it needs no program");
        const desk = place.desk(bench.desk);
        const probe = await missing.probe(desk);
        expect(probe).toMatchObject({ version: null, fix: expect.stringMatching(/\S/) });
        const { outcome } = await collect(missing, turn("write", "hello"), desk);
        expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringMatching(/\S/) });
      });
    });

    test("the probe tells its version and what it can, with no gap", async () => {
      const probe = await bench.agent().probe(place.desk(bench.desk));
      expect(probe.version).toMatch(/\S/);
      expect(probe.can).toEqual(bench.can);
      for (const ability of ABILITIES) expect(probe.can[ability], ability).toMatch(/^\w+$/);
      expect(place.alive()).toEqual([]);
    });

    describe("what it is started with", () => {
      test("no secret in its arguments, a home and a folder for scraps of its own", async (context) => {
        await play("write", prompt.ruled("write", ask(context, "hello")));
        for (const { args, command, env } of place.orders) {
          for (const secret of bench.secrets) expect([command, ...args].join(" ")).not.toContain(secret);
          expect(env["TMPDIR"]).toBe(place.tmp);
          expect(env["HOME"]?.startsWith(place.home)).toBe(true);
        }
      });

      test("nothing that the branch carries runs", async (context) => {
        const request = ask(context, "hello");
        await carry(join(place.outside, "started"));
        const { outcome } = await play("write", prompt.ruled("write", request));
        expect(outcome).toMatchObject({ ok: true });
        expect(place.read("out/started")).toBeNull();
      });
    });

    test("a plan turn that tries to write, to run and to fetch: nothing happens, in the first turn and in a resumed one", async (context) => {
      const request = ask(context, "attacks", place.outside);
      // Servers of tools that the branch brings along.
      await carry(join(place.outside, "mcp"));
      const before = await place.print();
      const first = await play("plan", prompt.ruled("plan", request));
      expect(await place.print()).toEqual(before);
      if (refuses(first)) return;
      const second = await play("plan", prompt.revise(request), first.token === "" ? {} : memory(first.token));
      expect(await place.print()).toEqual(before);
      const requests = bench.asked?.() ?? [];
      expect(requests.filter(({ path }) => path.startsWith("/canary/"))).toEqual([]);
      // It came to the end of its attempts: only there it says so.
      for (const { plan, words } of [first, second]) expect(`${plan} ${words}`).toContain("Nothing was harmed");
    });
  });
}

/** After ten seconds a stop is no longer obeyed but forced. */
const OBEYED_MS = 9500;

/** One white pixel. */
const DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
