import { lstat, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Aim } from "../core/parts.ts";
import { changedFiles, isThere } from "./files.ts";
import { split } from "./run.ts";
import type { Site } from "./site.ts";
import { checkouts } from "./worktree.ts";

type Checkout = NonNullable<Aim["checkout"]>;

/** Uncommitted edits on the paths that moving a checkout to `commit` writes. */
export interface Edits {
  /** The user's. */
  files: string[];
  /** Tracked files with an edit, also elsewhere. */
  count: number;
  /** Those that have the new content: written by a move that was cut off before its index, or the same by chance. */
  written: string[];
  /** Those that have only the beginning of it: cut off at the end by the user, or a move that was cut off in the middle of the file. */
  torn: string[];
  /** Those that are gone: deleted by the user, or by a move that was cut off before it wrote them anew. */
  missing: string[];
}

/**
 * Uncommitted edits where the ref is checked out, and those of them that bringing it to `commit` (a commit or a tree) would
 * overwrite; null where it is not checked out.
 */
export async function editsAt(
  site: Site,
  { ref, onto, commit }: { ref: string; onto: string; commit: string },
): Promise<{ checkout: string; count: number; inTheWay: string[] } | null> {
  const there = (await checkouts(site)).find(({ branch }) => branch === ref);
  if (!there) return null;
  const { path } = there;
  const paths = await changedFiles(site, onto, commit);
  const found = await edits(site, { path, paths }, commit);
  return { checkout: path, count: found.count, inTheWay: ownOf(found) };
}

/** The user's edits where no move has begun: nobody else can have torn or removed a file. */
export const ownOf = ({ files, missing, torn }: Edits): string[] => [...files, ...missing, ...torn];

export async function edits(site: Site, { path, paths }: Checkout, commit: string): Promise<Edits> {
  const { entries, count } = await inTheWay(site, path, paths);
  if (entries.length === 0) return { files: [], written: [], torn: [], missing: [], count };
  const has = new Set(split(await site.main(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit])));
  const [differing, staged] = await Promise.all([differingFiles(site, path, commit), stagedFiles(site, path, commit)]);
  const isNew = async ({ file, isStaged }: Entry) => {
    if (isStaged && staged.has(file)) return false;
    return has.has(file) ? !differing.has(file) : !(await isThere(join(path, file)));
  };
  const found = await Promise.all(entries.map(isNew));
  const names = (wanted: boolean) => entries.filter((_, i) => found[i] === wanted);
  const begun = names(false).flatMap(({ file, isStaged }) => (has.has(file) && !isStaged ? [file] : []));
  const there = await Promise.all(begun.map((file) => isThere(join(path, file))));
  const missing = begun.filter((_, i) => !there[i]);
  const torn = await beginnings(site, path, { commit, files: begun.filter((_, i) => there[i]) });
  const others = new Set([...missing, ...torn]);
  const files = names(false).flatMap(({ file }) => (others.has(file) ? [] : [file]));
  return { files, written: names(true).map(({ file }) => file), torn, missing, count };
}

/**
 * Takes back what a move wrote that could not be made to its end. `before`: the edits of then; all else was clean. Nothing
 * goes but the new content, or a part of it.
 */
export async function putBack(
  site: Site,
  { path, paths }: Checkout,
  { onto, commit, before }: { onto: string; commit: string; before: Edits },
): Promise<void> {
  const now = await edits(site, { path, paths }, commit);
  const known = new Set([...before.written, ...before.missing]);
  const written = [...now.written, ...now.torn].filter((file) => !known.has(file));
  const missing = now.missing.filter((file) => !known.has(file));
  // First out of the way, then back: there may be little room.
  for (const file of written) await rm(join(path, file), { force: true });
  const had = new Set(split(await site.main(["ls-tree", "-r", "-z", "--name-only", "--full-tree", onto])));
  const back = [...written, ...missing].filter((file) => had.has(file));
  const input = back.map((file) => `${file}\0`).join("");
  if (input !== "") await site.run(path, ["checkout-index", "--force", "-z", "--stdin"], { input });
}

/** Puts files that stand in the checkout as `commit` has them into its index, so that the move can be made again. */
export async function adopt(
  site: Site,
  path: string,
  { commit, files }: { commit: string; files: string[] },
): Promise<void> {
  const entries = split(
    await site.main(["--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", ...files]),
  );
  const kept = new Set(entries.map((entry) => entry.slice(entry.indexOf("\t") + 1)));
  const zero = "0".repeat(commit.length);
  const gone = files.filter((file) => !kept.has(file)).map((file) => `0 ${zero}\t${file}`);
  const input = [...entries, ...gone].map((line) => `${line}\0`).join("");
  await site.run(path, ["update-index", "-z", "--index-info"], { input });
}

interface Entry {
  file: string;
  /** The index has it otherwise than the last commit. */
  isStaged: boolean;
}

/** All that `git status` has to say about these paths, ignored and untracked files included. */
async function inTheWay(site: Site, path: string, paths: string[]): Promise<{ entries: Entry[]; count: number }> {
  const args = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching"];
  const said = split(await site.run(path, args));
  const entries = said.map((entry) => ({ file: entry.slice(3), isStaged: !/^[ ?!]/.test(entry) }));
  const wanted = new Set(paths);
  const above = new Set(paths.flatMap(folders));
  const blocking = entries.filter(
    ({ file }) => wanted.has(file) || above.has(file) || folders(file).some((folder) => wanted.has(folder)),
  );
  // An ignored folder is one entry, whatever is in it.
  const hiding = entries.filter(({ file }) => file.endsWith("/") && above.has(file.slice(0, -1)));
  const hidden = paths.filter((file) => hiding.some((folder) => file.startsWith(folder.file)));
  const there = await Promise.all(hidden.map((file) => isThere(join(path, file))));
  return {
    entries: [...blocking, ...hidden.filter((_, i) => there[i]).map((file) => ({ file, isStaged: false }))],
    count: said.filter((entry) => !/^[?!]/.test(entry)).length,
  };
}

/** `a/b/c` lies in `a` and `a/b`. */
const folders = (file: string): string[] =>
  [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index)).filter((folder) => folder !== file);

/** Tracked files whose content in the checkout is not that of the commit; the user's index is not touched. */
async function differingFiles(site: Site, path: string, commit: string): Promise<Set<string>> {
  const index = join(site.common, `oca-index-${site.session}`);
  const call = { env: { GIT_INDEX_FILE: index } };
  try {
    await site.run(path, ["read-tree", commit], call);
    const said = await site.run(path, ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff"], call);
    return new Set(split(said));
  } finally {
    await rm(index, { force: true });
  }
}

/** A move is cut off in the middle of one file; more are the user's. */
const MOST = 20;

/** Files of which the checkout has a beginning only, as git would write them there: with the user's filters. */
async function beginnings(
  site: Site,
  path: string,
  { commit, files }: { commit: string; files: string[] },
): Promise<string[]> {
  if (files.length > MOST) return [];
  const are = await Promise.all(
    files.map(async (file) => {
      if (!(await lstat(join(path, file)).catch(() => null))?.isFile()) return false; // gone, or no file any more
      const chunks: Buffer[] = [];
      const take = (chunk: Buffer) => void chunks.push(chunk);
      await site.run(path, ["cat-file", "--filters", `${commit}:${file}`], { take });
      const [part, all] = [await readFile(join(path, file)), Buffer.concat(chunks)];
      return part.length < all.length && part.equals(all.subarray(0, part.length));
    }),
  );
  return files.filter((_, i) => are[i]);
}

async function stagedFiles(site: Site, path: string, commit: string): Promise<Set<string>> {
  const said = await site.run(path, ["diff", "--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit]);
  return new Set(split(said));
}
