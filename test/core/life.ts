import type { Actor, Event, EventOf, Verb } from "../../src/core/event.ts";
import { isRefusal } from "../../src/core/event.ts";
import type { Changes } from "../../src/core/parts.ts";
import type { Policy } from "../../src/core/policy.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import type { News, Request } from "../../src/core/pull.ts";
import type { Session } from "../../src/core/session.ts";
import { asksOf } from "../../src/core/session.ts";
import { step } from "../../src/core/step.ts";

/** Makes the events of a life, for tests that tell one, roll dice for one, or walk through all of them. */

export const person = (name: string, role: Actor["role"]): Actor => ({
  id: `web:${name}`,
  chat: "web",
  user: name,
  name,
  role,
});
export const ana = person("ana", "owner");
export const ben = person("ben", "approver");
export const cleo = person("cleo", "requester");
export const dan = person("dan", "observer");
export const eve = person("eve", "merger");

export const POLICY: Policy = {
  plan: "ask",
  land: "ask",
  style: "rebase",
  push: false,
  isolation: "worktree",
  trust: "default",
  votes: 1,
  rule: null,
};
/** What an agent finds where nobody has configured anything. */
export const DESK = {
  memory: null,
  model: null,
  effort: null,
  trust: POLICY.trust,
  commands: [],
  allow: [],
  mcp: [],
  hidden: [],
  contained: false,
  files: [],
} satisfies Partial<Desk>;
const FROM = { repo: "only", agent: "default", plan: "default" } as const;

let count = 0;
const delivery = () => `d${++count}`;

export const opened = (by: Actor, over: Partial<EventOf<"opened">> = {}): EventOf<"opened"> => ({
  type: "opened",
  id: delivery(),
  at: 1000,
  by,
  session: "k3f9k3f9k3",
  thread: { chat: "web", channel: "general", thread: "t1" },
  message: "m0",
  text: "fix the login redirect",
  files: [],
  context: "",
  repo: "shop",
  repos: ["shop", "docs"],
  base: null,
  agent: "demo",
  from: FROM,
  policy: POLICY,
  fork: null,
  skipPlan: false,
  land: null,
  off: false,
  policies: {},
  ...over,
});

export const said = (by: Actor, text: string, at = 2000): EventOf<"said"> => {
  const id = delivery();
  return { type: "said", id, at, by, message: `m${id}`, text, files: [] };
};

export const pressed = (
  by: Actor,
  verb: Verb,
  key: string | number,
  text: string | null = null,
): EventOf<"pressed"> => ({
  type: "pressed",
  id: delivery(),
  at: 3000,
  by,
  verb,
  key: `${key}`,
  via: "button",
  text,
});

export const followed = (by: Actor, channel = "team"): EventOf<"followed"> => ({
  type: "followed",
  id: delivery(),
  at: 3000,
  by,
  thread: { chat: "other", channel, thread: "o1" },
});

export const NO_CHANGES: Changes = {
  head: "c1",
  commits: 0,
  files: [],
  behind: 0,
  conflicts: [],
  released: false,
  notKept: [],
  onto: "b0",
  edits: null,
  doubts: [],
  candidate: null,
  others: [],
};
export const CHANGES: Changes = { ...NO_CHANGES, commits: 1, files: [{ path: "a.ts", added: 3, removed: 1 }] };

/** An event of the work that stands in the session, or of an older one. */
export function work<K extends Extract<Event, { work: number }>["type"]>(
  s: Session,
  rest: Omit<EventOf<K>, "id" | "at" | "by" | "work"> & { type: K },
  age = 0,
): Event {
  const number = "work" in s.phase ? s.phase.work - age : s.work - age;
  // The pieces make one whole event; only the compiler cannot see it through the generic.
  return { id: `work:${number}:${rest.type}`, at: 4000, by: null, work: number, ...rest } as unknown as Event;
}

export const plan = (digest = "d1", files = ["a.ts"]) => ({
  digest,
  markdown: `# plan ${digest}`,
  steps: ["one", "two"],
  files,
  commands: [],
});
export const PULL: Request = {
  is: "request",
  web: "https://github.com",
  repo: "acme/shop",
  number: 7,
  url: "https://github.com/acme/shop/pull/7",
  state: "open",
  draft: true,
  head: "c1",
  news: [],
  told: [],
};
export const pulled = (state: Request["state"] = "open", news: News[] = [], at = 4000): EventOf<"pulled"> => ({
  type: "pulled",
  id: `pulled:${at}`,
  at,
  by: null,
  number: 7,
  state,
  draft: true,
  news,
});
export const AIM = { ref: "refs/heads/main", onto: "b0", commit: "c9", checkout: null };

/** Steps, and fails the test when the session refuses. */
export function take(s: Session | null, e: Event): Session {
  const after = step(s, e);
  if (isRefusal(after))
    throw new Error(`refused: ${JSON.stringify(after)} in ${s?.phase.at ?? "nothing"} for ${e.type}`);
  return after;
}

/** Lets work report what it usually reports until a person must act or nothing more happens. */
export function run(s: Session, until: Session["phase"]["at"]): Session {
  let session = s;
  for (let i = 0; i < 12 && session.phase.at !== until; i++) session = take(session, usual(session));
  if (session.phase.at !== until) throw new Error(`never came to ${until}: stands in ${session.phase.at}`);
  return session;
}

/** What the work that stands in the session usually reports next. */
export function usual(s: Session): Event {
  const { phase } = s;
  switch (phase.at) {
    case "preparing":
      return work(s, { type: "prepared", target: "refs/heads/main", baseCommit: "b0", moved: null });
    case "running":
      return phase.turn.kind === "plan"
        ? work(s, {
            type: "ended",
            outcome: { ok: true, answer: "", plan: "x" },
            plan: plan(`d${s.plans.length + 1}`),
            token: "tok",
            usage: null,
          })
        : work(s, {
            type: "ended",
            outcome: { ok: true, answer: "Fixed.", plan: null },
            plan: null,
            token: "tok",
            usage: null,
          });
    case "stopping":
      return work(s, { type: "stopped", files: 3, token: null, usage: null });
    case "inspecting":
      return work(s, { type: "inspected", changes: CHANGES });
    case "checking":
      return work(s, { type: "checked", checks: { commit: phase.changes.candidate, ok: true, runs: [] } });
    case "landing":
      if (phase.how === "pr" && phase.aim) return work(s, { type: "proposed", pull: PULL });
      return phase.aim || phase.how === "clean"
        ? work(s, { type: "landed", kept: "refs/oca/kept/k/1", pushed: false })
        : work(s, { type: "aimed", aim: AIM });
    default:
      throw new Error(`${phase.at} waits for a person`);
  }
}

/** The key that a fresh button of this verb would carry. */
export const keyOf = (s: Session): string => ("offer" in s.phase ? `${s.phase.offer}` : "0");
export const firstAsk = (s: Session): string => asksOf(s)[0]?.id ?? "none";
