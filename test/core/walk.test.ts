import { expect, test } from "vitest";
import { isRefusal } from "../../src/core/event.ts";
import { isActive } from "../../src/core/phase.ts";
import { asksOf, type Session } from "../../src/core/session.ts";
import { step } from "../../src/core/step.ts";
import { ana, cleo, dan, opened, person } from "./life.ts";
import { check, type Ledger, POLICIES, possible } from "./promises.ts";

const DEPTH = 6;
const fay = person("fay", "merger");

/** What matters for what may happen next: two sessions alike in this are one state of the walk. */
function abstract(s: Session): string {
  const { phase } = s;
  const turn = phase.at === "preparing" || phase.at === "running" ? phase.turn.kind : "";
  const next = phase.at === "stopping" ? phase.next.at : phase.at === "paused" ? phase.retry.at : "";
  const landing = phase.at === "landing" ? `${phase.how}${phase.aim !== null}` : "";
  const asks = asksOf(s)
    .map(({ what, picked }) => `${what.kind}${picked.length}`)
    .join();
  const words = s.queue.map(({ vote }) => vote).join();
  const votes = "votes" in phase ? phase.votes.length : 0;
  const outcome = phase.at === "closed" ? phase.outcome : phase.at === "inspecting" ? phase.empty : "";
  return [
    phase.at,
    turn,
    next,
    landing,
    asks,
    words.slice(0, 11),
    votes,
    outcome,
    s.warrant !== null,
    s.plans.length > 0,
    s.workspace !== null,
    s.grants.length > 0,
    s.landed.length > 0,
    s.checks?.ok,
  ].join("|");
}

test("every event from every state, six deep, keeps the promises, and no state is a dead end", () => {
  const bad: string[] = [];
  let edges = 0;
  let states = 0;
  for (const policy of POLICIES) {
    let front = new Map<string, { s: Session; open: ReadonlySet<string> }>();
    for (const repo of ["shop", null]) {
      const s = step(null, opened(cleo, { policy, repo }));
      if (isRefusal(s)) throw new Error("not born");
      front.set(abstract(s), { s, open: new Set() });
    }
    const seen = new Set(front.keys());
    for (let depth = 0; depth < DEPTH; depth++) {
      const next: typeof front = new Map();
      for (const { s, open } of front.values()) {
        deadEnd(s, bad);
        for (const by of [ana, cleo, dan, fay])
          for (const e of possible(s, by, `<w${edges}>`, 0)) {
            edges++;
            const after = step(s, e);
            if (isRefusal(after) || after === s) continue;
            const ledger: Ledger = { open: new Set(open), bad: [] };
            check(s, e, after, ledger);
            bad.push(...ledger.bad.map((what) => `${what}: ${abstract(s)} --${e.type}--> ${abstract(after)}`));
            const key = abstract(after);
            if (!seen.has(key)) next.set(key, { s: after, open: ledger.open });
            seen.add(key);
          }
      }
      front = next;
    }
    states += seen.size;
  }
  expect([...new Set(bad)].slice(0, 10)).toEqual([]);
  // The walk must have gone somewhere: a smaller number means that events stopped fitting.
  expect(states).toBeGreaterThan(2000);
});

/** An active phase survives a restart; a resting one is changed by something that a person can do. */
function deadEnd(s: Session, bad: string[]): void {
  const restarted = step(s, { type: "restarted", id: "r", at: 9, by: null });
  if (isRefusal(restarted)) bad.push(`refused to restart: ${abstract(s)}`);
  else if (isActive(s.phase) && isActive(restarted.phase) && restarted.work === s.work)
    bad.push(`not restarted: ${abstract(s)}`);
  else if (!isActive(s.phase) && restarted !== s) bad.push(`a restart changed what rests: ${abstract(s)}`);
  if (isActive(s.phase)) return;
  const ways = possible(s, ana, "go on", 0).filter((e) => e.by !== null && e.type !== "edited");
  const on = ways.some((e) => {
    const after = step(s, e);
    return !isRefusal(after) && after !== s;
  });
  if (!on) bad.push(`nobody can move: ${abstract(s)}`);
}
