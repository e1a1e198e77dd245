import { copyFile, lstat, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Author } from "../core/ports/git.ts";
import { type Leftovers, leftovers, pathspecs } from "./files.ts";
import { mergeBase } from "./ref.ts";
import type { Call } from "./run.ts";
import type { Site } from "./site.ts";
import { adminOf, exists } from "./worktree.ts";

/** A commit message: the request, `more` as its body, and who asked for it and who approved. */
export function message({ title, requestedBy, approvedBy }: Author, more = ""): string {
  const approvers = [...new Set(approvedBy.map(({ name }) => oneLine(name)))];
  const trailers = [`Requested-by: ${oneLine(requestedBy.name)}`, ...approvers.map((name) => `Approved-by: ${name}`)];
  return `${[oneLine(title) || "Changes", more, trailers.join("\n")].filter((part) => part !== "").join("\n\n")}\n`;
}

/**
 * Commits what a turn left in the worktree, without what must not be in a commit: copied files, repositories inside,
 * files over 50 MB. Throws when a conflict is unresolved.
 */
export async function commitLeft(site: Site, target: string, author: Author): Promise<Leftovers> {
  const left = await sorted(site);
  if (left.unmerged.length > 0)
    throw new Error(
      `unresolved conflicts in ${site.path}: ${left.unmerged.join(", ")}: resolve them, or run git merge --abort there`,
    );
  await stage(left, site.here);
  const admin = await adminOf(site);
  const isMerging = admin !== null && (await exists(join(admin, "MERGE_HEAD")));
  if (isMerging || (left.changed.length > 0 && (await isStaged(site))))
    await site.here(["commit", "--no-verify", "--no-gpg-sign", "--cleanup=verbatim", "--file=-"], {
      input: message(author),
    });
  await takeCopiesOut(site, target, author);
  return left;
}

/** A conflict that has no marker left is a change: agents may not be able to tell git that it is resolved. */
async function sorted(site: Site): Promise<Leftovers> {
  const left = await leftovers(site);
  const open = await Promise.all(left.unmerged.map((path) => hasMarkers(join(site.path, path))));
  const done = left.unmerged.filter((_, i) => !open[i]);
  return { ...left, changed: [...left.changed, ...done], unmerged: left.unmerged.filter((_, i) => open[i]) };
}

async function hasMarkers(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null); // deleted: that was the resolution
  if (!stats?.isFile()) return false;
  return /^(?:<{7}|>{7})(?: |$)/m.test(await readFile(path, "utf8"));
}

/** The tree of all that stands in the worktree, but for what cannot be kept, made beside its index. */
export async function stagedTree(site: Site, left: Leftovers): Promise<string> {
  const admin = await adminOf(site);
  if (!admin) throw new Error(`${site.path} is not a worktree of ${site.repo.root}`);
  const index = join(admin, "oca-index");
  await copyFile(join(admin, "index"), index);
  try {
    const beside = (args: string[], call?: Call) => site.here(args, { ...call, env: { GIT_INDEX_FILE: index } });
    await stage({ ...left, changed: [...left.changed, ...left.unmerged] }, beside);
    return (await beside(["write-tree"])).trim();
  } finally {
    await rm(index, { force: true });
  }
}

/** Makes a commit of a tree. */
export async function commitTree(
  site: Site,
  tree: string,
  how: { parents: string[]; message: string; env?: Record<string, string> },
): Promise<string> {
  const parents = how.parents.flatMap((parent) => ["-p", parent]);
  const { message: input, env } = how;
  return (await site.main(["commit-tree", tree, ...parents, "-F", "-"], { input, ...(env && { env }) })).trim();
}

/** The commit of everything in the worktree: HEAD itself when nothing was left. */
export async function snapshot(site: Site, author: Author): Promise<string> {
  const tree = await stagedTree(site, await leftovers(site));
  const [head = "", own = ""] = (await site.here(["rev-parse", "HEAD", "HEAD^{tree}"])).split("\n");
  return tree === own ? head : commitTree(site, tree, { parents: [head], message: message(author) });
}

type Here = (args: string[], call?: Call) => Promise<string>;

/** Brings what was left into an index, but for what must not be in a commit. */
export async function stage(left: Leftovers, here: Here): Promise<void> {
  const { nested, copied, big } = left;
  // The agent may have staged them itself.
  if (nested.length + copied.length + big.length > 0) {
    const { args, call } = pathspecs([...nested, ...copied, ...big]);
    await here(["--literal-pathspecs", "reset", "--quiet", ...args], call);
  }
  const [odd, plain] = [left.changed.filter(isOdd), left.changed.filter((path) => !isOdd(path))];
  if (odd.length > 0) {
    const not = [...nested, ...copied, ...big].map((path) => `:(exclude,literal)${path}`);
    const { args, call } = pathspecs([...odd.map(pattern), ...not]);
    await here(["add", "--all", "--sparse", "--verbose", ...args], call);
  }
  if (plain.length === 0) return;
  const { args, call } = pathspecs(plain);
  // Forced, because a file in an ignored folder may be tracked all the same; outside of a sparse checkout, too.
  await here(["--literal-pathspecs", "add", "--all", "--force", "--sparse", "--verbose", ...args], call);
}

/** A name that is not UTF-8 has lost some of its bytes on the way to us: it is found again by the others. */
const isOdd = (path: string): boolean => path.includes("\uFFFD");
const pattern = (path: string): string => `:(glob)${path.replace(/[\\*?[\]]/g, "\\$&").replace(/\uFFFD+/g, "*")}`;

async function isStaged(site: Site): Promise<boolean> {
  const [staged, head] = await Promise.all([site.here(["write-tree"]), site.here(["rev-parse", "HEAD^{tree}"])]);
  return staged !== head;
}

/** The agent committed a copied file, a secret as a rule: all its commits become one that never had it. */
async function takeCopiesOut(site: Site, target: string, author: Author): Promise<void> {
  const { copy } = site.repo;
  if (copy.length === 0) return;
  const from = await mergeBase(site, target, site.branch);
  const args = [
    "--literal-pathspecs",
    "diff",
    "--name-only",
    "-z",
    "--diff-filter=A",
    from,
    site.branch,
    "--",
    ...copy,
  ];
  const committed = (await site.main(args)).split("\0").filter((path) => path !== "");
  if (committed.length === 0) return;
  await site.here(["--literal-pathspecs", "rm", "--cached", "--sparse", "--", ...committed]);
  const tree = (await site.here(["write-tree"])).trim();
  const commit = await commitTree(site, tree, { parents: [from], message: message(author) });
  await site.main(["update-ref", site.branch, commit]);
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, " ").trim();
