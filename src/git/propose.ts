import type { LandingOrder } from "../core/ports/git.ts";
import { basesOf, basesThere } from "./base.ts";
import { commitTree, message } from "./commit.ts";
import { mergeTrees } from "./compare.ts";
import { failed, type Landing, type Take } from "./land.ts";
import { move, plan } from "./move.ts";
import { fetchOwn } from "./others.ts";
import { contains, tip, tips } from "./ref.ts";
import { GitExit } from "./run.ts";
import type { Site } from "./site.ts";
import { baseOf, freshBase } from "./target.ts";

/**
 * Pushes the branch with the user's own credentials, for a pull request. Nothing is forced, and no commit of the local base
 * goes along that the server lacks. May run again at any time: what is there already stays as it is.
 */
export async function propose(site: Site, order: LandingOrder, take: Take): Promise<Landing> {
  const { target } = site.workspace;
  if (!target) throw new Error(`session ${site.session} has no target: nothing was prepared`);
  try {
    const stopped = await takeIn(site, order, take);
    if (stopped) return stopped;
    const head = await tip(site, site.branch);
    if (!head) return failed(`the branch ${site.branch} is gone from ${site.repo.root}`);
    const base = await freshBase(site, baseOf(target));
    const private_ = await strangers(site, { head, base, target });
    if (private_ > 0) return no("private", `${private_}`);
    order.signal.throwIfAborted();
    await take({ ref: site.branch, onto: null, commit: head, checkout: null });
    await site.main(["push", "--porcelain", "origin", `${head}:${site.branch}`], { hooks: true });
    return { ok: true, kept: "", pushed: true };
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    return no(reasonOf(`${error.stderr}\n${error.stdout}`), error.message);
  }
}

/** What others have put on the branch there comes into it first; what conflicts stays there. Null: a push may follow. */
async function takeIn(site: Site, order: LandingOrder, take: Take): Promise<Landing | null> {
  const { aim } = order;
  if (aim?.onto) await move(site, { ...aim, onto: aim.onto });
  const [onto, theirs] = await Promise.all([tip(site, site.branch), fetchOwn(site, order.signal)]);
  if (!onto || !theirs || (await contains(site, onto, theirs))) return null;
  const commit = (await contains(site, theirs, onto)) ? theirs : await joined(site, { onto, theirs, order });
  if (!commit) return no("behind", `${site.branch} conflicts with what it has on the server`);
  const planned = await plan(site, { ref: site.branch, onto, commit });
  if (!planned.ok) return planned;
  order.signal.throwIfAborted();
  const next = { ref: site.branch, onto, commit, checkout: planned.checkout };
  await take(next);
  const moved = await move(site, next);
  if ("block" in moved) return { ok: false, block: moved.block };
  return moved.moved ? null : failed(`${site.branch} was moved by somebody else meanwhile`);
}

interface Both {
  onto: string;
  theirs: string;
  order: LandingOrder;
}

async function joined(site: Site, { onto, theirs, order }: Both): Promise<string | null> {
  const merged = await mergeTrees(site, onto, theirs);
  if (!merged.ok) return null;
  const words = message({ ...order, title: `Merge branch '${site.workspace.branch}' of origin` });
  return commitTree(site, merged.tree, { parents: [onto, theirs], message: words });
}

type Reason = Extract<Extract<Landing, { ok: false }>["block"], { why: "pull" }>["reason"];

const no = (reason: Reason, error: string): Landing => ({
  ok: false,
  block: { why: "pull", reason, error: withoutKeys(error), until: null },
});

/** An address may carry a password, and a card is read by many. */
export const withoutKeys = (said: string): string => said.replace(/\/\/[^/@\s]*@/g, "//");

/** Commits of the local base that the server lacks: they would be shown to everybody. */
async function strangers(
  site: Site,
  { head, base, target }: { head: string; base: string; target: string },
): Promise<number> {
  const beyond = async (...not: string[]) =>
    Number(await site.main(["rev-list", "--count", head, ...not.map((commit) => `^${commit}`)]));
  return (await beyond(base)) - (await beyond(base, target));
}

const SAYS: readonly [Reason, RegExp][] = [
  ["base", /couldn't find remote ref/i],
  ["protected", /protected branch|pre-receive hook declined|GH006|GH013|rule violations|hook declined/i],
  ["behind", /non-fast-forward|fetch first|\[rejected\]|stale info/i],
  [
    "auth",
    /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission .*denied|permission to .* denied|access denied|not authorized|error: 40[13]|repository not found|does not appear to be a git repository|host key verification failed/i,
  ],
  [
    "offline",
    /could not resolve host|failed to connect|connection (?:refused|timed out|reset)|network is unreachable|unable to access|block timeout/i,
  ],
];

/** What git means, in words that differ from server to server; what nobody knows is told as it was said. */
export const reasonOf = (said: string): Reason => SAYS.find(([, words]) => words.test(said))?.[0] ?? "refused";

/** What the commits of the branch say, oldest first. */
export async function subjects(site: Site): Promise<string[]> {
  const { target } = site.workspace;
  if (!target) return [];
  const refs = await tips(site, [target, ...basesThere(target)]);
  const bases = basesOf(refs, target).map((base) => `^${base}`);
  const said = await site.main(["log", "--reverse", "--no-merges", "--format=%s", site.branch, ...bases]);
  return said
    .trim()
    .split("\n")
    .filter((line) => line !== "");
}
