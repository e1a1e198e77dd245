import { writeFileSync } from "node:fs";
import { onTestFinished, vi } from "vitest";
import type { Times } from "../../src/agents/watch.ts";
import { agree, type On } from "../contract/agent.ts";

/**
 * What no fake ever uses up: whatever a busy machine does, a turn ends by itself or by a time that its test gave. A start may
 * still be under way when a test puts the clock forward, for news come by another line than the answer to the prompt.
 */
export const PATIENT: Partial<Times> = { startMs: 3_600_000, interruptMs: 60_000, closeMs: 60_000 };

/** A time for silence, to be given to the adapter. */
export const STALL_MS = 60_000;

/** Puts the time of an adapter forward; by itself it goes on as always, and what it started does not notice. */
export function clock() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const passes = (): void => void vi.advanceTimersByTime(1.5 * STALL_MS);
  return {
    /** Nothing is said for long after the first event of this type. */
    silentAfter: (type: "token" | "text"): On => {
      let over = false;
      return (event) => {
        if (event.type !== type || over) return;
        over = true;
        passes();
      };
    },
    /** A tool works for long, and then finds this file; a person thinks for long, and then says yes. */
    slowly: (go = ""): On => {
      return (event, run) => {
        const works = event.type === "activity" && event.activity.state === "open";
        if (works || event.type === "asked") passes();
        if (works && go !== "") writeFileSync(go, "");
        agree(event, run);
      };
    },
  };
}
