import { expect, test } from "vitest";
import type { Decision } from "../../src/core/session.ts";
import { card } from "../../src/view/card.ts";
import { living } from "../../src/view/living.ts";
import { folded, settled } from "../../src/view/settled.ts";
import { ana, ben, de, en, NOW, plan, running, seen, session } from "./made.ts";
import { print } from "./print.ts";

const waiting = session(
  { at: "deciding", offer: 4, votes: [], moved: null, remindAt: null },
  { plans: [plan(1, ["Keep the path"])] },
);
const ask = {
  id: "a1",
  key: "k",
  what: {
    kind: "question" as const,
    text: "Which database?",
    options: [{ label: "Postgres", detail: "" }],
    multi: false,
    free: true,
    recommended: null,
  },
  picked: [],
  dueAt: null,
};
const asking = session(running("plan", { asks: [ask] }));

const shown = (s = waiting) => card(s, seen(), en) ?? living(s, seen(), en);
const after = (decided: Decision[], plans = waiting.plans) => ({ ...session(running("write"), { decided, plans }) });
const decision = (change: Partial<Decision>): Decision => ({
  key: "4",
  verb: "approve",
  by: ana,
  at: NOW,
  answer: null,
  ...change,
});
const settle = (decided: Decision[], t = en) =>
  print(settled(shown(), { s: after(decided), court: "offer:4", timezone: "Europe/Berlin" }, t));

test("an approved plan stays readable, says who and when, and offers nothing", () => {
  expect(settle([decision({})])).toMatchInlineSnapshot(`
    "Plan v1: Fix the login redirect  [closed]
    Approved by Ana, 15:02
    > 1. Keep the path
    Touches: src/login.ts
    Runs:
    $ npm test"
  `);
  expect(settle([decision({})], de)).toContain("Freigegeben von Ana, 15:02");
});

test("what was asked for is on the card of the revised plan", () => {
  expect(settle([decision({ verb: "revise", by: ben, answer: "keep the old route" })])).toContain(
    "Changes asked for by Ben, 15:02: keep the old route",
  );
});

test("an answer is kept on the card with the name", () => {
  const view = settled(
    shown(asking),
    {
      s: after([decision({ key: "a1", verb: "answer", by: ben, answer: "Postgres" })]),
      court: "ask:a1",
      timezone: "UTC",
    },
    en,
  );
  expect(print(view)).toMatchInlineSnapshot(`
    "claude asks: Which database?  [closed]
    Answered by Ben, 14:02: Postgres"
  `);
});

test.each([
  ["once", "Answered by Ben, 14:02: Allow once"],
  ["deny", "Answered by Ben, 14:02: Deny"],
  ["not on this host", "Answered by Ben, 14:02: not on this host"],
])("the answer %s reads as people say it", (answer, text) => {
  const s = after([decision({ key: "a1", verb: "answer", by: ben, answer })]);
  expect(print(settled(shown(asking), { s, court: "ask:a1", timezone: "UTC" }, en))).toContain(text);
});

test("a question that nobody answered says so", () => {
  const s = after([decision({ key: "a1", verb: "answer", by: null })]);
  expect(print(settled(shown(asking), { s, court: "ask:a1", timezone: "UTC" }, en))).toContain(
    "Nobody answered in time, 14:02",
  );
});

test("an older plan that nobody decided is superseded", () => {
  const s = after([], [plan(1, ["Keep the path"]), plan(2, ["Other"])]);
  expect(print(settled(shown(), { s, court: "offer:4", timezone: "UTC" }, en))).toContain("Superseded by plan v2");
});

test("folded, a card is one line", () => {
  const view = settled(shown(), { s: after([decision({})]), court: "offer:4", timezone: "UTC" }, en);
  expect(print(folded(view, en))).toBe("Plan v1: Fix the login redirect · Approved by Ana, 14:02  [closed]");
  expect(print(folded(living(after([]), seen(), en), en))).toBe(
    "Working: Fix the login redirect · goes on below  [closed]",
  );
});
