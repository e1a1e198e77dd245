import type { Aim, Block } from "../core/parts.ts";
import type { LandingOrder } from "../core/ports/git.ts";
import { makeCandidate } from "./candidate.ts";
import { type Checker, trial } from "./check.ts";
import { treeOfCommit } from "./compare.ts";
import { Locked } from "./lock.ts";
import { move, plan } from "./move.ts";
import { apart, keep, tip } from "./ref.ts";
import { GitExit } from "./run.ts";
import { keptRef, type Site } from "./site.ts";
import { freshTip, hasLanded, isRemote, localOf, push } from "./target.ts";

export type Landing = { ok: true; kept: string; pushed: boolean } | { ok: false; block: Block };
export type Take = (aim: Aim) => Promise<void>;
/** What a landing is done with beside git. */
export interface Means {
  take: Take;
  check: Checker;
}

const ATTEMPTS = 5;

/** Lands the branch on its target. */
export async function merge(site: Site, order: LandingOrder, { take, check }: Means): Promise<Landing> {
  const target = order.aim?.ref ?? site.workspace.target;
  if (!target) throw new Error(`session ${site.session} has no target: nothing was prepared`);
  return arrive(site, order, { target, take, make: (onto) => candidate(site, { order, check, onto }) });
}

export type Made = { ok: true; commit: string } | Extract<Landing, { ok: false }>;

interface Way {
  target: string;
  take: Take;
  /** The exact result, on the target as it stands. */
  make(onto: string): Promise<Made>;
}

/** Moves the target to what is made of it. Nothing moves before `take` has saved the aim. */
export async function arrive(site: Site, order: LandingOrder, way: Way): Promise<Landing> {
  const { target } = way;
  if (isRemote(target) && !order.push)
    return failed(`the base is ${target} and pushing is off: turn it on, or merge the branch by hand`);
  if (order.aim) {
    const landing = await resume(site, order, order.aim);
    if (landing) return landing;
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const landing = await attemptOnce(site, order, way);
    if (landing) return landing;
  }
  return { ok: false, block: { why: "moving" } };
}

/** An answer for a lock that did not go away; anything else is thrown on. */
export async function orLocked(landing: Promise<Landing>): Promise<Landing> {
  try {
    return await landing;
  } catch (error) {
    if (!(error instanceof Locked)) throw error;
    return { ok: false, block: { why: "locked", file: error.file, ageMs: error.ageMs } };
  }
}

export const failed = (error: string): Extract<Landing, { ok: false }> => ({
  ok: false,
  block: { why: "failed", error },
});

/** Makes, aims and moves; null when the target moved meanwhile. */
async function attemptOnce(site: Site, order: LandingOrder, { target, take, make }: Way): Promise<Landing | null> {
  const onto = await freshTip(site, target, order.signal);
  const made = await make(onto);
  if (!made.ok) return made;
  const { commit } = made;
  const planned = isRemote(target)
    ? await planFollowing(site, target, commit)
    : await plan(site, { ref: target, onto, commit });
  if (!planned.ok) return planned;
  const kept = keptRef(site, order.work);
  await keep(site, kept, commit);
  order.signal.throwIfAborted();
  const aim = { ref: target, onto, commit, checkout: planned.checkout };
  await take(aim);
  return go(site, aim, kept);
}

async function candidate(site: Site, { order, check, onto }: Merging): Promise<Made> {
  const head = await tip(site, site.branch);
  if (!head) return failed(`the branch ${site.branch} is gone from ${site.repo.root}`);
  const made = await makeCandidate(site, {
    onto,
    head,
    since: null,
    style: order.style,
    author: order,
    kept: keptRef(site, order.work),
  });
  if (!made.ok) return { ok: false, block: { why: "conflict", files: made.files } };
  return vetted(site, { order, check, onto, head, commit: made.commit });
}

export interface Merging {
  order: LandingOrder;
  check: Checker;
  onto: string;
}

/**
 * What was made of `onto` and `head`. The base may have moved since its checks passed, or they were never run: they count for
 * what lands, so they run now.
 */
export async function vetted(
  site: Site,
  { order, check, onto, head, commit }: Merging & { head: string; commit: string },
): Promise<Made> {
  const made: Made = { ok: true, commit };
  if (commit === onto || order.checked === "waived" || site.repo.checks.length === 0) return made;
  const candidate = await trial(site, { onto, head, tree: await treeOfCommit(site, commit) });
  if (candidate === order.checked) return made;
  const checks = await check(site, { commit: candidate, signal: order.signal, said: order.said });
  return checks.ok ? made : { ok: false, block: { why: "checks", checks } };
}

async function go(site: Site, aim: Aim & { onto: string }, kept: string): Promise<Landing | null> {
  if (isRemote(aim.ref)) return pushAndFollow(site, aim, kept);
  const moved = await move(site, aim);
  if ("block" in moved) return { ok: false, block: moved.block };
  return moved.moved ? { ok: true, kept, pushed: false } : null;
}

/** The aim was saved before the process died: did the ref move, may it still, or is there a new one to take? */
async function resume(site: Site, order: LandingOrder, aim: Aim): Promise<Landing | null> {
  const kept = keptRef(site, order.work);
  const { ref, onto, commit } = aim;
  if (onto === null) throw new Error(`the saved aim at ${ref} has no start`);
  if (await hasLanded(site, aim)) {
    await keep(site, kept, commit);
    if (isRemote(ref)) await follow(site, { ...aim, onto });
    return { ok: true, kept, pushed: isRemote(ref) };
  }
  if ((await tip(site, ref)) !== onto) return null;
  await keep(site, kept, commit);
  return go(site, { ...aim, onto }, kept);
}

/** Where the local base will be written when it follows a push; edits in the way only keep it from following. */
async function planFollowing(
  site: Site,
  target: string,
  commit: string,
): Promise<{ ok: true; checkout: Aim["checkout"] }> {
  const ref = localOf(target);
  const onto = await tip(site, ref);
  if (!onto || (await apart(site, onto, commit))[0] > 0) return { ok: true, checkout: null };
  const planned = await plan(site, { ref, onto, commit });
  return planned.ok ? planned : { ok: true, checkout: null };
}

async function pushAndFollow(site: Site, aim: Aim & { onto: string }, kept: string): Promise<Landing | null> {
  const { ref, onto, commit } = aim;
  try {
    if (onto !== commit) await push(site, ref, commit);
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    // The answer may have been lost on the way back: only the remote knows.
    if (!(await hasLanded(site, aim))) return (await tip(site, ref)) === onto ? failed(error.message) : null;
  }
  await follow(site, aim);
  return { ok: true, kept, pushed: true };
}

/** The push has landed; the local base follows if that is a fast-forward and no edit is in the way. */
async function follow(site: Site, { ref, commit, checkout }: Aim): Promise<void> {
  const local = localOf(ref);
  const onto = await tip(site, local);
  if (!onto || onto === commit || (await apart(site, onto, commit))[0] > 0) return;
  try {
    await move(site, { ref: local, onto, commit, checkout });
  } catch (error) {
    if (!(error instanceof GitExit || error instanceof Locked)) throw error;
    // Left behind, as a base that could not follow is: the landing itself is done.
  }
}
