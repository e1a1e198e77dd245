import type { Author, LandingOrder } from "../core/ports/git.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { GitExit, split } from "./run.ts";
import type { Site } from "./site.ts";

export interface Wanted {
  onto: string;
  head: string;
  /** Only what came after this commit; null: all that `onto` lacks. */
  since: string | null;
  style: LandingOrder["style"];
  author: Author;
  /** The ref that commits are written below, one on another. */
  kept: string;
}
export type Candidate = { ok: true; commit: string } | { ok: false; files: string[] };

/**
 * The exact commit that landing `head` on `onto` gives, made without touching any worktree. Its tree is always that of
 * the merge; where single commits cannot be put on top of `onto` with that result, a rebase becomes a squash.
 */
export async function makeCandidate(
  site: Site,
  { onto, head, since, style, author, kept }: Wanted,
): Promise<Candidate> {
  const beyond = [onto, ...(since ? [since] : [])].map((commit) => `^${commit}`);
  const [before, commits] = await Promise.all([
    treeOfCommit(site, onto),
    style === "rebase" ? commitsOf(site, head, beyond) : [],
  ]);
  const side = since ? await childOf(site, since, before) : onto;
  const merged = await mergeTrees(site, side, head);
  if (!merged.ok) return merged;
  const { tree } = merged;
  if (tree === before) return { ok: true, commit: onto };
  if (style === "merge") {
    const commit = await commitTree(site, tree, { parents: [onto, head], message: message(author) });
    return { ok: true, commit };
  }
  const pieces = { onto, side, head, beyond, tree, before, kept };
  const replayed = style === "rebase" ? await replay(site, pieces, commits) : null;
  return { ok: true, commit: replayed ?? (await squash(site, pieces, author)) };
}

interface Pieces {
  onto: string;
  /** What the branch is merged with: `onto`, or a commit with its tree that begins where the branch begins to count. */
  side: string;
  head: string;
  /** What does not count, for `git log`. */
  beyond: string[];
  /** Of the merge, and of `onto`. */
  tree: string;
  before: string;
  kept: string;
}

async function squash(site: Site, { onto, head, beyond, tree }: Pieces, author: Author): Promise<string> {
  const subjects = (await site.main(["log", "--reverse", "--no-merges", "--format=%s", head, ...beyond]))
    .trim()
    .split("\n");
  const list = subjects.length > 1 ? subjects.map((subject) => `- ${subject}`).join("\n") : "";
  return commitTree(site, tree, { parents: [onto], message: message(author, list) });
}

/**
 * Puts the commits on top of `onto`, each with the tree that merging the branch up to there gives; null when there is a merge
 * among them, or one conflicts. The number of processes does not grow with that of the commits.
 */
async function replay(
  site: Site,
  { onto, side, head, tree, before, kept }: Pieces,
  commits: readonly Commit[],
): Promise<string | null> {
  const [first] = commits;
  if (!first || commits.some(({ parents }) => parents.includes(" "))) return null;
  if (first.parents === onto) return head;
  const ids = commits.slice(0, -1).map(({ id }) => id);
  const [trees, start, committer] = await Promise.all([
    mergedTrees(site, side, ids),
    treeOfCommit(site, first.parents),
    site.main(["var", "GIT_COMMITTER_IDENT"]),
  ]);
  if (!trees) return null;
  const picks = picked(commits, [...trees, tree], { before, start });
  return write(site, { onto, kept, committer: committer.trim(), picks });
}

interface Commit {
  id: string;
  /** With a space between them. */
  parents: string;
  tree: string;
  /** Name, address and time, as git writes them. */
  author: string;
  message: string;
}

/** Oldest first: one question, however many there are. */
async function commitsOf(site: Site, head: string, beyond: readonly string[]): Promise<Commit[]> {
  const format = "--format=%H%x00%P%x00%T%x00%an <%ae> %ad%x00%B%x00";
  const said = await site.main(["log", "--reverse", "--topo-order", "--date=raw", format, head, ...beyond]);
  const parts = said.split("\0");
  const commits: Commit[] = [];
  for (let i = 0; i + 5 < parts.length; i += 5) {
    const [id = "", parents = "", tree = "", author = "", message = ""] = parts.slice(i, i + 5);
    commits.push({ id: id.trim(), parents, tree, author: author.trimStart(), message });
  }
  return commits;
}

/** Merged with a child of a commit, what came after that commit has it as merge base: exactly that change is taken. */
const childOf = (site: Site, parent: string, tree: string): Promise<string> =>
  commitTree(site, tree, { parents: [parent], message: "oca" });

/** The trees that merging each of the commits into `onto` gives; null when one conflicts. */
async function mergedTrees(site: Site, onto: string, commits: readonly string[]): Promise<string[] | null> {
  const input = commits.map((commit) => `${onto} ${commit}\n`).join("");
  if (input === "") return [];
  try {
    const said = await site.main(["merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages"], { input });
    const merged = said.split("\0\0").flatMap((one) => (one === "" ? [] : [split(one)]));
    return merged.every(([clean]) => clean === "1") ? merged.map(([, tree = ""]) => tree) : null;
  } catch (error) {
    if (!(error instanceof GitExit) || error.code !== USAGE) throw error;
    return oneByOne(site, onto, commits);
  }
}

/** What git ends with when it does not know a switch. */
const USAGE = 129;

/** Git 2.38 merges one at a time. */
async function oneByOne(site: Site, onto: string, commits: readonly string[]): Promise<string[] | null> {
  const trees: string[] = [];
  for (const commit of commits) {
    const merged = await mergeTrees(site, onto, commit);
    if (!merged.ok) return null;
    trees.push(merged.tree);
  }
  return trees;
}

type Picked = Pick<Commit, "author" | "message" | "tree">;

/** As a rebase has it: what `onto` has already is left out, and what was empty from the beginning stays. */
function picked(
  commits: readonly Commit[],
  trees: readonly string[],
  from: { before: string; start: string },
): Picked[] {
  const picks: Picked[] = [];
  let [top, own] = [from.before, from.start];
  for (const [i, commit] of commits.entries()) {
    const tree = trees[i] ?? "";
    if (tree !== top || commit.tree === own) picks.push({ ...commit, tree });
    [top, own] = [tree, commit.tree];
  }
  return picks;
}

/** Writes the commits in one go and gives the last one. Nobody signs them, and no hook is asked. */
async function write(
  site: Site,
  { onto, kept, committer, picks }: { onto: string; kept: string; committer: string; picks: readonly Picked[] },
): Promise<string> {
  const commits = picks.map(({ author, message, tree }, i) =>
    [
      `commit ${kept}\nmark :${i + 1}\nauthor ${author}\ncommitter ${committer}`,
      `data ${Buffer.byteLength(message)}\n${message}\nfrom ${i === 0 ? onto : `:${i}`}\nM 040000 ${tree} \n\n`,
    ].join("\n"),
  );
  const input = `${commits.join("")}get-mark :${picks.length}\n`;
  return (await site.main(["fast-import", "--quiet", "--force", "--date-format=raw-permissive"], { input })).trim();
}
