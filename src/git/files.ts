import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Call, split } from "./run.ts";
import type { Site } from "./site.ts";

const BIG_BYTES = 50 * 1024 * 1024;

/** What stands in a worktree and in no commit yet. All paths are relative to the worktree. */
export interface Leftovers {
  /** To be committed. */
  changed: string[];
  /** Conflicts that nobody has resolved. */
  unmerged: string[];
  /** Repositories inside the worktree. */
  nested: string[];
  /** Files over 50 MB. */
  big: string[];
  /** Copied from the user's checkout by oca. */
  copied: string[];
}

/** Nothing stands in the worktree that is not in the commit that is checked out. */
export const isEmpty = (left: Leftovers): boolean => Object.values(left).every((paths) => paths.length === 0);

export async function leftovers(site: Site): Promise<Leftovers> {
  const said = await site.here(["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all"]);
  const left: Leftovers = { changed: [], unmerged: [], nested: [], big: [], copied: [] };
  const entries = split(said).map((entry) => ({ code: entry.slice(0, 2), path: entry.slice(3).replace(/\/$/, "") }));
  const found = await Promise.all(entries.map((entry) => kindOf(site, entry)));
  for (const [i, kind] of found.entries()) left[kind].push(entries[i]?.path ?? "");
  return left;
}

const CONFLICT = new Set(["DD", "AU", "UD", "UA", "DU", "AA", "UU"]);

async function kindOf(site: Site, { code, path }: { code: string; path: string }): Promise<keyof Leftovers> {
  if (CONFLICT.has(code)) return "unmerged";
  const isNew = code === "??" || code.startsWith("A");
  if (isNew && site.repo.copy.includes(path)) return "copied";
  const stats = await lstat(join(site.path, path)).catch(() => null); // deleted
  if (stats?.isDirectory() && isNew) return "nested";
  return stats?.isFile() && stats.size > BIG_BYTES ? "big" : "changed";
}

/** Ignored files and folders, a folder that is ignored as a whole as one line ending in "/". */
export async function ignored(site: Site): Promise<string[]> {
  const said = await site.here(["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"]);
  return split(said).filter((path) => !site.repo.copy.includes(path));
}

/** What the second of two commits adds or changes, in the order of a patch. Of a repository as a link git keeps no content. */
export interface Written {
  path: string;
  isNew: boolean;
  isLink: boolean;
}

export async function written(site: Site, from: string, to: string): Promise<Written[]> {
  const parts = split(
    await site.main(["diff", "--raw", "-z", "--no-renames", "--abbrev=40", "--diff-filter=AM", from, to]),
  );
  return parts.flatMap((part, i) => {
    const [before, after] = part.split(" ");
    if (i % 2 === 1) return [];
    return [{ path: parts[i + 1] ?? "", isNew: before === ":000000", isLink: after === "160000" }];
  });
}

/** Repositories that are new as links. */
export const links = (all: readonly Written[]): string[] =>
  all.flatMap(({ path, isNew, isLink }) => (isNew && isLink ? [path] : []));

/** Repositories as links whose commits may be nowhere else: new ones, and submodules that stand in the workspace. */
export async function ownLinks(site: Site, all: readonly Written[]): Promise<string[]> {
  const moved = all.filter(({ isNew, isLink }) => isLink && !isNew);
  const stand = await Promise.all(moved.map(({ path }) => isThere(join(site.path, path, ".git"))));
  return [...links(all), ...moved.flatMap(({ path }, i) => (stand[i] ? [path] : []))];
}

/** Files that differ between two commits. */
export async function changedFiles(site: Site, from: string, to: string): Promise<string[]> {
  return split(await site.main(["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", from, to]));
}

/** Hands paths to git literally and without a limit on their number. */
export const pathspecs = (paths: string[]): { args: string[]; call: Pick<Call, "input"> } => ({
  args: ["--pathspec-from-file=-", "--pathspec-file-nul"],
  call: { input: paths.map((path) => `${path}\0`).join("") },
});

/** Whether a path names anything at all; a link counts, wherever it leads. */
export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false, // nothing is there
  );
