import { enter } from "./move.ts";
import type { Changes } from "./parts.ts";
import type { At } from "./phase.ts";
import type { Session } from "./session.ts";

/** In the user's own checkout it is the user who commits, or throws away: then nothing is left to decide here. */
export const isSettled = ({ released, files }: Changes): boolean => released || files.length === 0;

export function settled(s: Session, { answer }: At<"reviewing">, { files }: Changes): Session {
  const next = files.length === 0 ? "no_change" : "released";
  return enter(s, { at: "landing", work: 0, how: "clean", by: [], aim: null, answer, next, waived: false });
}
