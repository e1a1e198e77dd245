import { TIMES } from "./due.ts";
import type { EventOf } from "./event.ts";
import {
  absorb,
  begin,
  continued,
  decided,
  enter,
  NOTHING,
  pause,
  plus,
  reopened,
  resolving,
  resume,
  shown,
  staying,
  wordsOf,
} from "./move.ts";
import { failedChecks, mayLand, pullable, resolvesAlone } from "./offer.ts";
import { isSettled, settled } from "./own.ts";
import { type Changes, isVetted, takesBack, type Usage, type Vote } from "./parts.ts";
import type { At } from "./phase.ts";
import { isOutdated } from "./plan.ts";
import { approved } from "./press.ts";
import { prompt } from "./prompt.ts";
import { home, isHome, isLeft, left } from "./propose.ts";
import { isMerged } from "./pull.ts";
import { isOwn, type Session } from "./session.ts";

/** What work reports. The caller has checked that it is the work that stands in the session. */

export function prepared(s: Session, phase: At<"preparing">, e: EventOf<"prepared">): Session {
  if (!s.workspace) return s;
  const write = phase.turn.kind === "write";
  const workspace = { ...s.workspace, target: e.target, baseCommit: e.baseCommit, ready: s.workspace.ready || write };
  const on = { ...s, workspace };
  if (write && isOutdated(s, phase.turn, e.moved))
    return enter(
      { ...on, warrant: null },
      { at: "deciding", offer: 0, votes: [], moved: e.moved, remindAt: e.at + TIMES.decide },
    );
  const { session, turn } = absorb(on, phase.turn);
  return enter(session, { at: "running", work: 0, turn, asks: [], restarts: 0, moved: e.moved, spent: NOTHING });
}

/** A permission granted before is not asked again, and equal asks are one. */
export function asked(s: Session, e: EventOf<"asked">): Session {
  const { phase } = s;
  if (phase.at === "preparing") return enter(s, { at: "asking", offer: 0, asks: [e.ask], next: phase });
  if (phase.at !== "running" || phase.asks.some(({ key }) => key === e.ask.key)) return s;
  const grant = s.grants.find(({ key }) => key === e.ask.key);
  if (grant?.scope === "session") return s;
  if (grant) return { ...s, grants: s.grants.filter((other) => other !== grant) };
  return { ...s, phase: { ...phase, asks: [...phase.asks, { ...e.ask, dueAt: e.at + TIMES.ask }] } };
}

export function noted(s: Session, phase: At<"running">, e: EventOf<"noted">): Session {
  const steps = e.steps ?? s.steps;
  const moved = JSON.stringify(steps) !== JSON.stringify(s.steps);
  const memory = e.token === null ? s.memory : { agent: phase.turn.agent, token: e.token, fork: false };
  return {
    ...s,
    memory,
    steps,
    phase: { ...phase, restarts: moved ? 0 : phase.restarts, spent: e.usage ?? phase.spent },
  };
}

export function heard(s: Session, phase: At<"running">, e: EventOf<"heard">): Session {
  const words = s.queue.filter(({ id }) => e.messages.includes(id));
  if (words.length === 0) return s;
  const text = words.map((word) => word.text);
  const turn = {
    ...phase.turn,
    prompt: [phase.turn.prompt, ...text].join("\n\n"),
    took: [...phase.turn.took, ...words.map(({ id }) => id)],
  };
  return { ...s, queue: s.queue.filter((word) => !words.includes(word)), phase: { ...phase, turn } };
}

export function ended(s: Session, phase: At<"running">, e: EventOf<"ended">): Session {
  const { turn } = phase;
  const memory = e.token === null ? s.memory : { agent: turn.agent, token: e.token, fork: false };
  const spent = e.usage ?? phase.spent;
  if (!e.outcome.ok) {
    const next =
      e.outcome.kind === "forgotten"
        ? lost(phase, e.outcome.error)
        : pause({ why: "failed", outcome: e.outcome }, continued(turn));
    return enter({ ...s, memory }, { at: "stopping", work: 0, next, spent });
  }
  const after = { ...s, memory, usage: plus(s.usage, spent) };
  const { answer } = e.outcome;
  if (turn.kind === "write")
    return enter(after, { at: "inspecting", work: 0, answer, empty: "no_change", blocked: null });
  if (!e.plan) return enter(after, { at: "inspecting", work: 0, answer, empty: "answered", blocked: null });
  return proposed(after, e.plan, e.at);
}

/** Nobody is to find out by a strange answer that the agent has forgotten everything: a person decides how it goes on. */
function lost({ work, turn }: At<"running">, error: string): At<"asking"> {
  const what = { kind: "forgotten" as const, agent: turn.agent, error };
  const ask = { id: `${work}-0`, key: "forgotten", what, picked: [], dueAt: null };
  return { at: "asking", offer: 0, asks: [ask], next: { at: "preparing", work: 0, turn, setup: "auto", merge: false } };
}

/** A plan is kept even when words came in meanwhile: they become a revision of it. */
function proposed(s: Session, plan: NonNullable<EventOf<"ended">["plan"]>, at: number): Session {
  const version = (s.plans.at(-1)?.version ?? 0) + 1;
  const after = { ...s, plans: [...s.plans, { ...plan, version, baseCommit: s.workspace?.baseCommit ?? null }] };
  if (s.queue.length > 0) {
    const { text, ...words } = wordsOf(s.queue);
    return begin({ ...after, queue: [] }, "plan", { ...words, prompt: prompt.revise(text) });
  }
  if (s.policy.plan === "approve") return approved(after, [byPolicy(at)]);
  return enter(after, { at: "deciding", offer: 0, votes: [], moved: null, remindAt: at + TIMES.decide });
}

export function stopped(s: Session, phase: At<"stopping">, e: EventOf<"stopped">): Session {
  const { next } = phase;
  const memory = e.token === null ? s.memory : { agent: s.agent, token: e.token, fork: false };
  const after: Session = { ...s, memory, usage: plus(s.usage, usageOf(phase, e)) };
  return enter(after, next.at === "paused" ? { ...next, files: e.files } : next);
}

/** Words that came meanwhile go first; nothing to land closes the session; what could land is checked once. */
export function inspected(s: Session, phase: At<"inspecting">, e: EventOf<"inspected">): Session {
  const { answer, blocked, empty } = phase;
  const { changes } = e;
  const { candidate } = changes;
  if (s.queue.length > 0) return resume(s, s.warrant !== null);
  if (isHome(s, changes)) return home(s, answer);
  if (isLeft(s, changes)) return left(s, answer);
  if (changes.commits === 0 && changes.files.length === 0) {
    const next = isMerged(s.pull) ? "pr_merged" : empty;
    return enter(s, { at: "landing", work: 0, how: "clean", by: [], aim: null, answer, next, waived: false });
  }
  if (isOwn(s)) return reviewed(s, { answer, changes, blocked });
  if (candidate !== null && s.checks?.commit !== candidate)
    return enter(s, { at: "checking", work: 0, answer, changes: { ...changes, candidate }, blocked });
  return judged(s, { answer, changes, blocked, at: e.at });
}

export function checked(s: Session, { answer, changes, blocked }: At<"checking">, e: EventOf<"checked">): Session {
  const after = { ...s, checks: e.checks };
  if (s.queue.length > 0) return resume(after, s.warrant !== null);
  return judged(after, { answer, changes, blocked, at: e.at });
}

interface Result extends Pick<At<"reviewing">, "answer" | "changes" | "blocked"> {
  at: number;
}

/** People decide, or the policy does. */
function judged(s: Session, { answer, changes, blocked, at }: Result): Session {
  const alone = s.policy.land === "merge" && mayLand(s) && s.policy.votes === 1 && isWanted(s);
  if (alone && !blocked && changes.conflicts.length === 0 && !failedChecks(s, changes)) {
    const by = [byPolicy(at)];
    return enter(s, { at: "landing", work: 0, how: "merge", by, aim: null, answer, next: "merged", waived: false });
  }
  if (proposesAlone(s, changes) && !blocked) {
    const by = [byPolicy(at)];
    return enter(s, { at: "landing", work: 0, how: "pr", by, aim: null, answer, next: "pr_merged", waived: false });
  }
  if (alone && changes.conflicts.length > 0 && resolvesAlone(s))
    return resolving(decided(s, `work:${s.work}`, "resolve", null, at), changes.conflicts, null);
  return reviewed(s, { answer, changes, blocked });
}

/** What somebody has taken back is not landed again unasked. */
function isWanted({ warrant, landed }: Session): boolean {
  const last = landed.at(-1);
  return warrant !== null && !(last && takesBack(last.how));
}

const reviewed = (s: Session, result: Omit<Result, "at">): Session =>
  enter(s, { at: "reviewing", offer: 0, ...result, votes: [], remindAt: null });

/** Where the policy opens pull requests by itself it also keeps them up to date; one that somebody closed is a question. */
function proposesAlone(s: Session, changes: Changes): boolean {
  const { policy, pull } = s;
  if (policy.land !== "pr" || policy.votes > 1 || !isWanted(s) || failedChecks(s, changes)) return false;
  return pullable(s, changes) && changes.conflicts.length === 0 && (pull?.is !== "request" || pull.state === "open");
}

/** What the card says is brought up to date. Only other buttons are another offer, which is posted anew. */
export function compared(s: Session, e: EventOf<"compared">): Session {
  const { phase } = s;
  const { changes } = e;
  if (phase.at !== "reviewing" || phase.offer !== e.offer) return s;
  const own = isOwn(s);
  if (own && isSettled(changes)) return settled(s, phase, changes);
  if (!own && phase.changes.head !== changes.head) return s;
  if (JSON.stringify(changes) === JSON.stringify(phase.changes)) return s;
  // Why the last landing stopped was about the base of then.
  const now = { ...phase, changes, blocked: changes.onto === phase.changes.onto ? phase.blocked : null };
  return shown(s, { ...s, phase: now }, e.at);
}

/** What the repository allows has changed: a question about it is answered by that, and a review offers what is left. */
export function ruled(s: Session, e: EventOf<"ruled">): Session {
  if (s.policy.rule === e.rule) return s;
  const after: Session = { ...s, policy: { ...s.policy, rule: e.rule } };
  const { phase } = s;
  if (phase.at === "asking" && e.rule !== null && phase.asks.some(({ what }) => what.kind === "policy"))
    return enter(decided(after, phase.asks[0]?.id ?? "", "answer", null, e.at, e.rule), phase.next);
  return shown(s, after, e.at);
}

export function landed(s: Session, phase: At<"landing">, e: EventOf<"landed">): Session {
  const { how, by, aim, answer, next, waived } = phase;
  // Without an aim nothing had to be moved: there was no workspace yet, or it was untouched.
  // What is true of a pull request comes as `proposed`.
  if (how === "pr") return s;
  if (how === "clean" || !aim) return over(s, phase, e.at);
  const checks = !isVetted(how) || !s.checks ? "none" : waived ? "waived" : "passed";
  const line = { how, by, aim, kept: e.kept, pushed: e.pushed, checks, at: e.at } as const;
  const after: Session = { ...s, landed: [...s.landed, line] };
  // The workspace is made anew.
  const fresh = { ...after, workspace: s.workspace && { ...s.workspace, ready: false } };
  if (takesBack(how)) return enter(fresh, { at: "inspecting", work: 0, answer, empty: "no_change", blocked: null });
  if (how === "discard") return over(after, phase, e.at);
  return enter(after, { at: "landing", work: 0, how: "clean", by, aim: null, answer, next, waived });
}

/** The workspace is gone. Words that came meanwhile open its next generation. */
function over(s: Session, { answer, next }: At<"landing">, at: number): Session {
  if (s.queue.length > 0) return resume(reopened(s), next === "merged");
  return enter(s, { at: "closed", offer: 0, outcome: next, answer, blocked: null, since: at });
}

export function blocked(s: Session, phase: At<"landing">, e: EventOf<"blocked">): Session {
  const { how, answer } = phase;
  if (takesBack(how)) return staying(s, phase, { blocked: e.block, at: e.at });
  const after = e.block.why === "checks" ? { ...s, checks: e.block.checks } : s;
  return enter(after, { at: "inspecting", work: 0, answer, empty: "no_change", blocked: e.block });
}

/** What the turn had come to in the end, or as far as it was saved. */
const usageOf = (phase: At<"stopping">, e: EventOf<"stopped">): Usage => e.usage ?? phase.spent;

const byPolicy = (at: number): Vote => ({ by: null, via: "policy", at });
