import { type Disposition, disposition, lifecycle } from "../core/lifecycle.ts";
import type { Session } from "../core/session.ts";
import type { Part, View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { oneLine, repoName, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, line, muted, some, warn } from "./part.ts";

/** A folder that stands in oca's data folder. */
interface Standing {
  repo: string;
  session: string;
  path: string;
}

/** Every workspace with what became of it and whether a clean-up may take it; `safe`: only those that it may. */
export function worktrees(
  all: { sessions: readonly Session[]; standing: readonly Standing[] },
  { safe }: { safe: boolean },
  t: T,
): View {
  const ids = new Set(all.standing.map(({ session }) => session));
  const open = all.sessions.filter(({ id, phase, workspace }) => workspace && (phase.at !== "closed" || ids.has(id)));
  const shown = safe ? open.filter((s) => disposition(s).is === "safe") : open;
  const known = new Set(all.sessions.map(({ id }) => id));
  const strays = safe ? [] : all.standing.filter(({ session }) => !known.has(session));
  const rows = [
    ...shown.flatMap((s) => row(s, ids.has(s.id), t)),
    ...strays.map(({ path }) => warn(t("command:worktrees.stray", { path: oneLine(path, 300) }))),
  ];
  return answer(t(safe ? "command:worktrees.safeHead" : "command:worktrees.head"), orNone(rows, t));
}

const SHOWN = 15;

/** What stands open in a channel, what has waited longest first. */
export function digest(sessions: readonly Session[], t: T): View {
  const oldest = sessions.toSorted((a, b) => a.updatedAt - b.updatedAt);
  const more = oldest.length - SHOWN;
  return answer(t("command:worktrees.digest", { count: oldest.length }), [
    ...oldest.slice(0, SHOWN).flatMap((s) => row(s, true, t)),
    ...some(more > 0 && muted(t("command:worktrees.more", { count: more }))),
  ]);
}

/** What a clean-up has taken on. */
export const cleaned = (sessions: readonly Session[], t: T): View =>
  answer(
    t("command:worktrees.cleaned", { count: sessions.length }),
    orNone(
      sessions.map((s) => line(titleOf(s))),
      t,
    ),
  );

function row(s: Session, stands: boolean, t: T): Part[] {
  const state = t(`command:worktrees.state.${lifecycle(s)}`);
  const repo = s.workspace ? repoName(s.workspace.repo) : "";
  return [
    line(t("command:worktrees.row", { title: titleOf(s), repo, state, session: s.id })),
    muted(stands ? told(disposition(s), t) : t("command:worktrees.missing")),
  ];
}

function told(is: Disposition, t: T): string {
  switch (is.why) {
    case "released":
    case "active":
    case "undecided":
      return t(`command:worktrees.${is.why}`);
    case "commits":
    case "files":
      return t(`command:worktrees.${is.why}`, { count: is.count });
    default:
      return never(is);
  }
}

const orNone = (parts: Part[], t: T): Part[] => (parts.length > 0 ? parts : [line(t("command:worktrees.none"))]);
