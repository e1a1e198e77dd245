import { atHour, untilMonday } from "../lib/zoned.ts";
import { TIMES } from "./due.ts";

/** A decision that is put off: by three hours, to a morning, or until a time: `<offer>`, `<offer>.monday`, `<offer>.<minutes since 1970>`. */

const MINUTE = 60_000;
/** When the day begins. */
const MORNING = 9;

/** What a button offers beside three hours. It means the morning of whoever presses it. */
export const Mornings = ["tomorrow", "monday"] as const;
export type Morning = (typeof Mornings)[number];

export const laterKey = (offer: number, morning: Morning): string => `${offer}.${morning}`;

/** The key with the time that it means to somebody whose wall clock shows `timezone` (an IANA name). */
export function timed(key: string, { at, timezone }: { at: number; timezone: string }): string {
  const [offer = "", until] = key.split(".");
  const morning = Mornings.find((one) => one === until);
  if (!morning) return key;
  const days = morning === "tomorrow" ? 1 : untilMonday(at, timezone);
  return `${offer}.${Math.ceil(atHour(at, timezone, { days, hour: MORNING }) / MINUTE)}`;
}

export const offerIn = (key: string): string => key.split(".")[0] ?? "";

export function remindAt({ key, at }: { key: string; at: number }): number {
  const until = Number(key.split(".")[1] ?? Number.NaN) * MINUTE;
  return until > at && until - at < TIMES.latest ? until : at + TIMES.later;
}
