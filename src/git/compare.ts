import { doubts } from "../core/doubt.ts";
import type { Changes } from "../core/parts.ts";
import type { Author } from "../core/ports/git.ts";
import { basesOf, basesThere, shownThere } from "./base.ts";
import { trial } from "./check.ts";
import { editsAt } from "./checkout.ts";
import { commitLeft } from "./commit.ts";
import { changedFiles, ignored, type Leftovers, leftovers, ownLinks, written } from "./files.ts";
import { others, there } from "./others.ts";
import { apart, mergeBase, tips } from "./ref.ts";
import { GitExit, split } from "./run.ts";
import type { Site } from "./site.ts";
import { gone } from "./target.ts";
import { settle } from "./worktree.ts";

/** Commits what the turn left and compares the branch with its target. */
export async function inspect(site: Site, author: Author): Promise<Changes> {
  const { target } = site.workspace;
  if (!target) throw new Error(`session ${site.session} has no target: nothing was prepared`);
  await settle(site);
  return against(site, target, await commitLeft(site, target, author));
}

/** Compares the branch with its target as they are. */
export async function compare(site: Site): Promise<Changes> {
  const { target } = site.workspace;
  if (!target) throw new Error(`session ${site.session} has no target: nothing was prepared`);
  return against(site, target, await leftovers(site));
}

async function against(site: Site, target: string, left: Leftovers): Promise<Changes> {
  const refs = await tips(site, [site.branch, target, there(site), ...basesThere(target)]);
  const [head, theirs] = [refs.get(site.branch), refs.get(target)];
  if (!head) throw new Error(`${site.branch} is gone from ${site.repo.root}`);
  if (!theirs) throw await gone(site, target);
  const [base, shown] = await Promise.all([mergeBase(site, theirs, head), shownThere(site, { refs, target, head })]);
  const from = shown?.from ?? base;
  const [[behind, ahead], files, merged, ours, hidden] = await Promise.all([
    apart(site, theirs, head),
    fileChanges(site, from, head),
    mergeTrees(site, theirs, head),
    written(site, from, head),
    ignored(site),
  ]);
  const commits = shown?.commits ?? ahead;
  const conflicts = merged.ok ? [] : merged.files;
  const isChecked = merged.ok && commits > 0 && site.repo.checks.length > 0;
  const [released, edits, patch, candidate, own, people] = await Promise.all([
    merged.ok && isReleased(site, { theirs, head, base, tree: merged.tree }),
    merged.ok ? editsAt(site, { ref: target, onto: theirs, commit: merged.tree }) : null,
    lines(site, from, head),
    isChecked ? trial(site, { onto: theirs, head, tree: merged.tree }) : null,
    ownLinks(site, ours),
    refs.has(there(site)) ? others(site, head, basesOf(refs, target)) : [],
  ]);
  const notKept = [...new Set([...hidden, ...left.big, ...left.nested, ...own])];
  return {
    head,
    commits,
    files,
    behind,
    conflicts,
    released,
    notKept,
    onto: theirs,
    edits,
    doubts: doubts(
      ours,
      patch,
      site.repo.checks.map(({ command }) => command),
    ),
    candidate,
    others: people,
  };
}

/** The tree that merging two commits gives, or the files that conflict. */
export async function mergeTrees(
  site: Site,
  ours: string,
  theirs: string,
): Promise<{ ok: true; tree: string } | { ok: false; files: string[] }> {
  try {
    const said = await site.main(["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs]);
    return { ok: true, tree: split(said)[0]?.trim() ?? "" };
  } catch (error) {
    if (!(error instanceof GitExit) || error.code !== 1) throw error;
    const files = split(error.stdout).slice(1);
    return { ok: false, files: [...new Set(files.map((file) => withoutSide(file, [ours, theirs])))] };
  }
}

/** A file whose place the other side has given to a folder: git calls it by the side that it comes from, `a.txt~<commit>`. */
function withoutSide(file: string, sides: readonly string[]): string {
  const side = sides.find((one) => file.includes(`~${one}`));
  return side === undefined ? file : file.slice(0, file.lastIndexOf(`~${side}`));
}

export const treeOfCommit = async (site: Site, commit: string): Promise<string> =>
  (await site.main(["rev-parse", `${commit}^{tree}`])).trim();

/** Lines added and removed per file; a renamed file has its new name, a binary one counts no lines. */
export async function fileChanges(site: Site, from: string, to: string): Promise<Changes["files"]> {
  const parts = (await site.main(["diff", "--numstat", "-z", "-M", "--no-ext-diff", "--no-textconv", from, to])).split(
    "\0",
  );
  const files: Changes["files"] = [];
  for (let i = 0; i + 1 < parts.length; i += 1) {
    const [added = "", removed = "", path = ""] = (parts[i] ?? "").split("\t");
    const isRename = path === "";
    files.push({
      path: isRename ? (parts[i + 2] ?? "") : tail(parts[i] ?? ""),
      added: Number(added) || 0,
      removed: Number(removed) || 0,
    });
    if (isRename) i += 2;
  }
  return files;
}

/** The lines that were added, as a patch without context. Binary files have none. */
const lines = (site: Site, from: string, to: string): Promise<string> =>
  site.main([
    ...["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"],
    ...["--unified=0", "--diff-filter=AM", from, to],
  ]);

/** A path may have tabs itself. */
const tail = (line: string): string => line.replace(/^[^\t]*\t[^\t]*\t/, "");

interface Both {
  theirs: string;
  head: string;
  base: string;
  tree: string;
}

/** The target has all of it by content, there is something of it, and nobody has taken it back. A label, not a proof. */
async function isReleased(site: Site, { theirs, head, base, tree }: Both): Promise<boolean> {
  if (tree !== (await treeOfCommit(site, theirs))) return false;
  // Merged as they are, the commits are the target's own; what they changed is seen from where they began.
  const from = base === head ? (site.workspace.baseCommit ?? base) : base;
  const ours = await changedFiles(site, from, head);
  if (ours.length === 0) return false;
  const later = new Set(await changedFiles(site, head, theirs));
  const differing = ours.filter((path) => later.has(path));
  if (differing.length === 0) return true;
  const sinceStart = new Set(await changedFiles(site, from, theirs));
  if (differing.some((path) => !sinceStart.has(path))) return false;
  return !(await isReverted(site, `${base}..${theirs}`, differing));
}

async function isReverted(site: Site, range: string, files: string[]): Promise<boolean> {
  const reverts = ["log", "--format=%H", "--max-count=1", "--grep=^This reverts commit ", range, "--", ...files];
  return (await site.main(["--literal-pathspecs", ...reverts])).trim() !== "";
}
