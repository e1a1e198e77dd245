import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LandingOrder } from "../core/ports/git.ts";
import { commitTree, message, snapshot } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { type Leftovers, leftovers, links, written } from "./files.ts";
import type { Landing, Take } from "./land.ts";
import { contains, keep, mergeBase, swap, tips } from "./ref.ts";
import { keptFolder, keptRef, type Site } from "./site.ts";
import { exists, remove, stands } from "./worktree.ts";

/**
 * Removes the workspace and keeps all that is in it: commits and files as a commit under `refs/oca/kept/`, repositories
 * inside it as folders beside it. Ignored files and files over 50 MB are gone: they were listed before.
 */
export async function discard(site: Site, order: LandingOrder, take: Take): Promise<Landing> {
  const ref = order.aim?.ref ?? keptRef(site, order.work);
  const at = await survey(site);
  let commit = order.aim?.commit ?? null;
  if (!commit) {
    if (await isUntouched(site, at)) {
      await remove(site);
      return { ok: true, kept: "", pushed: false };
    }
    commit = await rescue(site, at, order);
    order.signal.throwIfAborted();
    await take({ ref, onto: null, commit, checkout: null });
  }
  if (!(await swap(site, ref, { onto: null, commit }))) throw new Error(`${ref} exists already and is another rescue`);
  if (at.tree) await setAside(site, ref, [...at.tree.left.nested, ...(await committedLinks(site, at))]);
  await remove(site);
  return { ok: true, kept: ref, pushed: false };
}

/** Removes a workspace that has nothing of its own left. Throws, saying what it has, when that would lose something. */
export async function clean(site: Site, order: LandingOrder): Promise<Landing> {
  const at = await survey(site);
  const own = await beyond(site, at);
  const lost = await loss(site, at, own);
  if (lost !== null) throw new Error(`${site.path} is kept: ${lost}: merge or discard it`);
  const ref = keptRef(site, order.work);
  // What landed as other commits stays to be found.
  const isOwn = at.branch !== null && own.includes(at.branch);
  if (at.branch && isOwn) await keep(site, ref, at.branch);
  const committed = isOwn ? await committedLinks(site, at) : [];
  if (at.tree) await setAside(site, ref, [...at.tree.left.nested, ...at.tree.left.big, ...committed]);
  await remove(site);
  return { ok: true, kept: isOwn ? ref : "", pushed: false };
}

/** What there is of a workspace. */
interface Survey {
  /** Where the target stands; null when there is none. */
  target: string | null;
  branch: string | null;
  /** Rescues of the session. */
  kept: string[];
  /** What is checked out, and what was left beside it; null when the worktree does not stand. */
  tree: { head: string; left: Leftovers } | null;
}

async function survey(site: Site): Promise<Survey> {
  const { target } = site.workspace;
  const rescues = `refs/oca/kept/${site.session}/`;
  const [refs, tree] = await Promise.all([
    tips(site, [site.branch, rescues, ...(target === null ? [] : [target])]),
    (await stands(site)) ? standing(site) : null,
  ]);
  return {
    target: (target === null ? null : refs.get(target)) ?? null,
    branch: refs.get(site.branch) ?? null,
    kept: [...refs].flatMap(([name, commit]) => (name.startsWith(rescues) ? [commit] : [])),
    tree,
  };
}

async function standing(site: Site): Promise<NonNullable<Survey["tree"]>> {
  const [left, head] = await Promise.all([leftovers(site), site.here(["rev-parse", "HEAD"])]);
  return { left, head: head.trim() };
}

/** Commits of the workspace that the target lacks. */
async function beyond(site: Site, { target, branch, tree }: Survey): Promise<string[]> {
  const commits = [...new Set([branch, tree?.head ?? null])].filter((commit) => commit !== null);
  if (target === null) return commits;
  const known = await Promise.all(commits.map((commit) => contains(site, target, commit)));
  return commits.filter((_, i) => !known[i]);
}

/** Nothing was ever made here: there is nothing to rescue. */
async function isUntouched(site: Site, at: Survey): Promise<boolean> {
  if (at.tree) {
    const { changed, unmerged, nested } = at.tree.left;
    if (changed.length + unmerged.length + nested.length > 0) return false;
  }
  return (await beyond(site, at)).length === 0;
}

/** What removing the workspace would lose, in words; null when it is nothing. `own`: commits that the target lacks. */
async function loss(site: Site, at: Survey, own: readonly string[]): Promise<string | null> {
  const files = at.tree ? [...at.tree.left.changed, ...at.tree.left.unmerged] : [];
  if (files.length > 0) return `${files.length} uncommitted files (${files.slice(0, 5).join(", ")})`;
  for (const commit of own)
    if (!(await isElsewhere(site, at, commit)))
      return `${commit.slice(0, 12)} is not in ${site.workspace.target ?? "any target"}`;
  return null;
}

/** Whether a commit is in a rescue, or its content in the target or in a rescue that has landed. */
async function isElsewhere(site: Site, { target, kept }: Survey, commit: string): Promise<boolean> {
  if (target === null) return false;
  for (const whole of kept) if (await contains(site, whole, commit)) return true;
  if (await addsNothing(site, target, commit)) return true;
  for (const whole of kept)
    if ((await contains(site, target, whole)) && (await addsNothing(site, whole, commit))) return true;
  return false;
}

async function addsNothing(site: Site, whole: string, commit: string): Promise<boolean> {
  const merged = await mergeTrees(site, whole, commit);
  return merged.ok && merged.tree === (await treeOfCommit(site, whole));
}

/** One commit from which everything can be reached: what is checked out, what was left in the files, and the branch. */
async function rescue(site: Site, { branch, tree }: Survey, order: LandingOrder): Promise<string> {
  if (!tree) {
    if (branch) return branch;
    throw new Error(`session ${site.session} has neither a worktree nor a branch in ${site.repo.root}`);
  }
  const commit = await snapshot(site, order);
  if (!branch || (await contains(site, commit, branch))) return commit;
  return commitTree(site, await treeOfCommit(site, commit), { parents: [commit, branch], message: message(order) });
}

/** Moves what no commit holds from the worktree to the kept folder. */
async function setAside(site: Site, ref: string, paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    const to = join(keptFolder(site, ref), path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(join(site.path, path), to);
  }
}

/** Repositories inside the worktree of which the agent has committed links. */
async function committedLinks(site: Site, { target, branch }: Survey): Promise<string[]> {
  if (!target || !branch) return [];
  const found = links(await written(site, await mergeBase(site, target, branch), branch));
  const own = await Promise.all(found.map((path) => exists(join(site.path, path, ".git"))));
  return found.filter((_, i) => own[i]);
}
