import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { createFeed, type Feed } from "../feed.ts";
import type { Times } from "../watch.ts";
import { type Asks, createAsks } from "./asks.ts";
import type { Http } from "./http.ts";
import type { Program } from "./launch.ts";
import { createMeter, type Meter } from "./meter.ts";
import { createStory, type Story } from "./story.ts";
import { message } from "./turn.ts";

export interface Setup {
  program: Program;
  times: Times;
}

/** One turn, as far as it has come. */
export interface Scene extends Setup {
  turn: Turn;
  desk: Desk;
  feed: Feed;
  story: Story;
  asks: Asks;
  meter: Meter;
  /** While there is a conversation to talk to. */
  http: Http | null;
  session: string;
  /** Messages of people in this turn, by their ids. */
  readonly said: Set<string>;
  /** Words put in that have not appeared in the conversation yet; `sent` settles when OpenCode has taken them or not. */
  readonly steered: Steered[];
  /** Our prompt is being worked on: an idle before that means nothing. */
  isBusy: boolean;
  /** The prompt was taken: words can be put in. */
  begun: PromiseWithResolvers<void>;
  /** Why the turn was called off. */
  halted: Outcome | null;
  /** What went wrong, by OpenCode's own account. */
  wrong: Outcome | null;
  ended: PromiseWithResolvers<Outcome>;
  kill: AbortController;
  /** OpenCode gave a sign of life. */
  touch(): void;
}

interface Steered {
  message: string;
  text: string;
  sent: Promise<unknown>;
}

export const noop = (): void => {};

export function createScene(turn: Turn, desk: Desk, setup: Setup): Scene {
  const feed = createFeed();
  const story = createStory(feed, desk.cwd);
  // What OpenCode has closed meanwhile needs no answer any more.
  const reply = (path: string, body: object): Promise<void> =>
    Promise.resolve(scene.http?.call("POST", path, body)).then(noop, noop);
  const asks = createAsks({ turn, desk, feed, purpose: story.purpose, reply });
  const scene: Scene = {
    ...{ ...setup, turn, desk, feed, story, asks, meter: createMeter(feed) },
    ...{ http: null, session: "", said: new Set<string>(), steered: [], isBusy: false, halted: null, wrong: null },
    ...{ begun: Promise.withResolvers<void>(), ended: Promise.withResolvers<Outcome>() },
    ...{ kill: new AbortController(), touch: noop },
  };
  return scene;
}

/** Puts words into the running turn; they are heard when they appear in the conversation. */
export async function steer(scene: Scene, words: { message: string; text: string }): Promise<void> {
  const { http, turn, desk, session } = scene;
  if (!http || scene.halted) return;
  const sent = http.call("POST", `/session/${session}/prompt_async`, message(turn, desk, words.text));
  const mine = { ...words, sent };
  scene.steered.push(mine);
  await sent.catch(() => {
    const at = scene.steered.indexOf(mine);
    if (at >= 0) scene.steered.splice(at, 1); // they wait for the next turn
  });
}

const AGAIN_MS = 1000;

/** Calls the turn off: by the protocol first, and when that does not help in time, by ending the process. */
export function halt(scene: Scene, outcome: Outcome): void {
  const { http, ended, session, times } = scene;
  if (scene.halted) return;
  scene.halted = outcome;
  if (!http) {
    ended.resolve(outcome);
    return;
  }
  const abort = (): void => void http.call("POST", `/session/${session}/abort`).catch(noop);
  abort();
  // One that came before the prompt has stopped nothing.
  const again = setInterval(abort, AGAIN_MS);
  const last = setTimeout(() => ended.resolve(outcome), times.interruptMs);
  const over = (): void => {
    clearInterval(again);
    clearTimeout(last);
  };
  ended.promise.then(over, over);
}
