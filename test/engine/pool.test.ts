import { expect, test } from "vitest";
import { createLanes, createPool } from "../../src/engine/pool.ts";

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

test("a checkout is one session's until it leaves, and another checkout is nobody's business", async () => {
  const moved: string[] = [];
  const lanes = createLanes((key) => void moved.push(key));
  const { signal } = new AbortController();
  expect(await lanes.enter("/srv/shop", "a", signal)).toBe(true);
  expect(await lanes.enter("/srv/shop", "a", signal)).toBe(true);
  const b = lanes.enter("/srv/shop", "b", signal);
  expect(await lanes.enter("/srv/docs", "c", signal)).toBe(true);
  const behind = { place: 1, behind: "a" };
  expect([lanes.waits("a"), lanes.waits("b"), lanes.waits("c")]).toEqual([null, behind, null]);
  expect(moved).toEqual(["b"]);
  lanes.leave("b");
  expect(lanes.waits("b")).toEqual(behind);
  lanes.leave("a");
  expect(await b).toBe(true);
});

test("whoever stops waiting for a checkout does not get it", async () => {
  const lanes = createLanes(() => undefined);
  const abort = new AbortController();
  await lanes.enter("/srv/shop", "a", abort.signal);
  const b = lanes.enter("/srv/shop", "b", abort.signal);
  abort.abort();
  expect(await b).toBe(false);
  lanes.leave("a");
  expect(await lanes.enter("/srv/shop", "c", new AbortController().signal)).toBe(true);
});
