import { ZodError } from "zod";
import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk, Run } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { failed, INTERRUPTED } from "../feed.ts";
import { createRpc, type Rpc, RpcError } from "../rpc.ts";
import { tail, trouble } from "../trouble.ts";
import { Late, type Watch, watchStall, within } from "../watch.ts";
import { Agents, News, Session } from "../wire/opencode.ts";
import { LOGIN } from "./end.ts";
import { createHttp, HttpError } from "./http.ts";
import { gap, type Launch, launch } from "./launch.ts";
import { INSTALL } from "./probe.ts";
import { read } from "./read.ts";
import { createScene, halt, noop, type Scene, type Setup, steer } from "./scene.ts";
import { conversation, Forgotten, message, modelOf, Unfit } from "./turn.ts";

/** One turn: a process, a conversation, a prompt, and the end of all three. */
export function runTurn(turn: Turn, desk: Desk, setup: Setup): Run {
  const scene = createScene(turn, desk, setup);
  play(scene).then(scene.feed.end, (error: unknown) => scene.feed.end(failed("crashed", wordsOf(error))));
  return {
    [Symbol.asyncIterator]: () => scene.feed[Symbol.asyncIterator](),
    answer: (id, answer) => {
      scene.touch();
      scene.asks.answer(id, answer);
    },
    // In a turn that never begins nobody hears them: they go into the next prompt.
    steer: (words) => void scene.begun.promise.then(() => words.forEach((word) => void steer(scene, word))),
  };
}

async function play(scene: Scene): Promise<Outcome> {
  const { desk, turn, kill, meter, story } = scene;
  const watch = watched(scene);
  scene.touch = watch.touch;
  const onAbort = (): void => halt(scene, INTERRUPTED);
  desk.signal.addEventListener("abort", onAbort, { once: true });
  try {
    modelOf(desk.model);
    const start = await launch(turn, desk, scene.program);
    if (desk.signal.aborted) return INTERRUPTED;
    const child = desk.spawn({ ...start.order, signal: kill.signal });
    const outcome = await converse(scene, child, start);
    watch.stop();
    await count(scene);
    await close(scene, child);
    return desk.signal.aborted ? INTERRUPTED : outcome;
  } catch (error) {
    return failed("failed", wordsOf(error));
  } finally {
    watch.stop();
    kill.abort();
    desk.signal.removeEventListener("abort", onAbort);
    story.close();
    meter.tell();
  }
}

function watched(scene: Scene): Watch {
  const { times, story, asks } = scene;
  const minutes = Math.round(times.stallMs / 60_000);
  return watchStall({
    stallMs: times.stallMs,
    // Its start has a limit of its own.
    excused: () => scene.http === null || story.busy || asks.waiting,
    onStall: () => halt(scene, failed("failed", `OpenCode has been silent for ${minutes} min.`)),
  });
}

/** From the start of the process to the end of the turn, however it comes. */
function converse(scene: Scene, child: Child, start: Launch): Promise<Outcome> {
  const { ended, times } = scene;
  const stderr = tail(child.stderr);
  const refuse = (method: string): Promise<never> => Promise.reject(new Error(`oca has no answer to ${method}`));
  const rpc = createRpc({ child, version: true, onRequest: refuse, onNotify: noop });
  const late = (): Late => new Late(`OpenCode has not started within ${Math.round(times.startMs / 1000)} s.`);
  within(times.startMs, begin(scene, rpc, start), late).catch((error: unknown) => {
    const why = wordsOf(error);
    if (error instanceof Forgotten) ended.resolve(failed("forgotten", why));
    else if (error instanceof Unfit) ended.resolve(failed("failed", why));
    else if (error instanceof Late) ended.resolve(failed("failed", lined(why, stderr.text())));
    else if (isSaid(error)) ended.resolve(trouble(why, { fix: LOGIN, now: Date.now() }));
    else lost(scene, `OpenCode cannot be reached: ${why}`);
  });
  gone(scene, rpc, child).then((why) => {
    const isMissing = why.startsWith("cannot start");
    ended.resolve(failed(isMissing ? "failed" : "crashed", lined(why, isMissing ? INSTALL : stderr.text())));
  }, ended.reject);
  return ended.promise.then((outcome) => scene.halted ?? outcome);
}

async function begin(scene: Scene, rpc: Rpc, { port, password }: Launch): Promise<void> {
  const { desk, turn, feed, meter, kill } = scene;
  // A call that comes before this is answered is never answered itself. Nothing else is ever said on the pipes.
  await rpc.call("initialize", { protocolVersion: 1, clientCapabilities: {} });
  const http = createHttp({ port, password, cwd: desk.cwd, signal: kill.signal });
  const wrong = gap(Agents.parse(await http.call("GET", "/agent")), turn, desk);
  if (wrong !== null) throw new Unfit(wrong);
  const session = await conversation(http, desk.memory);
  scene.session = session.id;
  meter.start(session);
  const news = await http.events();
  if (scene.halted) return;
  scene.http = http;
  const cut = (): void => lost(scene, "OpenCode stopped telling what it does in the middle of its turn.");
  follow(scene, news).then(cut, cut);
  await http.call("POST", `/session/${session.id}/prompt_async`, message(turn, desk, turn.prompt, desk.files));
  feed.put({ type: "token", token: session.id });
  scene.begun.resolve();
}

async function follow(scene: Scene, news: AsyncIterable<unknown>): Promise<void> {
  for await (const one of news) {
    const known = News.safeParse(one).data;
    if (known) read(scene, known);
  }
}

/** Said by OpenCode itself, or said in a way that oca does not know. */
const isSaid = (error: unknown): boolean =>
  error instanceof HttpError || error instanceof RpcError || error instanceof ZodError;

/** Whoever cannot be followed any more may be ending: then its end is told instead. */
function lost({ times, ended }: Scene, why: string): void {
  const timer = setTimeout(() => ended.resolve(failed("crashed", why)), times.closeMs);
  ended.promise.finally(() => clearTimeout(timer)).catch(noop);
}

/** Waits for the end of the process's output, and tells in words how it ended. */
async function gone(scene: Scene, rpc: Rpc, child: Child): Promise<string> {
  await rpc.over.catch(noop); // output that cannot be read is over as well
  scene.http = null;
  const stuck = (): Late => new Late("OpenCode closed its output in the middle of its turn.");
  return within(scene.times.closeMs, child.done, stuck).then(
    ({ code, signal }) => `OpenCode ended in the middle of its turn (${signal ?? `exit code ${code}`}).`,
    wordsOf,
  );
}

const COUNT_MS = 2000;

/** The totals come after the end of the turn: they are asked for. */
async function count({ http, session, meter }: Scene): Promise<void> {
  if (!http || session === "") return;
  const late = (): Late => new Late("OpenCode does not answer");
  const known = await within(COUNT_MS, http.call("GET", `/session/${session}`), late).catch(() => null); // what was told before counts
  const last = Session.safeParse(known).data;
  if (last) meter.take(last);
}

async function close({ times, kill }: Scene, child: Child): Promise<void> {
  child.closeInput();
  await within(times.closeMs, child.done, () => new Late("still there")).catch(() => kill.abort());
  await child.done.catch(noop); // it was never there
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const lined = (...words: string[]): string => words.filter((word) => word !== "").join("\n");
