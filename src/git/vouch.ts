import { isVetted } from "../core/parts.ts";
import type { LandingOrder } from "../core/ports/git.ts";
import { type Checker, trial } from "./check.ts";
import { mergeTrees, treeOfCommit } from "./compare.ts";
import type { Landing } from "./land.ts";
import { contains, tip } from "./ref.ts";
import { takenBack, without } from "./revert.ts";
import type { Site } from "./site.ts";
import { freshTip } from "./target.ts";

type Vouched = { ok: true; order: LandingOrder } | Extract<Landing, { ok: false }>;

/** How often the base may move while checks run before they are run where nobody else can land meanwhile. */
const TRIES = 2;

/**
 * Runs the checks on what would land as the base is now, while others may land: the order knows then what has passed.
 * What has moved since is for the landing itself to see.
 */
export async function vouch(site: Site, order: LandingOrder, check: Checker): Promise<Vouched> {
  if (!isVetted(order.how) || order.aim || order.checked === "waived" || site.repo.checks.length === 0)
    return { ok: true, order };
  let { checked } = order;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const commit = await trialNow(site, order);
    if (commit === null || commit === checked) break;
    const checks = await check(site, { commit, signal: order.signal, said: order.said });
    if (!checks.ok) return { ok: false, block: { why: "checks", checks } };
    checked = commit;
  }
  return { ok: true, order: { ...order, checked } };
}

/** Null when nothing would land; why, the landing itself will say. */
async function trialNow(site: Site, order: LandingOrder): Promise<string | null> {
  const made = order.how === "revert" ? await reverted(site, order) : await merged(site, order);
  if (!made?.result.ok || made.result.tree === (await treeOfCommit(site, made.onto))) return null;
  return trial(site, { onto: made.onto, head: made.head, tree: made.result.tree });
}

async function merged(site: Site, { signal }: LandingOrder) {
  const { target } = site.workspace;
  const [onto, head] = [target && (await freshTip(site, target, signal)), await tip(site, site.branch)];
  return onto && head ? { onto, head, result: await mergeTrees(site, onto, head) } : null;
}

async function reverted(site: Site, order: LandingOrder) {
  const { target, ...range } = takenBack(site, order);
  const [onto, head] = [await freshTip(site, target, order.signal), range.commit];
  return (await contains(site, onto, head)) ? { onto, head, result: await without(site, range, onto) } : null;
}
