import { type ClientConnection, methods } from "@agentclientprotocol/sdk";
import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { createFeed, type Feed, failed } from "../feed.ts";
import type { Quirks } from "../quirks.ts";
import { type Times, type Watch, watchStall } from "../watch.ts";
import type { Prompted } from "../wire/acp.ts";
import type { Dial } from "./dial.ts";
import type { Memory } from "./open.ts";
import { createStory, type Story } from "./story.ts";
import { createTalk, type Talk } from "./talk.ts";

export interface AcpSetup {
  name: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  quirks: Quirks;
  times: Times;
}

/** Where the agent is spoken to. Words that are put in during the turn make the list of its prompts longer. */
export interface Line {
  connection: ClientConnection;
  memory: Memory;
  prompts: Promise<Prompted>[];
}

/** A turn and everything that lives as long as it does. */
export interface Scene {
  turn: Turn;
  desk: Desk;
  how: AcpSetup;
  feed: Feed;
  story: Story;
  talk: Talk;
  watch: Watch;
  /** Ends the process. */
  kill: AbortController;
  /** Why the turn was called off; the first reason counts. */
  halted: Outcome | null;
  dial: Dial | null;
  /** Open while the agent can be spoken to. */
  line: Line | null;
}

export function createScene(turn: Turn, desk: Desk, how: AcpSetup): Scene {
  const { quirks, times, name } = how;
  const feed = createFeed();
  const story = createStory(feed, quirks.modeText);
  const onPlan = (plan: string): void => halt(scene, { ok: true, answer: "", plan });
  const talk = createTalk({ feed, story, turn, desk, quirks, onPlan });
  const watch = watchStall({
    stallMs: times.stallMs,
    // Until it has its prompt, the time for the start counts.
    excused: () => scene.line === null || story.busy || talk.waiting,
    onStall: () => halt(scene, failed("failed", `${name} was silent for ${Math.round(times.stallMs / 1000)} s.`)),
  });
  const kill = new AbortController();
  const scene: Scene = { turn, desk, how, feed, story, talk, watch, kill, halted: null, dial: null, line: null };
  return scene;
}

/** Calls the turn off: a word to the agent, and the end of its process when that does not help. */
export function halt(scene: Scene, outcome: Outcome): void {
  if (scene.halted) return;
  scene.halted = outcome;
  scene.talk.close();
  if (!scene.line) {
    scene.kill.abort();
    return;
  }
  const { connection, memory } = scene.line;
  // A connection that is closed has ended the turn already.
  connection.agent.notify(methods.agent.session.cancel, { sessionId: memory.id }).catch(() => undefined);
  const timer = setTimeout(() => scene.kill.abort(), scene.how.times.interruptMs);
  scene.kill.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
