import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBatches } from "../../src/lib/batch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function stage(fails: Error | null = null) {
  const written: [string, number[]][] = [];
  const batches = createBatches<number>(async (key, items) => {
    if (fails) throw fails;
    written.push([key, items]);
  }, 500);
  return { batches, written };
}

test("what comes within one pace is one write, in order; the next pace is the next one", async () => {
  const { batches, written } = stage();
  for (let n = 0; n < 3; n++) void batches.add("a", n);
  await vi.advanceTimersByTimeAsync(499);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  void batches.add("a", 3);
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toEqual([
    ["a", [0, 1, 2]],
    ["a", [3]],
  ]);
});

test("keys are written apart", async () => {
  const { batches, written } = stage();
  void batches.add("a", 1);
  void batches.add("b", 2);
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toEqual([
    ["a", [1]],
    ["b", [2]],
  ]);
});

test("a flush does not wait for the pace, and leaves no timer", async () => {
  const { batches, written } = stage();
  const added = batches.add("a", 1);
  void batches.add("b", 2);
  await batches.flush("a");
  await added;
  expect(written).toEqual([["a", [1]]]);
  await batches.flush();
  expect(written).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("whoever added hears of a failure; a flush does not", async () => {
  const { batches } = stage(new Error("ENOSPC"));
  const added = expect(batches.add("a", 1)).rejects.toThrow("ENOSPC");
  await batches.flush();
  await added;
});
