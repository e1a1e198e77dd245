import { createHash } from "node:crypto";
import { copyFile, lstat, readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { commitTree, stagedTree } from "./commit.ts";
import { changedFiles, isEmpty, leftovers, pathspecs } from "./files.ts";
import { split } from "./run.ts";
import type { Site } from "./site.ts";
import { adminOf } from "./worktree.ts";

/** Remembers a workspace as it is before a turn that must not change it. */
export async function watch(site: Site): Promise<() => Promise<string[]>> {
  const before = await look(site);
  return () => restore(site, before);
}

/** Remembers the git directory that a workspace shares with the user. */
export async function watchShared(site: Site): Promise<() => Promise<string[]>> {
  const before = await digests(site.common);
  return async () => difference(before, await digests(site.common));
}

/** What a plan turn must leave as it is. */
interface Look {
  admin: string;
  /** The commit and the branch that are checked out. */
  head: string;
  branch: string;
  /** A commit of everything that is no ignored file: tracked or not. */
  snapshot: string;
  /** Ignored files by path: size and times. */
  ignored: Map<string, string>;
}

async function look(site: Site): Promise<Look> {
  const admin = await adminOf(site);
  if (!admin) throw new Error(`${site.path} is not a worktree of ${site.repo.root}`);
  const [said, branch, ignored] = await Promise.all([
    site.here(["rev-parse", "HEAD"]),
    readFile(join(admin, "HEAD"), "utf8"),
    stamps(site),
  ]);
  const head = said.trim();
  const snapshot = await shot(site, head, "What stood in the workspace before a plan turn\n");
  await copyFile(join(admin, "index"), join(admin, "oca-index-before"));
  return { admin, head, branch, snapshot, ignored };
}

/** The commit of all that stands in the workspace: the one that is checked out when nothing was left beside it. */
async function shot(site: Site, head: string, message: string): Promise<string> {
  const left = await leftovers(site);
  if (isEmpty(left)) return head;
  return commitTree(site, await stagedTree(site, left), { parents: [head], message });
}

/** Puts back what was changed; resolves to the paths, and to `HEAD` when it had been moved. */
async function restore(site: Site, before: Look): Promise<string[]> {
  const now = await compare(site, before);
  const ignored = difference(before.ignored, await stamps(site));
  const files = now.snapshot === before.snapshot ? [] : await changedFiles(site, before.snapshot, now.snapshot);
  if (now.moved) await putHeadBack(site, before);
  if (files.length > 0) await putFilesBack(site, before, files);
  await removeNew(site, before, ignored);
  if (now.moved || files.length > 0)
    await copyFile(join(before.admin, "oca-index-before"), join(before.admin, "index"));
  await rm(join(before.admin, "oca-index-before"), { force: true });
  return [...(now.moved ? ["HEAD"] : []), ...files, ...ignored];
}

async function compare(site: Site, before: Look): Promise<{ moved: boolean; snapshot: string }> {
  const head = (await site.here(["rev-parse", "HEAD"])).trim();
  const branch = await readFile(join(before.admin, "HEAD"), "utf8");
  return {
    moved: head !== before.head || branch !== before.branch,
    snapshot: await shot(site, head, "What a plan turn left in the workspace\n"),
  };
}

async function putHeadBack(site: Site, { branch, head }: Look): Promise<void> {
  const ref = branch.startsWith("ref: ") ? branch.slice(5).trim() : null;
  if (ref) await site.here(["symbolic-ref", "HEAD", ref]);
  await site.here(["update-ref", ...(ref ? [ref] : ["--no-deref", "HEAD"]), head]);
}

/** Files of the snapshot are written again, others are removed; uncommitted work of earlier turns stays as it was. */
async function putFilesBack(site: Site, { snapshot, admin }: Look, files: string[]): Promise<void> {
  const had = new Set(split(await site.main(["ls-tree", "-r", "-z", "--name-only", snapshot])));
  for (const path of files) if (!had.has(path)) await rm(join(site.path, path), { recursive: true, force: true });
  const back = files.filter((path) => had.has(path));
  if (back.length === 0) return;
  const index = join(admin, "oca-index");
  const beside = { env: { GIT_INDEX_FILE: index } };
  const { args, call } = pathspecs(back);
  try {
    await site.here(["read-tree", snapshot], beside);
    for (const path of back) await rm(join(site.path, path), { recursive: true, force: true });
    await site.here(["--literal-pathspecs", "checkout", "--force", ...args], { ...beside, ...call });
  } finally {
    await rm(index, { force: true });
  }
}

/** A new ignored file goes; one that was changed cannot be put back: its content was never ours to keep. */
async function removeNew(site: Site, { ignored }: Look, changed: string[]): Promise<void> {
  for (const path of changed) if (!ignored.has(path)) await rm(join(site.path, path), { recursive: true, force: true });
}

/** Ignored files by path: size and times. */
export async function stamps(site: Site): Promise<Map<string, string>> {
  const said = await site.here(["ls-files", "--others", "--ignored", "--exclude-standard", "-z"]);
  const entries = await Promise.all(
    split(said).map(async (path): Promise<[string, string]> => {
      const stats = await lstat(join(site.path, path)).catch(() => null); // gone meanwhile
      return [path, stats ? `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : ""];
    }),
  );
  return new Map(entries);
}

const SHARED = ["config", "config.worktree", "hooks", "info", "refs/stash"];

/** What of the shared git directory can make other commands run or lose the user's work. */
async function digests(common: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of SHARED) await digest(common, join(common, name), found);
  return found;
}

async function digest(common: string, path: string, found: Map<string, string>): Promise<void> {
  const stats = await lstat(path).catch(() => null); // most of them need not be there
  if (stats?.isDirectory()) for (const name of await readdir(path)) await digest(common, join(path, name), found);
  else if (stats) found.set(relative(common, path), await hash(path, stats.isFile()));
}

async function hash(path: string, isFile: boolean): Promise<string> {
  if (!isFile) return "no file";
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** Paths that only one of two looks has, or each otherwise. */
export function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort((a, b) => (a < b ? -1 : 1));
}
