import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBudget } from "../../../src/chat/slack/budget.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const budget = () => createBudget({ perMinute: 45, burst: 5, now: Date.now, onError: () => {} });

test("fifty sessions that always want to edit have the same share, and never more than Slack takes in a minute", async () => {
  const it = budget();
  const counts = new Map<string, number>();
  const edit = (key: string) => async (): Promise<void> => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    it.later(key, edit(key));
  };
  for (let n = 0; n < 50; n++) it.later(`card ${n}`, edit(`card ${n}`));
  const total = () => [...counts.values()].reduce((sum, count) => sum + count, 0);
  for (let minute = 1; minute <= 10; minute++) {
    const before = total();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(total() - before).toBeLessThanOrEqual(50);
    expect(total() - before).toBeGreaterThanOrEqual(44);
  }
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
  it.stop();
});

test("the newest of a card is drawn, the older ones never", async () => {
  const it = budget();
  for (let n = 0; n < 5; n++) expect(it.take(`card ${n}`)).toBe(true);
  expect(it.take("late")).toBe(false);
  const drawn: number[] = [];
  for (let n = 0; n < 10; n++) it.later("late", async () => void drawn.push(n));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(drawn).toEqual([9]);
});

test("what was drawn at once takes the place of what waited for it", async () => {
  const it = budget();
  for (let n = 0; n < 5; n++) it.take(`card ${n}`);
  const drawn: string[] = [];
  it.later("card", async () => void drawn.push("old"));
  it.spend("card");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(drawn).toEqual([]);
});

test("when Slack asks to wait, everybody waits, and goes on afterwards", async () => {
  const it = budget();
  const drawn: string[] = [];
  it.pause(10_000);
  it.later("card", async () => void drawn.push("card"));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(drawn).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(drawn).toEqual(["card"]);
});

test("a stopped budget leaves nothing behind", async () => {
  const it = budget();
  it.pause(1000);
  it.later("card", () => Promise.reject(new Error("drawn after the end")));
  it.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.getTimerCount()).toBe(0);
});
