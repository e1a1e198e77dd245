import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Changes, Moved } from "../core/parts.ts";
import type { Git, LandingOrder, Prepared } from "../core/ports/git.ts";
import { readText } from "../lib/durable.ts";
import { stage } from "./commit.ts";
import { fileChanges } from "./compare.ts";
import { patch } from "./diff.ts";
import { changedFiles, leftovers } from "./files.ts";
import type { Landing } from "./land.ts";
import { movedSince } from "./prepare.ts";
import { apart } from "./ref.ts";
import { GitExit, unlessNo } from "./run.ts";
import type { Site } from "./site.ts";
import { difference, stamps } from "./watch.ts";

/**
 * A workspace that is the user's own checkout. Nothing is written there: no commit, no ref, no index. To compare what stands
 * there, index and objects are made in oca's data folder.
 */

type How = Parameters<Git["prepare"]>[1];

/** Takes the checkout as it is; before the first turn that writes, remembers what stands there already. */
export async function prepare(site: Site, { write, named }: How): Promise<Prepared> {
  const at = await checkedOut(site);
  const { base, baseCommit, ready } = site.workspace;
  if (base !== null && at.branch !== `${HEADS}${base}`)
    throw new Error(`${base} was asked for, but ${site.path} has ${short(at.branch)}: run git switch ${base} there`);
  if (ready && baseCommit !== null) {
    stay(site, at);
    return { ok: true, target: at.branch, baseCommit, moved: null };
  }
  if (write) await remember(site);
  const moved: Moved | null =
    baseCommit === null ? null : await movedSince(site, { from: baseCommit, to: at.head, named });
  return { ok: true, target: at.branch, baseCommit: at.head, moved };
}

/** Remembers the checkout before a turn that must not change it. What it resolves to only names: whose it is nobody knows. */
export async function watch(site: Site): Promise<() => Promise<string[]>> {
  await rm(folderOf(site, "look"), { recursive: true, force: true });
  const before = await look(site);
  return async () => {
    const after = await look(site);
    const files = before.tree === after.tree ? [] : await changedFiles(after.own, before.tree, after.tree);
    await rm(folderOf(site, "look"), { recursive: true, force: true });
    return [
      ...(before.head === after.head && before.branch === after.branch ? [] : ["HEAD"]),
      ...(before.index === after.index ? [] : ["index"]),
      ...files,
      ...difference(before.ignored, after.ignored),
    ];
  };
}

/** What the session has made of what stood there when it began to write. `released`: all of it is in a commit. */
export async function compare(site: Site): Promise<Changes> {
  const { baseCommit, ready } = site.workspace;
  if (!ready || baseCommit === null) return { ...NOTHING, head: baseCommit ?? "", onto: baseCommit ?? "" };
  const at = await checkedOut(site);
  stay(site, at);
  const { own, from, to } = await sinceStart(site, baseCommit);
  const [files, made, left, [, commits]] = await Promise.all([
    fileChanges(own, from, to),
    changedFiles(own, from, to),
    changedFiles(own, at.head, to),
    apart(site, baseCommit, at.head),
  ]);
  const open = new Set(left);
  const released = made.length > 0 && made.every((file) => !open.has(file));
  return { ...NOTHING, head: at.head, onto: at.head, commits, files, released };
}

/** Files that differ from what stood there when the session began to write. */
export async function changed(site: Site): Promise<string[]> {
  const { baseCommit, ready } = site.workspace;
  if (!ready || baseCommit === null) return [];
  const { own, from, to } = await sinceStart(site, baseCommit);
  return changedFiles(own, from, to);
}

export async function diff(site: Site): Promise<string> {
  const { baseCommit, ready } = site.workspace;
  if (!ready || baseCommit === null) return "";
  const { own, from, to } = await sinceStart(site, baseCommit);
  return patch(own, { from, to });
}

/** A session ends without a trace: only what oca remembered of it goes. */
export async function land(site: Site, { how }: Pick<LandingOrder, "how">): Promise<Landing> {
  if (how !== "clean") throw new Error(`${site.path} is the user's own checkout: oca does not ${how} there`);
  await rm(join(site.folder, "own", site.session), { recursive: true, force: true });
  return { ok: true, kept: "", pushed: false };
}

const HEADS = "refs/heads/";
const short = (ref: string): string => ref.slice(HEADS.length);
const NOTHING = {
  ...{ commits: 0, files: [], behind: 0, conflicts: [], released: false, notKept: [], edits: null, doubts: [] },
  ...{ candidate: null, others: [] },
} satisfies Omit<Changes, "head" | "onto">;

interface CheckedOut {
  /** Full ref. */
  branch: string;
  head: string;
}

/** Throws, saying what to do, where there is no branch to work on. */
async function checkedOut(site: Site): Promise<CheckedOut> {
  const { name, root } = site.repo;
  if ((await site.here(["rev-parse", "--is-bare-repository"])).trim() === "true")
    throw new Error(`repository ${name} is bare: there is no checkout to work in. Set policy.isolation to "worktree"`);
  const branch = (await unlessNo(site.here(["symbolic-ref", "--quiet", "HEAD"])))?.trim();
  if (!branch?.startsWith(HEADS))
    throw new Error(`${root} has a commit checked out, and no branch: run git switch <branch> there, then try again`);
  try {
    return { branch, head: (await site.here(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])).trim() };
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    throw new Error(`repository ${name} has no commit yet: make a first one in ${root}`);
  }
}

/** What was begun on one branch is not looked at on another. */
function stay(site: Site, { branch }: CheckedOut): void {
  const { target } = site.workspace;
  if (target !== null && branch !== target)
    throw new Error(
      `this work is on ${short(target)}, but ${site.path} has ${short(branch)}: run git switch ${short(target)} there, then try again`,
    );
}

interface Look extends CheckedOut {
  own: Site;
  tree: string;
  /** A digest of what is staged; its times may change by looking. */
  index: string;
  ignored: Map<string, string>;
}

async function look(site: Site): Promise<Look> {
  const [at, staged, ignored] = await Promise.all([
    checkedOut(site),
    site.here(["ls-files", "--stage", "-z"]),
    stamps(site),
  ]);
  return {
    ...at,
    ...(await standing(site, "look")),
    index: createHash("sha256").update(staged).digest("hex"),
    ignored,
  };
}

async function remember(site: Site): Promise<void> {
  const { tree } = await standing(site, "start");
  await writeFile(join(folderOf(site, "start"), "tree"), tree);
}

/** Two trees: what stood there at the start, else the commit of then, and what stands there now. */
async function sinceStart(site: Site, baseCommit: string): Promise<{ own: Site; from: string; to: string }> {
  const { own, tree: to } = await standing(site, "start");
  return { own, from: (await readText(join(folderOf(site, "start"), "tree"))) ?? baseCommit, to };
}

/** What oca keeps of a session in the user's checkout: objects of trees that the repository does not have. */
const folderOf = ({ folder, session }: Site, name: "start" | "look"): string => join(folder, "own", session, name);

/** All that stands there, tracked or not, as a tree; and the same place with the objects of that tree. */
async function standing(site: Site, name: "start" | "look"): Promise<{ own: Site; tree: string }> {
  const folder = folderOf(site, name);
  const [objects, index] = [join(folder, "objects"), join(folder, `index-${randomUUID()}`)];
  await mkdir(objects, { recursive: true, mode: 0o700 });
  const env = {
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(site.common, "objects"),
  };
  // A split index would be split again, beside the user's.
  const here: Site["here"] = (args, call) => site.here(["-c", "core.splitIndex=false", ...args], { ...call, env });
  const [left, folderOfGit] = await Promise.all([leftovers(site), site.here(["rev-parse", "--absolute-git-dir"])]);
  try {
    await copyFile(join(folderOfGit.trim(), "index"), index);
    await stage({ ...left, changed: [...left.changed, ...left.unmerged] }, here);
    return { own: { ...site, here, main: here }, tree: (await here(["write-tree"])).trim() };
  } finally {
    await rm(index, { force: true });
  }
}
