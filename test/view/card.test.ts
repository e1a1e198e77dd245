import { describe, expect, test } from "vitest";
import type { What } from "../../src/core/ask.ts";
import type { Block, Changes } from "../../src/core/parts.ts";
import type { At, Phase } from "../../src/core/phase.ts";
import type { Request } from "../../src/core/pull.ts";
import { court, type Session } from "../../src/core/session.ts";
import type { Seen, View } from "../../src/core/view.ts";
import { card } from "../../src/view/card.ts";
import type { T } from "../../src/view/i18n.ts";
import { NO_CHANGES } from "../core/life.ts";
import { ana, ben, de, en, MINUTE, NOW, plan, preparing, running, seen, session, usage } from "./made.ts";
import { print } from "./print.ts";

function shown(s: Session, t: T = en, look: Seen = seen()): View {
  const view = card(s, look, t);
  if (!view) throw new Error("no card");
  return view;
}
const actions = ({ buttons }: View) => buttons.map(({ does }) => ("action" in does ? does.action : does.page));

const asks = (what: What, picked: number[] = [], more: What[] = []): Session =>
  session(
    running("write", {
      asks: [what, ...more].map((what, i) => ({
        id: `a${i + 1}`,
        key: `k${i}`,
        what,
        picked: i === 0 ? picked : [],
        dueAt: null,
      })),
    }),
  );

const permission: What = {
  kind: "permission",
  tool: "Bash",
  detail: "npm install left-pad",
  why: "The plan names no new package.",
};
const question = (change: Partial<Extract<What, { kind: "question" }>> = {}): What => ({
  kind: "question",
  text: "Which database?",
  options: [
    { label: "Postgres", detail: "what the shop uses" },
    { label: "SQLite", detail: "" },
  ],
  multi: false,
  free: true,
  recommended: 0,
  ...change,
});

describe("questions", () => {
  test("without options nobody is offered to write instead of something", () => {
    const free = print(shown(asks(question({ options: [], recommended: null })), en));
    expect(free).toContain("· Write the answer here.");
    expect(free).not.toContain("Or write");
  });

  test("a permission shows the command and why", () => {
    const view = shown(asks(permission, [], [permission, question()]));
    expect(print(view)).toMatchInlineSnapshot(`
      "claude asks for permission: Fix the login redirect  [waiting]
      Tool: Bash
      $ npm install left-pad
      · Why: The plan names no new package.
      · 2 more after this one.
      to Ana
      [Allow once] [Allow for this session] [Deny]"
    `);
    expect(actions(view)).toEqual(["answer:abcdefgh23:a1.0", "answer:abcdefgh23:a1.1", "answer:abcdefgh23:a1.2"]);
    expect(print(shown(asks(permission), de))).toMatchInlineSnapshot(`
      "claude bittet um Erlaubnis: Fix the login redirect  [waiting]
      Werkzeug: Bash
      $ npm install left-pad
      · Warum: The plan names no new package.
      to Ana
      [Einmal erlauben] [Für diese Sitzung erlauben] [Verweigern]"
    `);
  });

  test("a question has its options, the recommended one marked, and room for other words", () => {
    const view = shown(asks(question()));
    expect(print(view)).toMatchInlineSnapshot(`
      "claude asks: Which database?  [waiting]
      > - **Postgres**: what the shop uses
      · Or write the answer here.
      to Ana
      [Postgres (recommended)] [SQLite] [Other…]"
    `);
    expect(actions(view)).toEqual(["answer:abcdefgh23:a1.0", "answer:abcdefgh23:a1.1", "answer:abcdefgh23:a1.text"]);
  });

  test("several answers are ticked, then sent", () => {
    const view = shown(asks(question({ multi: true, free: false }), [1]));
    expect(print(view)).toMatchInlineSnapshot(`
      "claude asks: Which database?  [waiting]
      > - **Postgres**: what the shop uses
      · Pick what fits, then Done.
      to Ana
      [☐ Postgres (recommended)] [☑ SQLite] [Done]"
    `);
    expect(actions(view)).toEqual(["pick:abcdefgh23:a1.0", "pick:abcdefgh23:a1.1", "answer:abcdefgh23:a1.done"]);
  });

  test("a long question is in the card whole, its first line in the head", () => {
    const view = shown(asks(question({ text: "Which database?\nThe old one is `mysql`." })));
    expect(view.head).toBe("claude asks: Which database? The old one is `mysql`.");
    expect(print(view)).toContain("> The old one is `mysql`.");
  });

  test("a question outlives its process and says so", () => {
    const s = session({
      at: "asking",
      offer: 4,
      asks: [{ id: "a1", key: "k", what: question(), picked: [], dueAt: null }],
      next: preparing,
    });
    expect(print(shown(s))).toContain("claude is not running any more. Your answer starts it again.");
  });

  const own = (what: What): Session =>
    session({
      at: "asking",
      offer: 4,
      asks: [{ id: "o1", key: what.kind, what, picked: [], dueAt: null }],
      next: preparing,
    });

  test("repositories go by name, and by address where the name is not enough", () => {
    expect(
      print(shown(own({ kind: "repo", repos: ["/srv/shop", "git@host:acme/web.git"], base: null, policies: {} }))),
    ).toMatchInlineSnapshot(`
      "Which repository: Fix the login redirect  [waiting]
      Which repository is this about?
      to Ana
      [shop] [web]"
    `);
    expect(
      shown(own({ kind: "repo", repos: ["/a/shop", "/b/shop"], base: null, policies: {} })).buttons.map(
        ({ label }) => label,
      ),
    ).toEqual(["/a/shop", "/b/shop"]);
  });

  test("oca's own questions", () => {
    expect(
      print(shown(own({ kind: "diverged", local: "refs/heads/main", remote: "refs/remotes/origin/main" }))),
    ).toMatchInlineSnapshot(`
      "Which base: Fix the login redirect  [waiting]
      Local and remote main went different ways. Which one is meant?
      to Ana
      [Local: main] [Remote: origin/main]"
    `);
    expect(
      print(shown(own({ kind: "setup", command: "npm ci", because: "package-lock.json" }))),
    ).toMatchInlineSnapshot(`
      "Set-up: Fix the login redirect  [waiting]
      package-lock.json suggests a set-up command. Run it in the workspace before the work?
      $ npm ci
      to Ana
      [Run it] [Leave it out]"
    `);
    expect(
      print(shown(own({ kind: "setup_failed", command: "npm ci", log: "npm error 1\nnpm error 2" }), de)),
    ).toMatchInlineSnapshot(`
      "Einrichtung misslungen: Fix the login redirect  [waiting]
      ! Der Einrichtungsbefehl ist gescheitert. Sonst ist nichts gelaufen.
      $ npm ci
      $ npm error 1
      $ npm error 2
      (file setup.log)
      to Ana
      [Noch einmal] [Ohne weitermachen] [Anhalten]"
    `);
    expect(print(shown(own({ kind: "forgotten", agent: "codex", error: "no rollout found" })))).toMatchInlineSnapshot(`
      "Memory lost: Fix the login redirect  [waiting]
      ! codex no longer knows this conversation.
      It can begin anew with the request, the newest plan and the changes so far. Nothing of the work is lost.
      $ no rollout found
      to Ana
      [Start fresh] [Stop]"
    `);
  });
});

describe("a plan", () => {
  const deciding = (change: Partial<At<"deciding">> = {}): Phase => ({
    at: "deciding",
    offer: 4,
    votes: [],
    moved: null,
    remindAt: null,
    ...change,
  });

  test("is shown whole, with what it touches and runs", () => {
    const s = session(deciding(), { plans: [plan(1, ["Keep the path", "Add a test"])], usage: usage(4, 0.12) });
    expect(print(shown(s))).toMatchInlineSnapshot(`
      "Plan v1: Fix the login redirect  [waiting]
      > 1. Keep the path
      > 2. Add a test
      Touches: src/login.ts
      Runs:
      $ npm test
      · 4 min of work, about $0.12
      · Nothing is changed before it is approved. A reply in words revises the plan.
      to Ana
      [Approve] [Revise] [Reject]"
    `);
    expect(print(shown(s, de))).toMatchInlineSnapshot(`
      "Plan v1: Fix the login redirect  [waiting]
      > 1. Keep the path
      > 2. Add a test
      Berührt: src/login.ts
      Führt aus:
      $ npm test
      · 4 Min. Arbeit, etwa 0,12 $
      · Vor der Freigabe wird nichts geändert. Eine Antwort in Worten überarbeitet den Plan.
      to Ana
      [Freigeben] [Überarbeiten] [Ablehnen]"
    `);
    expect(actions(shown(s))).toEqual(["approve:abcdefgh23:4", "revise:abcdefgh23:4", "reject:abcdefgh23:4"]);
    expect(shown(s).buttons[1]?.form).toEqual({
      title: "Revise plan v1",
      ticks: ["Keep the path", "Add a test"],
      label: "What should change?",
      submit: "Ask for a new plan",
      required: true,
    });
  });

  const revised = [{ key: "3", verb: "revise", by: ben, at: NOW, answer: null }];
  const versions = [plan(1, ["Read", "Fix"]), plan(2, ["Read", "Test", "Fix well"])];

  test("v2 says what changed since v1", () => {
    const s = session(deciding(), { plans: versions, decided: revised });
    expect(print(shown(s))).toContain("· New since v1: Test\n· New since v1: Fix well\n· Gone since v1: Fix");
  });

  test("a plan for new work is compared with nothing", () => {
    const s = session(deciding(), {
      plans: versions,
      decided: [{ key: "3", verb: "merge", by: ben, at: NOW, answer: null }],
    });
    expect(print(shown(s))).not.toContain("since v1");
  });

  test("a moved base is said before the click", () => {
    const s = session(deciding({ moved: { commits: 1, named: ["src/login.ts"] } }), { plans: versions });
    expect(print(shown(s))).toContain("! main moved by 1 commit since the plan and changed src/login.ts.");
    expect(shown(s).buttons[0]?.label).toBe("Approve anyway");
  });

  test("where two must agree, the first one is named", () => {
    const policy = { ...session(deciding()).policy, votes: 2 };
    const vote = { by: ben, via: "button" as const, at: NOW };
    expect(print(shown(session(deciding(), { policy })))).toContain("Needs 2 approvals.");
    expect(print(shown(session(deciding({ votes: [vote] }), { policy })))).toContain("1 of 2 approvals: Ben");
  });

  test("a long one is folded and comes as a file too", () => {
    const long = Array.from({ length: 40 }, (_, i) => `${i + 1}. step`).join("\n");
    const view = shown(session(deciding(), { plans: [plan(1, ["step"], long)] }));
    expect(view.documents).toEqual([{ name: "plan.md", mime: "text/markdown", text: long }]);
    expect(view.parts).toContainEqual({ kind: "markdown", markdown: long, fold: true });
  });

  test("those who may decide are called, else the requester", () => {
    const s = session(deciding(), { plans: versions });
    expect(shown(s).mentions).toEqual([ana]);
    expect(shown(s, en, seen({ mentions: [ben] })).mentions).toEqual([ben]);
  });
});

describe("a result", () => {
  const changes: Changes = {
    head: "h",
    commits: 2,
    files: [{ path: "src/login.ts", added: 12, removed: 3 }],
    behind: 1,
    conflicts: [],
    released: false,
    notKept: ["dist/"],
    onto: "b",
    edits: null,
    doubts: [],
    candidate: null,
    others: [],
  };
  const reviewing = (change: Partial<At<"reviewing">> = {}): Phase => ({
    at: "reviewing",
    offer: 5,
    answer: "The redirect keeps the path.",
    changes,
    blocked: null,
    votes: [],
    remindAt: null,
    ...change,
  });

  test("says what was done and what a merge will meet", () => {
    const s = session(reviewing(), { usage: usage(12, 0.4) });
    expect(print(shown(s))).toMatchInlineSnapshot(`
      "Done: Fix the login redirect  [done]
      > The redirect keeps the path.
      2 commits, 1 file, +12 −3
        src/login.ts +12 −3
      · main is 1 commit ahead. Merging takes it in.
      · 12 min of work, about $0.40
      to Ana
      [Merge] [Review diff] [Later] [Discard]
      (asks: Discard this work? It is kept for 30 days and can be undone. Not kept: dist/. Discard / Keep it)"
    `);
    expect(print(shown(s, de))).toMatchInlineSnapshot(`
      "Fertig: Fix the login redirect  [done]
      > The redirect keeps the path.
      2 Commits, 1 Datei, +12 −3
        src/login.ts +12 −3
      · main ist 1 Commit voraus. Mergen nimmt ihn auf.
      · 12 Min. Arbeit, etwa 0,40 $
      to Ana
      [Mergen] [Diff ansehen] [Später] [Verwerfen]
      (asks: Diese Arbeit verwerfen? Sie bleibt 30 Tage aufbewahrt und lässt sich zurückholen. Nicht aufbewahrt: dist/. Verwerfen / Behalten)"
    `);
    expect(actions(shown(s))).toEqual([
      "merge:abcdefgh23:5",
      "/diff/abcdefgh23",
      "later:abcdefgh23:5",
      "discard:abcdefgh23:5",
    ]);
  });

  test("in a checkout it offers to look at it and to come back, and says how it ends", () => {
    const s = session(reviewing({ changes: { ...changes, commits: 0 } }));
    const own = { ...s, workspace: s.workspace && { ...s.workspace, kind: "repo" as const } };
    expect(print(shown(own, en, seen({ checkout: "/srv/shop" })))).toMatchInlineSnapshot(`
      "Done: Fix the login redirect  [done]
      Works directly in the checkout /srv/shop on oca's machine, not in a worktree.
      > The redirect keeps the path.
      0 commits, 1 file, +12 −3
        src/login.ts +12 −3
      · oca has committed nothing, and merges or discards nothing here: whoever works in that checkout looks at it there, and commits it or throws it away. Then this closes by itself.
      to Ana
      [Review diff] [Later]"
    `);
    const both = seen({ checkout: "/srv/shop", sharing: [{ title: "Rename login", files: ["src/login.ts"] }] });
    expect(print(shown(own, en, both))).toContain("“Rename login” works on the same files: src/login.ts.");
    expect(print(shown(own, de, seen({ checkout: "/srv/shop" })))).toMatchInlineSnapshot(`
      "Fertig: Fix the login redirect  [done]
      Arbeitet direkt im Checkout /srv/shop auf dem Rechner von oca, nicht in einem Worktree.
      > The redirect keeps the path.
      0 Commits, 1 Datei, +12 −3
        src/login.ts +12 −3
      · oca hat nichts committet, und hier wird nichts gemergt oder verworfen: Wer in diesem Checkout arbeitet, sieht es sich dort an und committet oder verwirft es. Dann schließt sich das hier von allein.
      to Ana
      [Diff ansehen] [Später]"
    `);
  });

  test("without web pages there is no link to one", () => {
    expect(actions(shown(session(reviewing()), en, seen({ pages: false })))).not.toContain("/diff/abcdefgh23");
  });

  test("twelve files are listed, the rest is counted", () => {
    const files = Array.from({ length: 15 }, (_, i) => ({ path: `f${i}`, added: 1, removed: 0 }));
    expect(print(shown(session(reviewing({ changes: { ...changes, files } }))))).toContain(
      "  f11 +1 −0\n  and 3 more files",
    );
  });

  test("says what one should know before the click: edits, secrets, notes, and who else is at the same files", () => {
    const doubts: Changes["doubts"] = [
      { why: "planning", path: "PLAN.md" },
      { why: "secret", path: "src/login.ts" },
    ];
    const with_ = (edits: Changes["edits"]) =>
      print(
        shown(
          session(reviewing({ changes: { ...changes, edits, doubts } })),
          en,
          seen({ sharing: [{ title: "Rename login", files: ["src/login.ts"] }] }),
        ),
      );
    expect(with_({ checkout: "/srv/git/shop", count: 2, inTheWay: [] })).toContain(
      [
        "  · main is 1 commit ahead. Merging takes it in.",
        "  · The checkout shop has 2 uncommitted edits elsewhere. Merging keeps them.",
        "  ! Looks like a secret: src/login.ts. Do not merge before you have looked.",
        "  ! Looks like notes of the agent: PLAN.md.",
        "  · “Rename login” works on the same files: src/login.ts.",
      ]
        .join("\n")
        .replace(/^ {2}/gm, ""),
    );
    expect(with_({ checkout: "/srv/git/shop", count: 1, inTheWay: ["src/login.ts"] })).toContain(
      "! The checkout shop has uncommitted edits in src/login.ts. Commit or stash them first, else nothing is merged.",
    );
  });

  test("Later is one click; then mornings are offered, wherever the clicker is", () => {
    const put = shown(session(reviewing({ remindAt: NOW + 180 * MINUTE })));
    expect(print(put)).toContain("[In 3 hours] [Tomorrow at 9:00] [Monday at 9:00] [Discard]");
    expect(actions(put).filter((does) => does.startsWith("later"))).toEqual([
      "later:abcdefgh23:5",
      "later:abcdefgh23:5.tomorrow",
      "later:abcdefgh23:5.monday",
    ]);
  });

  test("what the checks said counts for one commit", () => {
    const on = { ...changes, candidate: "t1" };
    const run = { command: "npm test", ok: true, ms: 3 * MINUTE, log: "" };
    const green = { commit: "t1", ok: true, runs: [run] };
    const card = (checks: Session["checks"]) => shown(session(reviewing({ changes: on }), { checks }));
    expect(print(card(green))).toContain("· Checks passed: npm test (3 min).");
    expect(print(card({ ...green, commit: "t0" }))).toContain("· The checks run again on main as it is now");
    const red = card({ ...green, ok: false, runs: [{ ...run, ok: false, log: "1 failing" }] });
    expect(print(red)).toContain("! Check failed: npm test");
    expect(print(red)).toContain("1 failing");
    expect(actions(red)[0]).toBe("force:abcdefgh23:5");
  });

  test("conflicts take Merge away and name the way out", () => {
    const s = session(reviewing({ changes: { ...changes, conflicts: ["a.ts", "b.ts"] } }));
    expect(print(shown(s))).toContain("! Conflicts with main in a.ts and b.ts.");
    expect(actions(shown(s)).some((does) => does.startsWith("merge"))).toBe(false);
    expect(actions(shown(s))[0]).toBe("resolve:abcdefgh23:5");
  });

  test("where people merge by hand, the branch is named", () => {
    const s = session(reviewing(), { policy: { ...session(reviewing()).policy, land: "manual" } });
    expect(print(shown(s))).toContain("The work is on oca/fix-the-login-redirect-abcdefgh23.");
    expect(actions(shown(s)).some((does) => does.startsWith("merge"))).toBe(false);
  });

  test("pushing is part of the word on the button", () => {
    const s = session(reviewing(), { policy: { ...session(reviewing()).policy, push: true } });
    expect(shown(s).buttons[0]?.label).toBe("Merge and push");
  });

  const pull: Request = {
    ...{ is: "request", web: "https://github.com", repo: "acme/shop", number: 7, state: "open", draft: true },
    ...{ url: "https://github.com/acme/shop/pull/7", head: changes.head, news: [], told: [] },
  };
  const asked = (over: Partial<Request>, rule: "pr-allowed" | "never-pr" = "pr-allowed", t = en) => {
    const s = session(reviewing());
    return shown({ ...s, policy: { ...s.policy, rule }, pull: { ...pull, ...over } }, t);
  };

  test("a pull request says how it stands, leads there, and offers what is missing there", () => {
    expect(print(asked({}))).toContain("Pull request #7 is open, as a draft.");
    expect(actions(asked({}))).toEqual([pull.url, "/diff/abcdefgh23", "later:abcdefgh23:5", "discard:abcdefgh23:5"]);
    expect(print(asked({ draft: false, head: "old" }))).toContain("· New commits are not in #7 yet");
    expect(asked({ head: "old" }).buttons.map(({ label }) => label)).toContain("Sync pull request");
    expect(print(asked({ state: "closed" }))).toContain("! Pull request #7 was closed without a merge.");
    expect(asked({ state: "closed" }).buttons.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["Merge", "Reopen pull request"]),
    );
  });

  test("a discard says that the pull request stays, and where; closed there, nothing needs to be said", () => {
    const asks = (state: Request["state"], locale = en) =>
      asked({ state }, "pr-allowed", locale).buttons.find(({ confirm }) => confirm)?.confirm?.text;
    expect(asks("open")).toContain("Pull request #7 stays open there: https://github.com/acme/shop/pull/7");
    expect(asks("open", de)).toContain("Pull Request #7 bleibt dort offen: https://github.com/acme/shop/pull/7");
    expect(asks("closed")).not.toContain("#7");
  });

  test("whose commits came from there is told", () => {
    const others = [
      { by: "ruth\n@ana", commits: 2 },
      { by: "tom", commits: 1 },
    ];
    const card = print(shown(session(reviewing({ changes: { ...changes, others } }), { pull })));
    expect(card).toContain("· 2 commits by ruth @ana were taken in from there.");
    expect(card).toContain("· 1 commit by tom was taken in from there.");
  });

  test("one that was merged while work went on is told, and what is new can have one of its own", () => {
    const s = session(reviewing());
    const merged = { is: "merged" as const, number: 7, url: pull.url, branch: "oca/login-abcdefgh23", head: "c0" };
    const card = shown({ ...s, policy: { ...s.policy, rule: "pr-allowed" }, pull: merged });
    expect(print(card)).toContain("Pull request #7 was merged. What is here came after it.");
    expect(card.buttons.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["Open pull request", "View pull request #7"]),
    );
  });

  test("what strangers say there is quoted, and can be handed to oca", () => {
    const news = Array.from({ length: 7 }, (_, i) => ({
      ...{
        id: `${i}`,
        kind: i === 0 ? ("check" as const) : ("comment" as const),
        by: "ruth",
        at: i === 1 ? "a.ts:3" : "",
      },
      text: "approve\n\n@ana merge it",
    }));
    const card = asked({ news });
    expect(print(card)).toContain("Check failed there: ruth");
    expect(print(card)).toContain("ruth says on a.ts:3:");
    expect(print(card)).toContain("> approve @ana merge it");
    expect(print(card)).toContain("and 2 more");
    expect(actions(card)[0]).toBe("address:abcdefgh23:5");
    expect(card.mentions).toEqual([ana]);
  });

  test("another server's page is one click away", () => {
    const s = session(reviewing());
    const url = "https://gitlab.com/acme/shop/-/merge_requests/new";
    const card = shown({ ...s, pull: { is: "branch", url, head: changes.head } });
    expect(print(card)).toContain("is pushed. A person opens the request there.");
    expect(actions(card)).toContain(url);
  });

  test("put off, it says until when", () => {
    expect(print(shown(session(reviewing({ remindAt: NOW + 180 * MINUTE }))))).toContain(
      "Comes up again at 17:02 UTC.",
    );
  });

  const blocks: [Block, string][] = [
    [{ why: "conflict", files: ["a.ts"] }, "Not merged: conflicts in a.ts."],
    [
      { why: "overlap", checkout: "/home/x/shop", files: ["a.ts"] },
      "Not merged: the checkout shop has uncommitted edits in a.ts. Commit or stash them, then Merge again.",
    ],
    [
      { why: "locked", file: ".git/index.lock", ageMs: 5 * MINUTE },
      "Not merged: .git/index.lock has been there for 5 min.",
    ],
    [{ why: "moving" }, "Not merged: main moved five times meanwhile."],
    [{ why: "failed", error: "fatal: no" }, "Not done: git refused. Nothing was moved.\n$ fatal: no"],
  ];
  test.each(blocks)("blocked by %j, it says so and what to do", (blocked, text) => {
    expect(print(shown(session(reviewing({ blocked }))))).toContain(text);
  });
});

describe("a pause", () => {
  const paused = (change: Partial<At<"paused">>): Phase => ({
    at: "paused",
    offer: 4,
    why: { why: "stopped", by: ben },
    retry: preparing,
    resumeAt: null,
    files: 3,
    ...change,
  });
  const failed = (
    kind: "auth" | "limited" | "crashed" | "refused" | "budget" | "failed" | "interrupted",
    error = "",
    resetAt: number | null = null,
  ) => paused({ why: { why: "failed", outcome: { ok: false, kind, error, resetAt } } });

  test("stopped: by whom, and what is kept", () => {
    expect(print(shown(session(paused({}))))).toMatchInlineSnapshot(`
      "Stopped: Fix the login redirect  [waiting]
      Stopped by Ben, 14:02.
      3 files changed, kept. Nothing was merged.
      · Or reply what should be done differently: the work goes on with it.
      to Ana
      [Resume] [Discard]
      (asks: Discard this work? It is kept for 30 days and can be undone. Discard / Keep it)"
    `);
    expect(print(shown(session(paused({ files: 0 })), de))).toMatchInlineSnapshot(`
      "Angehalten: Fix the login redirect  [waiting]
      Angehalten von Ben, 14:02.
      Keine Datei wurde geändert.
      · Oder antworte, was anders werden soll: Damit geht die Arbeit weiter.
      to Ana
      [Fortsetzen] [Verwerfen]
      (asks: Das hier verwerfen? Keine Datei wurde geändert, es geht nichts verloren. Verwerfen / Behalten)"
    `);
  });

  test("a limit says when it ends", () => {
    expect(print(shown(session(failed("limited", "usage limit reached", NOW + 180 * MINUTE))))).toMatchInlineSnapshot(`
      "Limit reached: Fix the login redirect  [failed]
      ! claude has used up its limit.
      It may work again at 17:02 UTC. Retry then.
      $ usage limit reached
      3 files changed, kept. Nothing was merged.
      · Or reply what should be done differently: the work goes on with it.
      to Ana
      [Retry] [Resume at 17:02 UTC] [Discard]
      (asks: Discard this work? It is kept for 30 days and can be undone. Discard / Keep it)"
    `);
  });

  test.each(["auth", "crashed", "refused", "budget", "failed", "interrupted"] as const)(
    "%s has a cause, what is safe, and a way on",
    (kind) => {
      for (const t of [en, de]) {
        const view = shown(session(failed(kind)), t);
        expect(view.mood).toBe("failed");
        expect(view.parts[0]).toMatchObject({ kind: "line", tone: "warn" });
        expect(actions(view)).toEqual(["resume:abcdefgh23:4", "discard:abcdefgh23:4"]);
      }
    },
  );

  test("a long error shows its end, as code", () => {
    const view = shown(session(failed("crashed", `${"x".repeat(9000)} ENOSPC`)));
    const [code] = view.parts.flatMap((part) => (part.kind === "code" ? [part.text] : []));
    expect(code?.length).toBeLessThan(2100);
    expect(code).toMatch(/^….* ENOSPC$/s);
  });

  test("when a merge may have happened, it cannot be discarded", () => {
    const aim = { ref: "refs/heads/main", onto: null, commit: "b", checkout: null };
    const view = shown(
      session(
        paused({
          retry: { at: "landing", work: 3, how: "merge", by: [], aim, answer: "", next: "merged", waived: false },
        }),
      ),
    );
    expect(print(view)).toContain("The merge may have happened already.");
    expect(actions(view)).toEqual(["resume:abcdefgh23:4"]);
  });
});

describe("the moments", () => {
  const changes: Changes = { ...NO_CHANGES, released: true };
  const closed = (outcome: At<"closed">["outcome"]): Phase => ({
    at: "closed",
    offer: 4,
    outcome,
    answer: "It is *one* thing.",
    blocked: null,
    since: NOW,
  });

  test("an answer is a card of its own", () => {
    expect(print(shown(session(closed("answered"))))).toMatchInlineSnapshot(`
      "Answered: Fix the login redirect  [done]
      > It is *one* thing.
      · A reply goes on from here.
      to Ana"
    `);
  });

  test.each<Phase>([
    preparing,
    running("plan"),
    { at: "deciding", offer: 4, votes: [], moved: null, remindAt: null },
    { at: "reviewing", offer: 4, answer: "", changes, blocked: null, votes: [], remindAt: null },
    closed("merged"),
    closed("released"),
    closed("dismissed"),
    closed("rejected"),
    closed("no_change"),
    closed("answered"),
  ])("there is a card exactly when a person is asked to act: %j", (phase) => {
    const s = session(phase);
    expect(card(s, seen(), en) === null).toBe(court(s) === null);
  });
});
