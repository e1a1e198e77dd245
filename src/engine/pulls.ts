import type { Session } from "../core/session.ts";
import type { Engine } from "./engine.ts";
import { pulledOf } from "./propose.ts";
import type { Deps } from "./work.ts";

const EVERY_MS = 60_000;
/** What one look may take of the hour's questions, so that GitHub's 5,000 are never used up by looking. */
const SHARE_MS = 10_000;

/** Asks now and then how open pull requests stand; the more there are, the more rarely. One look at a time. */
export function createPulls(
  { forge, now, log }: Pick<Deps, "forge" | "now" | "log">,
  engine: Pick<Engine, "dispatch">,
): (sessions: readonly Session[]) => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(open: readonly Watched[]): Promise<void> {
    for (const { id, pull } of open) {
      const at = now();
      try {
        const standing = await forge.look(pull);
        if (standing.is === "limited") {
          next = Math.max(next, standing.until);
          return;
        }
        await engine.dispatch(id, pulledOf(pull, standing, at));
      } catch (error) {
        log.warn({ session: id, pull: pull.url, error }, "cannot see how the pull request stands; trying again");
      }
    }
  }

  return async (sessions) => {
    const open = sessions.flatMap(watched);
    if (open.length === 0 || now() < next) return looking ?? undefined;
    next = now() + Math.max(EVERY_MS, open.length * SHARE_MS);
    looking ??= look(open).finally(() => {
      looking = null;
    });
    return looking;
  };
}

type Watched = ReturnType<typeof watched>[number];

/** One that was closed may be opened again, there or here. */
const watched = ({ id, phase, pull }: Session) =>
  phase.at !== "closed" && pull?.is === "request" && pull.state !== "merged" ? [{ id, pull }] : [];
