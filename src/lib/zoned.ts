/** The next 9:00 (or another full hour) that is `days` days from today, where the wall clock shows `timezone` (an IANA name). */
export function atHour(now: number, timezone: string, { days, hour }: { days: number; hour: number }): number {
  const { year, month, day } = wall(now, timezone);
  const wanted = Date.UTC(year, month - 1, day + days, hour);
  // Twice, because the first guess may lie on the other side of a change of summer time.
  const guess = wanted - offset(wanted, timezone);
  return wanted - offset(guess, timezone);
}

/** Whether clocks can be read there. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // a RangeError is how Intl says no
  }
}

/** Days until the next Monday, from 1 to 7. */
export const untilMonday = (now: number, timezone: string): number => (8 - today(now, timezone)) % 7 || 7;

export const Weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
export type Weekday = (typeof Weekdays)[number];

/** The last time that the clock showed this full hour of this day. */
export function lastHour(now: number, timezone: string, { weekday, hour }: { weekday: Weekday; hour: number }): number {
  const days = -((today(now, timezone) - Weekdays.indexOf(weekday) + 7) % 7);
  const at = atHour(now, timezone, { days, hour });
  return at <= now ? at : atHour(now, timezone, { days: days - 7, hour });
}

/** From Sunday, 0. */
function today(now: number, timezone: string): number {
  const { year, month, day } = wall(now, timezone);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

/** What the wall clock is ahead of UTC, in ms. */
function offset(at: number, timezone: string): number {
  const { year, month, day, hour, minute, second } = wall(at, timezone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

type Wall = Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>;

function wall(at: number, timeZone: string): Wall {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const found: Wall = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(at))
    if (type in found) Object.assign(found, { [type]: Number(value) });
  return found;
}
