import type { Person, Usage } from "../core/parts.ts";
import type { Session } from "../core/session.ts";
import { firstLine, plain } from "../lib/text.ts";
import type { Locale, T } from "./i18n.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Region for dates and numbers: 24 hours and day before month in every language. */
const REGION: Record<Locale, string> = { en: "en-GB", de: "de-DE" };

interface Where {
  now: number;
  /** IANA name. */
  timezone: string;
}

/** A clock time; with the date unless it is within half a day of `now`. */
export const clock = (at: number, where: Where, t: T): string => format(at, "past", { ...where, t });

/** The same of a time that somebody waits for, who may be elsewhere: with the zone that it counts in. */
export const coming = (at: number, where: Where, t: T): string => format(at, "coming", { ...where, t });

function format(at: number, when: "past" | "coming", { now, timezone, t }: Where & { t: T }): string {
  const near = Math.abs(now - at) < DAY / 2;
  return clocks(`${REGION[t.locale]} ${timezone} ${near ? "near" : "far"} ${when}`).format(at);
}

/** Making a format costs a hundred times as much as using it, and a card is drawn every few seconds. */
function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const format = made.get(key) ?? make(key);
    made.set(key, format);
    return format;
  };
}

const clocks = once((key) => {
  const [region, timeZone, span, when] = key.split(" ");
  return new Intl.DateTimeFormat(region, {
    ...(span === "near" ? {} : { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    ...(when === "coming" ? { timeZoneName: "short" } : {}),
  });
});

const prices = once(
  (region) => new Intl.NumberFormat(region, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" }),
);

const lists = once((locale) => new Intl.ListFormat(locale, { type: "conjunction" }));

/** A length of time in its largest units, never finer than minutes: a card is not redrawn every second. */
export function span(ms: number, t: T): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return t("span.moment");
  if (minutes < 60) return t("span.minutes", { count: minutes });
  if (ms < DAY) return t("span.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return t("span.days", { count: Math.floor(ms / DAY) });
}

/** What agents cost, "about" when a price was estimated; null when nothing is known. */
export function cost({ costUsd, estimated }: Pick<Usage, "costUsd" | "estimated">, t: T): string | null {
  if (costUsd <= 0) return null;
  const amount = prices(REGION[t.locale]).format(costUsd);
  return estimated ? t("live.estimate", { cost: amount }) : amount;
}

/** Several names as one phrase: "a.ts, b.ts and c.ts", the rest as "+4 more". */
export function list(names: readonly string[], max: number, t: T): string {
  const shown = names.slice(0, max).map((name) => label(name, NAME));
  if (names.length > max) return `${shown.join(", ")}, ${t("live.more", { count: names.length - max })}`;
  return lists(t.locale).format(shown);
}

const NAME = 80;

/** Text of people and agents as one line of plain text. */
export const oneLine = (text: string, max: number): string => firstLine(plain(text).replace(/\s+/g, " "), max);

/** The same for what must not be empty: platforms refuse a button or a row without text. */
export const label = (text: string, max: number): string => oneLine(text, max).trim() || "…";

/** The people's names; nobody means that the channel's policy decided. */
export function names(people: readonly (Person | null)[], t: T): string {
  const all = people.map((person) => (person ? label(person.name, NAME) : t("by.policy")));
  return list([...new Set(all.length > 0 ? all : [t("by.policy")])], 3, t);
}

const TITLE = 80;

export const titleOf = (s: Session): string => oneLine(s.title, TITLE) || s.name;

/** A repository as people call it: the last part of its path or address. */
export const repoName = (repo: string): string =>
  oneLine(repo.replace(/(\.git)?\/*$/, "").replace(/^.*[/:\\]/s, ""), NAME) || oneLine(repo, NAME);

/** The base branch as people call it. */
export function baseName(s: Session, t: T): string {
  const ref = s.workspace?.target?.replace(/^refs\/(heads|remotes)\//, "") ?? s.workspace?.base;
  return ref ? oneLine(ref, NAME) : t("place.defaultBase");
}
