import type { Author, LandingOrder } from "../core/ports.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import { contains } from "./ref.ts";
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
  if (await contains(site, onto, head)) return { ok: true, commit: onto };
  const merged = await mergeTrees(site, onto, head);
  if (!merged.ok) return merged;
  const { tree } = merged;
  if (tree === (await treeOfCommit(site, onto))) return { ok: true, commit: onto };
  if (style === "merge") {
    const commit = await commitTree(site, tree, { parents: [onto, head], message: message(author) });
    return { ok: true, commit };
  }
  const replayed = style === "rebase" ? await replay(site, { onto, head, tree }) : null;
  return { ok: true, commit: replayed ?? (await squash(site, { onto, head, tree }, author)) };
}

interface Pieces {
  onto: string;
  head: string;
  tree: string;
}

async function squash(site: Site, { onto, head, tree }: Pieces, author: Author): Promise<string> {
  const subjects = (await site.main(["log", "--reverse", "--no-merges", "--format=%s", head, `^${onto}`]))
    .trim()
    .split("\n");
  const list = subjects.length > 1 ? subjects.map((subject) => `- ${subject}`).join("\n") : "";
  return commitTree(site, tree, { parents: [onto], message: message(author, list) });
}

/** Puts the commits on top of `onto` one by one; null when that does not give the tree of the merge. */
async function replay(site: Site, { onto, head, tree }: Pieces): Promise<string | null> {
  const lines = (await site.main(["rev-list", "--reverse", "--topo-order", "--parents", head, `^${onto}`]))
    .trim()
    .split("\n");
  const commits = lines.map((line) => line.split(" "));
  if (commits.some(({ length }) => length !== 2)) return null;
  if (commits[0]?.[1] === onto) return head;
  let top = { commit: onto, tree: await treeOfCommit(site, onto) };
  for (const [commit = "", parent = ""] of commits) {
    const next = await pick(site, top, { commit, parent });
    if (!next) return null;
    top = next;
  }
  return top.tree === tree ? top.commit : null;
}

interface Top {
  commit: string;
  tree: string;
}

/** One commit on top of another; null when it conflicts. */
async function pick(site: Site, top: Top, { commit, parent }: { commit: string; parent: string }): Promise<Top | null> {
  // Merged with a child of the commit's own parent, it has that parent as merge base: exactly its own change is taken.
  const sibling = await commitTree(site, top.tree, { parents: [parent], message: "oca" });
  const merged = await mergeTrees(site, sibling, commit);
  if (!merged.ok) return null;
  if (merged.tree === top.tree) return top;
  const format = ["log", "-1", "--date=raw", "--format=%an%x00%ae%x00%ad%x00%B"];
  const [name = "", email = "", date = "", body = ""] = (await site.main([...format, commit])).split("\0");
  const env = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
  const { tree } = merged;
  return { tree, commit: await commitTree(site, tree, { parents: [top.commit], message: body, env }) };
}
