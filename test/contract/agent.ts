import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../src/core/ask.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Agent, AgentEvent, Desk } from "../../src/core/ports.ts";
import { makeSample } from "../../src/demo.ts";
import { output } from "../../src/lib/output.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";

export const spawn = createHostSpawn({ killAfterMs: 1000, pollMs: 5 });
export const env = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };

/** An agent and requests that make it do what the suite looks at. */
export interface Candidate {
  agent: Agent;
  /** Prompts of a write turn. */
  asks: { edit: string; question: string; permission: string; long: string };
}

type Ended = Extract<AgentEvent, { type: "ended" }>;
type Asked = Extract<AgentEvent, { type: "asked" }>;

export const turn = (kind: Turn["kind"], prompt: string): Turn => ({ kind, agent: "any", prompt, files: [], took: [] });

/** Runs a turn to its end. `on` may answer or abort. */
export async function collect(
  agent: Agent,
  what: Turn,
  desk: Partial<Desk> & { cwd: string },
  on?: (event: AgentEvent, answer: (id: string, answer: Answer) => void) => void,
) {
  const run = agent.run(what, { memory: null, signal: new AbortController().signal, ...desk });
  const events: AgentEvent[] = [];
  for await (const event of run) {
    events.push(event);
    on?.(event, (id, answer) => run.answer(id, answer));
  }
  const of = <K extends AgentEvent["type"]>(type: K) =>
    events.filter((event): event is Extract<AgentEvent, { type: K }> => event.type === type);
  return { events, of, outcome: of("ended").at(-1)?.outcome, token: of("token").at(-1)?.token ?? "" };
}

/** What every agent must do. `make` is called for each test. */
export function agentContract(name: string, make: () => Candidate): void {
  describe(`contract of an agent: ${name}`, () => {
    let cwd: string;
    let agent: Agent;
    let asks: Candidate["asks"];
    beforeEach(async () => {
      cwd = await mkdtemp(join(tmpdir(), "oca-agent-"));
      await makeSample(cwd, { spawn, env });
      ({ agent, asks } = make());
    });
    afterEach(() => rm(cwd, { recursive: true, force: true }));

    const endsOnce = (events: AgentEvent[]): Ended | undefined => {
      expect(events.filter(({ type }) => type === "ended")).toHaveLength(1);
      const last = events.at(-1);
      expect(last?.type).toBe("ended");
      return last?.type === "ended" ? last : undefined;
    };

    test("a plan turn brings a plan and changes nothing", async () => {
      const before = await fingerprint(cwd);
      const { events, outcome } = await collect(agent, turn("plan", asks.edit), { cwd });
      endsOnce(events);
      expect(outcome).toMatchObject({ ok: true, plan: expect.stringMatching(/\S/) });
      expect(await fingerprint(cwd)).toEqual(before);
    });

    test("a write turn changes the workspace", async () => {
      const before = await fingerprint(cwd);
      const { events, outcome } = await collect(agent, turn("write", asks.edit), { cwd });
      endsOnce(events);
      expect(outcome).toMatchObject({ ok: true, answer: expect.stringMatching(/\S/), plan: null });
      expect(await fingerprint(cwd)).not.toEqual(before);
    });

    test("a token comes, and with it the next turn remembers", async () => {
      const first = await collect(agent, turn("plan", asks.edit), { cwd });
      expect(first.token).not.toBe("");
      const second = await collect(agent, turn("write", "Go on."), { cwd, memory: { token: first.token } });
      expect(second.outcome).toMatchObject({ ok: true });
      expect(
        second
          .of("text")
          .map(({ text }) => text)
          .join(" "),
      ).toMatch(/remember/);
    });

    test("a question waits for its answer; unknown ids are ignored", async () => {
      let asked: Asked | undefined;
      const { events, outcome } = await collect(agent, turn("write", asks.question), { cwd }, (event, answer) => {
        if (event.type !== "asked") return;
        asked = event;
        answer("nobody", { is: "picked", labels: ["x"], text: null });
        answer(event.ask.id, { is: "picked", labels: [], text: "a very own answer" });
        answer(event.ask.id, { is: "picked", labels: [], text: "another one" });
      });
      endsOnce(events);
      expect(asked?.ask.what.kind).toBe("question");
      expect(asked?.ask.id).toMatch(/^[\w-]{1,20}$/);
      expect(outcome).toMatchObject({ ok: true, answer: expect.stringContaining("a very own answer") });
    });

    test.each<[string, Answer]>([
      ["allowed", { is: "allowed", scope: "once" }],
      ["denied", { is: "denied", reason: "not today" }],
    ])("a permission that is %s lets the turn go on", async (_how, said) => {
      const { events, of, outcome } = await collect(agent, turn("write", asks.permission), { cwd }, (event, answer) => {
        if (event.type === "asked") answer(event.ask.id, said);
      });
      endsOnce(events);
      expect(of("asked")[0]?.ask.what.kind).toBe("permission");
      const ran = of("activity").filter(({ activity }) => activity.kind === "command" && activity.state === "ok");
      expect(ran.length > 0).toBe(said.is === "allowed");
      expect(outcome).toMatchObject({ ok: true });
    });

    test("an abort ends the turn at once as interrupted, wherever it is", { timeout: 20_000 }, async () => {
      for (const after of [0, 1, 2, 5, 9]) {
        const stop = new AbortController();
        let seen = 0;
        let since = performance.now();
        const abort = () => {
          since = performance.now();
          stop.abort();
        };
        if (after === 0) abort();
        const { events, outcome } = await collect(agent, turn("write", asks.long), { cwd, signal: stop.signal }, () => {
          if (++seen === after) abort();
        });
        expect(performance.now() - since).toBeLessThan(1000);
        endsOnce(events);
        expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
      }
    });

    test("an abort while it waits for an answer ends the turn as well", async () => {
      const stop = new AbortController();
      const { events, outcome } = await collect(
        agent,
        turn("write", asks.question),
        { cwd, signal: stop.signal },
        (event) => {
          if (event.type === "asked") setImmediate(() => stop.abort());
        },
      );
      endsOnce(events);
      expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    });

    test("nothing is thrown: a workspace that is gone is an outcome", async () => {
      await rm(cwd, { recursive: true });
      const { events, outcome } = await collect(agent, turn("write", asks.edit), { cwd });
      endsOnce(events);
      expect(outcome?.ok).toBe(false);
    });

    test("usage is of the whole turn", async () => {
      const { of } = await collect(agent, turn("write", asks.edit), { cwd });
      expect(of("spent").at(-1)?.usage).toMatchObject({ costUsd: expect.any(Number), workedMs: expect.any(Number) });
    });
  });
}

/** HEAD, status, and hash and time of every file, those of git's own folder included. */
export async function fingerprint(cwd: string): Promise<Record<string, string>> {
  const git = async (...args: string[]) =>
    (
      await output(
        spawn({
          command: "git",
          args: ["--no-optional-locks", ...args],
          cwd,
          env,
          signal: new AbortController().signal,
        }),
      )
    ).out;
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const prints = files.map(async (file) => {
    const [text, { mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
    return [file, `${createHash("sha256").update(text).digest("hex")} ${mtimeMs}`] as const;
  });
  return {
    head: await git("rev-parse", "HEAD"),
    status: await git("status", "--porcelain", "--ignored"),
    ...Object.fromEntries(await Promise.all(prints)),
  };
}
