import { never } from "../lib/never.ts";
import { atLeast } from "./authority.ts";
import { birth } from "./birth.ts";
import { due } from "./due.ts";
import { type Event, type EventOf, isRefusal, type Refusal } from "./event.ts";
import {
  asked,
  blocked,
  checked,
  compared,
  ended,
  heard,
  inspected,
  landed,
  noted,
  prepared,
  ruled,
  stopped,
} from "./follow.ts";
import { edit, hear } from "./hear.ts";
import { continued, enter, NOTHING, pause, plus, retryOf } from "./move.ts";
import type { At, Phase } from "./phase.ts";
import { isActive } from "./phase.ts";
import { press } from "./press.ts";
import { proposed, pulled } from "./propose.ts";
import type { Session } from "./session.ts";

/** Deliveries from people that a session remembers, to know a repeated one. */
const SEEN = 500;
/** Restarts without a new step of the agent after which oca stops trying by itself. */
const RESTARTS = 3;

/**
 * The whole life of a session, and the only writer of its state. Returns the same object when the event changes
 * nothing, and a refusal when a person wanted what cannot be.
 */
export function step(s: Session | null, e: Event): Session | Refusal {
  if (s === null) return e.type === "opened" ? birth(e) : { refused: "gone" };
  if (e.by && s.seen.includes(e.id)) return s;
  const after = apply(s, e);
  if (isRefusal(after) || after === s) return after;
  const seen = e.by ? [...s.seen, e.id].slice(-SEEN) : s.seen;
  return { ...after, rev: s.rev + 1, seen, updatedAt: e.at };
}

function apply(s: Session, e: Event): Session | Refusal {
  switch (e.type) {
    case "opened":
      return s;
    case "said":
      return hear(s, e);
    case "edited":
      return edit(s, e);
    case "pressed":
      return press(s, e);
    case "followed":
      return show(s, e);
    case "due":
      return fallDue(s, e.at);
    case "restarted":
      return restart(s);
    case "compared":
      return compared(s, e);
    case "ruled":
      return ruled(s, e);
    case "pulled":
      return pulled(s, e);
    default:
      return isActive(s.phase) && s.phase.work === e.work ? follow(s, e) : s;
  }
}

/** In one thread of a channel: a second one would show nothing new. Home stays where it was, and so do roles. */
function show(s: Session, { by, thread }: EventOf<"followed">): Session | Refusal {
  if (!atLeast(by.role, "requester")) return { refused: "role", needs: "requester", id: by.id };
  const isHere = s.threads.some(({ chat, channel }) => chat === thread.chat && channel === thread.channel);
  return isHere ? s : { ...s, threads: [...s.threads, thread] };
}

type WorkEvent = Extract<Event, { work: number }>;

/** News from the work that stands in the session; news from an older one never gets here. */
function follow(s: Session, e: WorkEvent): Session {
  switch (e.type) {
    case "asked":
      return asked(s, e);
    case "failed":
      return fail(s, e);
    case "prepared":
      return during(s, "preparing", e, prepared);
    case "noted":
      return during(s, "running", e, noted);
    case "heard":
      return during(s, "running", e, heard);
    case "ended":
      return during(s, "running", e, ended);
    case "stopped":
      return during(s, "stopping", e, stopped);
    case "inspected":
      return during(s, "inspecting", e, inspected);
    case "checked":
      return during(s, "checking", e, checked);
    case "aimed":
      return during(s, "landing", e, (session, phase) => ({ ...session, phase: { ...phase, aim: e.aim } }));
    case "landed":
      return during(s, "landing", e, landed);
    case "blocked":
      return during(s, "landing", e, blocked);
    case "proposed":
      return during(s, "landing", e, proposed);
    default:
      return never(e);
  }
}

function during<K extends Phase["at"], E>(
  s: Session,
  at: K,
  e: E,
  then: (s: Session, phase: At<K>, e: E) => Session,
): Session {
  return isAt(s.phase, at) ? then(s, s.phase, e) : s;
}

const isAt = <K extends Phase["at"]>(phase: Phase, at: K): phase is At<K> => phase.at === at;

/** Nobody foresaw it, so a person looks; the work can be tried again. */
function fail(s: Session, e: EventOf<"failed">): Session {
  const { phase } = s;
  if (phase.at === "stopping") return stopped(s, phase, { ...e, type: "stopped", files: 0, token: null, usage: null });
  if (!isActive(phase)) return s;
  const outcome = { ok: false as const, kind: "crashed" as const, error: e.error, resetAt: null };
  const after = phase.at === "running" ? { ...s, usage: plus(s.usage, phase.spent) } : s;
  return enter(after, pause({ why: "failed", outcome }, retryOf(phase)));
}

function fallDue(s: Session, at: number): Session {
  const time = due(s);
  if (time === null || time > at) return s;
  const { phase } = s;
  if (phase.at === "paused") return enter(s, phase.retry);
  if (phase.at === "deciding") return enter(s, { ...phase, remindAt: null });
  // Looked at again before it is shown again.
  if (phase.at === "reviewing")
    return enter(s, { at: "inspecting", work: 0, answer: phase.answer, empty: "no_change", blocked: phase.blocked });
  if (phase.at !== "running") return s;
  return enter(s, { at: "stopping", work: 0, next: waiting(phase), spent: phase.spent });
}

/** The process was killed at any instruction: what was going on goes on, a turn as a new turn. */
function restart(s: Session): Session {
  const { phase } = s;
  if (!isActive(phase)) return s;
  if (phase.at !== "running") return enter(s, phase);
  const after = { ...s, usage: plus(s.usage, phase.spent) };
  if (phase.asks.length > 0) return enter(after, waiting(phase));
  const restarts = phase.restarts + 1;
  const { turn } = continued(phase.turn);
  if (restarts >= RESTARTS) return enter(after, pause({ why: "restarts" }, continued(phase.turn)));
  return enter(after, { ...phase, turn, restarts, spent: NOTHING });
}

/** The process that asked is gone or let go; the answer starts the next turn. */
function waiting(phase: At<"running">): At<"asking"> {
  const asks = phase.asks.map((ask) => ({ ...ask, dueAt: null }));
  return { at: "asking", offer: 0, asks, next: continued(phase.turn) };
}
