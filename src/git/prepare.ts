import { join } from "node:path";
import type { Moved } from "../core/parts.ts";
import type { Git, Prepared } from "../core/ports/git.ts";
import { changedFiles, leftovers } from "./files.ts";
import { fetchOwn } from "./others.ts";
import { apart, contains } from "./ref.ts";
import { GitExit } from "./run.ts";
import type { Furnisher } from "./setup.ts";
import type { Site } from "./site.ts";
import { findTarget } from "./target.ts";
import { adminOf, advance, bring, cutOff, exists, stand } from "./worktree.ts";

type How = Parameters<Git["prepare"]>[1];

/** Fetches, creates or restores the workspace, brings an untouched one to a moved base, and makes it fit to write in. */
export async function prepare(site: Site, how: How, furnish: Furnisher): Promise<Prepared> {
  const found = await findTarget(site, how);
  if (!found.ok) return found;
  const { ref: target, tip } = found.target;
  await stand(site, site.workspace.start ?? tip, how.signal);
  const { baseCommit } = site.workspace;
  const isFresh = await catchUp(site, tip);
  if (!isFresh) await takeIn(site, how.signal);
  if (how.merge && !isFresh) await mergeIn(site, tip);
  const ask = how.write ? await furnish(site, how) : null;
  if (ask) return { ok: false, ask };
  const moved = isFresh && baseCommit ? await movedSince(site, { from: baseCommit, to: tip, named: how.named }) : null;
  return { ok: true, target, baseCommit: isFresh ? tip : (baseCommit ?? tip), moved };
}

/** Brings a workspace without work of its own to the base as it is now; false when there is work in it. */
async function catchUp(site: Site, tip: string): Promise<boolean> {
  const half = await cutOff(site);
  if (half) await bring(site, half);
  const head = (await site.here(["rev-parse", "HEAD"])).trim();
  if (!(await isOld(site, { head, tip }))) return false;
  const { changed, unmerged } = await leftovers(site);
  if (changed.length + unmerged.length > 0) return false;
  if (head !== tip) await bring(site, tip);
  return true;
}

/** Others may have put commits on the branch where it was pushed: a workspace that has nothing new follows them. */
async function takeIn(site: Site, signal: AbortSignal): Promise<void> {
  const theirs = await fetchOwn(site, signal).catch(() => null); // offline: a sync will find out
  signal.throwIfAborted();
  const head = (await site.here(["rev-parse", "HEAD"])).trim();
  if (!theirs || theirs === head || !(await contains(site, theirs, head))) return;
  const { changed, unmerged } = await leftovers(site);
  if (changed.length + unmerged.length === 0) await advance(site, theirs);
}

/** Begins the merge of the target unless one is under way; what conflicts stands in the files, and nothing is committed. */
async function mergeIn(site: Site, tip: string): Promise<void> {
  const admin = await adminOf(site);
  if (admin && (await exists(join(admin, "MERGE_HEAD")))) return;
  try {
    await site.here([
      "merge",
      "--no-commit",
      "--no-ff",
      "--no-verify",
      "--no-gpg-sign",
      "--no-autostash",
      "--no-stat",
      tip,
    ]);
  } catch (error) {
    // It stopped at conflicts, which is what was wanted; anything else has not begun a merge.
    if (!(error instanceof GitExit && admin && (await exists(join(admin, "MERGE_HEAD"))))) throw error;
  }
}

/** Whether what is checked out is the base, or was: the base may have been rewritten since. */
async function isOld(site: Site, { head, tip }: { head: string; tip: string }): Promise<boolean> {
  return head === tip || head === site.workspace.baseCommit || contains(site, tip, head);
}

/** What happened on the base between two commits, and which of the plan's files it changed. */
export async function movedSince(
  site: Site,
  { from, to, named }: { from: string; to: string; named: string[] },
): Promise<Moved | null> {
  if (from === to) return null;
  const [[, commits], files] = await Promise.all([apart(site, from, to), changedFiles(site, from, to)]);
  const changed = new Set(files);
  return { commits, named: named.filter((file) => changed.has(file)) };
}
