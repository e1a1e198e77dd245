import { expect, test } from "vitest";
import { createPool } from "../../src/engine/pool.ts";

function stage(slots: number) {
  const moved: string[] = [];
  const pool = createPool(slots, (key) => void moved.push(key));
  const enter = (key: string, abort = new AbortController()) => ({ in: pool.enter(key, abort.signal), abort });
  return { pool, moved, enter };
}

test("as many as there are slots go in, the others wait in order", async () => {
  const { pool, enter } = stage(2);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((key) => enter(key));
  expect([pool.place("a"), pool.place("b"), pool.place("c"), pool.place("d")]).toEqual([null, null, 1, 2]);
  (await a?.in)?.();
  expect([pool.place("c"), pool.place("d")]).toEqual([null, 1]);
  (await b?.in)?.();
  (await c?.in)?.();
  expect(await d?.in).not.toBeNull();
});

test("leaving twice frees one slot", async () => {
  const { pool, enter } = stage(1);
  const leave = await enter("a").in;
  enter("b");
  enter("c");
  leave?.();
  leave?.();
  expect([pool.place("b"), pool.place("c")]).toEqual([null, 1]);
});

test("whoever stops waiting makes room, and everybody behind hears of the new place", async () => {
  const { pool, moved, enter } = stage(1);
  enter("a");
  const b = enter("b");
  enter("c");
  enter("d");
  moved.length = 0;
  b.abort.abort();
  expect(await b.in).toBeNull();
  expect([pool.place("b"), pool.place("c"), pool.place("d")]).toEqual([null, 1, 2]);
  expect(moved).toEqual(["c", "d"]);
});

test("whoever came with an aborted signal takes no slot", async () => {
  const { pool, enter } = stage(1);
  const gone = new AbortController();
  gone.abort();
  expect(await enter("a", gone).in).toBeNull();
  enter("b");
  expect(pool.place("b")).toBeNull();
});

test("an abort after the slot was given changes nothing: the work itself leaves", async () => {
  const { pool, enter } = stage(1);
  const a = enter("a");
  const leave = await a.in;
  enter("b");
  a.abort.abort();
  expect(pool.place("b")).toBe(1);
  leave?.();
  expect(pool.place("b")).toBeNull();
});
