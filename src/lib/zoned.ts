/** The next 9:00 (or another full hour) that is `days` days from today, where the wall clock shows `timezone` (an IANA name). */
export function atHour(now: number, timezone: string, { days, hour }: { days: number; hour: number }): number {
  const { year, month, day } = wall(now, timezone);
  const wanted = Date.UTC(year, month - 1, day + days, hour);
  // Twice, because the first guess may lie on the other side of a change of summer time.
  const guess = wanted - offset(wanted, timezone);
  return wanted - offset(guess, timezone);
}

/** Days until the next Monday, from 1 to 7. */
export function untilMonday(now: number, timezone: string): number {
  const { year, month, day } = wall(now, timezone);
  return (8 - new Date(Date.UTC(year, month - 1, day)).getUTCDay()) % 7 || 7;
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
