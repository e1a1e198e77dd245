import { firstLine, slug } from "../lib/text.ts";
import type { Ask } from "./ask.ts";
import { atLeast } from "./authority.ts";
import type { EventOf, Refusal } from "./event.ts";
import { begin, enter, isVote, NOTHING, personOf, wordVote } from "./move.ts";
import type { Turn } from "./parts.ts";
import { prompt } from "./prompt.ts";
import type { Session, Warrant, Workspace } from "./session.ts";

const TITLE = 80;

/** A new session. Every name is settled here, so all later work can run twice. */
export function birth(e: EventOf<"opened">): Session | Refusal {
  if (!atLeast(e.by.role, "requester")) return { refused: "role", needs: "requester", id: e.by.id };
  const s = newborn(e);
  if (e.skipPlan && s.policy.plan !== "off" && !isVote(s, e.by))
    return { refused: "role", needs: "approver", id: e.by.id };
  if ((e.land === "merge" || e.land === "pr") && e.policy.land !== e.land && !atLeast(e.by.role, "merger"))
    return { refused: "role", needs: "merger", id: e.by.id };
  const kind = s.policy.plan === "off" || e.skipPlan ? "write" : "plan";
  const warranted = { ...s, warrant: kind === "write" ? warrantOf(s, e) : null };
  const words = { prompt: prompt[kind](e.text, e.context), files: e.files, took: [e.message] };
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

/** The first workspace of a session in a repository. */
export function workspaceIn(s: Pick<Session, "id" | "name">, repo: string, base: string | null): Workspace {
  const branch = `oca/${s.name}-${s.id}`;
  return { repo, kind: "worktree", n: 1, branch, base, target: null, start: null, baseCommit: null, ready: false };
}

function newborn(e: EventOf<"opened">): Session {
  const name = slug(e.text);
  const id = e.session;
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
    policy: { ...e.policy, land: e.land ?? e.policy.land },
    workspace: e.repo === null ? null : { ...workspaceIn({ id, name }, e.repo, e.base), start: e.fork?.start ?? null },
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
