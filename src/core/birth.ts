import { firstLine, slug } from "../lib/text.ts";
import type { Ask } from "./ask.ts";
import { atLeast, type Role } from "./authority.ts";
import type { EventOf, Refusal } from "./event.ts";
import { begin, enter, isVote, NOTHING, personOf, wordVote } from "./move.ts";
import type { Turn } from "./parts.ts";
import type { Policy } from "./policy.ts";
import { prompt } from "./prompt.ts";
import type { Session, Warrant, Workspace } from "./session.ts";

const TITLE = 80;

/** A new session. Every name is settled here, so all later work can run twice. */
export function birth(e: EventOf<"opened">): Session | Refusal {
  const s = newborn(e);
  const needs = lacking(s, e);
  if (needs) return { refused: "role", needs, id: e.by.id };
  const kind = s.policy.plan === "off" || e.skipPlan ? "write" : "plan";
  const warranted = { ...s, warrant: kind === "write" ? warrantOf(s, e) : null };
  const words = { prompt: prompt.request(e.text, e.context), files: e.files, took: [e.message] };
  if (s.workspace) return begin(warranted, kind, words);
  const turn: Turn = { kind, agent: s.agent, ...words };
  const ask: Ask = {
    id: "r1",
    key: "repo",
    what: { kind: "repo", repos: e.repos, base: e.base, policies: e.policies },
    picked: [],
    dueAt: null,
  };
  return enter(warranted, {
    at: "asking",
    offer: 0,
    asks: [ask],
    next: { at: "preparing", work: 0, turn, setup: "auto", merge: false },
  });
}

/** The least role for what was asked, when this person has less; the channel's policy grants the rest. */
function lacking(s: Session, { by, ...e }: EventOf<"opened">): Role | null {
  if (!atLeast(by.role, "requester")) return "requester";
  if (e.skipPlan && s.policy.plan !== "off" && !isVote(s, by)) return "approver";
  const landsAlone = e.land === "merge" || e.land === "pr";
  if (landsAlone && e.policy.land !== e.land && !atLeast(by.role, "merger")) return "merger";
  const isGranted = e.repo !== null && e.policy.isolation === "off";
  return e.off && !isGranted && !atLeast(by.role, "owner") ? "owner" : null;
}

/** The first workspace of a session in a repository. */
export function workspaceIn(s: Pick<Session, "id" | "name" | "policy">, repo: string, base: string | null): Workspace {
  const branch = `oca/${s.name}-${s.id}`;
  const kind = s.policy.isolation === "off" ? "repo" : "worktree";
  return { repo, kind, n: 1, branch, base, target: null, start: null, baseCommit: null, ready: false };
}

function newborn(e: EventOf<"opened">): Session {
  const name = slug(e.text);
  const id = e.session;
  const policy: Policy = { ...e.policy, land: e.land ?? e.policy.land, isolation: e.off ? "off" : e.policy.isolation };
  return {
    id,
    schema: 1,
    rev: 1,
    threads: [e.thread],
    requester: personOf(e.by),
    title: firstLine(e.text, TITLE),
    name,
    request: e.text,
    agent: e.agent,
    model: null,
    effort: null,
    from: e.from,
    policy,
    workspace:
      e.repo === null ? null : { ...workspaceIn({ id, name, policy }, e.repo, e.base), start: e.fork?.start ?? null },
    memory: e.fork && { agent: e.fork.agent, token: e.fork.token, fork: true },
    forkOf: e.fork?.of ?? null,
    steps: [],
    plans: [],
    warrant: null,
    grants: [],
    landed: [],
    pull: null,
    checks: null,
    decided: [],
    queue: [],
    seen: [e.id],
    usage: NOTHING,
    work: 0,
    offer: 0,
    // Replaced before anybody sees it: a session is born into preparing or asking.
    phase: { at: "closed", offer: 0, outcome: "no_change", answer: "", blocked: null, since: e.at },
    createdAt: e.at,
    updatedAt: e.at,
  };
}

function warrantOf(s: Session, e: EventOf<"opened">): Warrant {
  if (s.policy.plan === "off") return { digest: null, votes: [{ by: null, via: "policy", at: e.at }] };
  return { digest: null, votes: [wordVote({ by: personOf(e.by), at: e.at })] };
}
