import type { At } from "../core/phase.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { Seen, View } from "../core/view.ts";
import { asking } from "./ask.ts";
import { titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { face, markdown, muted, placed, some } from "./part.ts";
import { paused } from "./pause.ts";
import { deciding } from "./plan.ts";
import { reviewing } from "./review.ts";
import { spent } from "./spent.ts";

/** The card that asks a person to act, or answers one; null while the bot moves (`court` of the session is null then). */
export function card(s: Session, seen: Seen, t: T): View | null {
  const shown = body(s, seen, t);
  const view = shown && placed(shown, seen, t);
  return view && { ...view, mentions: seen.mentions.length > 0 ? seen.mentions : [s.requester] };
}

function body(s: Session, seen: Seen, t: T): View | null {
  const { phase } = s;
  const [ask] = asksOf(s);
  if (ask) return asking(s, ask, t);
  switch (phase.at) {
    case "deciding":
      return deciding(s, phase, t);
    case "reviewing":
      return reviewing(s, phase, { seen, t });
    case "paused":
      return paused(s, phase, { seen, t });
    case "closed":
      return answered(s, phase, t);
    default:
      return null;
  }
}

/** The end of a conversation that changed nothing. What was landed or dropped is told by the living card. */
function answered(s: Session, { outcome, answer }: At<"closed">, t: T): View | null {
  if (outcome !== "answered" && outcome !== "no_change") return null;
  return face(s, {
    head: t(`head.${outcome}`, { title: titleOf(s) }),
    mood: "done",
    parts: [...markdown(answer), ...some(spent(s, t), muted(t("closed.reply")))],
  });
}
