import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk, Run } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { createFeed, type Feed, failed, INTERRUPTED } from "../feed.ts";
import { lines } from "../lines.ts";
import { leftOut } from "../mcp.ts";
import { tail, unsafe } from "../trouble.ts";
import { watchStall, within } from "../watch.ts";
import { mismatch, notStarted, outcomeOf } from "./end.ts";
import { readMemory, type Setup, type Start, start } from "./order.ts";
import { createStory, type Story } from "./story.ts";

/** A turn and what lives as long as it does. */
interface Scene {
  turn: Turn;
  desk: Desk;
  setup: Setup;
  feed: Feed;
  story: Story;
  child: Child | null;
  /** Ends the process: SIGTERM, and SIGKILL when that does not help. */
  kill: AbortController;
  /** Why the turn was called off; the first reason counts. */
  halted: Outcome | null;
}

/** One turn: a process is started with the prompt, followed to its end, and waited for. */
export function runTurn(turn: Turn, desk: Desk, setup: Setup): Run {
  const feed = createFeed();
  const story = createStory(feed, setup.cli, readMemory(desk, setup));
  const scene: Scene = { turn, desk, setup, feed, story, child: null, kill: new AbortController(), halted: null };
  play(scene).then(feed.end, (error: unknown) => feed.end(failed("crashed", String(error))));
  // Nobody is ever asked.
  return { [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](), answer: () => undefined };
}

async function play(scene: Scene): Promise<Outcome> {
  const { turn, desk, setup, story, kill } = scene;
  const stop = (): void => halt(scene, INTERRUPTED);
  if (desk.signal.aborted) return INTERRUPTED;
  if (turn.kind === "plan" && !setup.cli.plan && !desk.contained) return failed("failed", unsafe(setup.name));
  desk.signal.addEventListener("abort", stop, { once: true });
  if (!setup.cli.mcp) for (const { name } of desk.mcp) scene.feed.put(leftOut(name, "is not told of any"));
  try {
    const begin = await start(turn, desk, setup);
    return await attend(scene, begin).finally(begin.clear);
  } catch (error) {
    return scene.halted ?? failed("failed", notStarted(error, setup));
  } finally {
    kill.abort();
    desk.signal.removeEventListener("abort", stop);
    story.close();
  }
}

/** From the start of the process to its end. */
async function attend(scene: Scene, { order, input }: Start): Promise<Outcome> {
  const { turn, desk, setup, story, kill } = scene;
  if (scene.halted) return scene.halted;
  const child = desk.spawn({ ...order, signal: kill.signal });
  scene.child = child;
  const life = watch(scene);
  try {
    const errors = tail(touched(child.stderr, life.touch));
    // One that does not read it all says why itself.
    if (input !== "") child.write(input).catch(() => undefined);
    child.closeInput();
    await listen(scene, touched(child.stdout, life.touch));
    // Whoever has told its end and does not go by itself is told to.
    const late = (): Error => new Error("it is still there");
    if (story.told.ended) await within(setup.times.closeMs, child.done, late).catch(() => kill.abort());
    const how = await child.done;
    return (
      scene.halted ?? outcomeOf({ turn, desk, setup, story, how, said: errors.text(), forced: kill.signal.aborted })
    );
  } finally {
    life.stop();
  }
}

/** Until the output ends, or the end of the turn is told. */
async function listen(scene: Scene, output: AsyncIterable<Uint8Array>): Promise<void> {
  const { story, setup } = scene;
  for await (const piece of setup.cli.output === "text" ? decoded(output) : lines(output)) {
    story.take(piece);
    const wrong = mismatch(scene);
    if (wrong) halt(scene, wrong);
    if (story.told.ended) return;
  }
}

/** Time-outs of the start and of silence; plain text may come all at once, at the end. */
function watch(scene: Scene): { touch(): void; stop(): void } {
  const { setup, story } = scene;
  const { startMs, stallMs } = setup.times;
  let begun = setup.cli.output === "text";
  const late = (what: string, ms: number): void =>
    halt(scene, failed("failed", `${setup.name} ${what} ${Math.round(ms / 1000)} s.`));
  const stall = watchStall({
    stallMs,
    excused: () => !begun || story.busy,
    onStall: () => late("was silent for", stallMs),
  });
  const begin = setTimeout(() => late("said nothing within", startMs), startMs);
  if (begun) clearTimeout(begin);
  return {
    touch: () => {
      begun = true;
      clearTimeout(begin);
      stall.touch();
    },
    stop: () => {
      clearTimeout(begin);
      stall.stop();
    },
  };
}

/** Calls the turn off: the program's own interrupt first, and the end of its process when that does not help. */
function halt(scene: Scene, outcome: Outcome): void {
  const { child, kill, setup } = scene;
  if (scene.halted) return;
  scene.halted = outcome;
  if (!child || setup.cli.interrupt === "SIGTERM") {
    kill.abort();
    return;
  }
  child.interrupt();
  const timer = setTimeout(() => kill.abort(), setup.times.interruptMs);
  kill.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

async function* touched(stream: AsyncIterable<Uint8Array>, touch: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    touch();
    yield chunk;
  }
}

async function* decoded(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
