import { expect, test } from "vitest";
import type { Actor } from "../../src/core/event.ts";
import { isRefusal } from "../../src/core/event.ts";
import { isActive } from "../../src/core/phase.ts";
import type { Policy } from "../../src/core/policy.ts";
import { step } from "../../src/core/step.ts";
import { cleo, opened, POLICY, usual } from "./life.ts";
import { check, type Ledger, OWN_POLICIES, PEOPLE, POLICIES, possible } from "./promises.ts";

const LIVES = Number(process.env["OCA_LIVES"] ?? 12_000);
const LENGTH = 30;

/** mulberry32: repeatable dice, so that a failure names its life. */
function dice(seed: number) {
  let state = seed | 0;
  return (n: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

function live(
  seed: number,
  people: Actor[],
  seen: Set<string>,
  policies: readonly Policy[] = POLICIES,
): { bad: string[]; wrote: boolean } {
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T;
  const policy = people.length === 1 ? { ...POLICY, land: pick(policies).land } : pick(policies);
  const born = step(
    null,
    opened(pick(people.filter(({ role }) => role !== "observer")), {
      policy,
      repo: roll(4) === 0 ? null : "shop",
      message: `<w${seed}>`,
    }),
  );
  if (isRefusal(born)) throw new Error("not born");
  const ledger: Ledger = { open: new Set(), bad: [] };
  let s = born;
  let wrote = false;
  const trail: string[] = [];
  for (let i = 0; i < LENGTH && ledger.bad.length === 0; i++) {
    const age = roll(8) === 0 ? 1 : 0;
    const all = possible(s, pick(people), `<w${seed}.${i}>`, age);
    // Every other time what usually comes next, so that lives get somewhere.
    const e = roll(2) === 0 && isActive(s.phase) ? usual(s) : pick(all);
    const after = step(s, e);
    if (isRefusal(after) || after === s) continue;
    trail.push(`${e.type}${e.type === "pressed" ? `:${e.verb}` : ""}>${after.phase.at}`);
    if ("work" in e && e.work !== ("work" in s.phase ? s.phase.work : -1))
      ledger.bad.push("old work changed something");
    check(s, e, after, ledger);
    seen.add(`${s.phase.at} > ${after.phase.at}`);
    if (after.phase.at === "running" && after.phase.turn.kind === "write") wrote = true;
    s = after;
  }
  return { bad: ledger.bad.map((what) => `life ${seed}: ${what}: ${trail.join(" ")}`), wrote };
}

test("whatever happens in whatever order, the promises hold", () => {
  const seen = new Set<string>();
  const bad = Array.from({ length: LIVES }, (_, seed) => live(seed + 1, PEOPLE, seen).bad).flat();
  expect(bad.slice(0, 5)).toEqual([]);
  expect([...seen].sort()).toEqual(TRANSITIONS);
});

test("in the user's own checkout nothing is ever landed, discarded or checked, whatever happens", () => {
  const seen = new Set<string>();
  const lives = Array.from({ length: LIVES / 4 }, (_, seed) => live(seed + 1, PEOPLE, seen, OWN_POLICIES));
  expect(lives.flatMap(({ bad }) => bad).slice(0, 5)).toEqual([]);
  expect(lives.some(({ wrote }) => wrote)).toBe(true);
  expect([...seen].filter((way) => !TRANSITIONS.includes(way))).toEqual([]);
});

test("a requester alone reaches no write turn, by whatever route", () => {
  const lives = Array.from({ length: LIVES / 4 }, (_, seed) => live(seed + 1, [cleo], new Set()));
  expect(lives.flatMap(({ bad }) => bad)).toEqual([]);
  expect(lives.some(({ wrote }) => wrote)).toBe(false);
});

/** The map of a life: what docs/architecture.md draws. */
const TRANSITIONS = [
  "asking > asking",
  "asking > paused",
  "asking > preparing",
  "checking > checking",
  "checking > landing",
  "checking > paused",
  "checking > preparing",
  "checking > reviewing",
  "checking > stopping",
  "closed > closed",
  "closed > landing",
  "closed > preparing",
  "deciding > deciding",
  "deciding > inspecting",
  "deciding > preparing",
  "inspecting > checking",
  "inspecting > inspecting",
  "inspecting > landing",
  "inspecting > paused",
  "inspecting > preparing",
  "inspecting > reviewing",
  "inspecting > stopping",
  "landing > closed",
  "landing > inspecting",
  "landing > landing",
  "landing > paused",
  "landing > preparing",
  "landing > stopping",
  "paused > closed",
  "paused > inspecting",
  "paused > landing",
  "paused > paused",
  "paused > preparing",
  "preparing > asking",
  "preparing > deciding",
  "preparing > paused",
  "preparing > preparing",
  "preparing > running",
  "preparing > stopping",
  "reviewing > inspecting",
  "reviewing > landing",
  "reviewing > preparing",
  "reviewing > reviewing",
  "running > asking",
  "running > deciding",
  "running > inspecting",
  "running > paused",
  "running > preparing",
  "running > running",
  "running > stopping",
  "stopping > asking",
  "stopping > inspecting",
  "stopping > paused",
  "stopping > stopping",
];
