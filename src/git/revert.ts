import type { LandingOrder } from "../core/ports/git.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { arrive, failed, type Landing, type Made, type Means, type Merging, vetted } from "./land.ts";
import { contains, tip } from "./ref.ts";
import type { Site } from "./site.ts";
import { stand } from "./worktree.ts";

/**
 * Takes back what was landed by one commit on top of the target as it is now, which is checked and lands like any other. Then
 * the workspace stands again, with the work as a commit that the target does not have: else git would take it for merged for ever.
 */
export async function revert(site: Site, order: LandingOrder, { take, check }: Means): Promise<Landing> {
  const { target, ...range } = takenBack(site, order);
  const make = (onto: string) => inverse(site, range, { order, check, onto });
  const landing = await arrive(site, order, { target, take, make });
  if (landing.ok) await standAgain(site, { ...range, kept: landing.kept }, order);
  return landing;
}

interface Range {
  /** Where the target stood before, and what was landed on it. */
  before: string;
  commit: string;
}

/** What a revert takes back, and from where. */
export function takenBack(site: Site, { undo }: LandingOrder): Range & { target: string } {
  const { ref, onto, commit } = undo?.aim ?? {};
  if (undo?.how !== "merge" || !ref || !onto || !commit) throw new Error(`session ${site.session}: nothing to revert`);
  return { target: ref, before: onto, commit };
}

/** The tree of a commit without the range: its own, if somebody has taken that back already. */
export async function without(site: Site, { before, commit }: Range, at: string): ReturnType<typeof mergeTrees> {
  // A child of what was landed with the tree of before: merging it takes exactly that away.
  const child = await commitTree(site, await treeOfCommit(site, before), { parents: [commit], message: "oca" });
  return mergeTrees(site, at, child);
}

async function inverse(site: Site, range: Range, { order, check, onto }: Merging): Promise<Made> {
  const { commit: head } = range;
  if (!(await contains(site, onto, head))) return failed(`${head.slice(0, 12)} is not in the base any more`);
  const [merged, now] = await Promise.all([without(site, range, onto), treeOfCommit(site, onto)]);
  if (!merged.ok) return { ok: false, block: { why: "conflict", files: merged.files } };
  if (merged.tree === now) return { ok: true, commit: onto };
  const [by = order.requestedBy] = order.approvedBy;
  const author = { ...order, title: `Revert "${order.title}"`, requestedBy: by };
  const text = message(author, await reverts(site, range));
  const commit = await commitTree(site, merged.tree, { parents: [onto], message: text });
  return vetted(site, { order, check, onto, head, commit });
}

/** As git itself says it. */
async function reverts(site: Site, { before, commit }: Range): Promise<string> {
  const count = Number(await site.main(["rev-list", "--count", "--first-parent", commit, `^${before}`]));
  return count > 1 ? `This reverts commit ${commit}\nand ${count - 1} before it.` : `This reverts commit ${commit}.`;
}

async function standAgain(site: Site, { before, commit, kept }: Range & { kept: string }, order: LandingOrder) {
  const [there, taken] = await Promise.all([tip(site, site.branch), tip(site, kept)]);
  const text = message({ ...order, approvedBy: [] }, `It was taken back by ${taken}.`);
  const tree = await treeOfCommit(site, commit);
  await stand(site, there ?? (await commitTree(site, tree, { parents: [before], message: text })), order.signal);
}
