import type { Changes } from "../core/parts.ts";
import { SERVER } from "../core/session.ts";
import { tip } from "./ref.ts";
import { GitExit } from "./run.ts";
import type { Site } from "./site.ts";
import { fetchBranch } from "./target.ts";

/** Where the session's branch stood on the server when it was seen there last. */
export const there = ({ workspace }: Site): string => `${SERVER}${workspace.branch}`;

/** What the session's branch has on the server, where others may have put commits on it; null: it was never pushed, or is gone. */
export async function fetchOwn(site: Site, signal: AbortSignal): Promise<string | null> {
  if (!(await tip(site, there(site)))) return null;
  try {
    await fetchBranch(site, { branch: site.workspace.branch, signal });
  } catch (error) {
    if (error instanceof GitExit && /couldn't find remote ref/i.test(error.stderr)) return null;
    throw error;
  }
  return tip(site, there(site));
}

/** Who else has made commits that are among those ahead, as far as git knows people by their addresses. */
export async function others(site: Site, head: string, bases: readonly string[]): Promise<Changes["others"]> {
  const [own, said] = await Promise.all([
    site.main(["var", "GIT_COMMITTER_IDENT"]),
    site.main(["log", "--format=%ce%x00%an%x00", head, ...bases.map((base) => `^${base}`)]),
  ]);
  const email = /<(.*)>/.exec(own)?.[1];
  const parts = said.split("\0").map((part) => part.trim());
  const names = parts.flatMap((part, i) => (i % 2 === 0 && part !== "" && part !== email ? [parts[i + 1] ?? ""] : []));
  return [...Map.groupBy(names, (name) => name)].map(([by, all]) => ({ by, commits: all.length }));
}
