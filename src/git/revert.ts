import type { LandingOrder } from "../core/ports/git.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { arrive, failed, type Landing, type Made, type Take } from "./land.ts";
import { contains, tip } from "./ref.ts";
import type { Site } from "./site.ts";
import { stand } from "./worktree.ts";

/**
 * Takes back what was landed by one commit on top of the target as it is now, which lands like any other. Then the workspace
 * stands again, with the work as a commit that the target does not have: else git would take it for merged for ever.
 */
export async function revert(site: Site, order: LandingOrder, take: Take): Promise<Landing> {
  const { ref, onto, commit } = order.undo?.aim ?? {};
  if (order.undo?.how !== "merge" || !ref || !onto || !commit)
    throw new Error(`session ${site.session}: nothing to revert`);
  const range = { onto, commit };
  const landing = await arrive(site, order, {
    target: ref,
    take,
    make: (at) => inverse(site, { ...range, at }, order),
  });
  if (landing.ok) await standAgain(site, { ...range, kept: landing.kept }, order);
  return landing;
}

interface Range {
  /** Where the target stood before, and what was landed on it. */
  onto: string;
  commit: string;
}

/** The target without the range: itself, if somebody has taken that back already. */
async function inverse(site: Site, { onto, commit, at }: Range & { at: string }, order: LandingOrder): Promise<Made> {
  if (!(await contains(site, at, commit))) return failed(`${commit.slice(0, 12)} is not in the base any more`);
  // A child of what was landed with the tree of before: merging it takes exactly that away.
  const before = await commitTree(site, await treeOfCommit(site, onto), { parents: [commit], message: "oca" });
  const [merged, now] = await Promise.all([mergeTrees(site, at, before), treeOfCommit(site, at)]);
  if (!merged.ok) return { ok: false, block: { why: "conflict", files: merged.files } };
  if (merged.tree === now) return { ok: true, commit: at };
  const [by = order.requestedBy] = order.approvedBy;
  const author = { ...order, title: `Revert "${order.title}"`, requestedBy: by };
  const text = message(author, await reverts(site, { onto, commit }));
  return { ok: true, commit: await commitTree(site, merged.tree, { parents: [at], message: text }) };
}

/** As git itself says it. */
async function reverts(site: Site, { onto, commit }: Range): Promise<string> {
  const count = Number(await site.main(["rev-list", "--count", "--first-parent", commit, `^${onto}`]));
  return count > 1 ? `This reverts commit ${commit}\nand ${count - 1} before it.` : `This reverts commit ${commit}.`;
}

async function standAgain(site: Site, { onto, commit, kept }: Range & { kept: string }, order: LandingOrder) {
  const [there, taken] = await Promise.all([tip(site, site.branch), tip(site, kept)]);
  const text = message({ ...order, approvedBy: [] }, `It was taken back by ${taken}.`);
  const tree = await treeOfCommit(site, commit);
  await stand(site, there ?? (await commitTree(site, tree, { parents: [onto], message: text })), order.signal);
}
