import { due, TIMES } from "../core/due.ts";
import type { Session } from "../core/session.ts";
import type { createDigest } from "./digest.ts";
import type { Engine } from "./engine.ts";
import { createPreflight } from "./preflight.ts";
import { createPulls } from "./pulls.ts";
import { type Deps, placeOf } from "./work.ts";

const EVERY_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Sweep {
  /** Looks once. */
  look(): Promise<void>;
  stop(): void;
}

/** Tells sessions that their time has come, and channels what is open there, and keeps the clock on the cards of running work honest. */
export function createSweep(deps: Deps, engine: Engine, digest: ReturnType<typeof createDigest>): Sweep {
  const { store, git, live, screen, now, log } = deps;
  let tidied = Number.NEGATIVE_INFINITY;
  const preflight = createPreflight(deps, engine);
  const pulls = createPulls(deps, engine);

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
    await tidy();
    await pulls(await store.all());
    await digest(await store.all());
  }

  /** Once a day, also at the start: what was kept for undo has an end. */
  async function tidy(): Promise<void> {
    if (now() - tidied < DAY_MS) return;
    tidied = now();
    const old = (await store.all()).filter(
      ({ phase, workspace }) => phase.at === "closed" && workspace !== null && now() - phase.since > TIMES.undo,
    );
    await git
      .expire(old.map(placeOf))
      .catch((error: unknown) => log.warn({ error }, "cannot let go of what was kept; trying again tomorrow"));
  }
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}
