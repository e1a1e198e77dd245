import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readText } from "../lib/durable.ts";
import { contains, drop, swap, tip } from "./ref.ts";
import { GitExit, split } from "./run.ts";
import type { Site } from "./site.ts";

/**
 * Makes sure that the worktree stands on its branch: creates it on `start`, restores a deleted one from the branch, clears
 * away one whose making was cut off. Throws when something else is in its place.
 */
export async function stand(site: Site, start: string, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(site);
  if (admin && (await isHalf(admin))) await removeFolders(site, admin);
  else if (admin && (await exists(join(site.path, ".git"))))
    return (await isRebasing(admin)) ? undefined : settle(site);
  else if (admin) await rm(admin, { recursive: true, force: true });
  if (!(await tip(site, site.branch))) await swap(site, site.branch, { onto: null, commit: start });
  if (await isOccupied(site.path))
    throw new Error(`${site.path} exists and is not the worktree of ${short(site.branch)}: move it away`);
  await mkdir(dirname(site.path), { recursive: true, mode: 0o700 });
  await site.main(["worktree", "add", site.path, short(site.branch)], { signal });
}

/**
 * An agent may have switched branches or detached HEAD: what it has checked out counts, so our branch is brought there if
 * that is a fast-forward. Throws when it is not, or when a rebase is unfinished.
 */
export async function settle(site: Site): Promise<void> {
  const [state, commit] = await Promise.all([readHead(site), headCommit(site)]);
  if (state === site.branch) return;
  const ours = await tip(site, site.branch);
  const admin = await adminOf(site);
  if (admin && (await isRebasing(admin)))
    throw new Error(`a rebase is unfinished in ${site.path}: finish it, or run git rebase --abort there`);
  if (ours && !(await contains(site, commit, ours)))
    throw new Error(
      `${site.path} has ${state ? short(state) : commit.slice(0, 12)} checked out, which lacks commits of ${short(site.branch)}: run git switch ${short(site.branch)} there`,
    );
  await swap(site, site.branch, { onto: ours, commit });
  await site.here(["symbolic-ref", "HEAD", site.branch]);
}

/** What is checked out. A branch that somebody has deleted under it is put back where git last saw it here. */
async function headCommit(site: Site): Promise<string> {
  try {
    return (await site.here(["rev-parse", "--verify", "HEAD^{commit}"])).trim();
  } catch (error) {
    const admin = await adminOf(site);
    const log = admin && (await readText(join(admin, "logs", "HEAD")));
    const last = log?.trimEnd().split("\n").at(-1)?.split(" ")[1];
    if (!last || (await readHead(site)) !== site.branch || (await tip(site, site.branch))) throw error;
    await swap(site, site.branch, { onto: null, commit: last });
    return last;
  }
}

/** Brings a worktree without work of its own to another commit, also after it was cut off in the middle of that. */
export async function bring(site: Site, commit: string): Promise<void> {
  const admin = await adminOf(site);
  if (!admin) throw new Error(`${site.path} is not a worktree of ${site.repo.root}`);
  await writeFile(join(admin, MOVING), commit);
  await site.here(["reset", "--hard", commit]);
  await rm(join(admin, MOVING), { force: true });
}

/** Puts a worktree on its branch, whatever it stood on before, also after it was cut off in the middle of that. */
export async function switchOver(site: Site, commit: string): Promise<void> {
  const admin = await adminOf(site);
  if (!admin) throw new Error(`${site.path} is not a worktree of ${site.repo.root}`);
  if ((await readHead(site)) === site.branch && (await cutOff(site)) === null) return;
  await writeFile(join(admin, MOVING), commit);
  await site.here(["symbolic-ref", "HEAD", site.branch]);
  await bring(site, commit);
}

/** Takes a worktree forward on its branch, unless a file that no commit has is in the way. Cut off, `bring` ends it. */
export async function advance(site: Site, commit: string): Promise<void> {
  const admin = await adminOf(site);
  if (!admin || (await readHead(site)) !== site.branch) return;
  await writeFile(join(admin, MOVING), commit);
  try {
    await site.here(["merge", "--ff-only", "--no-autostash", "--no-stat", commit]);
  } catch (error) {
    if (!(error instanceof GitExit)) throw error; // it said no before it touched anything
  }
  await rm(join(admin, MOVING), { force: true });
}

/** Where `bring` was going when it was cut off. */
export async function cutOff(site: Site): Promise<string | null> {
  const admin = await adminOf(site);
  return admin && readText(join(admin, MOVING));
}

/** Removes the worktree in one step, with all that is in it, and then its branch unless that is in use elsewhere. */
export async function remove(site: Site): Promise<void> {
  await removeFolders(site, await adminOf(site));
  const said = await site.main([
    "for-each-ref",
    "--format=%(refname)%00%(objectname)%00%(worktreepath)%00",
    site.branch,
  ]);
  const [name, commit, usedIn] = said.split("\0");
  // `branch -D` would rewrite the user's configuration: killed in the middle of that, it leaves it locked.
  if (name === site.branch && commit && !usedIn) await drop(site, site.branch, commit);
}

export interface Checkout {
  path: string;
  /** Full ref; null for a detached HEAD or a bare repository. */
  branch: string | null;
}

/** All worktrees of the repository, the user's own first. */
export async function checkouts(site: Site): Promise<Checkout[]> {
  const said = await site.main(["worktree", "list", "--porcelain", "-z"]);
  return said.split("\0\0").flatMap((block) => {
    const lines = split(block);
    const path = lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length);
    const branch = lines.find((line) => line.startsWith("branch "))?.slice("branch ".length) ?? null;
    return path === undefined || lines.includes("bare") ? [] : [{ path, branch }];
  });
}

/** Git's own folder for the worktree, where its index and HEAD are; null when git does not know the worktree. */
export async function adminOf(site: Site): Promise<string | null> {
  const link = await readText(join(site.path, ".git")).catch(() => null); // a folder named .git is not ours
  const linked = link?.startsWith("gitdir: ") ? link.slice("gitdir: ".length).trim() : null;
  if (linked && dirname(linked) === join(site.common, "worktrees") && (await exists(linked))) return linked;
  const names = await readdir(join(site.common, "worktrees")).catch(() => []); // no worktree yet
  for (const name of names) {
    const admin = join(site.common, "worktrees", name);
    const back = await readText(join(admin, "gitdir"));
    const whose = back?.trim() ?? "";
    // Cut off before git wrote whose it is, it still has the name that git takes from our path.
    if (whose === join(site.path, ".git") || (whose === "" && name === site.session)) return admin;
  }
  return null;
}

/** Whether there is a worktree that git can be asked in. */
export const stands = async (site: Site): Promise<boolean> =>
  (await adminOf(site)) !== null && exists(join(site.path, ".git"));

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // whatever the reason, it cannot be used
  }
}

/** The agent's next turn may go on with it. */
const isRebasing = (admin: string): Promise<boolean> => exists(join(admin, "rebase-merge"));

const MOVING = "oca-moving";
const short = (branch: string): string => branch.slice("refs/heads/".length);

/** Git takes this mark away when a worktree is complete; before that no agent has worked in it. */
async function isHalf(admin: string): Promise<boolean> {
  return (await readText(join(admin, "locked")))?.trim() === "initializing";
}

async function isOccupied(path: string): Promise<boolean> {
  return (await readdir(path).catch(() => [])).length > 0; // no folder: not occupied
}

async function readHead(site: Site): Promise<string | null> {
  const admin = await adminOf(site);
  if (!admin) throw new Error(`${site.path} is not a worktree of ${site.repo.root}`);
  const head = (await readFile(join(admin, "HEAD"), "utf8")).trim();
  return head.startsWith("ref: ") ? head.slice("ref: ".length) : null;
}

/** First out of the way, then away: a half-removed folder is never taken for the worktree. */
async function removeFolders(site: Site, admin: string | null): Promise<void> {
  const trash = join(site.folder, "trash");
  if (await exists(site.path)) {
    await mkdir(trash, { recursive: true, mode: 0o700 });
    await rename(site.path, join(trash, randomUUID()));
  }
  if (admin) await rm(admin, { recursive: true, force: true });
  const names = await readdir(trash).catch(() => []); // nothing was thrown away yet
  for (const name of names) {
    // What cannot be deleted (folders that an agent made read-only) is out of the way all the same.
    await rm(join(trash, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
