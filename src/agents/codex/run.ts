import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk, Run } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { createFeed, failed, INTERRUPTED } from "../feed.ts";
import { createRpc, type Rpc, RpcError } from "../rpc.ts";
import { forgets, tail, trouble } from "../trouble.ts";
import { Late, type Times, watchStall, within } from "../watch.ts";
import { Account, Opened } from "../wire/codex.ts";
import { type Asks, createAsks } from "./ask.ts";
import { LOGIN } from "./end.ts";
import { holdOf, keyOf, launch, type Program } from "./launch.ts";
import { createMeter } from "./meter.ts";
import { INSTALL } from "./probe.ts";
import { check, createStory, read, type Story } from "./read.ts";
import { beginning, opening, say } from "./turn.ts";

export interface Setup {
  program: Program;
  times: Times;
}

interface Scene extends Setup {
  story: Story;
  asks: Asks;
  kill: AbortController;
  /** While Codex listens. */
  rpc: Rpc | null;
  /** The turn has an id, and can be interrupted and spoken to. */
  begun: PromiseWithResolvers<void>;
  /** Why the turn was called off. */
  halted: Outcome | null;
  ended: PromiseWithResolvers<Outcome>;
}

/** One turn: a process, a conversation, a prompt, and the end of all three. */
export function runTurn(turn: Turn, desk: Desk, setup: Setup): Run {
  const scene = createScene(turn, desk, setup);
  const { feed } = scene.story;
  play(scene).then(feed.end, (error: unknown) => feed.end(failed("crashed", String(error))));
  return {
    [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator](),
    answer: scene.asks.answer,
    steer: (words) => {
      // In a turn that never begins nobody hears them: they go into the next prompt.
      void scene.begun.promise.then(() => {
        for (const { text, message } of words) steer(scene, text, message);
      });
    },
  };
}

function createScene(turn: Turn, desk: Desk, setup: Setup): Scene {
  const feed = createFeed();
  const ended = Promise.withResolvers<Outcome>();
  const begun = Promise.withResolvers<void>();
  const story = createStory({
    ...{ turn, desk, feed, hold: holdOf(turn, desk) },
    meter: createMeter(feed, desk.memory === null),
    onBegin: begun.resolve,
    onEnd: (outcome) => {
      story.over = true;
      ended.resolve(scene.halted ?? outcome);
    },
  });
  const changed = (item: string): readonly string[] => story.changes.get(item) ?? [];
  const asks = createAsks({ turn, desk, feed, changed, say: (words) => steer(scene, words, null) });
  const scene: Scene = {
    ...{ ...setup, story, asks, begun, ended, kill: new AbortController(), rpc: null, halted: null },
  };
  return scene;
}

/** Puts words into the running turn. A late one is refused by Codex: then nobody has heard it. */
function steer({ rpc, story }: Scene, text: string, message: string | null): void {
  if (message !== null) story.steered.add(message);
  const { threadId, turnId } = story;
  const params = { threadId, expectedTurnId: turnId, input: [say(text)], clientUserMessageId: message };
  rpc?.call("turn/steer", params).catch(() => undefined);
}

async function play(scene: Scene): Promise<Outcome> {
  const { story, times, asks } = scene;
  const { signal } = story.desk;
  const onAbort = (): void => halt(scene, INTERRUPTED);
  const minutes = Math.round(times.stallMs / 60_000);
  const watch = watchStall({
    stallMs: times.stallMs,
    excused: () => story.open.size > 0 || asks.waiting,
    onStall: () => halt(scene, failed("failed", `Codex has been silent for ${minutes} min.`)),
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const order = await launch(story.turn, story.desk, scene.program);
    if (signal.aborted) return INTERRUPTED;
    const child = story.desk.spawn({ ...order, signal: scene.kill.signal });
    const outcome = await converse(scene, child, watch.touch);
    await close(scene, child);
    return signal.aborted ? INTERRUPTED : outcome;
  } finally {
    watch.stop();
    signal.removeEventListener("abort", onAbort);
    story.meter.tell();
  }
}

/** From the first call to the end of the turn, however it comes. */
function converse(scene: Scene, child: Child, touch: () => void): Promise<Outcome> {
  const { story, asks, times, ended } = scene;
  const stderr = tail(child.stderr);
  const rpc = createRpc({
    child,
    version: false,
    onRequest: (method, params) => {
      touch();
      return story.over ? Promise.reject(new Error("the turn is over")) : asks.request(method, params);
    },
    onNotify: (method, params) => {
      touch();
      read(story, method, params);
    },
  });
  scene.rpc = rpc;
  const late = (): Late => new Late(`Codex has not started within ${Math.round(times.startMs / 1000)} s.`);
  within(times.startMs, begin(scene, rpc), late).catch((error: unknown) => {
    if (error instanceof RpcError && story.desk.memory && forgets(error.message))
      ended.resolve(failed("forgotten", error.message));
    else if (error instanceof RpcError) ended.resolve(trouble(error.message, { fix: LOGIN, now: Date.now() }));
    else if (error instanceof Late) ended.resolve(failed("failed", lined(error.message, stderr.text())));
    else scene.kill.abort(); // it ended, or speaks another language: its end is told below
  });
  gone(scene, rpc, child).then((why) => {
    const isMissing = why.startsWith("cannot start");
    ended.resolve(failed(isMissing ? "failed" : "crashed", lined(why, isMissing ? INSTALL : stderr.text())));
  }, ended.reject);
  return ended.promise;
}

/** Nothing that a notification is needed for: output of commands comes with their end, and may be endless before. */
const UNHEARD = [
  ...["item/commandExecution/outputDelta", "item/fileChange/outputDelta", "item/fileChange/patchUpdated"],
  ...["command/exec/outputDelta", "process/outputDelta", "turn/diff/updated"],
];

async function begin(scene: Scene, rpc: Rpc): Promise<void> {
  const { story, begun, ended } = scene;
  const { turn, desk, hold, feed } = story;
  await rpc.call("initialize", {
    clientInfo: { name: "oca", title: null, version: "0" },
    capabilities: { experimentalApi: true, requestAttestation: false, optOutNotificationMethods: UNHEARD },
  });
  rpc.notify("initialized");
  await logIn(desk, rpc);
  const opened = Opened.parse(await rpc.call(...opening(desk, hold)));
  const threadId = opened.thread.id;
  story.threadId = threadId;
  if (!check(story, { model: opened.model, sandbox: opened.sandbox.type }) || scene.halted) return;
  const params = beginning(turn, desk, { threadId, model: opened.model, hold });
  await rpc.call("turn/start", params);
  await Promise.race([begun.promise, ended.promise]);
  // Before its first turn a conversation cannot be resumed.
  if (story.turnId !== null) feed.put({ type: "token", token: threadId });
}

/** A key of the owner's is used where nobody has logged in; it never stands in an argument. */
async function logIn({ env }: Desk, rpc: Rpc): Promise<void> {
  const apiKey = keyOf(env);
  if (apiKey === null) return;
  const { account, requiresOpenaiAuth } = Account.parse(await rpc.call("account/read", {}));
  if (requiresOpenaiAuth && (!account || account.type === "apiKey"))
    await rpc.call("account/login/start", { type: "apiKey", apiKey });
}

/** Calls the turn off: by the protocol first, and when that does not help in time, by ending the process. */
function halt(scene: Scene, outcome: Outcome): void {
  const { rpc, story, ended } = scene;
  if (scene.halted) return;
  scene.halted = outcome;
  story.over = true;
  if (!rpc || story.turnId === null) {
    ended.resolve(outcome);
    return;
  }
  rpc.call("turn/interrupt", { threadId: story.threadId, turnId: story.turnId }).catch(() => undefined); // it is over
  const timer = setTimeout(() => {
    scene.rpc = null;
    ended.resolve(outcome);
  }, scene.times.interruptMs);
  ended.promise.finally(() => clearTimeout(timer)).catch(() => undefined);
}

/** Waits for the end of what Codex says, and tells in words how its process ended. */
async function gone(scene: Scene, rpc: Rpc, child: Child): Promise<string> {
  await rpc.over.catch(() => undefined); // output that cannot be read is over as well
  scene.rpc = null;
  const stuck = (): Late => new Late("Codex closed its output in the middle of its turn.");
  return within(scene.times.closeMs, child.done, stuck).then(
    ({ code, signal }) => `Codex ended in the middle of its turn (${signal ?? `exit code ${code}`}).`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const CLEAN_MS = 2000;

/** Commands outlive the turn that started them, even an interrupted one: first they are ended, then the process. */
async function close({ rpc, story, times, kill }: Scene, child: Child): Promise<void> {
  const late = (): Late => new Late("Codex does not answer");
  if (rpc && story.turnId !== null) {
    const cleaned = rpc.call("thread/backgroundTerminals/clean", { threadId: story.threadId });
    await within(CLEAN_MS, cleaned, late).catch(() => undefined); // then its process group is ended
  }
  child.closeInput();
  await within(times.closeMs, child.done, late).catch(() => kill.abort());
  await child.done.catch(() => undefined); // it was never there
}

const lined = (...words: string[]): string => words.filter((word) => word !== "").join("\n");
