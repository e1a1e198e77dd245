import type { Outcome } from "../core/outcome.ts";
import type { AgentEvent } from "../core/ports/agent.ts";

/** The events of one turn, put in as they happen and taken out in order. */
export interface Feed extends AsyncIterable<AgentEvent> {
  put(event: Exclude<AgentEvent, { type: "ended" }>): void;
  /** The first end counts; what comes after it is dropped. */
  end(outcome: Outcome): void;
}

/** A turn has exactly one end, and it is last: whatever a wire says, and however often. */
export function createFeed(): Feed {
  const ready: AgentEvent[] = [];
  let over = false;
  let wake = (): void => {};

  const add = (event: AgentEvent): void => {
    if (over) return;
    over = event.type === "ended";
    ready.push(event);
    wake();
  };

  return {
    put: add,
    end: (outcome) => add({ type: "ended", outcome }),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const event = ready.shift();
        if (event) yield event;
        if (event?.type === "ended") return;
        if (!event)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}

export const failed = (
  kind: Exclude<Outcome, { ok: true }>["kind"],
  error: string,
  resetAt: number | null = null,
): Outcome => ({
  ok: false,
  kind,
  error,
  resetAt,
});

export const INTERRUPTED: Outcome = failed("interrupted", "stopped");
