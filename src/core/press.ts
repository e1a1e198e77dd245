import { never } from "../lib/never.ts";
import { answer } from "./answer.ts";
import { atLeast } from "./authority.ts";
import type { EventOf, Refusal, Verb } from "./event.ts";
import { offerIn, remindAt } from "./later.ts";
import { anew, begin, decided, enter, isVote, NOTHING, pause, personOf, resolving, retryOf, staying } from "./move.ts";
import { limitOf, needs, offered } from "./offer.ts";
import { takesBack, type Vote } from "./parts.ts";
import { type At, isActive } from "./phase.ts";
import { mayMerge, mayPull } from "./policy.ts";
import { prompt } from "./prompt.ts";
import { address } from "./propose.ts";
import type { Session } from "./session.ts";

type Pressed = EventOf<"pressed">;

/** A button, a word, a reaction and a command are one event, and obey one authority. */
export function press(s: Session, e: Pressed): Session | Refusal {
  const role = needs(e.verb, s);
  if (!atLeast(e.by.role, role)) return { refused: "role", needs: role, id: e.by.id };
  if (e.verb === "stop") return stop(s, e);
  if (isSetting(e.verb)) return set(s, e.verb, e.text);
  if (e.verb === "answer" || e.verb === "pick") return answer(s, e);
  if (isActive(s.phase)) return tooLate(s, e);
  if ((e.verb === "later" ? offerIn(e.key) : e.key) !== `${s.phase.offer}`) return outdated(s, e);
  if (!offered(s, e.at).includes(e.verb)) return forbidden(s, e.verb) ?? { refused: "idle" };
  return decide(s, e, e.verb);
}

/** A press without words comes from a card whose form was not known any more: a new plan would be the same one. */
function revise(s: Session, e: Pressed): Session | Refusal {
  const words = e.text?.trim() ?? "";
  if (words === "") return { refused: "words" };
  return begin(noted(s, e), "plan", { prompt: prompt.revise(words), files: [], took: [] });
}

/** What the repository's policy keeps from being offered is refused by its name. */
function forbidden({ phase, policy }: Session, verb: Verb): Refusal | null {
  if (phase.at !== "reviewing" && phase.at !== "closed") return null;
  const lands = verb === "merge" || verb === "force" || verb === "revert";
  const isForbidden = verb === "pr" ? !mayPull(policy) : lands && !mayMerge(policy);
  return isForbidden && policy.rule !== null ? { refused: "policy", rule: policy.rule } : null;
}

const SETTINGS = ["agent", "model", "effort", "revoke"] as const;
type Setting = (typeof SETTINGS)[number];
const isSetting = (verb: Verb): verb is Setting => SETTINGS.some((one) => one === verb);

/** Holds from the next turn on; what rests before a turn of another agent is handed to the new one. */
function set(s: Session, setting: Setting, text: string | null): Session {
  if (setting === "revoke") return { ...s, grants: s.grants.filter(({ key }) => text !== null && key !== text) };
  if (setting !== "agent") return { ...s, [setting]: text };
  if (text === null) return s;
  const after: Session = { ...s, agent: text, model: null, effort: null, from: { ...s.from, agent: "words" } };
  const { phase } = s;
  if (phase.at === "asking") return { ...after, phase: { ...phase, next: handed(phase.next, text) } };
  if (phase.at === "paused" && phase.retry.at === "preparing")
    return { ...after, phase: { ...phase, retry: handed(phase.retry, text) } };
  return after;
}

const handed = (phase: At<"preparing">, agent: string): At<"preparing"> => ({
  ...phase,
  turn: { ...phase.turn, agent },
});

function decide(s: Session, e: Pressed, verb: Exclude<Verb, "stop" | "answer" | "pick" | Setting>): Session | Refusal {
  switch (verb) {
    case "approve":
    case "merge":
      return vote(s, e);
    case "force":
      return s.phase.at === "closed" ? takeBack(noted(s, e), "revert", e) : vote(s, e);
    case "revise":
      return revise(s, e);
    case "reject":
      return enter(noted(s, e), { at: "inspecting", work: 0, answer: "", empty: "rejected", blocked: null });
    case "resolve":
      return resolve(s, e);
    case "address":
      return address(noted(s, e), e);
    case "pr":
      return openPull(noted(s, e), e);
    case "later":
      if (s.phase.at === "paused") return { ...s, phase: { ...s.phase, resumeAt: limitOf(s.phase) } };
      return s.phase.at === "reviewing" ? { ...s, phase: { ...s.phase, remindAt: remindAt(e) } } : s;
    case "resume":
      return s.phase.at === "paused" ? enter(noted(s, e), s.phase.retry) : s;
    case "tidy":
      return tidy(noted(s, e));
    case "discard":
      return discard(noted(s, e), e);
    case "undo":
    case "revert":
      return takeBack(noted(s, e), verb, e);
    default:
      return never(verb);
  }
}

/** Plans and merges take as many people as the policy says; from two on, the requester is not one of them. */
function vote(s: Session, e: Pressed): Session | Refusal {
  const { phase, policy } = s;
  if (phase.at !== "deciding" && phase.at !== "reviewing") return outdated(s, e);
  const counts = policy.votes === 1 || e.by.id !== s.requester.id;
  const missing = policy.votes - phase.votes.length;
  if (!counts || phase.votes.some(({ by }) => by?.id === e.by.id)) return { refused: "voted", missing };
  const votes = [...phase.votes, voteOf(e)];
  if (votes.length < policy.votes) return { ...s, phase: { ...phase, votes } };
  if (phase.at === "deciding") return approved(noted(s, e), votes);
  const { answer } = phase;
  const waived = e.verb === "force";
  const by = votes;
  return enter(noted(s, e), { at: "landing", work: 0, how: "merge", by, aim: null, answer, next: "merged", waived });
}

/** Starts the write turn that the newest plan describes, on the word of `votes`. */
export function approved(s: Session, votes: Vote[]): Session {
  const plan = s.plans.at(-1);
  if (!plan) throw new Error(`session ${s.id}: nothing to approve`);
  const steps = plan.steps.map((title) => ({ title, state: "open" as const }));
  const session = { ...s, steps, warrant: { digest: plan.digest, votes } };
  return begin(session, "write", { prompt: prompt.approved(plan.markdown), files: [], took: [] });
}

/** On the word of somebody who may approve it is written at once; anybody else asks for a plan. After a merge it is new work. */
function resolve(s: Session, e: Pressed): Session {
  if (s.phase.at === "closed") return takeBackAnew(noted(s, e), s.phase, e);
  if (s.phase.at !== "reviewing") return s;
  const { conflicts } = s.phase.changes;
  if (isVote(s, e.by)) return resolving(noted(s, e), conflicts, voteOf(e));
  return begin(noted(s, e), "plan", { prompt: prompt.conflicts(conflicts), files: [], took: [] });
}

/** What no commit on top can take back. */
function takeBackAnew(s: Session, { blocked }: At<"closed">, e: Pressed): Session {
  const landed = s.landed.at(-1);
  if (blocked?.why !== "conflict" || !landed) return s;
  return anew(s, { prompt: prompt.takeBack(landed.aim, blocked.files), files: [], took: [] }, e.at);
}

function stop(s: Session, e: Pressed): Session | Refusal {
  const { phase } = s;
  const why = { why: "stopped" as const, by: personOf(e.by) };
  switch (phase.at) {
    case "preparing":
    case "running":
    case "inspecting":
    case "checking": {
      const spent = phase.at === "running" ? phase.spent : NOTHING;
      const next = pause(why, retryOf(phase));
      return enter(noted(s, e), { at: "stopping", work: 0, next, spent });
    }
    case "landing": {
      if (phase.aim || phase.how === "clean") return { refused: "late" };
      if (takesBack(phase.how)) return staying(noted(s, e), phase, { blocked: null, at: e.at });
      const next = {
        at: "inspecting" as const,
        work: 0,
        answer: phase.answer,
        empty: "no_change" as const,
        blocked: null,
      };
      return enter(noted(s, e), { at: "stopping", work: 0, next, spent: NOTHING });
    }
    case "stopping":
      if (phase.next.at !== "asking") return { refused: "already", by: stopper(s) };
      return {
        ...noted(s, e),
        phase: { ...phase, next: pause(why, phase.next.next) },
      };
    case "asking":
      return enter(noted(s, e), pause(why, phase.next));
    case "paused":
      return { refused: "already", by: stopper(s) };
    default:
      return { refused: "idle" };
  }
}

/** Everything goes, also words that waited for a next turn; what is said from here on opens a new one. */
function discard(session: Session, e: Pressed): Session {
  const s: Session = { ...session, queue: [] };
  const answer = s.phase.at === "reviewing" ? s.phase.answer : "";
  if (!s.workspace)
    return enter(s, { at: "closed", offer: 0, outcome: "dismissed", answer, blocked: null, since: e.at });
  const by = [voteOf(e)];
  return enter(s, {
    at: "landing",
    work: 0,
    how: "discard",
    by,
    aim: null,
    answer,
    next: "dismissed",
    waived: false,
  });
}

function openPull(s: Session, e: Pressed): Session {
  if (s.phase.at !== "reviewing") return s;
  const { answer } = s.phase;
  const by = [voteOf(e)];
  return enter(s, { at: "landing", work: 0, how: "pr", by, aim: null, answer, next: "pr_merged", waived: false });
}

function tidy(s: Session): Session {
  if (s.phase.at !== "reviewing") return s;
  const { answer } = s.phase;
  return enter(s, { at: "landing", work: 0, how: "clean", by: [], aim: null, answer, next: "released", waived: false });
}

function takeBack(s: Session, how: "undo" | "revert", e: Pressed): Session {
  if (s.phase.at !== "closed") return s;
  const { answer, outcome } = s.phase;
  const by = [voteOf(e)];
  const waived = e.verb === "force";
  return enter(s, { at: "landing", work: 0, how, by, aim: null, answer, next: outcome, waived });
}

/** The button of an older card: say what became of what it offered. */
export function outdated(s: Session, e: Pressed): Refusal {
  const decision = s.decided.find(({ key }) => key === e.key);
  if (decision && decision.verb !== "revise") return { refused: "already", by: decision.by };
  return { refused: "superseded", plan: s.plans.at(-1)?.version ?? null };
}

function tooLate(s: Session, e: Pressed): Refusal {
  const decision = s.decided.find(({ key }) => key === e.key);
  if (decision) return { refused: "already", by: decision.by };
  return s.phase.at === "landing"
    ? { refused: "late" }
    : { refused: "superseded", plan: s.plans.at(-1)?.version ?? null };
}

const stopper = (s: Session) => s.decided.findLast(({ verb }) => verb === "stop")?.by ?? null;

const voteOf = (e: Pressed): Vote => ({ by: personOf(e.by), via: e.via, at: e.at });

/** Remembers who decided, under the number that was on the button. */
const noted = (s: Session, e: Pressed): Session =>
  decided(s, e.verb === "stop" ? `stop:${s.work}` : e.key, e.verb, personOf(e.by), e.at, e.text);
