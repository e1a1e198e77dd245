import { setTimeout as wait } from "node:timers/promises";
import { type Event, isRefusal, type Refusal } from "../core/event.ts";
import { isActive } from "../core/phase.ts";
import { Race, type Store } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import { step } from "../core/step.ts";
import { createSerial } from "../lib/serial.ts";
import { createJobs } from "./jobs.ts";
import type { Deps } from "./work.ts";

export interface Engine {
  /** Resolves when the event is saved. Rejects when it could not be: a person's delivery is then not acknowledged. */
  dispatch(id: string, event: Event): Promise<Session | Refusal>;
  /** Goes on with what was cut off, what was at work and most recently touched first, and mends cards that were not drawn in time. */
  restart(): Promise<void>;
  /** Ends all work and leaves every phase as it is. */
  stop(): Promise<void>;
}

const RETRY_MS = 1000;
/** How long after its end the cards of a session are looked after at a start. */
const MENDED_MS = 24 * 60 * 60 * 1000;

/** The loop: save what is true, show it, and keep exactly the work running that the sessions stand for. */
export function createEngine(deps: Deps): Engine {
  const { store, screen, log, now } = deps;
  const inOrder = createSerial();
  const over = new AbortController();
  const jobs = createJobs(deps, (id) => (event) => emit(id, event));

  const dispatch = (id: string, event: Event): Promise<Session | Refusal> =>
    inOrder(id, async () => {
      const { before, after } = await save(store, id, event);
      if (isRefusal(after) || after === before) return after;
      if (before) jobs.forward(before, event, after);
      jobs.reconcile(after);
      // Progress that is saved in case of a kill has been noted on the screen before.
      if (event.type === "noted") screen.note(id);
      else screen.show(id);
      return after;
    });

  /** News of work is not lost when the disk is full: it is tried until it is saved, and the card says why. */
  async function emit(id: string, event: Event): Promise<Session | null> {
    while (!over.signal.aborted) {
      try {
        const after = await dispatch(id, event);
        screen.trouble(id, null);
        return isRefusal(after) ? null : after;
      } catch (error) {
        log.error({ session: id, event: event.type, error }, "cannot save; trying again");
        screen.trouble(id, error instanceof Error ? error.message : String(error));
        await wait(RETRY_MS, undefined, { signal: over.signal }).catch(() => undefined); // stopped: the loop ends
      }
    }
    return null;
  }

  /** One after another: a thousand cards drawn at once would cost memory that is never given back. */
  async function mend(sessions: readonly Session[]): Promise<void> {
    for (const { id, threads } of sessions) {
      if (over.signal.aborted) return;
      screen.show(id);
      const drawn = [...new Set(threads.map(({ chat }) => chat))].map((chat) => screen.cards(id, chat));
      await Promise.all(drawn).catch((error: unknown) => log.warn({ session: id, error }, "cannot read the cards"));
    }
  }

  return {
    dispatch: (id, event) => (over.signal.aborted ? Promise.reject(new Error("oca is stopping")) : dispatch(id, event)),
    async restart() {
      // What was at work keeps its checkout: what waited for that is only being prepared.
      const rank = ({ phase }: Session) => Number(phase.at === "preparing");
      const sessions = (await store.all()).toSorted((a, b) => rank(a) - rank(b) || b.updatedAt - a.updatedAt);
      for (const { id, phase } of sessions)
        if (isActive(phase)) await emit(id, { type: "restarted", id: `restarted:${now()}`, at: now(), by: null });
      const resting = sessions.filter(({ phase }) => !isActive(phase));
      void mend(resting.filter(({ phase, updatedAt }) => phase.at !== "closed" || now() - updatedAt < MENDED_MS));
    },
    async stop() {
      over.abort();
      await jobs.stop();
    },
  };
}

/** Another process may have been faster: then it is stepped again from the newer state. */
async function save(
  store: Store,
  id: string,
  event: Event,
): Promise<{ before: Session | null; after: Session | Refusal }> {
  const before = (await store.get(id)) ?? null;
  const after = step(before, event);
  if (isRefusal(after) || after === before) return { before, after };
  try {
    await store.put(after, event, before?.rev ?? null);
    return { before, after };
  } catch (error) {
    if (error instanceof Race) return save(store, id, event);
    throw error;
  }
}
