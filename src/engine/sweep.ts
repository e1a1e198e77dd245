import { due } from "../core/due.ts";
import type { Engine } from "./engine.ts";
import type { Deps } from "./work.ts";

const EVERY_MS = 10_000;

export interface Sweep {
  /** Looks once. */
  look(): Promise<void>;
  stop(): void;
}

/** Tells sessions that their time has come, and keeps the clock on the cards of running work honest. */
export function createSweep({ store, live, screen, now, log }: Deps, engine: Engine): Sweep {
  async function look(): Promise<void> {
    for (const id of live.keys()) screen.note(id);
    for (const session of await store.all()) {
      const time = due(session);
      if (time === null || time > now()) continue;
      await engine
        .dispatch(session.id, { type: "due", id: `due:${time}`, at: now(), by: null })
        .catch((error: unknown) =>
          log.warn({ session: session.id, error }, "cannot save that it is due; trying again"),
        );
    }
  }
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}
