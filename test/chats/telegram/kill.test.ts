import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { atOnce, FULL_MS, spread } from "../../kill/sample.ts";
import { type Death, type Told, tell, type Where } from "./life.ts";

/**
 * Each story is told from the request to the merge, while the bot dies once at one of its calls to Telegram: before it is
 * obeyed, or obeyed and not answered. `OCA_KILL=full` takes every call in every place; else as many, spread over all, as
 * fit into the time.
 */
const FULL = process.env["OCA_KILL"] === "full";
const DAILY_MS = 45_000;
/** Fewer prove nothing. */
const AT_LEAST = 3;
const workers = availableParallelism();
const PLACES: readonly Where[] = ["a topic", "a group", "a direct chat"];

test("killed at any call to Telegram, in a topic, a group or a direct chat, it ends the story as if nothing had been", {
  timeout: FULL_MS,
}, async () => {
  const calm = await atOnce(PLACES, { ms: FULL_MS, workers }, (where) => tell(where, null));
  expect(calm.flatMap(({ faults }) => faults)).toEqual([]);
  const moments = spread(PLACES.flatMap((where, i) => momentsOf(where, calm[i]?.calls ?? [])));
  const told = await atOnce(moments, { ms: FULL ? FULL_MS : DAILY_MS, workers }, ({ where, death }) =>
    tell(where, death),
  );
  const died = told.filter(({ died }) => died).length;
  console.log(`${told.length} of ${moments.length} moments, died in ${died}, stray cards ${sum(told)}`);
  expect(told.flatMap(({ faults }, i) => faults.map((fault) => `${JSON.stringify(moments[i])}\n${fault}`))).toEqual([]);
  expect(died).toBeGreaterThanOrEqual(AT_LEAST);
  if (FULL) expect(told).toHaveLength(moments.length);
});

test("killed between posting the plan and noting it: Revise on that very card asks what should change, and gets it", {
  timeout: FULL_MS,
}, async () => {
  const { faults, died } = await tell("a group", { shows: "Revise", when: "after" }, "first");
  expect(faults).toEqual([]);
  expect(died).toBe(true);
});

const sum = (told: readonly Told[]): number => told.reduce((all, { strays }) => all + strays, 0);

interface Moment {
  where: Where;
  death: Death;
}

/** To die while waiting for nothing is to die at the next call. */
const momentsOf = (where: Where, calls: readonly string[]): Moment[] =>
  calls.flatMap((method, i): Moment[] =>
    (["before", "after"] as const).map((when) => ({ where, death: { n: i + 1, method, when } })),
  );
