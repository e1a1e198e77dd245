import { due } from "../core/due.ts";
import type { Session } from "../core/session.ts";
import type { Engine } from "./engine.ts";
import { createPreflight } from "./preflight.ts";
import type { Deps } from "./work.ts";

const EVERY_MS = 10_000;

export interface Sweep {
  /** Looks once. */
  look(): Promise<void>;
  stop(): void;
}

/** Tells sessions that their time has come, and keeps the clock on the cards of running work honest. */
export function createSweep(deps: Deps, engine: Engine): Sweep {
  const { store, live, screen, now, log } = deps;
  const preflight = createPreflight(deps, engine);

  async function tell(session: Session): Promise<void> {
    const time = due(session);
    if (time === null || time > now()) return;
    await engine
      .dispatch(session.id, { type: "due", id: `due:${time}`, at: now(), by: null })
      .catch((error: unknown) => log.warn({ session: session.id, error }, "cannot save that it is due; trying again"));
  }

  async function look(): Promise<void> {
    for (const id of live.keys()) screen.note(id);
    for (const session of await store.all()) await tell(session);
    await preflight(await store.all());
  }
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}
