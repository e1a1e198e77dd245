import { basesThere, shownThere } from "./base.ts";
import { stagedTree } from "./commit.ts";
import { changedFiles, isEmpty, leftovers } from "./files.ts";
import { there } from "./others.ts";
import { mergeBase, tip, tips } from "./ref.ts";
import type { Site } from "./site.ts";
import { stands } from "./worktree.ts";

/** Unified diff between two commits; null: of all that stands in the workspace against where it left the target. */
export async function diff(site: Site, of: { from: string; to: string } | null): Promise<string> {
  const range = of ?? (await whole(site));
  return range ? patch(site, range) : "";
}

export function patch(site: Site, { from, to }: { from: string; to: string }): Promise<string> {
  const format = ["--no-color", "--no-ext-diff", "--no-textconv", "-M", "--src-prefix=a/", "--dst-prefix=b/"];
  return site.main(["-c", "core.quotePath=false", "diff", ...format, from, to]);
}

/** Files that differ from where the workspace left the target. */
export async function changed(site: Site): Promise<string[]> {
  const range = await whole(site);
  return range ? changedFiles(site, range.from, range.to) : [];
}

/** What is checked out, else where the branch stands. */
export async function head(site: Site): Promise<string | null> {
  return (await stands(site)) ? (await site.here(["rev-parse", "HEAD"])).trim() : tip(site, site.branch);
}

async function whole(site: Site): Promise<{ from: string; to: string } | null> {
  const { target } = site.workspace;
  if (!target) return null;
  const refs = await tips(site, [target, site.branch, there(site), ...basesThere(target)]);
  const [theirs, branch] = [refs.get(target), refs.get(site.branch)];
  if (!theirs || !branch) return null;
  const start = async (head: string) =>
    (await shownThere(site, { refs, target, head }))?.from ?? (await mergeBase(site, theirs, head));
  if (!(await stands(site))) return { from: await start(branch), to: branch };
  const [said, left] = await Promise.all([site.here(["rev-parse", "HEAD"]), leftovers(site)]);
  const head = said.trim();
  return { from: await start(head), to: isEmpty(left) ? head : await stagedTree(site, left) };
}
