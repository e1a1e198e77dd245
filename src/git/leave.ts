import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LandingOrder } from "../core/ports.ts";
import { commitTree, message, snapshot } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { leftovers, linked } from "./files.ts";
import type { Landing, Take } from "./land.ts";
import { contains, keep, mergeBase, swap, tip, tips } from "./ref.ts";
import { keptFolder, keptRef, type Site } from "./site.ts";
import { adminOf, exists, remove } from "./worktree.ts";

/**
 * Removes the workspace and keeps all that is in it: commits and files as a commit under `refs/oca/kept/`, repositories
 * inside it as folders beside it. Ignored files and files over 50 MB are gone: they were listed before.
 */
export async function discard(site: Site, order: LandingOrder, take: Take): Promise<Landing> {
  const ref = order.aim?.ref ?? keptRef(site, order.work);
  let commit = order.aim?.commit ?? null;
  if (!commit) {
    if (await isUntouched(site)) {
      await remove(site);
      return { ok: true, kept: "", pushed: false };
    }
    commit = await rescue(site, order);
    order.signal.throwIfAborted();
    await take({ ref, onto: null, commit, checkout: null });
  }
  if (!(await swap(site, ref, { onto: null, commit }))) throw new Error(`${ref} exists already and is another rescue`);
  await setAside(site, ref, false);
  await remove(site);
  return { ok: true, kept: ref, pushed: false };
}

/** Removes a workspace that has nothing of its own left. Throws, saying what it has, when that would lose something. */
export async function clean(site: Site, order: LandingOrder): Promise<Landing> {
  const lost = await loss(site);
  if (lost !== null) throw new Error(`${site.path} is kept: ${lost}: merge or discard it`);
  const ref = keptRef(site, order.work);
  const commit = await tip(site, site.branch);
  const target = site.workspace.target && (await tip(site, site.workspace.target));
  // What landed as other commits stays to be found.
  const isOwn = commit !== null && !(target && (await contains(site, target, commit)));
  if (commit && isOwn) await keep(site, ref, commit);
  await setAside(site, ref, true);
  await remove(site);
  return { ok: true, kept: isOwn ? ref : "", pushed: false };
}

const stands = async (site: Site): Promise<boolean> =>
  (await adminOf(site)) !== null && exists(join(site.path, ".git"));

/** Nothing was ever made here: there is nothing to rescue. */
async function isUntouched(site: Site): Promise<boolean> {
  const { target } = site.workspace;
  const theirs = target && (await tip(site, target));
  const branch = await tip(site, site.branch);
  if (branch && !(theirs && (await contains(site, theirs, branch)))) return false;
  if (!(await stands(site))) return true;
  const { changed, unmerged, nested } = await leftovers(site);
  const head = (await site.here(["rev-parse", "HEAD"])).trim();
  return changed.length + unmerged.length + nested.length === 0 && theirs !== null && contains(site, theirs, head);
}

/** What removing the workspace would lose, in words; null when it is nothing. */
async function loss(site: Site): Promise<string | null> {
  const isStanding = await stands(site);
  if (isStanding) {
    const { changed, unmerged } = await leftovers(site);
    const files = [...changed, ...unmerged];
    if (files.length > 0) return `${files.length} uncommitted files (${files.slice(0, 5).join(", ")})`;
  }
  const branch = await tip(site, site.branch);
  const head = isStanding ? (await site.here(["rev-parse", "HEAD"])).trim() : branch;
  for (const commit of new Set([branch, head])) {
    if (commit && !(await isElsewhere(site, commit)))
      return `${commit.slice(0, 12)} is not in ${site.workspace.target ?? "any target"}`;
  }
  return null;
}

/** Whether a commit is in the target or in a rescue, as itself or, in what has landed, by content. */
async function isElsewhere(site: Site, commit: string): Promise<boolean> {
  const { target } = site.workspace;
  const theirs = target && (await tip(site, target));
  if (!theirs) return false;
  const kept = [...(await tips(site, [`refs/oca/kept/${site.session}/`])).values()];
  for (const whole of [theirs, ...kept]) if (await contains(site, whole, commit)) return true;
  for (const whole of [theirs, ...kept]) {
    if ((await contains(site, theirs, whole)) && (await addsNothing(site, whole, commit))) return true;
  }
  return false;
}

async function addsNothing(site: Site, whole: string, commit: string): Promise<boolean> {
  const merged = await mergeTrees(site, whole, commit);
  return merged.ok && merged.tree === (await treeOfCommit(site, whole));
}

/** One commit from which everything can be reached: what is checked out, what was left in the files, and the branch. */
async function rescue(site: Site, order: LandingOrder): Promise<string> {
  const branch = await tip(site, site.branch);
  if (!(await stands(site))) {
    if (branch) return branch;
    throw new Error(`session ${site.session} has neither a worktree nor a branch in ${site.repo.root}`);
  }
  const { commit } = await snapshot(site, order);
  if (!branch || (await contains(site, commit, branch))) return commit;
  return commitTree(site, await treeOfCommit(site, commit), { parents: [commit, branch], message: message(order) });
}

/** Moves repositories inside the worktree, and with `withBig` files over 50 MB, to the kept folder: no commit holds them. */
async function setAside(site: Site, ref: string, withBig: boolean): Promise<void> {
  if (!(await stands(site))) return;
  const { nested, big } = await leftovers(site);
  const links = await committedLinks(site);
  for (const path of new Set([...nested, ...links, ...(withBig ? big : [])])) {
    const to = join(keptFolder(site, ref), path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(join(site.path, path), to);
  }
}

async function committedLinks(site: Site): Promise<string[]> {
  const { target } = site.workspace;
  const head = await tip(site, site.branch);
  if (!target || !head || !(await tip(site, target))) return [];
  const links = await linked(site, await mergeBase(site, target, head), head);
  const own = await Promise.all(links.map((path) => exists(join(site.path, path, ".git"))));
  return links.filter((_, i) => own[i]);
}
