import type { Session } from "../core/session.ts";
import type { Part, Seen, View } from "../core/view.ts";
import { card } from "./card.ts";
import { clock, names, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { living } from "./living.ts";
import { face, line, markdown, muted } from "./part.ts";
import { place } from "./progress.ts";
import { spent } from "./spent.ts";

/** What a teammate who joins must know: goal, plan, state, open decision. Nothing to press: the cards have the buttons. */
export function summary(s: Session, seen: Seen, t: T): View {
  const now = living(s, seen, t);
  const open = card(s, seen, t);
  const cost = spent(s, t);
  return face(s, {
    head: t("reply:summary.head", { title: titleOf(s) }),
    mood: now.mood,
    parts: [
      muted(place(s, t)),
      line(t("reply:summary.goal", { who: names([s.requester], t), at: clock(s.createdAt, seen, t) })),
      ...markdown(s.request),
      ...plan(s, t),
      line(t("reply:summary.state", { head: now.head })),
      ...(cost ? [cost] : []),
      line(open ? t("reply:summary.open", { head: open.head }) : t("reply:summary.nothing")),
    ],
  });
}

function plan({ plans, warrant }: Session, t: T): Part[] {
  const newest = plans.at(-1);
  if (!newest) return [];
  const { version, digest } = newest;
  const approved = warrant?.digest === digest;
  const head = approved
    ? t("reply:summary.plan", {
        version,
        who: names(
          warrant.votes.map(({ by }) => by),
          t,
        ),
      })
    : t("reply:summary.planOpen", { version });
  return [line(head), ...markdown(newest.markdown)];
}
