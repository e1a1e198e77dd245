import type { Author, Since } from "../core/ports/git.ts";
import { makeCandidate, type Wanted } from "./candidate.ts";
import { drop, keep, swap, tip } from "./ref.ts";
import { keptRef, type Site } from "./site.ts";
import { baseOf, freshBase, gone } from "./target.ts";
import { switchOver } from "./worktree.ts";

/**
 * A pull request was merged while work went on in its branch: what came after its last push is put on the server's base as
 * it is now, as the workspace's own branch. The branch of before goes last, and stays kept; until then this may run again.
 */
export async function carry(site: Site, since: Since, author: Author): Promise<void> {
  const before = `refs/heads/${since.branch}`;
  const kept = keptRef(site, since.work);
  const head = await tip(site, before);
  if (!head) return;
  const commit = (await tip(site, site.branch)) ?? (await rebased(site, { head, since: since.commit, author, kept }));
  if (!(await swap(site, site.branch, { onto: null, commit })))
    throw new Error(`${site.branch} was made by somebody else`);
  await switchOver(site, commit);
  await keep(site, kept, head);
  await drop(site, before, head);
}

/** Where it conflicts it stays what it is, and the review says so. */
async function rebased(site: Site, from: Omit<Wanted, "onto" | "style">): Promise<string> {
  const { target } = site.workspace;
  if (!target) throw new Error(`session ${site.session} has no target: nothing was prepared`);
  const base = await freshBase(site, baseOf(target));
  const onto = await tip(site, base);
  if (!onto) throw await gone(site, target);
  const made = await makeCandidate(site, { ...from, onto, style: "rebase" });
  return made.ok ? made.commit : from.head;
}
