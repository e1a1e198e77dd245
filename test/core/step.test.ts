import { describe, expect, test } from "vitest";
import { roleOf } from "../../src/core/authority.ts";
import { due, TIMES } from "../../src/core/due.ts";
import { lifecycle } from "../../src/core/lifecycle.ts";
import { offered } from "../../src/core/offer.ts";
import { prompt } from "../../src/core/prompt.ts";
import type { Session } from "../../src/core/session.ts";
import { step } from "../../src/core/step.ts";
import {
  AIM,
  ana,
  ben,
  CHANGES,
  cleo,
  dan,
  eve,
  firstAsk,
  followed,
  keyOf,
  NO_CHANGES,
  opened,
  POLICY,
  PULL,
  person,
  plan,
  pressed,
  pulled,
  run,
  said,
  take,
  work,
} from "./life.ts";

const planned = (over = {}) => run(take(null, opened(cleo, over)), "deciding");
const reviewed = (over = {}) => {
  const s = planned(over);
  return run(take(s, pressed(ben, "approve", keyOf(s))), "reviewing");
};
const turnOf = (s: Session) => (s.phase.at === "preparing" || s.phase.at === "running" ? s.phase.turn : null);
const question = (free: boolean) => ({
  kind: "question" as const,
  text: "Which database?",
  options: [
    { label: "Postgres", detail: "" },
    { label: "SQLite", detail: "" },
  ],
  multi: false,
  free,
  recommended: 0,
});
const permission = { kind: "permission" as const, tool: "Bash", detail: "npm test", why: "to check" };
const asking = (s: Session, id: string, what: ReturnType<typeof question> | typeof permission, key = id) =>
  take(s, work(s, { type: "asked", ask: { id, key, what, picked: [], dueAt: null } }));
const writing = () => {
  const s = planned();
  return run(take(s, pressed(ben, "approve", keyOf(s))), "running");
};

describe("a plan", () => {
  test("waits for somebody who may approve, and nothing is written before", () => {
    const s = planned();
    expect(step(s, pressed(cleo, "approve", keyOf(s)))).toEqual({ refused: "role", needs: "approver", id: "web:cleo" });
    expect(s.warrant).toBeNull();
    const after = take(s, pressed(ben, "approve", keyOf(s)));
    expect(turnOf(after)?.kind).toBe("write");
    expect(after.warrant).toMatchObject({ digest: "d1", votes: [{ by: { name: "ben" }, via: "button" }] });
  });

  test("is not revised without words", () => {
    const s = planned();
    for (const text of [null, "", " \n"])
      expect(step(s, pressed(ben, "revise", keyOf(s), text))).toEqual({ refused: "words" });
  });

  test("is revised by any words of a requester, and the button of the old version is superseded", () => {
    const s = planned();
    const revised = run(take(s, said(cleo, "keep the old route")), "deciding");
    expect(revised.plans.map(({ version }) => version)).toEqual([1, 2]);
    expect(step(revised, pressed(ben, "approve", keyOf(s)))).toEqual({ refused: "superseded", plan: 2 });
    expect(take(revised, pressed(ben, "approve", keyOf(revised))).warrant?.digest).toBe("d2");
  });

  test("of two people who decide at once one wins, and the other is told who", () => {
    const s = planned();
    const approved = take(s, pressed(ben, "approve", keyOf(s)));
    expect(step(approved, pressed(ana, "approve", keyOf(s)))).toMatchObject({
      refused: "already",
      by: { name: "ben" },
    });
    expect(step(approved, pressed(cleo, "reject", keyOf(s)))).toMatchObject({
      refused: "already",
      by: { name: "ben" },
    });
  });

  test("under the two-person rule takes two others, and one person on two chats is one", () => {
    const s = planned({ policy: { ...POLICY, votes: 2 } });
    const one = take(s, pressed(ben, "approve", keyOf(s)));
    expect(one.phase.at).toBe("deciding");
    expect(step(one, pressed({ ...ben, chat: "slack", user: "U7" }, "approve", keyOf(s)))).toEqual({
      refused: "voted",
      missing: 1,
    });
    expect(step(one, said(person("cleo", "observer"), "approve"))).toMatchObject({ refused: "role" });
    expect(turnOf(take(one, pressed(eve, "approve", keyOf(s))))?.kind).toBe("write");
  });

  test("whose base moved under a file that it names is asked about again; under others it runs and says so", () => {
    const s = planned();
    const approved = take(s, pressed(ben, "approve", keyOf(s)));
    const prepared = (named: string[]) =>
      work(approved, { type: "prepared", target: "refs/heads/main", baseCommit: "b1", moved: { commits: 3, named } });
    const back = take(approved, prepared(["a.ts"]));
    expect(back.phase).toMatchObject({ at: "deciding", moved: { commits: 3, named: ["a.ts"] } });
    expect(back.warrant).toBeNull();
    expect(step(back, pressed(ben, "approve", keyOf(s)))).toMatchObject({ refused: "already" });
    if (approved.phase.at !== "preparing") throw new Error(approved.phase.at);
    const { turn } = approved.phase;
    // Sessions of before were saved with the rules of the turn in its words.
    const phase = { ...approved.phase, turn: { ...turn, prompt: prompt.ruled("write", turn.prompt) } };
    expect(take({ ...approved, phase }, prepared(["a.ts"])).phase).toMatchObject({ at: "deciding" });
    expect(take(approved, prepared([])).phase).toMatchObject({ at: "running", moved: { commits: 3 } });
    expect(run(take(back, pressed(ben, "approve", keyOf(back))), "running").phase).toMatchObject({
      turn: { kind: "write" },
    });
  });

  test("and a question was answered since, the turn goes on with the answer, whatever moved", () => {
    const s = planned();
    const working = run(take(s, pressed(ben, "approve", keyOf(s))), "running");
    const ask = { id: `${working.work}-1`, key: "q", what: question(true), picked: [], dueAt: null };
    const asking = take(working, work(working, { type: "asked", ask }));
    const cut = take(asking, { type: "restarted", id: "restarted", at: 5000, by: null });
    const answered = take(cut, pressed(cleo, "answer", `${firstAsk(cut)}.text`, "MySQL"));
    const moved = { commits: 1, named: ["a.ts"] };
    const next = take(answered, work(answered, { type: "prepared", target: "t", baseCommit: "b1", moved }));
    expect(next.phase.at).toBe("running");
    expect(turnOf(next)?.prompt).toContain("MySQL");
  });

  test("is kept when words come in while it is made: they become its revision", () => {
    const planning = run(take(null, opened(cleo)), "running");
    const s = run(take(planning, said(cleo, "and the logout")), "running");
    const ended = take(
      s,
      work(s, {
        type: "ended",
        outcome: { ok: true, answer: "", plan: "x" },
        plan: plan("d1"),
        token: "t",
        usage: null,
      }),
    );
    expect(ended.plans).toHaveLength(1);
    expect(run(ended, "running").phase).toMatchObject({
      turn: { kind: "plan", prompt: expect.stringContaining("and the logout") },
    });
  });

  test("that nobody decides is shown once more after two hours", () => {
    const s = planned();
    const at = due(s) ?? 0;
    expect(at).toBe(4000 + TIMES.decide);
    const shown = take(s, { type: "due", id: "due", at, by: null });
    expect(shown.offer).toBe(s.offer + 1);
    expect(due(shown)).toBeNull();
  });

  test("that is none answers the question and closes without a trace", () => {
    const s = run(take(null, opened(cleo)), "running");
    const answered = take(
      s,
      work(s, {
        type: "ended",
        outcome: { ok: true, answer: "It is in auth.ts.", plan: null },
        plan: null,
        token: null,
        usage: null,
      }),
    );
    const clean = take(answered, work(answered, { type: "inspected", changes: NO_CHANGES }));
    expect(run(clean, "closed").phase).toMatchObject({ outcome: "answered", answer: "It is in auth.ts." });
  });
});

describe("words", () => {
  test("in a review go on writing for somebody who may approve, and ask for a plan for anybody else", () => {
    const s = reviewed();
    expect(turnOf(take(s, said(ben, "rename it")))?.kind).toBe("write");
    expect(take(s, said(ben, "rename it")).warrant?.votes.at(-1)).toMatchObject({ via: "words", by: { name: "ben" } });
    expect(turnOf(take(s, said(cleo, "rename it")))?.kind).toBe("plan");
    expect(step(s, said(dan, "rename it"))).toMatchObject({ refused: "role" });
  });

  test("said by a requester while it writes wait for a plan turn of their own", () => {
    const s = take(writing(), said(cleo, "also the logout"));
    const inspecting = run(s, "inspecting");
    const next = take(inspecting, work(inspecting, { type: "inspected", changes: CHANGES }));
    expect(turnOf(next)).toMatchObject({ kind: "plan", prompt: expect.stringContaining("also the logout") });
  });

  test("said while it merges open the next generation of the workspace", () => {
    const s = reviewed();
    const merging = take(s, pressed(eve, "merge", keyOf(s)));
    const heard = take(merging, said(cleo, "now the docs"));
    const next = run(heard, "preparing");
    expect(next.landed).toHaveLength(1);
    expect(next.workspace).toMatchObject({ n: 2, branch: "oca/fix-the-login-redirect-k3f9k3f9k3-2", baseCommit: null });
    expect(turnOf(next)).toMatchObject({ kind: "plan", prompt: expect.stringContaining("now the docs") });
  });

  test("edited or deleted while they wait count as edited; later their author is told", () => {
    const word = said(cleo, "use red");
    const s = take(run(take(null, opened(cleo)), "running"), word);
    const edited = take(s, { ...word, id: "e1", type: "edited", text: "use blue" });
    expect(edited.queue[0]?.text).toBe("use blue");
    expect(take(edited, { ...word, id: "e2", type: "edited", text: null }).queue).toEqual([]);
    const planning = run(take(null, opened(cleo, { message: "m0" })), "running");
    expect(step(planning, { ...word, id: "e3", type: "edited", message: "m0", text: "no" })).toEqual({
      refused: "heard",
    });
  });

  test("in a closed thread continue the same conversation on a new branch, with a plan", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    const again = take(closed, said(ana, "one more thing"));
    expect(again.memory?.token).toBe("tok");
    expect(again.warrant).toBeNull();
    expect(turnOf(again)?.kind).toBe("plan");
  });
});

describe("a question", () => {
  test("that nobody answers for ten minutes lets its process go, and the answer starts the next turn", () => {
    const s = asking(writing(), "q1", question(false));
    const let_go = take(s, { type: "due", id: "due", at: due(s) ?? 0, by: null });
    expect(let_go.phase.at).toBe("stopping");
    const rests = run(let_go, "asking");
    expect(step(rests, { type: "restarted", id: "r", at: 1, by: null })).toBe(rests);
    const answered = take(rests, pressed(cleo, "answer", "q1.1"));
    expect(turnOf(answered)?.prompt).toContain("Which database?\nThe answer: SQLite");
  });

  test("survives a restart, and an allowed permission is not asked again in the new turn", () => {
    const s = asking(asking(writing(), "p1", permission, "npm"), "q1", question(true));
    const rests = take(s, { type: "restarted", id: "r", at: 1, by: null });
    expect(rests.phase.at).toBe("asking");
    expect(step(rests, pressed(cleo, "answer", "p1.0"))).toMatchObject({ refused: "role", needs: "approver" });
    const one = take(rests, pressed(ben, "answer", "p1.0"));
    const running = run(take(one, said(cleo, "a small one")), "running");
    expect(turnOf(running)?.prompt).toContain("The answer: a small one");
    const again = asking(running, "p2", permission, "npm");
    expect(again.phase).toMatchObject({ at: "running", asks: [] });
    expect(asking(again, "p3", permission, "npm").phase).toMatchObject({ asks: [{ id: "p3" }] });
  });

  test("answered while its process lives, is not lost with that process: the next turn is told", () => {
    const s = asking(writing(), "1-1", question(true));
    const answered = take(s, pressed(cleo, "answer", "1-1.1"));
    const again = take(answered, { type: "restarted", id: "r", at: 1, by: null });
    expect(turnOf(again)?.prompt).toContain("You asked Which database?\nThe answer: SQLite");
  });

  test("asked three times at once is answered in any order, equal ones together", () => {
    const s = ["a", "b", "c"].reduce((one, id) => asking(one, id, permission, id), writing());
    const twin = asking(s, "d", permission, "a");
    expect(twin).toBe(s);
    const after = take(take(s, pressed(ben, "answer", "b.0")), pressed(ben, "answer", "a.1"));
    expect(after.phase).toMatchObject({ at: "running", asks: [{ id: "c" }] });
    expect(after.grants).toMatchObject([{ key: "a", scope: "session" }]);
    expect(step(after, pressed(ana, "answer", "b.0"))).toMatchObject({ refused: "already", by: { name: "ben" } });
  });

  test("with several answers keeps what was ticked", () => {
    const s = asking(writing(), "q1", { ...question(false), multi: true });
    const ticked = take(take(s, pressed(cleo, "pick", "q1.1")), pressed(cleo, "pick", "q1.0"));
    expect(take(ticked, pressed(cleo, "answer", "q1.done")).decided.at(-1)).toMatchObject({
      key: "q1",
      answer: "Postgres, SQLite",
    });
    expect(firstAsk(ticked)).toBe("q1");
  });

  test("about the repository comes first when it is not known", () => {
    const s = take(null, opened(cleo, { repo: null }));
    expect(s.phase.at).toBe("asking");
    const chosen = take(s, pressed(cleo, "answer", "r1.1"));
    expect(chosen.workspace).toMatchObject({ repo: "docs", n: 1 });
    expect(chosen.from.repo).toBe("asked");
  });
});

describe("stop", () => {
  test("waits for the process, counts the files and can be resumed", () => {
    const s = take(writing(), pressed(cleo, "stop", 0));
    expect(step(s, pressed(ben, "stop", 0))).toMatchObject({ refused: "already", by: { name: "cleo" } });
    const paused = run(s, "paused");
    expect(paused.phase).toMatchObject({ why: { why: "stopped", by: { name: "cleo" } }, files: 3 });
    expect(turnOf(take(paused, pressed(cleo, "resume", keyOf(paused))))).toMatchObject({
      kind: "write",
      prompt: expect.stringContaining("interrupted"),
    });
  });

  test("is obeyed by a landing that has not aimed, and too late for one that has", () => {
    const s = reviewed();
    const merging = take(s, pressed(eve, "merge", keyOf(s)));
    expect(run(take(merging, pressed(cleo, "stop", 0)), "reviewing").landed).toEqual([]);
    const aimed = take(merging, work(merging, { type: "aimed", aim: AIM }));
    expect(step(aimed, pressed(cleo, "stop", 0))).toEqual({ refused: "late" });
  });
});

describe("a restart", () => {
  test("continues a turn as a new one that says so, and the third time without progress waits for a person", () => {
    const restarted = { type: "restarted", id: "r", at: 1, by: null } as const;
    const twice = take(take(writing(), restarted), restarted);
    expect(twice.phase).toMatchObject({ at: "running", restarts: 2 });
    const moved = take(
      twice,
      work(twice, { type: "noted", token: null, steps: [{ title: "new", state: "done" }], usage: null }),
    );
    expect(moved.phase).toMatchObject({ restarts: 0 });
    expect(take(twice, restarted).phase).toMatchObject({ at: "paused", why: { why: "restarts" } });
  });

  test("after the aim was saved keeps it, and news of the work before changes nothing", () => {
    const s = reviewed();
    const merging = take(s, pressed(eve, "merge", keyOf(s)));
    const aimed = take(merging, work(merging, { type: "aimed", aim: AIM }));
    const again = take(aimed, { type: "restarted", id: "r", at: 1, by: null });
    expect(again.phase).toMatchObject({ at: "landing", aim: AIM });
    expect(step(again, work(aimed, { type: "landed", kept: "k", pushed: false }))).toBe(again);
  });
});

describe("a review whose base moves", () => {
  const compared = (s: Session, change: Partial<typeof CHANGES>) => ({
    type: "compared" as const,
    id: "c",
    at: 5000,
    by: null,
    offer: s.offer,
    changes: { ...CHANGES, ...change },
  });

  test("is brought up to date; the buttons stay as they are", () => {
    const s = reviewed();
    const after = take(s, compared(s, { onto: "b1", behind: 1 }));
    expect(after.phase).toMatchObject({ offer: s.offer, changes: { behind: 1 } });
    expect(step(after, compared(after, { onto: "b1", behind: 1 }))).toBe(after);
  });

  test("is a new offer when it can no longer be merged: the old button does nothing, votes are asked again", () => {
    const s = run(take(null, opened(ana, { policy: { ...POLICY, plan: "off", votes: 2 } })), "reviewing");
    const voted = take(s, pressed(eve, "merge", keyOf(s)));
    const after = take(voted, compared(voted, { onto: "b1", conflicts: ["a.ts"] }));
    expect(after.phase).toMatchObject({ offer: s.offer + 1, votes: [] });
    expect(step(after, pressed(ana, "merge", keyOf(s)))).toMatchObject({ refused: "superseded" });
  });

  test("is left alone when the news is about another commit, or comes too late", () => {
    const s = reviewed();
    expect(step(s, compared(s, { head: "c2", behind: 1 }))).toBe(s);
    expect(step(s, { ...compared(s, { behind: 1 }), offer: s.offer - 1 })).toBe(s);
    const over = take(s, pressed(ana, "discard", keyOf(s)));
    expect(step(over, compared(over, { behind: 1 }))).toBe(over);
  });
});

describe("conflicts", () => {
  const clash = { ...CHANGES, conflicts: ["a.ts"] };
  const clashing = (over = {}) => {
    const s = planned(over);
    const inspecting = run(take(s, pressed(ben, "approve", keyOf(s))), "inspecting");
    return take(inspecting, work(inspecting, { type: "inspected", changes: clash }));
  };
  const finished = (s: Session) => {
    const inspecting = run(s, "inspecting");
    return take(inspecting, work(inspecting, { type: "inspected", changes: clash }));
  };

  test("are given to oca: a write turn on the merge of the base, on the word of an approver", () => {
    const s = clashing();
    const after = take(s, pressed(ben, "resolve", keyOf(s)));
    expect(after.phase).toMatchObject({ at: "preparing", merge: true, turn: { kind: "write" } });
    expect(turnOf(after)?.prompt).toContain("- a.ts");
    expect(after.warrant?.votes.map(({ by }) => by?.name)).toEqual(["ben", "ben"]);
  });

  test("by a requester: a plan turn, and nothing is written", () => {
    const s = clashing();
    const after = take(s, pressed(cleo, "resolve", keyOf(s)));
    expect(after.phase).toMatchObject({ at: "preparing", merge: false, turn: { kind: "plan" } });
    expect(after.warrant).toBeNull();
  });

  test("are tried three times, then people must say how", () => {
    let s = clashing();
    for (const left of [2, 1, 0]) {
      s = finished(take(s, pressed(ben, "resolve", keyOf(s))));
      expect(step(s, pressed(ben, "resolve", keyOf(s)))).toEqual(
        left === 0 ? { refused: "idle" } : expect.objectContaining({ phase: expect.anything() }),
      );
    }
  });

  test("are resolved once without a click where the policy merges by itself, then it asks", () => {
    const s = clashing({ policy: { ...POLICY, land: "merge" } });
    expect(s.phase).toMatchObject({ at: "preparing", merge: true, turn: { kind: "write" } });
    expect(finished(s).phase).toMatchObject({ at: "reviewing", changes: clash });
    expect(run(s, "closed").phase).toMatchObject({ outcome: "merged" });
  });
});

describe("checks", () => {
  const CHECKED = { ...CHANGES, candidate: "t1" };
  const red = { commit: "t1", ok: false, runs: [{ command: "npm test", ok: false, ms: 5, log: "1 failing" }] };
  const checking = (over = {}) => {
    const s = planned(over);
    const inspecting = run(take(s, pressed(ben, "approve", keyOf(s))), "inspecting");
    return take(inspecting, work(inspecting, { type: "inspected", changes: CHECKED }));
  };
  const failed = (over = {}) => {
    const s = checking(over);
    return take(s, work(s, { type: "checked", checks: red }));
  };

  test("run on what would land before it is shown, and not again for the same commit", () => {
    const s = checking();
    expect(s.phase).toMatchObject({ at: "checking", changes: { candidate: "t1" } });
    const review = run(s, "reviewing");
    expect(review.checks).toMatchObject({ commit: "t1", ok: true });
    const again = take(review, { type: "due", id: "due", at: TIMES.later * 9, by: null });
    expect(again).toBe(review);
    const late = take(take(review, pressed(ana, "later", keyOf(review))), { type: "due", id: "d", at: 1e12, by: null });
    expect(take(late, work(late, { type: "inspected", changes: CHECKED })).phase.at).toBe("reviewing");
  });

  test("that failed take Merge away; merging anyway needs a merger and is in the record", () => {
    const s = failed();
    expect(step(s, pressed(ana, "merge", keyOf(s)))).toEqual({ refused: "idle" });
    expect(step(s, pressed(ben, "force", keyOf(s)))).toMatchObject({ refused: "role", needs: "merger" });
    const closed = run(take(s, pressed(eve, "force", keyOf(s))), "closed");
    expect(closed.landed).toMatchObject([{ checks: "waived", by: [{ by: { name: "eve" } }] }]);
    expect(step(checking(), pressed(eve, "force", "99"))).toMatchObject({ refused: "superseded" });
  });

  test("that failed are never merged over by the policy", () => {
    expect(failed({ policy: { ...POLICY, land: "merge" } }).phase.at).toBe("reviewing");
    expect(run(checking({ policy: { ...POLICY, land: "merge" } }), "closed").landed).toMatchObject([
      { checks: "passed" },
    ]);
  });

  test("that fail while it lands come back as a review that knows them, and are not run a third time", () => {
    const review = run(checking(), "reviewing");
    const landing = take(review, pressed(ana, "merge", keyOf(review)));
    const block = { why: "checks" as const, checks: { ...red, commit: "t2" } };
    const inspecting = take(landing, work(landing, { type: "blocked", block }));
    const after = take(inspecting, work(inspecting, { type: "inspected", changes: { ...CHECKED, candidate: "t2" } }));
    expect(after).toMatchObject({ phase: { at: "reviewing", blocked: block }, checks: { commit: "t2", ok: false } });
    // The base moves on: they count for that commit only.
    const changes = { ...CHECKED, candidate: "t3", onto: "b3" };
    const now = { type: "compared" as const, id: "c", at: 1, by: null, offer: after.offer, changes };
    const moved = take(after, now);
    expect(run(take(moved, pressed(ana, "merge", keyOf(moved))), "closed").phase).toMatchObject({ outcome: "merged" });
  });

  test("can be stopped, and Resume runs them again", () => {
    const s = checking();
    const paused = run(take(s, pressed(cleo, "stop", s.work)), "paused");
    expect(run(take(paused, pressed(cleo, "resume", keyOf(paused))), "reviewing").phase.at).toBe("reviewing");
    expect(take(s, { type: "restarted", id: "r", at: 9, by: null }).phase).toMatchObject({ at: "checking" });
  });

  test("words that come meanwhile go first", () => {
    const s = take(checking(), said(ben, "also the tests"));
    expect(take(s, work(s, { type: "checked", checks: red })).phase).toMatchObject({
      at: "preparing",
      turn: { kind: "write" },
    });
  });
});

describe("later", () => {
  const at = (s: Session) => (s.phase.at === "reviewing" ? s.phase.remindAt : null);
  const until = (minutes: number | string) => {
    const s = reviewed();
    return at(take(s, pressed(cleo, "later", `${keyOf(s)}.${minutes}`)));
  };

  test("is three hours, or the time that the button says", () => {
    const s = reviewed();
    expect(at(take(s, pressed(cleo, "later", keyOf(s))))).toBe(3000 + TIMES.later);
    expect(until(1440)).toBe(1440 * 60_000);
    expect(until(1440 * 60)).toBe(3000 + TIMES.later);
    expect(until("x")).toBe(3000 + TIMES.later);
    expect(until(0)).toBe(3000 + TIMES.later);
  });

  test("of an older card does nothing", () => {
    const s = reviewed();
    expect(step(s, pressed(cleo, "later", `${Number(keyOf(s)) - 1}.1440`))).toMatchObject({ refused: "superseded" });
  });
});

describe("the end", () => {
  test("what was merged there stays merged, whatever an answer that comes late says", () => {
    const open: Session = { ...reviewed(), pull: { ...PULL, head: "c0" } };
    const merged = take(run(take(open, said(ben, "and the docs, please")), "running"), pulled("merged"));
    expect(take(merged, pulled("closed", [], 5000)).pull).toMatchObject({ state: "merged" });
  });

  test("a merge is undone once, for thirty days, by somebody who may merge", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    expect(step(closed, pressed(ben, "undo", keyOf(closed)))).toMatchObject({ refused: "role", needs: "merger" });
    expect(step(closed, { ...pressed(eve, "undo", keyOf(closed)), at: 4000 + TIMES.undo })).toEqual({
      refused: "idle",
    });
    const undone = run(take(closed, pressed(eve, "undo", keyOf(closed))), "reviewing");
    expect(undone.landed.map(({ how }) => how)).toEqual(["merge", "undo"]);
  });

  test("when the base has moved on, somebody is asked before a commit takes the merge back", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    expect(step(closed, pressed(eve, "revert", keyOf(closed)))).toEqual({ refused: "idle" });
    const undoing = take(closed, pressed(eve, "undo", keyOf(closed)));
    const asked = take(undoing, work(undoing, { type: "blocked", block: { why: "moved_on" } }));
    expect(asked.phase).toMatchObject({ at: "closed", outcome: "merged", blocked: { why: "moved_on" } });
    expect(step(asked, pressed(ben, "revert", keyOf(asked)))).toMatchObject({ refused: "role", needs: "merger" });
    const ruled: Session = { ...asked, policy: { ...asked.policy, rule: "pr-required" } };
    expect(step(ruled, pressed(eve, "revert", keyOf(ruled)))).toEqual({ refused: "policy", rule: "pr-required" });
    const reverting = take(asked, pressed(eve, "revert", keyOf(asked)));
    expect(reverting.phase).toMatchObject({ at: "landing", how: "revert", by: [{ by: { id: eve.id } }] });
    const reverted = run(reverting, "reviewing");
    expect(reverted.landed.map(({ how }) => how)).toEqual(["merge", "revert"]);
    expect(reverted.workspace?.ready).toBe(false);
  });

  test("a merge that no commit can take back is taken back by new work, for which there is a plan", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    const undoing = take(closed, pressed(eve, "undo", keyOf(closed)));
    const asked = take(undoing, work(undoing, { type: "blocked", block: { why: "moved_on" } }));
    const reverting = take(asked, pressed(eve, "revert", keyOf(asked)));
    const back = take(reverting, work(reverting, { type: "blocked", block: { why: "conflict", files: ["a.ts"] } }));
    expect(back.phase).toMatchObject({ at: "closed", outcome: "merged", blocked: { why: "conflict" } });
    expect(offered(back, 4000)).toEqual(["resolve"]);
    const next = take(back, pressed(ben, "resolve", keyOf(back)));
    expect(next).toMatchObject({ phase: { at: "preparing" }, workspace: { n: 2 }, warrant: null });
    const turn = turnOf(next);
    expect(turn?.kind).toBe("plan");
    expect(turn?.prompt).toContain(`Take back what was merged`);
    for (const part of [AIM.onto, AIM.commit, "- a.ts"]) expect(turn?.prompt).toContain(part);
    const without: Session = { ...back, policy: { ...back.policy, plan: "off" } };
    expect(take(without, pressed(cleo, "resolve", keyOf(back)))).toMatchObject({
      phase: { turn: { kind: "write" } },
      warrant: { votes: [{ via: "policy" }] },
    });
  });

  test("a revert whose checks failed is made on the word of somebody who may merge, which is in the record", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    const undoing = take(closed, pressed(eve, "undo", keyOf(closed)));
    const asked = take(undoing, work(undoing, { type: "blocked", block: { why: "moved_on" } }));
    const reverting = take(asked, pressed(eve, "revert", keyOf(asked)));
    const block = { why: "checks" as const, checks: { commit: "c9", ok: false, runs: [] } };
    const before = { commit: "t1", ok: true, runs: [] };
    const failed = take({ ...reverting, checks: before }, work(reverting, { type: "blocked", block }));
    expect(failed.phase).toMatchObject({ at: "closed", outcome: "merged", blocked: { why: "checks" } });
    expect(failed.checks).toEqual(before);
    expect(offered(failed, 4000)).toEqual(["revert", "force"]);
    expect(step(failed, pressed(ben, "force", keyOf(failed)))).toMatchObject({ refused: "role", needs: "merger" });
    const ruled: Session = { ...failed, policy: { ...failed.policy, rule: "pr-required" } };
    expect(step(ruled, pressed(eve, "force", keyOf(ruled)))).toEqual({ refused: "policy", rule: "pr-required" });
    const again = take(failed, pressed(eve, "revert", keyOf(failed)));
    expect(again.phase).toMatchObject({ at: "landing", how: "revert", waived: false });
    const forced = take(failed, pressed(eve, "force", keyOf(failed)));
    expect(forced.phase).toMatchObject({ at: "landing", how: "revert", waived: true });
    expect(run(forced, "reviewing").landed.at(-1)).toMatchObject({
      how: "revert",
      by: [{ by: { id: eve.id } }],
      checks: "waived",
    });
  });

  test("a revert can be stopped while it is checked, and then all is as before; words that came go on", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    const undoing = take(closed, pressed(eve, "undo", keyOf(closed)));
    const asked = take(undoing, work(undoing, { type: "blocked", block: { why: "moved_on" } }));
    const reverting = take(asked, pressed(eve, "revert", keyOf(asked)));
    const stopped = take(reverting, pressed(cleo, "stop", 0));
    expect(stopped.phase).toMatchObject({ at: "closed", outcome: "merged", blocked: null });
    expect(stopped.landed).toEqual(asked.landed);
    expect(offered(stopped, 4000)).toEqual(["undo"]);
    const next = take(take(reverting, said(cleo, "and the docs")), pressed(cleo, "stop", 0));
    expect(next).toMatchObject({ phase: { at: "preparing" }, workspace: { n: 2 }, queue: [] });
    const aimed = take(reverting, work(reverting, { type: "aimed", aim: AIM }));
    expect(step(aimed, pressed(cleo, "stop", 0))).toEqual({ refused: "late" });
  });

  test("what was taken back is not merged again unasked, though the policy merges by itself", () => {
    const s = run(take(null, opened(ben, { policy: { ...POLICY, land: "merge" } })), "deciding");
    const closed = run(take(s, pressed(ben, "approve", keyOf(s))), "closed");
    expect(closed.phase).toMatchObject({ outcome: "merged" });
    expect(run(take(closed, pressed(eve, "undo", keyOf(closed))), "reviewing").phase.at).toBe("reviewing");
  });

  test("what was said while an undo could not be made is the next piece of work", () => {
    const s = reviewed();
    const closed = run(take(s, pressed(eve, "merge", keyOf(s))), "closed");
    const undoing = take(take(closed, pressed(eve, "undo", keyOf(closed))), said(cleo, "and the docs"));
    const next = take(undoing, work(undoing, { type: "blocked", block: { why: "moved_on" } }));
    expect(next).toMatchObject({ phase: { at: "preparing" }, workspace: { n: 2 }, queue: [] });
    expect(turnOf(next)?.prompt).toContain("and the docs");
  });

  test("the button of Tuesday's review does not merge Wednesday's commits", () => {
    const tuesday = reviewed();
    const wednesday = run(take(tuesday, said(ben, "and the docs")), "reviewing");
    expect(step(wednesday, pressed(eve, "merge", keyOf(tuesday)))).toMatchObject({ refused: "superseded" });
  });

  test("a conflict comes back to the review, where merging is not offered", () => {
    const s = reviewed();
    const merging = take(s, pressed(eve, "merge", keyOf(s)));
    const blocked = take(merging, work(merging, { type: "blocked", block: { why: "conflict", files: ["a.ts"] } }));
    const back = take(blocked, work(blocked, { type: "inspected", changes: { ...CHANGES, conflicts: ["a.ts"] } }));
    expect(back.phase).toMatchObject({ at: "reviewing", blocked: { why: "conflict" } });
    expect(step(back, pressed(eve, "merge", keyOf(back)))).toEqual({ refused: "idle" });
  });

  test("commits are discarded only by somebody who may merge", () => {
    const s = reviewed();
    expect(step(s, pressed(ben, "discard", keyOf(s)))).toMatchObject({ refused: "role", needs: "merger" });
    expect(run(take(s, pressed(eve, "discard", keyOf(s))), "closed").phase).toMatchObject({ outcome: "dismissed" });
  });
});

describe("a hint", () => {
  test("--no-plan by a requester is refused with who can grant it; by an approver it is a vote", () => {
    expect(step(null, opened(cleo, { skipPlan: true }))).toEqual({
      refused: "role",
      needs: "approver",
      id: "web:cleo",
    });
    const s = take(null, opened(ben, { skipPlan: true }));
    expect(turnOf(s)?.kind).toBe("write");
    expect(s.warrant).toMatchObject({ digest: null, votes: [{ via: "words" }] });
    expect(step(null, opened(ben, { skipPlan: true, policy: { ...POLICY, votes: 2 } }))).toMatchObject({
      refused: "role",
    });
  });
});

describe("a session that is followed from another chat", () => {
  test("is shown there too, once in each channel, and home stays where it was", () => {
    const s = planned();
    const shown = take(s, followed(cleo));
    expect(shown.threads).toEqual([...s.threads, { chat: "other", channel: "team", thread: "o1" }]);
    expect(shown.phase).toBe(s.phase);
    expect(step(shown, followed(ben))).toBe(shown);
    expect(take(shown, followed(ben, "second")).threads).toHaveLength(3);
  });

  test("is brought there by somebody who may ask for work, not by whoever only looks", () => {
    expect(step(planned(), followed(dan))).toEqual({ refused: "role", needs: "requester", id: "web:dan" });
  });
});

test("what everybody in a channel may do is not given to people of other chats", () => {
  const home = { chat: "slack", channel: "C1", thread: null };
  const roles = { everybody: "observer", people: {}, channels: { "slack:C1": { everybody: "approver" } } } as const;
  const of = (chat: string) => roleOf(roles, home, { id: `${chat}:1`, chat, user: "1", name: "x" });
  expect([of("slack"), of("telegram")]).toEqual(["approver", "observer"]);
  const strict = { everybody: "requester", people: {}, channels: { "slack:C1": { everybody: "observer" } } } as const;
  expect(roleOf(strict, home, { id: "telegram:1", chat: "telegram", user: "1", name: "x" })).toBe("observer");
});

describe("what a repository allows", () => {
  const unruled = () => {
    const s = take(null, opened(cleo));
    return take(
      s,
      work(s, {
        type: "asked",
        ask: { id: "o1", key: "policy", what: { kind: "policy", repo: "shop" }, picked: [], dueAt: null },
      }),
    );
  };

  test("is asked of an owner, and the launch goes on by itself", () => {
    const s = unruled();
    expect(s.phase.at).toBe("asking");
    expect(step(s, pressed(eve, "answer", "o1.0"))).toEqual({ refused: "role", needs: "owner", id: "web:eve" });
    const after = take(s, pressed(ana, "answer", "o1.0"));
    expect(after).toMatchObject({ phase: { at: "preparing" }, policy: { rule: "pr-required" } });
  });

  test("said elsewhere meanwhile, it answers the question", () => {
    const after = take(unruled(), { type: "ruled", id: "r", at: 5, by: null, rule: "never-pr" });
    expect(after).toMatchObject({ phase: { at: "preparing" }, policy: { rule: "never-pr" } });
    expect(step(after, pressed(ana, "answer", "o1.0"))).toMatchObject({ refused: "already" });
  });

  test("wins over the strategy, and a blocked merge says so", () => {
    const s = reviewed({ policy: { ...POLICY, land: "merge", rule: "pr-required" } });
    expect(s.phase.at).toBe("reviewing");
    expect(step(s, pressed(eve, "merge", keyOf(s)))).toEqual({ refused: "policy", rule: "pr-required" });
  });

  test("changed while a review waits, takes its button away", () => {
    const s = reviewed({ policy: { ...POLICY, rule: "pr-allowed" } });
    const after = take(s, { type: "ruled", id: "r", at: 5, by: null, rule: "manual" });
    expect(after.offer).toBe(s.offer + 1);
    expect(step(after, pressed(eve, "merge", keyOf(s)))).toMatchObject({ refused: "superseded" });
    expect(step(after, pressed(eve, "merge", keyOf(after)))).toMatchObject({ refused: "policy" });
  });

  test("a repository that was asked for brings its own policy along", () => {
    const policies = { docs: { land: "manual" as const, style: "squash" as const, rule: "never-pr" as const } };
    const s = take(null, opened(cleo, { repo: null, policies }));
    const after = take(s, pressed(cleo, "answer", `${firstAsk(s)}.1`));
    expect(after.policy).toEqual({ ...POLICY, land: "manual", style: "squash", rule: "never-pr" });
  });

  test("only somebody who may merge can ask for a merge without a click", () => {
    expect(step(null, opened(ben, { land: "merge" }))).toEqual({ refused: "role", needs: "merger", id: "web:ben" });
    expect(take(null, opened(eve, { land: "merge" })).policy.land).toBe("merge");
    expect(take(null, opened(cleo, { land: "manual" })).policy.land).toBe("manual");
    expect(take(null, opened(cleo, { land: "merge", policy: { ...POLICY, land: "merge" } })).policy.land).toBe("merge");
  });
});

describe("a pull request", () => {
  const open = { ...POLICY, rule: "pr-allowed" as const };
  const news = { id: "line:1", kind: "comment" as const, by: "ruth", at: "a.ts:3", text: "Why?" };
  const proposed = (over = {}) => {
    const s = reviewed({ policy: open, ...over });
    return run(take(s, pressed(eve, "pr", keyOf(s))), "reviewing");
  };

  test("rests in the review, offers no second one and no merge beside it", () => {
    const s = proposed();
    expect(s.pull).toMatchObject({ number: 7, state: "open" });
    expect(step(s, pressed(eve, "pr", keyOf(s)))).toEqual({ refused: "idle" });
    expect(step(s, pressed(eve, "merge", keyOf(s)))).toEqual({ refused: "idle" });
    expect(lifecycle(s)).toBe("pr_open");
  });

  test("is a merger's to open, and not where the repository forbids it", () => {
    const s = reviewed({ policy: open });
    expect(step(s, pressed(ben, "pr", keyOf(s)))).toMatchObject({ refused: "role", needs: "merger" });
    const never = reviewed({ policy: { ...POLICY, rule: "never-pr" as const } });
    expect(step(never, pressed(eve, "pr", keyOf(never)))).toEqual({ refused: "policy", rule: "never-pr" });
  });

  test("is opened and kept up to date by itself where the strategy says so, once for each result", () => {
    const s = planned({ policy: { ...open, land: "pr" } });
    const first = run(take(s, pressed(ben, "approve", keyOf(s))), "reviewing");
    expect(first.pull).toMatchObject({ state: "open", head: "c1" });
    expect(first.decided.some(({ verb }) => verb === "pr")).toBe(false);
    const more = run(take(first, said(ben, "and the tests")), "inspecting");
    const changed = take(more, work(more, { type: "inspected", changes: { ...CHANGES, head: "c2" } }));
    expect(changed.phase).toMatchObject({ at: "landing", how: "pr" });
  });

  test("that was refused is not tried again by itself", () => {
    const s = planned({ policy: { ...open, land: "pr" } });
    const landing = run(take(s, pressed(ben, "approve", keyOf(s))), "landing");
    const block = { why: "pull" as const, reason: "auth" as const, error: "403", until: null };
    const after = run(take(landing, work(landing, { type: "blocked", block })), "reviewing");
    expect(after.phase).toMatchObject({ blocked: block });
  });

  test("news come as a new card, once; addressed by a vote they are written at once, else planned", () => {
    const s = proposed();
    const told = take(s, pulled("open", [news]));
    expect(told.offer).toBe(s.offer + 1);
    expect(step(told, pulled("open", [news], 5000))).toBe(told);
    const write = take(told, pressed(ben, "address", keyOf(told)));
    expect(turnOf(write)).toMatchObject({ kind: "write", prompt: expect.stringContaining("> Why?") });
    expect(write.warrant?.votes.at(-1)).toMatchObject({ by: { name: "ben" } });
    expect(step(write, pulled("open", [news], 6000))).toBe(write);
    const plan = take(told, pressed(cleo, "address", keyOf(told)));
    expect(turnOf(plan)?.kind).toBe("plan");
    expect(plan.warrant).toBeNull();
  });

  test("merged there: the thread closes, whether it was resting or at work", () => {
    const s = proposed();
    expect(run(take(s, pulled("merged")), "closed")).toMatchObject({ phase: { outcome: "pr_merged" } });
    const working = run(take(s, said(ben, "one more thing")), "running");
    const merged = take(working, pulled("merged"));
    expect(merged.phase.at).toBe("running");
    const same = run(merged, "inspecting");
    expect(run(same, "closed")).toMatchObject({ phase: { outcome: "pr_merged" } });
    const newer = take(same, work(same, { type: "inspected", changes: { ...CHANGES, head: "c2" } }));
    expect(newer).toMatchObject({
      phase: { at: "inspecting" },
      pull: { is: "merged", number: 7, branch: s.workspace?.branch, head: "c1" },
      workspace: { n: 2, branch: `${s.workspace?.branch}-2`, target: "refs/remotes/origin/main" },
    });
    const next = run(newer, "reviewing");
    expect(take(next, pressed(eve, "pr", keyOf(next))).phase).toMatchObject({ how: "pr" });
    // Without a push the server's base cannot be moved from here.
    expect(step(next, pressed(eve, "merge", keyOf(next)))).toEqual({ refused: "idle" });
    const home = take(newer, work(newer, { type: "inspected", changes: NO_CHANGES }));
    expect(run(home, "closed")).toMatchObject({ phase: { outcome: "pr_merged" } });
  });

  test("a push moves the base of the own server, and never that of the project which it is a fork of", () => {
    const s = reviewed();
    const on = (target: string, push: boolean): Session => ({
      ...s,
      policy: { ...s.policy, push },
      workspace: s.workspace && { ...s.workspace, target },
    });
    const merges = (of: Session) => offered(of, 0).includes("merge");
    expect(merges(on("refs/heads/main", false))).toBe(true);
    expect(merges(on("refs/remotes/origin/main", false))).toBe(false);
    expect(merges(on("refs/remotes/origin/main", true))).toBe(true);
    expect(merges(on("refs/remotes/upstream/main", true))).toBe(false);
  });

  test("merged there, or closed, before a sync has pushed anything: it is called off", () => {
    const s = proposed();
    const more = run(take(s, said(ben, "one more thing")), "inspecting");
    const ahead = take(more, work(more, { type: "inspected", changes: { ...CHANGES, head: "c2" } }));
    const syncing = take(ahead, pressed(eve, "pr", keyOf(ahead)));
    const merged = take(syncing, pulled("merged"));
    expect(merged.phase.at).toBe("inspecting");
    const looked = take(merged, work(merged, { type: "inspected", changes: { ...CHANGES, head: "c2" } }));
    expect(looked).toMatchObject({ pull: { is: "merged" }, workspace: { n: 2 } });
    expect(take(syncing, pulled("closed")).phase.at).toBe("inspecting");
    // That it is to be opened again is what somebody has asked for.
    const closed = take(ahead, pulled("closed"));
    const reopening = take(closed, pressed(eve, "pr", keyOf(closed)));
    expect(step(reopening, pulled("closed"))).toBe(reopening);
    // In a review nothing has to be said first.
    expect(take(ahead, pulled("merged"))).toMatchObject({ phase: { at: "inspecting" }, pull: { is: "merged" } });
  });

  test("closed there by hand: the people here are asked", () => {
    const s = proposed();
    const closed = take(s, pulled("closed"));
    expect(closed.offer).toBe(s.offer + 1);
    expect(take(closed, pressed(eve, "pr", keyOf(closed))).phase).toMatchObject({ how: "pr" });
    expect(take(closed, pressed(eve, "merge", keyOf(closed))).phase).toMatchObject({ how: "merge" });
    const alone = reviewed({ policy: { ...open, land: "pr" as const } });
    expect(take(alone, pulled("closed")).phase.at).toBe("reviewing");
  });

  test("a reply after the end begins a new generation, without the old request", () => {
    const s = run(take(proposed(), pulled("merged")), "closed");
    expect(take(s, said(ben, "now the docs"))).toMatchObject({ pull: null, workspace: { n: 2 } });
  });
});
