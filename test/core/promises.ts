import { atLeast } from "../../src/core/authority.ts";
import type { Actor, Event } from "../../src/core/event.ts";
import { mayMerge, mayPull } from "../../src/core/policy.ts";
import { isMerged } from "../../src/core/pull.ts";
import { asksOf, isOwn, Session } from "../../src/core/session.ts";
import { step } from "../../src/core/step.ts";
import {
  AIM,
  ana,
  ben,
  CHANGES,
  cleo,
  dan,
  eve,
  keyOf,
  NO_CHANGES,
  POLICY,
  PULL,
  person,
  plan,
  pressed,
  pulled,
  said,
  work,
} from "./life.ts";

/** The promises that hold after every event, and everything that could happen next. */

export const PEOPLE = [ana, ben, cleo, dan, eve, person("fay", "approver")];

/** Everything that could happen next, likely or not. `word` makes each spoken word findable. */
export function possible(s: Session, by: Actor, word: string, age: number): Event[] {
  const key = keyOf(s);
  const asks = asksOf(s);
  const ask = asks[0]?.id ?? "none";
  const option = (end: string) => `${ask}.${end}`;
  const permission = { kind: "permission" as const, tool: "Bash", detail: "ls", why: "" };
  const question = {
    kind: "question" as const,
    text: "Which?",
    options: [
      { label: "a", detail: "" },
      { label: "b", detail: "" },
    ],
    multi: true,
    free: s.work % 2 === 0,
    recommended: 0,
  };
  const asked = (what: typeof permission | typeof question, n: number): Event =>
    work(
      s,
      { type: "asked", ask: { id: `${s.work}-${n}`, key: `${what.kind}${n}`, what, picked: [], dueAt: null } },
      age,
    );
  return [
    said(by, word),
    { ...said(by, word), type: "edited", text: null } as Event,
    ...(
      [
        "approve",
        "revise",
        "reject",
        "resume",
        "merge",
        "force",
        "resolve",
        "pr",
        "address",
        "tidy",
        "later",
        "discard",
        "undo",
        "revert",
        "stop",
      ] as const
    ).map((verb) => pressed(by, verb, key, verb === "revise" ? word : null)),
    pressed(by, "approve", Number(key) - 1),
    pressed(by, "merge", Number(key) - 1),
    pressed(by, "answer", option("0")),
    pressed(by, "answer", option("1")),
    pressed(by, "answer", option("2"), "no"),
    pressed(by, "answer", option("text"), word),
    pressed(by, "pick", option("1")),
    pressed(by, "answer", option("done")),
    work(s, { type: "prepared", target: "refs/heads/main", baseCommit: `b${s.work}`, moved: null }, age),
    work(
      s,
      { type: "prepared", target: "refs/heads/main", baseCommit: `b${s.work}`, moved: { commits: 2, named: ["a.ts"] } },
      age,
    ),
    asked(permission, 1),
    asked(permission, 2),
    asked(question, 3),
    ...(s.phase.at === "preparing"
      ? [
          work(
            s,
            {
              type: "asked",
              ask: {
                id: `${s.work}-9`,
                key: "setup",
                what: { kind: "setup_failed", command: "npm ci", log: "" },
                picked: [],
                dueAt: null,
              },
            },
            age,
          ),
        ]
      : []),
    work(s, { type: "noted", token: "tok", steps: [{ title: `${s.work}`, state: "doing" }], usage: null }, age),
    work(s, { type: "heard", messages: s.queue.map(({ id }) => id) }, age),
    work(
      s,
      {
        type: "ended",
        outcome: { ok: true, answer: "ok", plan: "p" },
        plan: plan(`d${s.plans.length + 1}`),
        token: "tok",
        usage: null,
      },
      age,
    ),
    work(
      s,
      { type: "ended", outcome: { ok: true, answer: "ok", plan: null }, plan: null, token: null, usage: null },
      age,
    ),
    work(
      s,
      {
        type: "ended",
        outcome: { ok: false, kind: "failed", error: "boom", resetAt: null },
        plan: null,
        token: null,
        usage: null,
      },
      age,
    ),
    work(
      s,
      {
        type: "ended",
        outcome: { ok: false, kind: "forgotten", error: "gone" },
        plan: null,
        token: null,
        usage: null,
      },
      age,
    ),
    work(s, { type: "stopped", files: 2, token: null, usage: null }, age),
    work(s, { type: "inspected", changes: CHANGES }, age),
    work(s, { type: "inspected", changes: { ...CHANGES, conflicts: ["a.ts"] } }, age),
    work(s, { type: "inspected", changes: { ...CHANGES, released: true } }, age),
    work(s, { type: "inspected", changes: NO_CHANGES }, age),
    work(s, { type: "inspected", changes: { ...CHANGES, candidate: `t${s.work % 3}` } }, age),
    ...[true, false].map((ok) => work(s, { type: "checked", checks: { ...FAILED, commit: candidateOf(s), ok } }, age)),
    work(s, { type: "blocked", block: { why: "checks", checks: { ...FAILED, commit: "t0" } } }, age),
    work(s, { type: "aimed", aim: AIM }, age),
    work(s, { type: "landed", kept: "refs/oca/kept/k/1", pushed: false }, age),
    work(s, { type: "blocked", block: { why: "conflict", files: ["a.ts"] } }, age),
    work(s, { type: "blocked", block: { why: "moved_on" } }, age),
    ...(s.phase.at === "landing" && s.phase.how === "pr" ? [work(s, { type: "proposed", pull: PULL }, age)] : []),
    pulled("open", [{ id: `n${s.work}`, kind: "comment", by: "ruth", at: "", text: "Why?" }]),
    pulled("merged"),
    pulled("closed"),
    work(s, { type: "failed", error: "boom" }, age),
    ...(s.phase.at === "preparing" ? [asksRule(s, age)] : []),
    ...(["pr-required", "pr-allowed", null] as const).map(
      (rule): Event => ({ type: "ruled", id: "ruled", at: 4000, by: null, rule }),
    ),
    { type: "due", id: "due", at: 1e12, by: null },
    { type: "restarted", id: "restarted", at: 5000, by: null },
  ];
}

const asksRule = (s: Session, age: number): Event =>
  work(
    s,
    {
      type: "asked",
      ask: { id: `o${s.work}`, key: "policy", what: { kind: "policy", repo: "shop" }, picked: [], dueAt: null },
    },
    age,
  );

const FAILED = { commit: "", ok: false, runs: [{ command: "npm test", ok: false, ms: 1, log: "red" }] };
const candidateOf = ({ phase }: Session): string => (phase.at === "checking" ? phase.changes.candidate : "t0");

/** For work in the user's own checkout. */
export const OWN_POLICIES = (["ask", "off"] as const).flatMap((plan) =>
  (["merge", "pr"] as const).map((land) => ({ ...POLICY, plan, land, isolation: "off" as const })),
);

export const POLICIES = [
  ...(["ask", "approve"] as const).map((plan) => ({
    ...POLICY,
    plan,
    land: "pr" as const,
    rule: "pr-allowed" as const,
  })),
  ...(["ask", "approve", "off"] as const).flatMap((plan) =>
    (["ask", "merge", "manual"] as const).flatMap((land) => [1, 2].map((votes) => ({ ...POLICY, plan, land, votes }))),
  ),
];

/** Where words of people may stand: waiting, or in the prompt of a turn that was or will be started. */
const standing = (s: Session): string => JSON.stringify([s.queue, s.phase]);

export interface Ledger {
  open: Set<string>;
  bad: string[];
}

/** What must hold after every event, whoever sent it. */
export function check(before: Session, e: Event, after: Session, ledger: Ledger): void {
  const claim = (holds: boolean, name: string) => holds || ledger.bad.push(name);
  const { phase } = after;
  claim(Session.safeParse(after).success, "does not parse");
  claim(after.rev === before.rev + 1, "rev");
  claim(after.work >= before.work && after.offer >= before.offer, "counters went back");
  if ((phase.at === "preparing" || phase.at === "running") && phase.turn.kind === "write") {
    claim(after.warrant !== null && after.warrant.votes.length > 0, "write turn without a warrant");
    claim(
      after.warrant?.votes.every(({ by, via }) => (by === null ? via === "policy" : mayApprove(by.id))) ?? false,
      "a vote of somebody who may not vote",
    );
  }
  if (phase.at === "running") claim(after.workspace?.baseCommit != null, "turn without a workspace");
  if (phase.at === "landing" && phase.how === "merge" && before.phase.at !== "landing" && before.phase.at !== "paused")
    claim(mayMerge(before.policy), "merged what the repository does not allow");
  if (phase.at === "landing" && phase.how === "pr" && before.phase.at !== "landing" && before.phase.at !== "paused")
    claim(mayPull(before.policy), "opened a pull request that the repository does not allow");
  if (phase.at === "closed" && phase.outcome === "pr_merged")
    claim(isMerged(after.pull), "closed as merged by a pull request that is not");
  if (phase.at === "landing" && phase.how === "merge")
    claim(phase.by.length >= (phase.by[0]?.via === "policy" ? 1 : after.policy.votes), "merged on too few votes");
  if (phase.at === "landing" && phase.how === "merge" && before.phase.at === "reviewing")
    claim(phase.waived === (e.type === "pressed" && e.verb === "force"), "waived checks that nobody waived");
  if (isOwn(after) && (phase.at === "landing" || phase.at === "checking"))
    claim(phase.at === "landing" && phase.how === "clean", "touched the user's own checkout");
  if (phase.at === "closed" && before.phase.at !== "closed" && after.workspace)
    claim(before.phase.at === "landing", "closed without cleaning up");
  if (e.by?.role === "observer") ledger.bad.push("an observer changed something");
  if (e.by) claim(step(after, e) === after, "the same delivery twice changed something");
  if (before.phase.at === "landing" && before.phase.aim && e.type === "pressed" && e.verb === "stop")
    ledger.bad.push("stopped after aiming");
  checkWords(before, e, after, ledger);
}

function checkWords(before: Session, e: Event, after: Session, ledger: Ledger): void {
  if (e.type === "said") ledger.open.add(e.text);
  if (e.type === "pressed" && (e.verb === "revise" || (e.verb === "answer" && e.key.endsWith(".text"))) && e.text)
    ledger.open.add(e.text);
  const where = standing(after);
  for (const word of ledger.open) {
    if (after.phase.at === "running" && after.phase.turn.prompt.includes(word)) ledger.open.delete(word);
    else if (after.decided.some(({ answer }) => answer === word) && before.phase.at === "running")
      ledger.open.delete(word);
    else if (e.type === "pressed" && e.verb === "discard") ledger.open.delete(word);
    else if (!where.includes(word)) ledger.bad.push(`the word ${word} was lost`);
  }
  if (after.phase.at === "closed" && after.queue.length > 0) ledger.bad.push("words wait in a closed session");
  if (after.phase.at === "reviewing" && after.queue.length > 0) ledger.bad.push("words wait in a review");
}

const mayApprove = (id: string) => PEOPLE.some((one) => one.id === id && atLeast(one.role, "approver"));
