import { cp, mkdir, readdir, rm } from "node:fs/promises";
import type { LandingOrder } from "../core/ports/git.ts";
import { failed, type Landing, type Take } from "./land.ts";
import { move, plan } from "./move.ts";
import { contains, keep, swap, tip } from "./ref.ts";
import { keptFolder, keptRef, type Site } from "./site.ts";
import { exists, stand } from "./worktree.ts";

type Undo = NonNullable<LandingOrder["undo"]>;

/**
 * Takes back what was landed or discarded: the ref goes back where it was, if it has not moved on, and the workspace
 * stands again on what was landed. Uncommitted work of a discard comes back as a commit.
 */
export async function undo(site: Site, order: LandingOrder, take: Take): Promise<Landing> {
  const { undo: landed } = order;
  if (!landed) throw new Error(`session ${site.session}: nothing to undo`);
  const isOurs = landed.how === "merge" || landed.how === "discard";
  if (!isOurs || landed.pushed || (!order.aim && (await isReopened(site, landed)))) return MOVED_ON;
  const blocked =
    landed.how === "merge"
      ? await moveBack(site, { order, landed, take })
      : await aimAtBranch(site, { order, landed, take });
  if (blocked) return blocked;
  const kept = keptRef(site, order.work);
  await keep(site, kept, landed.aim.commit);
  await stand(site, landed.aim.commit, order.signal);
  if (landed.how === "discard") await bringBack(site, landed.kept);
  return { ok: true, kept, pushed: false };
}

const MOVED_ON: Landing = { ok: false, block: { why: "moved_on" } };

interface Back {
  order: LandingOrder;
  landed: Undo;
  take: Take;
}

/** The workspace has been opened anew since, for other work. */
async function isReopened(site: Site, { aim, how }: Undo): Promise<boolean> {
  const at = await tip(site, site.branch);
  if (at === null) return exists(site.path);
  return at !== aim.commit && (how === "discard" || (await contains(site, at, aim.commit)));
}

async function aimAtBranch(site: Site, { order, landed, take }: Back): Promise<Landing | null> {
  const { commit } = landed.aim;
  if (!order.aim) {
    order.signal.throwIfAborted();
    await take({ ref: site.branch, onto: null, commit, checkout: null });
  }
  return (await swap(site, site.branch, { onto: null, commit })) ? null : MOVED_ON;
}

async function moveBack(site: Site, { order, landed, take }: Back): Promise<Landing | null> {
  const { ref, onto: commit, commit: onto } = landed.aim;
  if (commit === null) return failed(`the landing on ${ref} has no start to go back to`);
  if (order.aim && (await isBack(site, landed))) return null;
  if ((await tip(site, ref)) !== onto) return MOVED_ON;
  const planned = await plan(site, { ref, onto, commit });
  if (!planned.ok) return planned;
  const aim = { ref, onto, commit, checkout: planned.checkout };
  order.signal.throwIfAborted();
  await take(aim);
  const moved = await move(site, aim);
  if ("block" in moved) return { ok: false, block: moved.block };
  return moved.moved ? null : MOVED_ON;
}

/** The ref has been moved back, and maybe gone on from there. */
async function isBack(site: Site, { aim }: Undo): Promise<boolean> {
  const at = await tip(site, aim.ref);
  return at !== null && !(await contains(site, at, aim.commit));
}

/** Repositories that stood inside the workspace. */
async function bringBack(site: Site, ref: string): Promise<void> {
  const from = keptFolder(site, ref);
  const names = await readdir(from).catch(() => []); // there were none
  if (names.length === 0) return;
  await mkdir(site.path, { recursive: true });
  await cp(from, site.path, { recursive: true, force: true, verbatimSymlinks: true });
  await rm(from, { recursive: true, force: true });
}
