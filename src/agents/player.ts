import { createHash } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { join } from "node:path";
import type { Answer, What } from "../core/ask.ts";
import type { FailedOutcome } from "../core/outcome.ts";
import type { Activity } from "../core/parts.ts";
import type { AgentEvent, Desk } from "../core/ports/agent.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { never } from "../lib/never.ts";
import { output } from "../lib/output.ts";
import type { Move } from "./scripts.ts";
import { answerTo } from "./words.ts";

/** What the moves of one turn share. */
export interface Scene {
  desk: Desk;
  spawn: Spawn;
  env: Record<string, string>;
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Who waits for an answer, by the id of the ask. */
  waiting: Map<string, (answer: Answer) => void>;
  steps: readonly string[];
  prompt: string;
  /** A new id, unique in this conversation. */
  id(): string;
  answers: Map<string, { text: string; allowed: boolean }>;
  fill(text: string): string;
}

/** The script says that the turn fails. */
export class Failure extends Error {
  readonly kind: FailedOutcome["kind"];
  constructor({ kind, error }: { kind: FailedOutcome["kind"]; error: string }) {
    super(error);
    this.kind = kind;
  }
}

export function createScene(from: Omit<Scene, "id" | "answers" | "fill" | "steps"> & { turn: number }): Scene {
  const answers: Scene["answers"] = new Map();
  let count = 0;
  const here = createHash("sha256").update(from.desk.cwd).digest("hex").slice(0, 4);
  return {
    ...from,
    steps: [],
    answers,
    id: () => `${from.turn}-${++count}`,
    fill: (text) =>
      text.replace(/\{(\w+)\}/g, (_, name) => (name === "here" ? here : (answers.get(name)?.text ?? "?"))),
  };
}

/** Plays moves one after another. Throws what goes wrong, and at once when the signal aborts. */
export async function* play(moves: readonly Move[], scene: Scene): AsyncGenerator<AgentEvent, void> {
  for (const move of moves) {
    scene.desk.signal.throwIfAborted();
    yield* perform(move, scene);
  }
}

async function* perform(move: Move, scene: Scene): AsyncGenerator<AgentEvent, void> {
  const { signal } = scene.desk;
  switch (move.do) {
    case "say":
      return yield { type: "text", text: scene.fill(move.text) };
    case "pause":
      return void (await scene.wait(move.ms, signal));
    case "step":
      return yield {
        type: "steps",
        steps: scene.steps.map((title, at) => ({ title, state: stateOf(at + 1, move.n) })),
      };
    case "pretend":
      return yield* during({ ...move, scene }, () => scene.wait(move.ms, signal));
    case "read":
      return yield* during({ kind: "read", title: move.file, scene }, () => read(scene, move.file));
    case "append":
      return yield* edit(scene, move.file, (text) => append(text, scene.fill(move.line)));
    case "top":
      return yield* edit(scene, move.file, (text) => text.replace(/^.*\n?/, () => `${scene.fill(move.line)}\n`));
    case "unmark":
      return yield* edit(scene, move.file, (text) => text.replace(/^(?:<{7}|={7}|>{7}).*\n/gm, ""));
    case "run":
      return yield* run(move, scene);
    case "ask":
      return yield* ask(move.asks, scene);
    case "when":
      return yield* play(scene.answers.get(move.name)?.allowed ? move.allowed : move.denied, scene);
    case "repeat":
      for (let n = 0; n < move.times; n++) yield* play(move.moves, scene);
      return;
    case "fail":
      throw new Failure(move);
    default:
      return never(move);
  }
}

const stateOf = (n: number, doing: number): "open" | "doing" | "done" =>
  n < doing ? "done" : n === doing ? "doing" : "open";

/** Shows a job while it is done. A job that says false has failed, and the turn goes on. */
async function* during(
  { kind, title, scene }: { kind: Activity["kind"]; title: string; scene: Scene },
  job: () => Promise<unknown>,
): AsyncGenerator<AgentEvent, void> {
  const id = scene.id();
  yield { type: "activity", activity: { id, kind, title, state: "open" } };
  const state = (await job()) === false ? "failed" : "ok";
  yield { type: "activity", activity: { id, kind, title, state } };
}

const edit = (scene: Scene, file: string, change: (text: string) => string): AsyncGenerator<AgentEvent, void> =>
  during({ kind: "edit", title: file, scene }, async () => {
    const text = (await read(scene, file)) ?? "";
    await write(scene, file, change(text));
  });

function append(text: string, line: string): string {
  if (text.split("\n").includes(line)) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
}

/** Never through a link: what a workspace holds is not ours to trust. Null when there is no such file. */
async function read(scene: Scene, file: string): Promise<string | null> {
  const handle = await open(join(scene.desk.cwd, file), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null; // a file that is yet to be made
      throw error;
    },
  );
  if (handle === null) return null;
  return await handle.readFile("utf8").finally(() => handle.close());
}

async function write(scene: Scene, file: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const handle = await open(join(scene.desk.cwd, file), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  await handle.writeFile(text).finally(() => handle.close());
}

const run = ({ command, args }: { command: string; args: string[] }, scene: Scene): AsyncGenerator<AgentEvent, void> =>
  during({ kind: "command", title: [command, ...args].join(" "), scene }, async () => {
    const { cwd, signal } = scene.desk;
    const { code } = await output(scene.spawn({ command, args, cwd, env: scene.env, signal }));
    signal.throwIfAborted();
    return code === 0;
  });

type Asked = Extract<What, { kind: "permission" | "question" }>;

/** Asks what the prompt does not answer yet, all at once, and waits for all. */
async function* ask(asks: { name: string; what: Asked }[], scene: Scene): AsyncGenerator<AgentEvent, void> {
  const open: Promise<void>[] = [];
  for (const { name, what } of asks) {
    const known = answerTo(what, scene.prompt);
    if (known !== null) {
      scene.answers.set(name, { text: known, allowed: known.startsWith("allowed") });
      continue;
    }
    const id = scene.id();
    const key = what.kind === "permission" ? `${what.tool}:${what.detail}` : what.text;
    const settled = answered(id, scene).then((answer) => void scene.answers.set(name, answer));
    settled.catch(() => undefined); // the turn may be ended before anybody waits for it
    open.push(settled);
    yield { type: "asked", ask: { id, key, what } };
  }
  await Promise.all(open);
}

/** Settles with what a person said; rejects at once when the turn is ended. */
function answered(id: string, { waiting, desk }: Scene): Promise<{ text: string; allowed: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const abort = (): void => reject(desk.signal.reason);
  desk.signal.addEventListener("abort", abort, { once: true });
  waiting.set(id, resolve);
  return promise.then(said).finally(() => {
    waiting.delete(id);
    desk.signal.removeEventListener("abort", abort);
  });
}

function said(answer: Answer): { text: string; allowed: boolean } {
  if (answer.is === "picked") return { text: answer.text ?? answer.labels.join(", "), allowed: true };
  return { text: answer.is, allowed: answer.is === "allowed" };
}
