import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { type Death, type Told, tell, type Where } from "./life.ts";

/**
 * Each story is told from the request to the merge, while the bot dies once at one of its calls to Telegram: before it is
 * obeyed, or obeyed and not answered. `OCA_KILL=full` takes every call in every place; else as many, spread over all, as
 * fit into the time.
 */
const FULL = process.env["OCA_KILL"] === "full";
const DAILY_MS = 45_000;
const FULL_MS = 60 * 60_000;
/** Fewer prove nothing. */
const AT_LEAST = 3;
const PLACES: readonly Where[] = ["a topic", "a group", "a direct chat"];

test("killed at any call to Telegram, in a topic, a group or a direct chat, it ends the story as if nothing had been", {
  timeout: FULL_MS,
}, async () => {
  const calm = await atOnce(PLACES, FULL_MS, (where) => tell(where, null));
  expect(calm.flatMap(({ faults }) => faults)).toEqual([]);
  const moments = spread(PLACES.flatMap((where, i) => momentsOf(where, calm[i]?.calls ?? [])));
  const told = await atOnce(moments, FULL ? FULL_MS : DAILY_MS, ({ where, death }) => tell(where, death));
  const died = told.filter(({ died }) => died).length;
  console.log(`${told.length} of ${moments.length} moments, died in ${died}, stray cards ${sum(told)}`);
  expect(told.flatMap(({ faults }, i) => faults.map((fault) => `${JSON.stringify(moments[i])}\n${fault}`))).toEqual([]);
  expect(died).toBeGreaterThanOrEqual(AT_LEAST);
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

/** The first few of this order are spread over all, however many they are. */
function spread<T>(items: readonly T[]): T[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  return items
    .map((item, i) => ({ item, place: (i * golden) % 1 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** One on each core, as many as fit into the time; the results in their order. */
async function atOnce<T, R>(items: readonly T[], ms: number, job: (item: T) => Promise<R>): Promise<R[]> {
  const end = performance.now() + ms;
  const results: R[] = [];
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of left) {
      results[i] = await job(item);
      if (performance.now() > end) return;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}
