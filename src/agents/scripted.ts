import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import type { Answer } from "../core/ask.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Turn } from "../core/parts.ts";
import type { Agent, AgentEvent, Desk, Probe, Run } from "../core/ports/agent.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { clip } from "../lib/text.ts";
import { createScene, Failure, play } from "./player.ts";
import { type Move, SCRIPTS, type Script } from "./scripts.ts";
import { type Heard, hear } from "./words.ts";

/** Rejects when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>;

export interface ScriptedOptions {
  /** For the commands of the scripts. */
  spawn: Spawn;
  env: Record<string, string>;
  scripts?: readonly [Script, ...Script[]];
  wait?: Wait;
}

/** What a conversation with the demo agent leaves: this is its memory token, as JSON. */
const Memory = z.object({
  script: z.string(),
  turns: z.number(),
  /** The script has been played. */
  written: z.boolean(),
  /** Words of a person that the next write turn must honour. */
  note: z.string().nullable(),
});
type Memory = z.infer<typeof Memory>;

/** The demo agent: follows the script whose words a request has, really works on files, and asks no model. */
export function createScripted(options: ScriptedOptions): Agent {
  const { scripts = SCRIPTS, wait = (ms, signal) => setTimeout(ms, undefined, { signal }) } = options;
  return {
    name: "demo",
    run: (turn, desk) => {
      const waiting: Waiting = new Map();
      const events = act(turn, desk, { ...options, scripts, wait, waiting });
      return { [Symbol.asyncIterator]: () => events, answer: (id, answer) => waiting.get(id)?.(answer) } satisfies Run;
    },
    probe: async () => PROBE,
  };
}

/** It is part of oca: always there, and always the version that was tested. */
const PROBE: Probe = {
  version: "1",
  tested: "1",
  loggedIn: true,
  model: null,
  fix: null,
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
};

type Stage = Required<ScriptedOptions> & { waiting: Waiting };
type Waiting = Map<string, (answer: Answer) => void>;

/** One turn. Whatever goes wrong becomes its outcome. */
async function* act(turn: Turn, desk: Desk, stage: Stage): AsyncGenerator<AgentEvent, void> {
  const since = performance.now();
  let outcome: Outcome;
  try {
    outcome = yield* perform(turn, desk, stage);
  } catch (error) {
    outcome = desk.signal.aborted ? INTERRUPTED : failure(error);
  }
  const workedMs = Math.round(performance.now() - since);
  yield { type: "spent", usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false, workedMs } };
  yield { type: "ended", outcome };
}

const INTERRUPTED: Outcome = { ok: false, kind: "interrupted", error: "", resetAt: null };

function failure(error: unknown): Outcome {
  if (error instanceof Failure) return { ok: false, kind: error.kind, error: error.message, resetAt: null };
  return { ok: false, kind: "crashed", error: error instanceof Error ? error.message : String(error), resetAt: null };
}

async function* perform(turn: Turn, desk: Desk, stage: Stage): AsyncGenerator<AgentEvent, Outcome> {
  desk.signal.throwIfAborted();
  const heard = hear(turn.prompt);
  const before = recall(desk.memory?.token);
  const { script, memory } = recollect({ heard, before, prompt: turn.prompt, scripts: stage.scripts });
  yield { type: "token", token: JSON.stringify(memory) };
  yield {
    type: "text",
    text: before ? `${HONEST} I remember: this is turn ${memory.turns} of our conversation.` : HONEST,
  };
  const scene = createScene({ ...stage, desk, prompt: turn.prompt, turn: memory.turns });
  if (turn.kind === "plan") {
    yield* play(look(script), scene);
    return { ok: true, answer: "", plan: planOf(script, memory) };
  }
  const { steps, moves } = work(script, memory);
  yield* play(moves, { ...scene, steps });
  yield { type: "steps", steps: steps.map((title) => ({ title, state: "done" })) };
  yield { type: "token", token: JSON.stringify({ ...memory, written: true, note: null }) };
  const note = memory.note === null ? [] : [`Your words are in \`${fileOf(script)}\`: ${line(memory.note)}`];
  return { ok: true, answer: [...(memory.written ? [] : [scene.fill(script.done)]), ...note].join(" "), plan: null };
}

const HONEST = "I am the demo agent: I follow a small script, no model is asked.";

function recall(token: string | undefined): Memory | null {
  if (token === undefined) return null;
  try {
    return Memory.parse(JSON.parse(token));
  } catch {
    return null; // a token of somebody else: the conversation starts anew
  }
}

/** Which script this turn plays, and what is remembered of it. A word for another script counts once the first is done. */
function recollect(of: { heard: Heard; before: Memory | null; prompt: string; scripts: Stage["scripts"] }): {
  script: Script;
  memory: Memory;
} {
  const { heard, before, prompt, scripts } = of;
  const named = (text: string): Script | undefined => scripts.find(({ when }) => when.test(text));
  const known = scripts.find(({ name }) => name === before?.script);
  const words = heard.kind === "go" ? null : heard.words;
  const turns = (before?.turns ?? 0) + 1;
  const asked = words !== null && heard.kind === "request" && (!before || before.written) ? named(words) : undefined;
  if (before && known && (asked === undefined || asked === known)) {
    return { script: known, memory: { ...before, turns, note: words ?? before.note } };
  }
  const script = asked ?? named(prompt) ?? scripts[0];
  const note = heard.kind === "revise" ? heard.words : null;
  return { script, memory: { script: script.name, turns, written: false, note } };
}

const look = (script: Script): Move[] => [
  { do: "pretend", kind: "search", title: script.name, ms: 300 },
  ...script.files.map((file): Move => ({ do: "read", file })),
  { do: "pause", ms: 500 },
];

/** The steps and moves of a write turn: the script once, then what a person said since. */
function work(script: Script, { written, note }: Memory): { steps: string[]; moves: Move[] } {
  const steps = written ? [] : script.steps;
  if (note === null) return { steps, moves: written ? [] : script.write };
  const append: Move[] = [
    { do: "step", n: steps.length + 1 },
    { do: "append", file: fileOf(script), line: line(note) },
    { do: "pause", ms: 500 },
  ];
  return { steps: [...steps, `Add the line ${line(note)}`], moves: written ? append : [...script.write, ...append] };
}

const fileOf = (script: Script): string => script.files[0] ?? "hello.txt";
const line = (words: string): string => `You said: “${clip(words.replace(/\s+/g, " "), 200)}”`;

function planOf(script: Script, memory: Memory): string {
  const { steps } = work(script, memory);
  const goal = memory.written ? `Add your words to \`${fileOf(script)}\`.` : script.goal;
  const ticked = (items: string[]): string => items.map((item) => `- \`${item}\``).join("\n");
  const sections: [string, string][] = [
    ["Goal", goal],
    ["Steps", steps.map((step, index) => `${index + 1}. ${step}`).join("\n")],
    ["Files", ticked(script.files)],
    ["Commands", memory.written ? "" : ticked(script.commands)],
    ["Tests", script.tests],
    ["Risks", script.risks],
  ];
  return sections.flatMap(([title, text]) => (text === "" ? [] : [`## ${title}\n\n${text}`])).join("\n\n");
}
