import { expect, test } from "vitest";
import { migrate, Newer, SavedSession } from "../../src/store/migrate.ts";
import { next, opened } from "./stories.ts";

const migrations = {
  1: ({ name, ...old }: Record<string, unknown>) => ({ ...old, name, title: `${name}!` }),
  2: ({ name: _name, ...old }: Record<string, unknown>) => old,
};

test("an old document goes up version by version", () => {
  expect(migrate({ schema: 1, name: "fix" }, migrations)).toEqual({ schema: 3, title: "fix!" });
  expect(migrate({ schema: 2, name: "fix", title: "Fix" }, migrations)).toEqual({ schema: 3, title: "Fix" });
  expect(migrate({ schema: 3, title: "Fix" }, migrations)).toEqual({ schema: 3, title: "Fix" });
});

test("one of a newer oca is refused, with both versions", () => {
  expect(() => migrate({ schema: 4 }, migrations)).toThrow(Newer);
  expect(() => migrate({ schema: 4 }, migrations)).toThrow("version 4, this one knows 3");
});

test("what is no document is left to the schema", () => {
  for (const raw of [null, 7, "text", [], {}, { schema: "1" }]) expect(migrate(raw, migrations)).toBe(raw);
});

test("a session of today passes unchanged", () => {
  const session = next(null, opened("abc", "Fix the login redirect"));
  expect(SavedSession.parse(session)).toEqual(session);
});

/** As the first oca has saved it: without checks, pre-flight, conflict turns and "merge anyway". */
const ana = { id: "text:ana", chat: "text", user: "ana", name: "Ana" };
const vote = { by: ana, via: "button", at: 3 };
const aim = { ref: "refs/heads/main", onto: "a".repeat(40), commit: "b".repeat(40), checkout: null };
const changes = {
  head: "b".repeat(40),
  commits: 1,
  files: [{ path: "a.ts", added: 1, removed: 0 }],
  behind: 0,
  conflicts: [],
  released: false,
  notKept: [],
};
const turn = { kind: "write", agent: "demo", prompt: "Fix it", files: [], took: [] };
const first = {
  id: "k9q2m7ab3c",
  schema: 1,
  rev: 7,
  threads: [{ chat: "text", channel: "general", thread: "1" }],
  requester: ana,
  title: "Fix the redirect",
  name: "fix-the-redirect",
  request: "Fix the redirect",
  agent: "demo",
  model: null,
  effort: null,
  from: { repo: "only", agent: "default", plan: "default" },
  policy: { plan: "ask", land: "ask", style: "rebase", push: false, trust: "default", votes: 1 },
  workspace: null,
  memory: null,
  forkOf: null,
  steps: [],
  plans: [],
  warrant: null,
  grants: [],
  landed: [{ how: "merge", by: [vote], aim, kept: "refs/oca/kept/k9q2m7ab3c/4", pushed: false, at: 3 }],
  decided: [],
  queue: [],
  seen: [],
  usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false, workedMs: 0 },
  work: 4,
  offer: 2,
  createdAt: 1,
  updatedAt: 4,
};

test.each([
  [{ at: "preparing", work: 4, turn, setup: "auto" }, { merge: false }],
  [
    { at: "landing", work: 4, how: "merge", by: [vote], aim, answer: "", next: "merged" },
    { waived: false, aim },
  ],
  [
    { at: "reviewing", offer: 2, answer: "", changes, blocked: null, votes: [], remindAt: null },
    { changes: { ...changes, onto: "", edits: null, doubts: [], candidate: null, others: [] } },
  ],
  [{ at: "closed", offer: 2, outcome: "merged", answer: "", blocked: null, since: 4 }, { outcome: "merged" }],
])("a session of the first oca is read, with what is new left out: $0.at", (phase, read) => {
  const session = SavedSession.parse({ ...first, phase });
  expect(session).toMatchObject({ checks: null, landed: [{ checks: "none" }], phase: read });
});
