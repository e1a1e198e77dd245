import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Aim, Block } from "../core/parts.ts";
import { adopt, type Edits, edits, ownOf, putBack } from "./checkout.ts";
import { changedFiles } from "./files.ts";
import { swap, tip } from "./ref.ts";
import { GitExit } from "./run.ts";
import type { Site } from "./site.ts";
import { checkouts } from "./worktree.ts";

/** The move of a ref that is to be made. */
export interface Move {
  ref: string;
  onto: string;
  commit: string;
}
export type Moving = { ok: true; checkout: Aim["checkout"] } | { ok: false; block: Block };

/**
 * Where the ref is checked out, and what moving it writes there; blocked when uncommitted edits are in the way. Nothing
 * is changed.
 */
export async function plan(site: Site, { ref, onto, commit }: Move): Promise<Moving> {
  const [there, another] = (await checkouts(site)).filter(({ branch }) => branch === ref);
  if (!there) return { ok: true, checkout: null };
  if (another) {
    const error = `${ref} is checked out in both ${there.path} and ${another.path}: switch one of them to another branch`;
    return { ok: false, block: { why: "failed", error } };
  }
  const paths = await changedFiles(site, onto, commit);
  const checkout = { path: there.path, paths };
  const inTheWay = ownOf(await edits(site, checkout, commit));
  return inTheWay.length > 0
    ? { ok: false, block: { why: "overlap", checkout: there.path, files: inTheWay } }
    : { ok: true, checkout };
}

/**
 * Moves the ref by compare-and-swap, with the files where it is checked out. `moved` false: the ref, or what is checked
 * out, is not what it was when the aim was taken, and nothing was changed.
 */
export async function move(
  site: Site,
  aim: Move & Pick<Aim, "checkout">,
): Promise<{ moved: boolean } | { block: Block }> {
  const { checkout, ref, onto, commit } = aim;
  if (onto === commit) return { moved: (await tip(site, ref)) === commit };
  const there = (await checkouts(site)).find(({ branch }) => branch === ref)?.path ?? null;
  if (there !== (checkout?.path ?? null)) return { moved: false };
  if (!checkout) return { moved: await swap(site, ref, { onto, commit }) };
  if ((await tip(site, ref)) !== onto) return { moved: false };
  const before = await edits(site, checkout, commit);
  const { files, written, torn } = before;
  if (files.length > 0) return { block: { why: "overlap", checkout: checkout.path, files } };
  if (written.length > 0) await adopt(site, checkout.path, { commit, files: written });
  for (const file of torn) await rm(join(checkout.path, file));
  return forward(site, aim, { checkout, before });
}

async function forward(
  site: Site,
  { ref, onto, commit }: Move,
  { checkout, before }: { checkout: NonNullable<Aim["checkout"]>; before: Edits },
): Promise<{ moved: boolean } | { block: Block }> {
  const { path } = checkout;
  const isBack = (await site.main(["merge-base", onto, commit])).trim() === commit;
  try {
    if (isBack) {
      // Keeps every edit, staged or not, and refuses to overwrite one. `reset --keep` would take the user's edits off the index.
      await site.run(path, ["read-tree", "-m", "-u", onto, commit]);
      return { moved: await swap(site, ref, { onto, commit }) };
    }
    await site.run(path, ["merge", "--ff-only", "--no-autostash", "--no-stat", "--no-overwrite-ignore", commit]);
    return { moved: true };
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    if ((await tip(site, ref)) !== onto) return { moved: false };
    // Where even that fails, the next landing knows what it finds for what it is.
    await putBack(site, checkout, { onto, commit, before }).catch(() => undefined);
    return { block: { why: "failed", error: error.message } };
  }
}
