import { expect, test } from "vitest";
import { laterKey, remindAt, timed } from "../../src/core/later.ts";

const FRIDAY = Date.UTC(2026, 10, 27, 22);
const until = (key: string, timezone: string) =>
  new Date(remindAt({ key: timed(key, { at: FRIDAY, timezone }), at: FRIDAY })).toISOString();

test("tomorrow and Monday are those of the clicker, for whom it may be tomorrow already", () => {
  expect(until(laterKey(5, "tomorrow"), "America/New_York")).toBe("2026-11-28T14:00:00.000Z");
  expect(until(laterKey(5, "tomorrow"), "Europe/Berlin")).toBe("2026-11-28T08:00:00.000Z");
  expect(until(laterKey(5, "tomorrow"), "Asia/Tokyo")).toBe("2026-11-29T00:00:00.000Z");
  expect(until(laterKey(5, "monday"), "Asia/Tokyo")).toBe("2026-11-30T00:00:00.000Z");
});

test("a bare offer, and what nobody can read, is three hours; a time stays what it was", () => {
  for (const key of ["5", "5.never", "5.1"]) expect(until(key, "UTC")).toBe("2026-11-28T01:00:00.000Z");
  expect(timed("5.29666666", { at: FRIDAY, timezone: "UTC" })).toBe("5.29666666");
});
