import { expect, test } from "vitest";
import type { Refusal } from "../../src/core/event.ts";
import type { Phase } from "../../src/core/phase.ts";
import { board } from "../../src/view/board.ts";
import { help } from "../../src/view/help.ts";
import { refusal } from "../../src/view/refusal.ts";
import { summary } from "../../src/view/summary.ts";
import { NO_CHANGES } from "../core/life.ts";
import { ana, ben, de, en, MINUTE, NOW, plan, preparing, running, seen, session, usage } from "./made.ts";
import { print, printBoard } from "./print.ts";

const refusals: [Refusal, string][] = [
  [{ refused: "superseded", plan: 2 }, "Superseded by plan v2."],
  [{ refused: "superseded", plan: null }, "This card is no longer current."],
  [{ refused: "already", by: ben }, "Ben decided this already."],
  [{ refused: "already", by: null }, "You decided this already."],
  [{ refused: "voted", missing: 1 }, "1 more approval is needed, from somebody else."],
  [
    { refused: "role", needs: "approver", id: "slack:U1" },
    "Not allowed here: approvers, mergers and owners can do this.",
  ],
  [{ refused: "late" }, "Too late: it is already being merged."],
  [{ refused: "idle" }, "Nothing here waits for this."],
  [{ refused: "heard" }, "The agent has these words already."],
  [{ refused: "gone" }, "This piece of work is not here any more."],
];
test.each(refusals)("%j explains itself", (why, text) => {
  expect(print(refusal(why, null, en))).toContain(text);
  expect(refusal(why, session(preparing), de).head).not.toBe(refusal(why, null, en).head);
});

test("a refused role says who one is and who can change it", () => {
  expect(print(refusal({ refused: "role", needs: "merger", id: "slack:U1" }, null, en))).toMatchInlineSnapshot(`
    "Not allowed here: mergers and owners can do this.  [waiting]
    · You are slack:U1. An owner can give you another role."
  `);
});

const deciding: Phase = { at: "deciding", offer: 4, votes: [], moved: null, remindAt: null };
const changes = { ...NO_CHANGES, commits: 1 };
const sessions = [
  session(deciding, { id: "a", title: "A plan", usage: usage(1, 1.5) }),
  session(running("write"), { id: "b", title: "At work", usage: usage(1, 2), updatedAt: NOW - 90 * MINUTE }),
  session(
    { at: "reviewing", offer: 2, answer: "", changes, blocked: null, votes: [], remindAt: null },
    { id: "c", title: "A result" },
  ),
  session(
    { at: "paused", offer: 2, why: { why: "restarts" }, retry: preparing, files: 0, resumeAt: null },
    { id: "d", title: "Of Ben", requester: ben },
  ),
  session(
    { at: "closed", offer: 2, outcome: "merged", answer: "", blocked: null, since: NOW - 50 * 60 * MINUTE },
    { id: "e", title: "Done", updatedAt: NOW - 50 * 60 * MINUTE },
  ),
  session(
    { at: "closed", offer: 2, outcome: "merged", answer: "", blocked: null, since: NOW - 9 * 24 * 60 * MINUTE },
    { id: "f", title: "Long ago", updatedAt: NOW - 9 * 24 * 60 * MINUTE },
  ),
];

const sights = new Map(sessions.map(({ id }) => [id, seen()]));

test("what waits for its turn is queued in the overview, and not at work", () => {
  const queued = new Map(sights).set("b", seen({ waits: { for: "slot", place: 1 } }));
  const of = (t: typeof en) =>
    printBoard(board(sessions, { now: NOW, sights: queued, as: () => ({ ...ana, role: "owner" }), t }));
  expect(of(en)).toContain("At work: queued · shop · 1 h 30 min  [seen]");
  expect(of(de)).toContain("At work: in der Warteschlange · shop · 1 Std. 30 Min.  [seen]");
});

test("the overview is sorted by who must act", () => {
  expect(
    printBoard(board(sessions, { now: NOW, sights, as: () => ({ ...ana, role: "owner" }), t: en })),
  ).toMatchInlineSnapshot(`
    "Waiting on you
      A plan: a plan · shop · just now  [waiting]
    Running
      At work: working · shop · 1 h 30 min  [working]
    Ready to merge
      A result: a result · shop · just now  [done]
    This week, about $3.50
      Done: merged · shop · 2 days  [done]"
  `);
  expect(
    printBoard(board(sessions, { now: NOW, sights, as: () => ({ ...ben, role: "requester" }), t: de })),
  ).toMatchInlineSnapshot(`
    "Wartet auf dich
      Of Ben: pausiert · shop · gerade eben  [waiting]
    Läuft
      At work: arbeitet · shop · 1 Std. 30 Min.  [working]
    Diese Woche, etwa 3,50 $
      Done: gemergt · shop · 2 Tage  [done]"
  `);
});

test("with nothing there, the overview is empty", () => {
  expect(board([], { now: NOW, sights, as: () => ({ ...ana, role: "observer" }), t: en })).toEqual({
    sections: [],
  });
});

test("catch-up gives goal, plan, state and open decision", () => {
  const s = session(deciding, { plans: [plan(1, ["Keep the path"])], usage: usage(4, 0.12) });
  expect(print(summary(s, seen(), en))).toMatchInlineSnapshot(`
    "Catch-up: Fix the login redirect  [waiting]
    · shop (the only one), from main, claude (default), plan first (channel default)
    Asked for by Ana, 13:32:
    > Fix the login redirect.
    > It goes to /home.
    Plan v1, not approved:
    > 1. Keep the path
    Now: Plan ready: Fix the login redirect
    · 4 min of work, about $0.12
    Open: Plan v1: Fix the login redirect"
  `);
});

test("help names the commands and the words", () => {
  expect(print(help(en, [{ line: "/oca status", about: "what runs" }], []))).toMatchInlineSnapshot(`
    "How to work with oca  [seen]
    Write “Let oca …”, mention oca, or write to it directly. A plan comes back first; nothing is changed before somebody approves it.
    At the end you may add: in <repository>, on <branch>, with <agent>, --plan, --no-plan, and how it is to land: --ask, --manual, --auto-merge, --auto-pr. An owner may add --off: work in the checkout itself, not in a worktree.
    In the thread, words do what buttons do: approve, revise …, reject, stop, merge, later, discard, undo. Anything else is told to the agent.
    · /oca status: what runs"
  `);
});
