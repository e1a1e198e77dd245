import { RequestError } from "@agentclientprotocol/sdk";
import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk, Run } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { environment } from "../environment.ts";
import { failed, INTERRUPTED } from "../feed.ts";
import type { Quirks } from "../quirks.ts";
import { tail, trouble, unsafe } from "../trouble.ts";
import { Late, within } from "../watch.ts";
import { Unset } from "./dial.ts";
import { furnish } from "./home.ts";
import { Forgotten, wordsOf as saidBy } from "./open.ts";
import { converse, steer } from "./prompt.ts";
import { type AcpSetup, createScene, halt, type Scene } from "./scene.ts";

/** One turn: a process, a conversation, a prompt, and the end of all three. */
export function runTurn(turn: Turn, desk: Desk, how: AcpSetup): Run {
  const scene = createScene(turn, desk, how);
  const { feed, talk } = scene;
  play(scene).then(feed.end, (error: unknown) => feed.end(failed("crashed", String(error))));
  return {
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
    answer: (id, answer) => talk.answer(id, answer),
    ...(how.quirks.steer ? { steer: (words) => steer(scene, words) } : {}),
  };
}

async function play(scene: Scene): Promise<Outcome> {
  const { turn, desk, how, story, watch, kill } = scene;
  const stop = (): void => halt(scene, INTERRUPTED);
  if (desk.signal.aborted) stop();
  desk.signal.addEventListener("abort", stop, { once: true });
  try {
    if (turn.kind === "plan" && how.quirks.holds === "none" && !desk.contained)
      return failed("failed", unsafe(how.name));
    return await attend(scene);
  } catch (error) {
    return scene.halted ?? failed("failed", wordsOf(error));
  } finally {
    story.close();
    watch.stop();
    kill.abort();
    desk.signal.removeEventListener("abort", stop);
  }
}

/** From the start of the process to its end. */
async function attend(scene: Scene): Promise<Outcome> {
  const { desk, how, kill } = scene;
  const { quirks, times } = how;
  await furnish(quirks, desk);
  if (scene.halted) return scene.halted;
  const child = desk.spawn({
    command: how.command,
    args: [...how.args, ...modelArgs(quirks, desk.model)],
    cwd: desk.cwd,
    env: { ...environment(quirks.env, desk), ...how.env },
    signal: kill.signal,
  });
  const stderr = tail(child.stderr);
  try {
    return await converse(scene, child);
  } catch (error) {
    return scene.halted ?? (await explain(error, { how, child, stderr: () => stderr.text() }));
  } finally {
    child.closeInput();
    // Whoever does not go by itself is told to.
    await within(times.closeMs, child.done, () => new Error("still there")).catch(() => kill.abort());
    await child.done.catch(() => undefined); // one that never began is in the outcome
  }
}

const modelArgs = ({ model: args }: Quirks, model: string | null): string[] =>
  model === null ? [] : (args ?? []).map((arg) => arg.replaceAll("{model}", model));

/** What an error of the conversation means: said by the agent, or by the end of its process. */
async function explain(error: unknown, at: { how: AcpSetup; child: Child; stderr(): string }): Promise<Outcome> {
  const { name, quirks, times } = at.how;
  const help = { fix: quirks.login === null ? null : `Log in with: oca agents login ${name}`, now: Date.now() };
  if (error instanceof Forgotten) return failed("forgotten", error.message);
  if (error instanceof Unset) return failed("failed", error.message);
  if (error instanceof Late) return failed("failed", lined(error.message, at.stderr()));
  if (error instanceof RequestError) {
    const words = saidBy(error);
    if (error.code === AUTH_REQUIRED) return failed("auth", lined(words, help.fix ?? ""));
    return trouble(isHttp(error.code) ? `${words} (${error.code})` : words, help);
  }
  // The connection is gone, so the process is, or will be.
  const stuck = (): Error => new Error(`${name} closed its output in the middle of its turn`);
  const gone = await within(times.closeMs, at.child.done, stuck).then(
    ({ code, signal }) => `${name} ended in the middle of its turn (${signal ?? `exit code ${code}`})`,
    wordsOf,
  );
  if (gone.startsWith("cannot start")) return failed("failed", lined(gone, installed(quirks)));
  const known = trouble(at.stderr(), help);
  return isPlain(known) ? failed("crashed", lined(gone, at.stderr())) : known;
}

const AUTH_REQUIRED = -32_000;
/** Gemini gives the status of its model's server as the code. */
const isHttp = (code: number): boolean => code >= 400 && code < 600;
const isPlain = (outcome: Outcome): boolean => !outcome.ok && outcome.kind === "failed";
const installed = ({ install }: Quirks): string => (install === null ? "" : `Install it: ${install}`);
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const lined = (...words: string[]): string => words.filter((word) => word !== "").join("\n");
