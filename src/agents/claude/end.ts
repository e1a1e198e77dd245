import type { Outcome } from "../../core/outcome.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { failed, INTERRUPTED } from "../feed.ts";
import { createTimer } from "./timer.ts";

export interface Times {
  /** Until the first sign of the model's turn. */
  startMs: number;
  /** Without a sign of life, while no tool runs and nobody is asked. */
  stallMs: number;
  /** From the interrupt to the end of the turn; then the process is ended. */
  interruptMs: number;
  /** From the end of the turn to the end of the process; then it is ended. */
  endMs: number;
}

/** How a turn comes to its end, and its process too. */
export interface End {
  /** The first outcome counts. What was stopped in the meantime is interrupted, whatever came of it. */
  finish(outcome: Outcome): void;
  /** Something is not as it must be: the process is ended at once. */
  refuse(why: string): void;
  /** Ends like this unless the agent goes on in time. */
  wait(outcome: Outcome): void;
  /** The agent goes on. */
  goOn(): void;
  /** The process is to end: by itself, or else by force. */
  close(): void;
  /** The protocol's interrupt first: it keeps the conversation whole. Null: there is no conversation yet. */
  stop(interrupt: (() => void) | null): void;
  /** The process is gone. */
  over(): void;
  readonly outcome: Outcome | null;
}

export function createEnd(at: { child: Child; kill: () => void; times: Times; signal: Desk["signal"] }): End {
  const { child, kill, times, signal } = at;
  const ladder = createTimer();
  let outcome: Outcome | null = null;

  function close(): void {
    child.closeInput();
    ladder.set(times.endMs, kill);
  }
  function finish(how: Outcome): void {
    outcome ??= signal.aborted ? INTERRUPTED : how;
    close();
  }

  return {
    finish,
    close,
    refuse: (why) => {
      finish(failed("failed", why));
      kill();
    },
    wait: (how) => ladder.set(times.interruptMs, () => finish(how)),
    goOn: () => {
      if (!signal.aborted) ladder.clear();
    },
    stop: (interrupt) => {
      if (interrupt === null) return kill();
      interrupt();
      ladder.set(times.interruptMs, kill);
    },
    over: ladder.clear,
    get outcome() {
      return outcome ?? (signal.aborted ? INTERRUPTED : null);
    },
  };
}
