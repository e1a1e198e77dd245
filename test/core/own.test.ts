import { expect, test } from "vitest";
import { offered } from "../../src/core/offer.ts";
import type { Changes } from "../../src/core/parts.ts";
import { Policy } from "../../src/core/policy.ts";
import type { Session } from "../../src/core/session.ts";
import { step } from "../../src/core/step.ts";
import {
  ana,
  ben,
  CHANGES,
  cleo,
  eve,
  keyOf,
  NO_CHANGES,
  opened,
  POLICY,
  pressed,
  run,
  said,
  take,
  work,
} from "./life.ts";

const OFF: Policy = { ...POLICY, isolation: "off" };

/** A piece of work in the user's own checkout that has come to its review. */
function reviewed(policy: Policy = OFF, changes: Partial<Changes> = {}): Session {
  const planned = run(take(null, opened(cleo, { policy })), "deciding");
  const working = run(take(planned, pressed(ben, "approve", keyOf(planned))), "running");
  const s = run(working, "inspecting");
  return take(s, work(s, { type: "inspected", changes: { ...CHANGES, commits: 0, ...changes } }));
}

const compared = (s: Session, changes: Partial<Changes>) =>
  ({
    type: "compared",
    id: "c",
    at: 5000,
    by: null,
    offer: "offer" in s.phase ? s.phase.offer : 0,
    changes: { ...CHANGES, ...changes },
  }) as const;

test("where the channel's policy says so, the workspace is the checkout; else it is a worktree", () => {
  expect(take(null, opened(cleo, { policy: OFF })).workspace?.kind).toBe("repo");
  expect(take(null, opened(cleo)).workspace?.kind).toBe("worktree");
  const { isolation: _, ...before } = POLICY;
  expect(Policy.parse(before).isolation).toBe("worktree");
});

test("only an owner may ask for it", () => {
  for (const by of [cleo, ben, eve])
    expect(step(null, opened(by, { off: true }))).toEqual({ refused: "role", needs: "owner", id: by.id });
  expect(take(null, opened(ana, { off: true }))).toMatchObject({
    policy: { isolation: "off" },
    workspace: { kind: "repo" },
  });
  // Of which repository is not known yet, and it may say otherwise.
  expect(step(null, opened(cleo, { off: true, policy: OFF, repo: null }))).toMatchObject({ needs: "owner" });
});

test("an asked repository works as it says of its own", () => {
  const asked = opened(cleo, { repo: null, policies: { docs: { isolation: "off" } } });
  const s = take(null, asked);
  expect(take(s, pressed(cleo, "answer", "r1.0")).workspace).toMatchObject({ repo: "shop", kind: "worktree" });
  expect(take(s, pressed(cleo, "answer", "r1.1")).workspace).toMatchObject({ repo: "docs", kind: "repo" });
});

test.each(["ask", "merge", "pr"] as const)(
  "with land: %s, too, the review offers to come back later, and nothing else",
  (land) => {
    const s = reviewed({ ...OFF, land, rule: "pr-allowed" }, { commits: 1, candidate: "t1" });
    expect(s.phase.at).toBe("reviewing");
    expect(offered(s, 5000)).toEqual(["later"]);
    for (const verb of ["merge", "force", "pr", "tidy", "discard", "resolve", "address"] as const)
      expect(step(s, pressed(ana, verb, keyOf(s)))).toEqual({ refused: "idle" });
  },
);

test("a pause offers to go on, and not to discard", () => {
  const working = run(take(null, opened(cleo, { policy: OFF })), "running");
  const s = run(take(working, pressed(cleo, "stop", working.work)), "paused");
  expect(offered(s, 5000)).toEqual(["resume"]);
});

test("a rejected plan and an answer close without a look at what the user has there", () => {
  const planned = run(take(null, opened(cleo, { policy: OFF })), "deciding");
  const s = take(planned, pressed(cleo, "reject", keyOf(planned)));
  const closed = run(take(s, work(s, { type: "inspected", changes: NO_CHANGES })), "closed");
  expect(closed.phase).toMatchObject({ outcome: "rejected" });
});

test("it ends when the user has committed what stands there, or thrown it away", () => {
  const s = reviewed();
  expect(take(s, compared(s, { head: "c2", commits: 1 })).phase.at).toBe("reviewing");
  const home = take(s, compared(s, { head: "c2", commits: 1, released: true }));
  expect(home.phase).toMatchObject({ at: "landing", how: "clean" });
  expect(run(home, "closed").phase).toMatchObject({ outcome: "released" });
  const gone = run(take(s, compared(s, { files: [], commits: 0 })), "closed");
  expect(gone.phase).toMatchObject({ outcome: "no_change" });
  expect(gone.landed).toEqual([]);
});

test("a reply in the closed thread goes on in the same place", () => {
  const s = reviewed();
  const closed = run(take(s, compared(s, { released: true })), "closed");
  expect(take(closed, said(cleo, "one more thing")).workspace).toMatchObject({
    kind: "repo",
    n: 2,
    baseCommit: null,
    ready: false,
  });
});
