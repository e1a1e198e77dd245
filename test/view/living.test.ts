import { describe, expect, test } from "vitest";
import type { Step } from "../../src/core/parts.ts";
import type { At, Phase } from "../../src/core/phase.ts";
import { living } from "../../src/view/living.ts";
import { ana, ben, de, en, live, MINUTE, NOW, plan, preparing, running, seen, session, usage } from "./made.ts";
import { print } from "./print.ts";

const steps = (titles: string[], doing: number): Step[] =>
  titles.map((title, i) => ({ title, state: i < doing ? "done" : i === doing ? "doing" : "open" }));

const LONG = ["Read", "Find", "Test", "Fix", "Run", "Docs", "Tidy", "Say"];

describe("while the bot moves", () => {
  test("a fresh request says where it goes, and where each guess came from", () => {
    expect(print(living(session(preparing), seen(), en))).toMatchInlineSnapshot(`
      "Getting ready: Fix the login redirect  [working]
      · shop (the only one), from main, claude (default), plan first (channel default)
      [Stop]"
    `);
    const told = session(preparing, {
      from: { repo: "words", agent: "words", plan: "words" },
      policy: { ...session(preparing).policy, plan: "off" },
    });
    expect(print(living(told, seen(), de))).toMatchInlineSnapshot(`
      "Wird vorbereitet: Fix the login redirect  [working]
      · shop (deine Worte), von main, claude (deine Worte), ohne Plan (deine Worte)
      [Stopp]"
    `);
  });

  test("work that waits for a free place says its number", () => {
    expect(print(living(session(preparing), seen({ waits: { for: "slot", place: 2 } }), en))).toMatchInlineSnapshot(`
      "Waiting for a free place: Fix the login redirect  [seen]
      · shop (the only one), from main, claude (default), plan first (channel default)
      Number 2 in the queue. It starts by itself.
      [Stop]"
    `);
  });

  test("work that waits for a checkout says who is in there, and its number behind that", () => {
    const waits = { for: "checkout", place: 1, behind: "Build the kernel" } as const;
    expect(print(living(session(preparing), seen({ checkout: "/srv/shop", waits }), en))).toMatchInlineSnapshot(`
      "Waiting for the checkout: Fix the login redirect  [seen]
      Works directly in the checkout /srv/shop on oca's machine, not in a worktree.
      · shop (the only one), from main, claude (default), plan first (channel default)
      “Build the kernel” is at work in this checkout. Number 1 in the queue behind it; it starts by itself.
      [Stop]"
    `);
    expect(print(living(session(preparing), seen({ waits }), de))).toContain(
      "„Build the kernel“ arbeitet gerade in diesem Checkout. Nummer 1 in der Warteschlange dahinter; es beginnt von selbst.",
    );
  });

  const busy = session(running("write", { moved: { commits: 3, named: [] } }), {
    queue: [{ id: "q1", by: ben, text: "also the\ntests", files: [], vote: false, at: NOW }],
    usage: usage(3, 0.05),
  });
  const look = seen({
    live: live({
      steps: steps(LONG, 3),
      lastAt: NOW - 4 * MINUTE,
      usage: usage(2, 0.07),
      activities: [
        { id: "1", kind: "edit", title: "src/login.ts", state: "ok" },
        { id: "2", kind: "command", title: "npm test", state: "open" },
      ],
    }),
  });

  test("quiet says that it works, and why it is silent; verbose shows all steps", () => {
    const quiet = print(living(busy, { ...look, verbosity: "quiet" }, en));
    expect(quiet).toContain("Working: Fix the login redirect");
    expect(quiet).toContain("No output for 4 min");
    for (const word of [...LONG.map((title) => `] ${title}`), "src/login.ts", "$0.12"])
      expect(quiet).not.toContain(word);
    const verbose = print(living(busy, { ...look, verbosity: "verbose" }, en));
    for (const title of LONG) expect(verbose).toContain(title);
  });

  test("twenty minutes of progress are one card", () => {
    expect(print(living(busy, look, en))).toMatchInlineSnapshot(`
      "Working: Fix the login redirect  [working]
      · shop (the only one), from main, claude (default), plan first (channel default)
      · main moved by 3 commits since the plan, outside its files.
      · 1 earlier step
      [x] Find
      [x] Test
      [>] Fix
      [ ] Run
      [ ] Docs
      [ ] Tidy
      · 1 more step
      · ✓ Edit: src/login.ts
      · › Run: npm test
      ! No output for 4 min while this runs: npm test
      · 12 min, as of 14:02, about $0.12
      · 1 message waits for its turn:
      · Ben: also the tests
      [Stop]"
    `);
    expect(print(living(busy, look, de))).toMatchInlineSnapshot(`
      "Arbeitet: Fix the login redirect  [working]
      · shop (das einzige), von main, claude (Standard), erst ein Plan (Standard des Kanals)
      · main ist seit dem Plan um 3 Commits weiter, außerhalb seiner Dateien.
      · 1 früherer Schritt
      [x] Find
      [x] Test
      [>] Fix
      [ ] Run
      [ ] Docs
      [ ] Tidy
      · 1 weiterer Schritt
      · ✓ Ändern: src/login.ts
      · › Ausführen: npm test
      ! Keine Ausgabe seit 4 Min., während dies läuft: npm test
      · 12 Min., Stand 14:02, etwa 0,12 $
      · 1 Nachricht wartet, bis sie dran ist:
      · Ben: also the tests
      [Stopp]"
    `);
  });

  test("silence is named after ninety seconds, not before, and not while it waits for a person", () => {
    const silent = (ms: number) =>
      print(living(session(running("plan")), seen({ live: live({ lastAt: NOW - ms }) }), en));
    expect(silent(90_000)).not.toContain("Nothing heard");
    expect(silent(91_000)).toContain("! Nothing heard from the agent for 1 min.");
    const ask = {
      id: "a1",
      key: "k",
      what: { kind: "permission" as const, tool: "Bash", detail: "ls", why: "" },
      picked: [],
      dueAt: null,
    };
    const waiting = print(
      living(session(running("plan", { asks: [ask] })), seen({ live: live({ lastAt: NOW - 5 * MINUTE }) }), en),
    );
    expect(waiting).toContain("Waiting for an answer below.");
    expect(waiting).not.toContain("Nothing heard");
  });

  test.each([0, 2, 3, 7])("the checklist shows at most six rows around step %i and counts the others", (doing) => {
    const view = living(session(running("write")), seen({ live: live({ steps: steps(LONG, doing) }) }), en);
    const shown = view.parts.flatMap((part) => (part.kind === "steps" ? part.steps : []));
    expect(shown).toHaveLength(6);
    expect(shown.some(({ state }) => state === "doing")).toBe(true);
    const counted = [...print(view).matchAll(/(\d+) (?:earlier|more) steps?/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    expect(counted).toBe(2);
  });

  test("Stop is there until the process ends or the ref moves", () => {
    const aim = { ref: "refs/heads/main", onto: "a", commit: "b", checkout: null };
    const landing: At<"landing"> = {
      at: "landing",
      work: 3,
      how: "merge",
      by: [],
      aim: null,
      answer: "",
      next: "merged",
      waived: false,
    };
    const stops = (phase: Phase) => living(session(phase), seen(), en).buttons.map(({ does }) => does);
    expect(stops(running("plan"))).toEqual([{ action: "stop:abcdefgh23:3" }]);
    expect(stops(landing)).toHaveLength(1);
    expect(stops({ ...landing, aim })).toEqual([]);
    expect(
      stops({
        at: "stopping",
        work: 3,
        next: { at: "inspecting", work: 0, answer: "", empty: "no_change", blocked: null },
        spent: usage(0, 0),
      }),
    ).toEqual([]);
  });

  test("what cannot be saved is said on the card", () => {
    expect(print(living(session(preparing), seen({ trouble: "disk full" }), en))).toContain(
      "! oca cannot save what happens here and keeps trying: disk full",
    );
  });

  test.each(["merge", "discard", "undo", "clean"] as const)("landing says that it is to %s", (how) => {
    const view = living(
      session({ at: "landing", work: 3, how, by: [], aim: null, answer: "", next: "merged", waived: false }),
      seen(),
      en,
    );
    expect(view.head).toMatch(/^(Merging|Discarding|Undoing|Tidying up): Fix the login redirect$/);
  });
});

describe("while a person moves", () => {
  test("a waiting plan is one quiet line", () => {
    const s = session(
      { at: "deciding", offer: 4, votes: [], moved: null, remindAt: null },
      { plans: [plan(1, ["a"])], usage: usage(4, 0.12) },
    );
    expect(print(living(s, seen(), en))).toMatchInlineSnapshot(`
      "Plan ready: Fix the login redirect  [waiting]
      Plan v1 is ready below.
      · 4 min of work, about $0.12"
    `);
  });

  test("a question of oca's own can be stopped", () => {
    const ask = {
      id: "r1",
      key: "repo",
      what: { kind: "repo" as const, repos: ["/a/shop", "/a/web"], base: null, policies: {} },
      picked: [],
      dueAt: null,
    };
    const view = living(
      session({ at: "asking", offer: 4, asks: [ask], next: preparing }, { workspace: null }),
      seen(),
      en,
    );
    expect(view.buttons.map(({ does }) => does)).toEqual([{ action: "stop:abcdefgh23:4" }]);
  });
});

describe("when it is over", () => {
  const vote = { by: ana, via: "button" as const, at: NOW };
  const aim = { ref: "refs/heads/main", onto: "a", commit: "b", checkout: null };
  const merged = (pushed: boolean) =>
    session(
      { at: "closed", offer: 6, outcome: "merged", answer: "", blocked: null, since: NOW },
      {
        landed: [
          {
            how: "merge",
            by: [vote, { ...vote, by: ben }],
            aim,
            kept: "refs/oca/kept/x/3",
            pushed,
            checks: "none",
            at: NOW,
          },
        ],
        usage: usage(12, 0.4, false),
      },
    );

  test("a merge says who and when, and can be undone for thirty days", () => {
    expect(print(living(merged(false), seen(), en))).toMatchInlineSnapshot(`
      "Merged: Fix the login redirect  [done]
      Merged into main by Ana and Ben, 14:02.
      · 12 min of work, $0.40
      · A reply starts the next piece of work here.
      [Undo]"
    `);
    expect(living(merged(false), seen(), en).buttons.map(({ does }) => does)).toEqual([
      { action: "undo:abcdefgh23:6" },
    ]);
    expect(print(living(merged(true), seen(), de))).toMatchInlineSnapshot(`
      "Gemergt: Fix the login redirect  [done]
      In main gemergt und gepusht von Ana und Ben, 14:02.
      · 12 Min. Arbeit, 0,40 $
      · Eine Antwort beginnt hier die nächste Arbeit.
      [Rückgängig]"
    `);
    const later = seen({ now: NOW + 31 * 24 * 60 * MINUTE });
    expect(living(merged(false), later, en).buttons).toEqual([]);
    expect(print(living(merged(false), later, en))).toContain("20 Nov, 14:02");
  });

  test("a rejected plan says who rejected it", () => {
    const s = session(
      { at: "closed", offer: 6, outcome: "rejected", answer: "", blocked: null, since: NOW },
      { decided: [{ key: "4", verb: "reject", by: ben, at: NOW - 2 * MINUTE, answer: null }] },
    );
    expect(print(living(s, seen(), en))).toMatchInlineSnapshot(`
      "Rejected: Fix the login redirect  [closed]
      Rejected by Ben, 14:00.
      · A reply starts the next piece of work here."
    `);
  });

  test("an undo that could not be made says why", () => {
    const { landed } = merged(false);
    const phase: Phase = {
      at: "closed",
      offer: 6,
      outcome: "merged",
      answer: "",
      blocked: { why: "moved_on" },
      since: NOW,
    };
    const moved = session(phase, { landed });
    expect(print(living(moved, seen(), en))).toMatchInlineSnapshot(`
      "Merged: Fix the login redirect  [done]
      ! Not undone: main has moved on. A commit on top can take it back.
      Merged into main by Ana and Ben, 14:02.
      · A reply starts the next piece of work here.
      [Revert commit]
      (asks: Take it back by a commit on top of main? What came later stays, and so does the work here. Revert commit / Leave it)"
    `);
    const pushed = session(phase, { landed: merged(true).landed });
    expect(print(living(pushed, seen(), de))).toMatchInlineSnapshot(`
      "Gemergt: Fix the login redirect  [done]
      ! Nicht zurückgenommen: Es wurde gepusht. Ein Commit obendrauf kann es zurücknehmen.
      In main gemergt und gepusht von Ana und Ben, 14:02.
      · Eine Antwort beginnt hier die nächste Arbeit.
      [Revert-Commit]
      (asks: Mit einem Commit auf main zurücknehmen und ihn pushen? Was später kam, bleibt, und die Arbeit hier auch. Revert-Commit / So lassen)"
    `);
    const { policy } = moved;
    const forbidden = print(living({ ...moved, policy: { ...policy, rule: "pr-required" } }, seen(), en));
    expect(forbidden).toContain("Ask for a revert here and it becomes new work.");
    expect(forbidden).toContain("[Undo]");
    const runs = [{ command: "npm test", ok: false, ms: 9, log: "1 failed" }];
    const failed: Phase = { ...phase, blocked: { why: "checks", checks: { commit: "c9", ok: false, runs } } };
    expect(print(living(session(failed, { landed }), seen(), en))).toMatchInlineSnapshot(`
      "Merged: Fix the login redirect  [done]
      ! Not taken back: a check failed on main without this work.
      ! Check failed: npm test
      $ 1 failed
      Merged into main by Ana and Ben, 14:02.
      · A reply starts the next piece of work here.
      [Revert commit] [Revert anyway]
      (asks: Take it back by a commit on top of main? What came later stays, and so does the work here. Revert commit / Leave it)
      (asks: Take it back although “npm test” failed on main without it? It is in the record who decided it. Revert anyway / Leave it)"
    `);
    const conflict: Phase = { ...phase, blocked: { why: "conflict", files: ["a.ts"] } };
    const conflicting = print(living(session(conflict, { landed }), seen(), en));
    expect(conflicting).toContain("! Not taken back: later commits changed the same lines of a.ts. Somebody has to");
    expect(conflicting).toContain("[Let oca take it back]");
    expect(conflicting).not.toContain("[Undo]");
  });
});

test("work in a checkout says on every card which one and where, to everybody who reads along, whatever it stands at", () => {
  const phases: Phase[] = [
    preparing,
    running("plan"),
    running("write"),
    { at: "deciding", offer: 1, votes: [], moved: null, remindAt: null },
    { at: "closed", offer: 1, outcome: "released", answer: "", blocked: null, since: NOW },
  ];
  for (const [t, where] of [
    [en, "the checkout /srv/shop on oca's machine"],
    [de, "im Checkout /srv/shop auf dem Rechner von oca"],
  ] as const)
    for (const phase of phases)
      expect(
        print(living(session(phase, { plans: [plan(1, ["Read"])] }), seen({ checkout: "/srv/shop" }), t)),
      ).toContain(where);
});
