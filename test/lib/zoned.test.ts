import { expect, test } from "vitest";
import { atHour, lastHour, untilMonday } from "../../src/lib/zoned.ts";
import { fc } from "../property.ts";

const clock = (at: number, timeZone: string) =>
  new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" }).format(at);

test("tomorrow at nine is nine o'clock on the wall, wherever and whenever that is", () => {
  const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"];
  fc.assert(
    fc.property(fc.integer({ min: 1.6e12, max: 2.2e12 }), fc.constantFrom(...zones), (now, zone) => {
      const at = atHour(now, zone, { days: 1, hour: 9 });
      expect(clock(at, zone)).toMatch(/09:00$/);
      expect(at - now).toBeGreaterThan(8 * 3_600_000);
      expect(at - now).toBeLessThan(34 * 3_600_000);
      const monday = atHour(now, zone, { days: untilMonday(now, zone), hour: 9 });
      expect(clock(monday, zone)).toMatch(/^Mon.*09:00$/);
      expect(monday).toBeGreaterThan(now);
      const last = lastHour(now, zone, { weekday: "monday", hour: 9 });
      expect(clock(last, zone)).toMatch(/^Mon.*09:00$/);
      expect(now - last).toBeGreaterThanOrEqual(0);
      expect(now - last).toBeLessThan(7 * 86_400_000 + 3_600_000);
    }),
  );
});

test("the night the clocks change", () => {
  const saturday = Date.UTC(2026, 9, 24, 20);
  expect(atHour(saturday, "Europe/Berlin", { days: 1, hour: 9 })).toBe(Date.UTC(2026, 9, 25, 8));
  expect(untilMonday(Date.UTC(2026, 10, 23, 12), "UTC")).toBe(7);
  expect(untilMonday(Date.UTC(2026, 10, 22, 12), "UTC")).toBe(1);
});
