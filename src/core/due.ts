import type { Session } from "./session.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The times of a session, in ms. */
export const TIMES = {
  /** How long a process is kept alive for an open question. */
  ask: 10 * MINUTE,
  /** When a waiting plan is shown once more. */
  decide: 2 * HOUR,
  later: 3 * HOUR,
  /** The longest that a decision can be put off. */
  latest: 31 * 24 * HOUR,
  /** How long a landing or a discard can be undone. */
  undo: 30 * 24 * HOUR,
} as const;

/** When the session wants a `due` event next (epoch ms): the one place that knows. */
export function due(s: Session): number | null {
  switch (s.phase.at) {
    case "running":
      return s.phase.asks.reduce<number | null>((first, { dueAt }) => earliest(first, dueAt), null);
    case "deciding":
    case "reviewing":
      return s.phase.remindAt;
    case "paused":
      return s.phase.resumeAt;
    default:
      return null;
  }
}

const earliest = (a: number | null, b: number | null) => (a === null || b === null ? (a ?? b) : Math.min(a, b));
