import { never } from "../lib/never.ts";
import type { Role } from "./authority.ts";
import { TIMES } from "./due.ts";
import type { Verb } from "./event.ts";
import type { Changes } from "./parts.ts";
import { type At, isActive } from "./phase.ts";
import { mayMerge, mayPull } from "./policy.ts";
import { isOpen, newsOf } from "./pull.ts";
import { isOwn, SERVER, SERVERS, type Session } from "./session.ts";

/** What the card of a resting session offers now: the buttons that are drawn and the clicks that are valid. */
export function offered(s: Session, now: number): Verb[] {
  const { phase } = s;
  switch (phase.at) {
    case "deciding":
      return ["approve", "revise", "reject"];
    case "reviewing":
      return isOwn(s) ? ["later"] : [...ways(s, phase), "later", "discard"];
    case "paused":
      // With an aim the ref may have moved already: going on finds out, discarding would contradict it.
      if (phase.retry.at === "landing" && phase.retry.aim && phase.retry.how !== "pr") return ["resume"];
      return [
        "resume",
        ...(limitOf(phase) === null ? [] : ["later" as const]),
        ...(isOwn(s) ? [] : ["discard" as const]),
      ];
    case "closed":
      return undoing(s, phase, now);
    default:
      return [];
  }
}

/** What may be said about the session now: as its card offers, or Stop while anything goes on. */
export const decidable = (s: Session, now: number): Verb[] =>
  isActive(s.phase) || s.phase.at === "asking" ? ["stop"] : offered(s, now);

/** When the agent may work again, if that is what it waits for. */
export const limitOf = ({ why }: At<"paused">): number | null =>
  why.why === "failed" && why.outcome.kind === "limited" ? why.outcome.resetAt : null;

/** How the work of a review could get further. */
function ways(s: Session, { changes }: At<"reviewing">): Verb[] {
  if (changes.released) return ["tidy"];
  const said: Verb[] = newsOf(s.pull).length > 0 && isOpen(s.pull) ? ["address"] : [];
  const pr: Verb[] = pullable(s, changes) ? ["pr"] : [];
  if (changes.conflicts.length > 0)
    return [...(tries(s).length < TRIES.asked ? ["resolve" as const] : []), ...said, ...pr];
  const merges = changes.commits > 0 && s.policy.land !== "manual" && mayLand(s) && !isOpen(s.pull);
  const merge: Verb[] = merges ? [failedChecks(s, changes) ? "force" : "merge"] : [];
  return [...said, ...merge, ...pr];
}

/** The policy lets a merge through, and the base can be moved: the server's own only by a push, another project's never. */
export const mayLand = ({ policy, workspace }: Session): boolean => {
  const target = workspace?.target ?? "";
  return mayMerge(policy) && (!target.startsWith(SERVERS) || (policy.push && target.startsWith(SERVER)));
};

/** There is something that a pull request would show and does not show yet. */
export function pullable({ policy, pull }: Session, { commits, head }: Changes): boolean {
  if (commits === 0 || policy.land === "manual" || !mayPull(policy)) return false;
  if (pull === null || pull.is === "merged" || pull.head !== head) return true;
  return pull.is === "request" && pull.state === "closed";
}

/** The checks have failed for exactly what would land. */
export const failedChecks = ({ checks }: Session, { candidate }: Changes): boolean =>
  checks !== null && !checks.ok && checks.commit === candidate;

/** How often oca is let at the conflicts of one piece of work, and how often it goes at them by itself. */
const TRIES = { asked: 3, alone: 1 };

/** Where the policy merges by itself, a conflict is resolved by itself too: once. */
export const resolvesAlone = (s: Session): boolean => tries(s).filter(({ by }) => by === null).length < TRIES.alone;

/** Since the last landing. */
function tries({ decided, landed }: Session): Session["decided"] {
  const since = landed.at(-1)?.at ?? 0;
  return decided.filter(({ verb, at }) => verb === "resolve" && at > since);
}

/**
 * A merge that an undo could not take back, because the base has moved on, can be reverted: that is a landing of its own. Where
 * that conflicts, it is work for somebody.
 */
function undoing(s: Session, { outcome, blocked }: At<"closed">, now: number): Verb[] {
  const last = s.landed.at(-1);
  if (!last || now - last.at >= TIMES.undo) return [];
  if (last.how === "discard") return outcome === "dismissed" ? ["undo"] : [];
  if (last.how !== "merge" || outcome !== "merged") return [];
  // Only a revert conflicts, and another one would conflict again.
  if (blocked?.why === "conflict") return ["resolve"];
  if (!mayMerge(s.policy)) return ["undo"];
  if (blocked?.why === "checks") return ["revert", "force"];
  return [blocked?.why === "moved_on" ? "revert" : "undo"];
}

/** The least role for a verb in the session's present state. */
export function needs(verb: Verb, s: Session): Role {
  switch (verb) {
    case "approve":
      return "approver";
    case "merge":
    case "force":
    case "pr":
    case "tidy":
    case "undo":
    case "revert":
      return "merger";
    case "discard":
      return hasWork(s) ? "merger" : "requester";
    case "revise":
    case "reject":
    case "resolve":
    case "address":
    case "stop":
    case "resume":
    case "answer":
    case "pick":
    case "later":
    case "agent":
    case "model":
    case "effort":
    case "revoke":
      return "requester";
    default:
      return never(verb);
  }
}

const hasWork = ({ phase }: Session): boolean => {
  if (phase.at === "reviewing") return phase.changes.commits > 0;
  return phase.at === "paused" && phase.files > 0;
};
