import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Feed } from "../feed.ts";
import { type Line, type Request, type Result, readLine } from "../wire/claude.ts";
import type { Asks } from "./asks.ts";
import type { End, Times } from "./end.ts";
import type { Gate } from "./gate.ts";
import { type Memory, modeOf } from "./order.ts";
import { outcomeOf } from "./outcome.ts";
import type { Steer } from "./steer.ts";
import { createStory } from "./story.ts";
import { sumsOf, usageOf } from "./sums.ts";
import { createTimer } from "./timer.ts";

export interface How {
  command: string;
  args: readonly string[];
  times: Times;
}

export interface Course {
  turn: Turn;
  desk: Desk;
  how: How;
  feed: Feed;
}

export interface Parts {
  asks: Asks;
  gate: Gate;
  steer: Steer;
  end: End;
  memory: Memory | null;
  send(line: object): void;
}

export interface Talk {
  take(line: string): void;
  /** The agent has begun: there is a conversation that can be interrupted. */
  readonly began: boolean;
  over(): void;
}

type Init = Extract<Line, { type: "system" }>;

/** What is made of the messages of the process, until one says how the turn ended. */
export function createTalk({ turn, desk, how, feed }: Course, { asks, gate, steer, end, memory, send }: Parts): Talk {
  const { startMs, stallMs } = how.times;
  const since = performance.now();
  const story = createStory(feed, desk, () => performance.now());
  const life = createTimer();
  const told: Told = { session: null, models: [], resetAt: null, reason: null };
  const remember = (now: Memory): void => feed.put({ type: "token", token: JSON.stringify(now) });

  function look(line: Init): void {
    const wrong = mismatch(line, { mode: modeOf(turn), model: desk.model, models: told.models });
    if (wrong !== null) end.refuse(wrong);
    if (wrong !== null || line.subtype !== "init") return;
    told.session = line.session_id;
    life.set(stallMs, stalled);
    end.goOn();
    remember({ costUsd: 0, inputTokens: 0, outputTokens: 0, ...memory, session: line.session_id });
  }

  function weigh(result: Result): void {
    const sums = sumsOf(result);
    feed.put({ type: "spent", usage: usageOf(sums, memory, performance.now() - since) });
    if (told.session !== null) remember({ session: told.session, ...sums });
    const outcome = outcomeOf({ ...told, result, plan: gate.plan, isPlan: turn.kind === "plan" });
    // Words that came too late for this answer get one of their own.
    if (outcome.ok && steer.open) end.wait(outcome);
    else end.finish(outcome);
  }

  function stalled(): void {
    if (asks.waiting || story.open > 0) life.set(stallMs, stalled);
    else end.refuse(`Claude Code said nothing for ${Math.round(stallMs / 1000)} s`);
  }

  function take(line: Line): void {
    if (line.type === "system") look(line);
    else if (line.type === "result") weigh(line);
    else if (line.type === "control_request") void answer(line.request_id, line.request, { gate, send });
    else if (line.type === "control_cancel_request") asks.withdraw(line.request_id);
    else if (line.type === "command_lifecycle") steer.take(line.command_uuid, line.state);
    else story.take(line);
    keep(told, line);
  }

  life.set(startMs, () => end.refuse(`Claude Code did not begin within ${Math.round(startMs / 1000)} s`));
  return {
    take: (text) => {
      life.again();
      const line = end.outcome === null || desk.signal.aborted ? readLine(text) : null;
      if (line !== null) take(line);
    },
    get began() {
      return told.session !== null;
    },
    over: life.clear,
  };
}

/** What the process said by the way, and the end of the turn needs. */
interface Told {
  session: string | null;
  models: readonly { value: string; resolvedModel: string }[];
  /** When the account may go on (epoch ms). */
  resetAt: number | null;
  /** Why the last words are an error, in one word. */
  reason: string | null;
}

function keep(told: Told, line: Line): void {
  if (line.type === "assistant") told.reason = line.error;
  if (line.type === "control_response") told.models = [...told.models, ...line.response.response.models];
  if (line.type === "rate_limit_event" && line.rate_limit_info.resetsAt !== null)
    told.resetAt = line.rate_limit_info.resetsAt * 1000;
}

async function answer(id: string, request: Request, { gate, send }: Pick<Parts, "gate" | "send">): Promise<void> {
  const reply = (response: object): void =>
    send({ type: "control_response", response: { request_id: id, ...response } });
  try {
    const response = await gate.reply(id, request);
    if (response !== null) reply({ subtype: "success", response });
  } catch (error) {
    reply({ subtype: "error", error: error instanceof Error ? error.message : String(error) });
  }
}

/** Mode and model are as they were ordered, or nothing goes on. */
function mismatch(
  { subtype, model, permissionMode }: Init,
  wanted: { mode: string; model: Desk["model"]; models: Told["models"] },
): string | null {
  if (permissionMode !== null && permissionMode !== wanted.mode)
    return `Claude Code works in the mode ${permissionMode} instead of ${wanted.mode}`;
  if (subtype !== "init" || model === null || wanted.model === null || isSame(wanted.model, model, wanted.models))
    return null;
  return `Claude Code works with the model ${model} instead of ${wanted.model}`;
}

/** An alias means what the CLI says that it means; any other name means itself. `[1m]` is a size, not a model. */
function isSame(wanted: string, model: string, models: Told["models"]): boolean {
  const bare = (name: string): string => name.replace(/\[.*\]$/, "");
  const known = models.find(({ value }) => value === wanted)?.resolvedModel;
  if (known === undefined && !wanted.includes("-")) return true;
  return bare(known ?? wanted) === bare(model);
}
