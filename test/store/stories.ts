import type { Event, EventOf } from "../../src/core/event.ts";
import type { Card } from "../../src/core/ports/store.ts";
import type { Session } from "../../src/core/session.ts";
import { POLICY } from "../core/life.ts";

const ada = { id: "web:ada", chat: "web", user: "ada", name: "Ada" };
const thread = { chat: "web", channel: "general", thread: "t1" };

export function opened(session: string, text: string): EventOf<"opened"> {
  return {
    type: "opened",
    id: `web:${session}`,
    at: 1_000,
    by: { ...ada, role: "requester" },
    session,
    thread,
    message: "m1",
    text,
    files: [],
    context: "",
    repo: "/srv/shop",
    repos: [],
    base: null,
    agent: "scripted",
    from: { repo: "default", agent: "default", plan: "default" },
    policy: { ...POLICY, plan: "approve" },
    fork: null,
    skipPlan: false,
    land: null,
    off: false,
    policies: {},
  };
}

export const said = (id: string, text: string): EventOf<"said"> => ({
  type: "said",
  id: `web:${id}`,
  at: 2_000,
  by: { ...ada, role: "requester" },
  message: id,
  text,
  files: [],
});

/** A life as plain as possible: born by the first message, every further word waits in the queue. */
export function next(session: Session | null, event: Event): Session {
  if (event.type === "opened" && !session) return born(event);
  if (event.type !== "said" || !session) throw new Error(`${event.type} does not belong here`);
  const { id, role: _role, ...person } = { ...event.by };
  const word = { id: event.message, by: { id, ...person }, text: event.text, files: [], vote: false, at: event.at };
  return { ...session, rev: session.rev + 1, queue: [...session.queue, word], seen: [...session.seen, event.id] };
}

function born(event: EventOf<"opened">): Session {
  return {
    id: event.session,
    schema: 1,
    rev: 1,
    threads: [event.thread],
    requester: ada,
    title: event.text,
    name: "fix",
    request: event.text,
    agent: event.agent,
    model: null,
    effort: null,
    from: event.from,
    policy: event.policy,
    workspace: null,
    memory: null,
    forkOf: null,
    steps: [],
    plans: [],
    warrant: null,
    grants: [],
    landed: [],
    pull: null,
    checks: null,
    decided: [],
    queue: [],
    seen: [event.id],
    usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false, workedMs: 0 },
    work: 0,
    offer: 1,
    phase: { at: "deciding", offer: 1, votes: [], moved: null, remindAt: null },
    createdAt: event.at,
    updatedAt: event.at,
  };
}

export const card = (head: string): Card => ({
  thread,
  role: "living",
  message: { ...thread, id: "m2" },
  court: null,
  offer: null,
  postedAt: 3_000,
  below: 0,
  view: { head, parts: [], buttons: [], documents: [], mentions: [ada], mood: "working", title: "Fix" },
});
