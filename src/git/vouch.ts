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
  const moves = order.how === "merge" || order.how === "revert";
  if (!moves || order.aim || order.checked === "waived" || site.repo.checks.length === 0) return { ok: true, order };
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
  const range = order.how === "revert" ? takenBack(site, order) : null;
  const target = range ? range.target : site.workspace.target;
  const onto = target && (await freshTip(site, target, order.signal));
  const head = range ? range.commit : await tip(site, site.branch);
  if (!onto || !head || (range && !(await contains(site, onto, head)))) return null;
  const merged = range ? await without(site, range, onto) : await mergeTrees(site, onto, head);
  if (!merged.ok || merged.tree === (await treeOfCommit(site, onto))) return null;
  return trial(site, { onto, head, tree: merged.tree });
}
