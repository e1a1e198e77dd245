import type { At } from "../core/phase.ts";
import { isOwn, type Session } from "../core/session.ts";
import type { Engine } from "./engine.ts";
import { type Deps, placeOf } from "./work.ts";

/** How often a review in the user's own checkout is looked at: what stands there changes without a sign. */
const EVERY_MS = 60_000;

/** Looks again at every review whose base has moved since. One look at a time, and none twice for the same base. */
export function createPreflight(
  { git, now, log }: Pick<Deps, "git" | "now" | "log">,
  engine: Engine,
): (sessions: readonly Session[]) => Promise<void> {
  let looked: ReadonlyMap<string, string> = new Map();
  let glanced = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(sessions: readonly Session[]): Promise<void> {
    const waiting = sessions.flatMap((s) => (s.phase.at === "reviewing" && s.workspace ? [{ s, phase: s.phase }] : []));
    const tips = await git.tips(waiting.flatMap(({ s }) => (isOwn(s) ? [] : [placeOf(s)])));
    const isTime = now() - glanced >= EVERY_MS;
    if (isTime) glanced = now();
    const moved = waiting.filter(({ s, phase }) => {
      if (isOwn(s)) return isTime;
      const tip = tips.get(s.id);
      return tip !== undefined && tip !== phase.changes.onto && tip !== looked.get(s.id);
    });
    looked = tips;
    for (const { s, phase } of moved) await again(s, phase);
  }

  async function again(s: Session, { offer }: At<"reviewing">): Promise<void> {
    try {
      const changes = await git.compare(placeOf(s));
      const id = `compared:${offer}:${changes.onto}`;
      await engine.dispatch(s.id, { type: "compared", id, at: now(), by: null, offer, changes });
    } catch (error) {
      log.warn({ session: s.id, error }, "cannot look at the review again");
    }
  }

  return (sessions) => {
    looking ??= look(sessions)
      .catch((error: unknown) => log.warn({ error }, "cannot see whether bases moved"))
      .finally(() => {
        looking = null;
      });
    return looking;
  };
}
