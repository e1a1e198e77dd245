import type { Author, LandingOrder } from "../core/ports.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import type { Site } from "./site.ts";

export interface Wanted {
  onto: string;
  head: string;
  style: LandingOrder["style"];
  author: Author;
}
export type Candidate = { ok: true; commit: string } | { ok: false; files: string[] };

/**
 * The exact commit that landing `head` on `onto` gives, made without touching any worktree. Its tree is always that of
 * the merge; where single commits cannot be put on top of `onto` with that result, a rebase becomes a squash.
 */
export async function makeCandidate(site: Site, { onto, head, style, author }: Wanted): Promise<Candidate> {
  const [merged, before] = await Promise.all([mergeTrees(site, onto, head), treeOfCommit(site, onto)]);
  if (!merged.ok) return merged;
  const { tree } = merged;
  if (tree === before) return { ok: true, commit: onto };
  if (style === "merge") {
    const commit = await commitTree(site, tree, { parents: [onto, head], message: message(author) });
    return { ok: true, commit };
  }
  const pieces = { onto, head, tree, before };
  const replayed = style === "rebase" ? await replay(site, pieces) : null;
  return { ok: true, commit: replayed ?? (await squash(site, pieces, author)) };
}

interface Pieces {
  onto: string;
  head: string;
  /** Of the merge, and of `onto`. */
  tree: string;
  before: string;
}

async function squash(site: Site, { onto, head, tree }: Pieces, author: Author): Promise<string> {
  const subjects = (await site.main(["log", "--reverse", "--no-merges", "--format=%s", head, `^${onto}`]))
    .trim()
    .split("\n");
  const list = subjects.length > 1 ? subjects.map((subject) => `- ${subject}`).join("\n") : "";
  return commitTree(site, tree, { parents: [onto], message: message(author, list) });
}

/** Puts the commits on top of `onto` one by one; null when that does not give the tree of the merge. */
async function replay(site: Site, { onto, head, tree, before }: Pieces): Promise<string | null> {
  const commits = await commitsOf(site, head, onto);
  if (commits.some(({ parents }) => parents.includes(" "))) return null;
  if (commits[0]?.parents === onto) return head;
  let top = { commit: onto, tree: before };
  for (const commit of commits) {
    const next = await pick(site, top, commit);
    if (!next) return null;
    top = next;
  }
  return top.tree === tree ? top.commit : null;
}

interface Commit {
  id: string;
  /** With a space between them. */
  parents: string;
  /** Who wrote it, and when. */
  env: Record<string, string>;
  message: string;
}

/** Commits that `onto` lacks, oldest first: one question, however many there are. */
async function commitsOf(site: Site, head: string, onto: string): Promise<Commit[]> {
  const format = "--format=%H%x00%P%x00%an%x00%ae%x00%ad%x00%B%x00";
  const said = await site.main(["log", "--reverse", "--topo-order", "--date=raw", format, head, `^${onto}`]);
  const parts = said.split("\0");
  const commits: Commit[] = [];
  for (let i = 0; i + 6 < parts.length; i += 6) {
    const [id = "", parents = "", name = "", email = "", date = "", message = ""] = parts.slice(i, i + 6);
    const env = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
    commits.push({ id: id.trim(), parents, env, message });
  }
  return commits;
}

interface Top {
  commit: string;
  tree: string;
}

/** One commit on top of another; null when it conflicts. */
async function pick(site: Site, top: Top, { id, parents, env, message: body }: Commit): Promise<Top | null> {
  // Merged with a child of the commit's own parent, it has that parent as merge base: exactly its own change is taken.
  const sibling = await commitTree(site, top.tree, { parents: [parents], message: "oca" });
  const merged = await mergeTrees(site, sibling, id);
  if (!merged.ok) return null;
  if (merged.tree === top.tree) return top;
  const { tree } = merged;
  return { tree, commit: await commitTree(site, tree, { parents: [top.commit], message: body, env }) };
}
