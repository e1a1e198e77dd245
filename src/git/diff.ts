import { treeOf } from "./commit.ts";
import { changedFiles } from "./files.ts";
import { mergeBase, tip } from "./ref.ts";
import type { Site } from "./site.ts";
import { adminOf, exists } from "./worktree.ts";

/** Unified diff between two commits; null: of all that stands in the workspace against where it left the target. */
export async function diff(site: Site, of: { from: string; to: string } | null): Promise<string> {
  const range = of ?? (await whole(site));
  if (!range) return "";
  const format = ["--no-color", "--no-ext-diff", "--no-textconv", "-M", "--src-prefix=a/", "--dst-prefix=b/"];
  return site.main(["-c", "core.quotePath=false", "diff", ...format, range.from, range.to]);
}

/** How many files differ from where the workspace left the target. */
export async function count(site: Site): Promise<number> {
  const range = await whole(site);
  return range ? (await changedFiles(site, range.from, range.to)).length : 0;
}

async function whole(site: Site): Promise<{ from: string; to: string } | null> {
  const { target } = site.workspace;
  const [theirs, branch] = [target && (await tip(site, target)), await tip(site, site.branch)];
  if (!theirs || !branch) return null;
  const isStanding = (await adminOf(site)) !== null && (await exists(site.path));
  if (!isStanding) return { from: await mergeBase(site, theirs, branch), to: branch };
  const [head, { tree }] = await Promise.all([site.here(["rev-parse", "HEAD"]), treeOf(site)]);
  return { from: await mergeBase(site, theirs, head.trim()), to: tree };
}
