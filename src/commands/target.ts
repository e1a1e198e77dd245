import type { Session } from "../core/session.ts";
import { waits } from "../view/board.ts";
import type { Desk, SessionCommand } from "./command.ts";

/** Which session a command means; `line` is what is left of its words. */
export type Target =
  | { is: "one"; session: Session; line: string }
  | { is: "several"; sessions: Session[]; line: string }
  | { is: "none" };

type Scene = Pick<Desk, "session" | "place" | "as" | "now"> & { sessions: readonly Session[] };

/**
 * The session that is named; else that of the thread; else the only one in this channel that concerns the person and takes
 * the command. Several of them, or only those of other people or of other channels, are a question.
 */
export function targetOf(command: SessionCommand, text: string, scene: Scene): Target {
  const line = text.trim();
  const [first = ""] = /^\S*/.exec(line) ?? [];
  const wantsName = command.params[0] === "session" && first !== "";
  // A sentence may begin with any word, and only the command that expects a name takes one for it.
  const named = scene.sessions.filter(({ id, name }) => id === first || (wantsName && name === first));
  if (named.length > 0 || wantsName) return among(named, line.slice(first.length).trim(), "take");
  if (scene.session) return { is: "one", session: scene.session, line };
  return candidates(command, line, scene);
}

function candidates(command: SessionCommand, line: string, scene: Scene): Target {
  const { as, place, now } = scene;
  const concerns = (s: Session): boolean => s.requester.id === as(s).id || waits(s, as(s));
  const ready = scene.sessions.filter((s) => command.takes(s, now()));
  const isHere = ({ threads }: Session): boolean =>
    threads.some(({ chat, channel }) => chat === place.chat && channel === place.channel);
  const here = ready.filter(isHere);
  const mine = here.filter(concerns);
  if (mine.length > 0) return among(mine, line, "take");
  if (here.length > 0) return among(here, line, "ask");
  return among(ready.filter(concerns), line, "ask");
}

/** `ask`: a single one too. */
function among(sessions: readonly Session[], line: string, how: "take" | "ask"): Target {
  const [session] = sessions;
  if (!session) return { is: "none" };
  if (sessions.length === 1 && how === "take") return { is: "one", session, line };
  return { is: "several", sessions: sessions.toSorted((a, b) => b.updatedAt - a.updatedAt), line };
}
