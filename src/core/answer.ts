import { never } from "../lib/never.ts";
import { type Answer, type Ask, answerer, optionsOf, PERMISSION, type What } from "./ask.ts";
import { atLeast } from "./authority.ts";
import { workspaceIn } from "./birth.ts";
import type { EventOf, Refusal } from "./event.ts";
import { decided, enter, pause, personOf } from "./move.ts";
import type { At } from "./phase.ts";
import { Policy, Rule } from "./policy.ts";
import { joined, prompt } from "./prompt.ts";
import { asksOf, type Session } from "./session.ts";

type Pressed = EventOf<"pressed">;

/** An answer to an open question, by the number of an option, by `done` (several ticked) or by `text`. */
export function answer(s: Session, e: Pressed): Session | Refusal {
  const { ask, option } = asked(s, e.key);
  if (!ask) return gone(s, e.key);
  const needs = answerer(ask.what);
  if (!atLeast(e.by.role, needs)) return { refused: "role", needs, id: e.by.id };
  if (e.verb === "pick") return pick(s, ask, Number(option));
  const said = read(ask, option, e.text);
  if (!said) return { refused: "gone" };
  const after = decided(s, ask.id, "answer", personOf(e.by), e.at, wording(said));
  if (after.phase.at === "running") return answeredLive(after, after.phase, ask, said, e);
  if (after.phase.at === "asking") return answeredLater(after, after.phase, ask, said, e);
  return { refused: "gone" };
}

/** The answer that an event gives to an ask of the running turn: what the engine hands to the agent. */
export function answerOf(s: Session, e: Pressed): { ask: Ask; answer: Answer } | null {
  const { ask, option } = asked(s, e.key);
  const said = ask && e.verb === "answer" ? read(ask, option, e.text) : null;
  return ask && said ? { ask, answer: said } : null;
}

function asked(s: Session, key: string): { ask: Ask | undefined; option: string } {
  const dot = key.lastIndexOf(".");
  return { ask: asksOf(s).find(({ id }) => id === key.slice(0, dot)), option: key.slice(dot + 1) };
}

function gone(s: Session, key: string): Refusal {
  const decision = s.decided.find((one) => one.key === key.slice(0, key.lastIndexOf(".")));
  return decision ? { refused: "already", by: decision.by } : { refused: "gone" };
}

function pick(s: Session, ask: Ask, index: number): Session | Refusal {
  if (ask.what.kind !== "question" || !ask.what.multi || !(index in ask.what.options)) return { refused: "gone" };
  const picked = ask.picked.includes(index) ? ask.picked.filter((i) => i !== index) : [...ask.picked, index];
  return withAsks(
    s,
    asksOf(s).map((one) => (one === ask ? { ...ask, picked: picked.sort((a, b) => a - b) } : one)),
  );
}

function read(ask: Ask, option: string, text: string | null): Answer | null {
  const { what } = ask;
  const options = optionsOf(what);
  if (option === "text")
    return what.kind === "question" && what.free && text ? { is: "picked", labels: [], text } : null;
  if (option === "done" && what.kind === "question")
    return { is: "picked", labels: ask.picked.flatMap((i) => options[i] ?? []), text: null };
  const label = options[Number(option)];
  if (label === undefined) return null;
  if (what.kind !== "permission") return { is: "picked", labels: [label], text: null };
  const [once, session] = PERMISSION;
  if (label === once || label === session) return { is: "allowed", scope: label };
  return { is: "denied", reason: text ?? "" };
}

function answeredLive(s: Session, phase: At<"running">, ask: Ask, said: Answer, e: Pressed): Session {
  const grants =
    said.is === "allowed" && said.scope === "session"
      ? [...s.grants, { key: ask.key, scope: said.scope, by: personOf(e.by) }]
      : s.grants;
  // Cut off from here on, the turn goes on with what it has been told.
  const turn = { ...phase.turn, prompt: joined([phase.turn.prompt, prompt.answered(ask.what, said)]) };
  return { ...s, grants, phase: { ...phase, turn, asks: phase.asks.filter(({ id }) => id !== ask.id) } };
}

/** Nobody waits any more: the answer goes into what comes next. */
function answeredLater(s: Session, phase: At<"asking">, ask: Ask, said: Answer, e: Pressed): Session {
  const rest = phase.asks.filter(({ id }) => id !== ask.id);
  const after = settle(s, phase.next, { ask, said, e });
  if (after.phase.at === "paused" || rest.length === 0) return after;
  if (after.phase.at !== "preparing") return after;
  return { ...s, grants: after.grants, workspace: after.workspace, phase: { ...phase, asks: rest, next: after.phase } };
}

function settle(s: Session, next: At<"preparing">, { ask, said, e }: { ask: Ask; said: Answer; e: Pressed }): Session {
  const { what } = ask;
  const choice = said.is === "picked" ? (said.labels[0] ?? "") : "";
  switch (what.kind) {
    case "permission":
    case "question":
      return told(s, next, { ask, said, e });
    case "repo":
      return enter(housed(s, what, choice), next);
    case "policy":
      return enter({ ...s, policy: { ...s.policy, rule: Rule.parse(choice) } }, next);
    case "diverged":
      return enter({ ...s, workspace: targeted(s, what, choice) }, next);
    case "setup":
      return enter(s, { ...next, setup: choice === "accept" ? "accept" : "decline" });
    case "setup_failed":
      if (choice !== "stop") return enter(s, { ...next, setup: choice === "skip" ? "skip" : "auto" });
      return enter(s, pause({ why: "stopped", by: personOf(e.by) }, next));
    case "forgotten":
      return choice === "fresh"
        ? enter({ ...s, memory: null }, next)
        : enter(s, pause({ why: "stopped", by: personOf(e.by) }, next));
    default:
      return never(what);
  }
}

/** Works in that repository from here on, by what it says about landing. */
function housed(s: Session, what: Extract<What, { kind: "repo" }>, repo: string): Session {
  const policy = Policy.parse({ ...s.policy, ...what.policies[repo] });
  return {
    ...s,
    policy,
    workspace: workspaceIn({ ...s, policy }, repo, what.base),
    from: { ...s.from, repo: "asked" },
  };
}

/** The next turn is told what the one before it had asked. */
function told(s: Session, next: At<"preparing">, { ask, said, e }: { ask: Ask; said: Answer; e: Pressed }): Session {
  const grants =
    said.is === "allowed" ? [...s.grants, { key: ask.key, scope: said.scope, by: personOf(e.by) }] : s.grants;
  const words = joined([next.turn.prompt, prompt.answered(ask.what, said)]);
  return enter({ ...s, grants }, { ...next, turn: { ...next.turn, prompt: words } });
}

function targeted(s: Session, what: Extract<What, { kind: "diverged" }>, choice: string): Session["workspace"] {
  return s.workspace && { ...s.workspace, target: choice === "local" ? what.local : what.remote };
}

function withAsks(s: Session, asks: Ask[]): Session {
  if (s.phase.at !== "running" && s.phase.at !== "asking") return s;
  return { ...s, phase: { ...s.phase, asks } };
}

function wording(said: Answer): string {
  if (said.is === "allowed") return said.scope;
  if (said.is === "denied") return said.reason === "" ? "deny" : said.reason;
  return said.text ?? said.labels.join(", ");
}
