import { atLeast } from "../core/authority.ts";
import type { Actor } from "../core/event.ts";
import type { Usage } from "../core/parts.ts";
import { isActive } from "../core/phase.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { Board, Mood, Row, Seen } from "../core/view.ts";
import { card } from "./card.ts";
import { cost, repoName, span, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { living } from "./living.ts";

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

interface Around {
  now: number;
  /** What the cards of each listed session need to know. */
  sights: ReadonlyMap<string, Seen>;
  /** Who the person is in a session, with the role in its home channel. */
  as: (s: Session) => Actor;
}

/** Is it in anybody's overview? */
export const listed = ({ phase }: Session, now: number): boolean =>
  phase.at !== "closed" || now - phase.since < WEEK_MS;

/** The overview of a person: waiting on you, running, ready to merge, this week. Newest first, empty sections left out. */
export function board(sessions: readonly Session[], { now, as, sights, t }: Around & { t: T }): Board {
  const recent = sessions.toSorted((a, b) => b.updatedAt - a.updatedAt);
  const done = recent.filter((s) => s.phase.at === "closed" && listed(s, now));
  const week = recent.filter(({ updatedAt }) => now - updatedAt < WEEK_MS).map(({ usage }) => usage);
  const mine = recent.filter((s) => s.phase.at !== "reviewing" && waits(s, as(s)));
  return {
    sections: [
      { title: t("reply:board.you"), of: mine },
      { title: t("reply:board.running"), of: recent.filter((s) => isActive(s.phase) && !mine.includes(s)) },
      {
        title: t("reply:board.ready"),
        of: recent.filter((s) => s.phase.at === "reviewing" && waits(s, as(s))),
      },
      { title: weekTitle(week, t), of: done },
    ]
      .filter((section) => section.of.length > 0)
      .map(({ title, of }) => ({ title, rows: of.flatMap((s) => pressable(s, sights.get(s.id), t)) })),
  };
}

/** A row with what can be decided about its session now. */
const pressable = (s: Session, seen: Seen | undefined, t: T): Row[] =>
  seen ? [{ ...row(s, seen, t), buttons: (card(s, seen, t) ?? living(s, seen, t)).buttons }] : [];

/** Does the session wait for what this person may do? */
export function waits(s: Session, { id, role }: Actor): boolean {
  const { phase } = s;
  const own = s.requester.id === id;
  const [ask] = asksOf(s);
  if (ask) return ask.what.kind === "permission" ? atLeast(role, "approver") : own;
  if (phase.at === "deciding") return atLeast(role, "approver") && !phase.votes.some(({ by }) => by?.id === id);
  if (phase.at === "reviewing") return own || atLeast(role, "merger");
  return phase.at === "paused" && own;
}

function weekTitle(spent: readonly Usage[], t: T): string {
  const costUsd = spent.reduce((total, usage) => total + usage.costUsd, 0);
  const price = cost({ costUsd, estimated: spent.some(({ estimated }) => estimated) }, t);
  return price === null ? t("reply:board.weekFree") : t("reply:board.week", { cost: price });
}

export function row(s: Session, { now, waits }: Pick<Seen, "now" | "waits">, t: T): Row {
  const state = t(`reply:board.state.${waits ? "queued" : stateOf(s)}`);
  const repo = s.workspace ? repoName(s.workspace.repo) : t("reply:board.noRepo");
  return {
    session: s.id,
    title: titleOf(s),
    text: t("reply:board.row", { state, repo, age: age(now - s.updatedAt, t) }),
    mood: moodOf(s, waits),
    // A session always has its home thread: the schema says so, its type cannot.
    thread: s.threads[0] ?? { chat: "", channel: "", thread: null },
    buttons: [],
  };
}

function moodOf({ phase }: Session, waits: Seen["waits"]): Mood {
  if (waits) return "seen";
  return phase.at === "closed" && phase.outcome === "merged" ? "done" : MOODS[phase.at];
}

const age = (ms: number, t: T): string => (ms < MINUTE_MS ? t("reply:board.now") : span(ms, t));

function stateOf(s: Session) {
  if (s.phase.at === "closed") return s.phase.outcome;
  return s.phase.at === "running" && s.phase.asks.length > 0 ? "asking" : s.phase.at;
}

const MOODS = {
  preparing: "working",
  running: "working",
  stopping: "working",
  inspecting: "working",
  checking: "working",
  landing: "working",
  asking: "waiting",
  deciding: "waiting",
  reviewing: "done",
  paused: "waiting",
  closed: "closed",
} as const satisfies Record<Session["phase"]["at"], Mood>;
