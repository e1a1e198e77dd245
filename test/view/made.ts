import type { Person, Turn } from "../../src/core/parts.ts";
import type { At, Phase } from "../../src/core/phase.ts";
import { Session } from "../../src/core/session.ts";
import type { Live, Seen } from "../../src/core/view.ts";
import { createTranslator } from "../../src/view/i18n.ts";
import { POLICY } from "../core/life.ts";

export const NOW = Date.UTC(2026, 10, 20, 14, 2);
export const MINUTE = 60_000;

const person = (name: string): Person => ({
  id: `web:${name.toLowerCase()}`,
  chat: "web",
  user: name.toLowerCase(),
  name,
});
export const ana = person("Ana");
export const ben = person("Ben");

const translator = createTranslator();
export const en = translator("en");
export const de = translator("de");

const nothing = { inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false, workedMs: 0 };

/** A session of Ana's in the repository shop, checked against the schema. */
export const session = (phase: Phase, change: Partial<Session> = {}): Session =>
  Session.parse({
    id: "abcdefgh23",
    schema: 1,
    rev: 7,
    threads: [{ chat: "web", channel: "general", thread: "m1" }],
    requester: ana,
    title: "Fix the login redirect",
    name: "fix-the-login-redirect",
    request: "Fix the login redirect.\nIt goes to /home.",
    agent: "claude",
    model: null,
    effort: null,
    from: { repo: "only", agent: "default", plan: "channel" },
    policy: POLICY,
    workspace: {
      repo: "/srv/git/shop",
      kind: "worktree",
      n: 1,
      branch: "oca/fix-the-login-redirect-abcdefgh23",
      base: null,
      target: "refs/heads/main",
      start: null,
      baseCommit: "c0ffee",
      ready: false,
    },
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
    seen: [],
    usage: nothing,
    work: 3,
    offer: 4,
    phase,
    createdAt: NOW - 30 * MINUTE,
    updatedAt: NOW,
    ...change,
  } satisfies Session);

export const turn = (kind: Turn["kind"]): Turn => ({ kind, agent: "claude", prompt: "…", files: [], took: [] });

export const preparing: At<"preparing"> = { at: "preparing", work: 3, turn: turn("plan"), setup: "auto", merge: false };

export const running = (kind: Turn["kind"], change: Partial<At<"running">> = {}): At<"running"> => ({
  at: "running",
  work: 3,
  turn: turn(kind),
  asks: [],
  restarts: 0,
  moved: null,
  spent: nothing,
  ...change,
});

export const seen = (change: Partial<Seen> = {}): Seen => ({
  now: NOW,
  live: null,
  verbosity: "normal",
  waits: null,
  mentions: [],
  timezone: "UTC",
  trouble: null,
  pages: true,
  sharing: [],
  checkout: null,
  ...change,
});

export const live = (change: Partial<Live> = {}): Live => ({
  since: NOW - 12 * MINUTE,
  lastAt: NOW,
  activities: [],
  steps: [],
  usage: null,
  ...change,
});

export const plan = (
  version: number,
  steps: string[],
  markdown = steps.map((step, i) => `${i + 1}. ${step}`).join("\n"),
) => ({
  version,
  digest: `digest-${version}`,
  markdown,
  steps,
  files: ["src/login.ts"],
  commands: ["npm test"],
  baseCommit: "c0ffee",
});

export const usage = (minutes: number, costUsd: number, estimated = true) => ({
  ...nothing,
  costUsd,
  estimated,
  workedMs: minutes * MINUTE,
});
