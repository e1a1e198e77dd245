import type { Session } from "./session.ts";

/** Open sessions of the same repository that work on files which a review would land. */
export function sharing(s: Session, all: readonly Session[]): { title: string; files: string[] }[] {
  if (s.phase.at !== "reviewing") return [];
  const ours = new Set(touched(s));
  return all.flatMap((other) => {
    if (other.id === s.id || other.workspace?.repo !== s.workspace?.repo) return [];
    const files = touched(other).filter((path) => ours.has(path));
    return files.length > 0 ? [{ title: other.title, files }] : [];
  });
}

/** What a session has changed, as far as that is known, else what its plan says. */
function touched({ phase, plans }: Session): string[] {
  if (phase.at === "closed") return [];
  return phase.at === "reviewing" ? phase.changes.files.map(({ path }) => path) : (plans.at(-1)?.files ?? []);
}
