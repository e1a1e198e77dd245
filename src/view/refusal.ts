import type { Refusal } from "../core/event.ts";
import type { Session } from "../core/session.ts";
import type { Part, View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { names, oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { muted } from "./part.ts";

/** Why somebody's click or word changed nothing: for that person only. */
export function refusal(why: Refusal, s: Session | null, t: T): View {
  const { head, next } = reason(why, t);
  const parts: Part[] = next === null ? [] : [muted(next)];
  return { head, parts, buttons: [], documents: [], mentions: [], mood: "waiting", title: s ? titleOf(s) : "" };
}

function reason(why: Refusal, t: T): { head: string; next: string | null } {
  switch (why.refused) {
    case "superseded": {
      const { plan } = why;
      const head = plan === null ? t("reply:refusal.superseded") : t("reply:refusal.supersededPlan", { version: plan });
      return { head, next: t("reply:refusal.newest") };
    }
    case "already":
      return {
        head: why.by ? t("reply:refusal.alreadyBy", { who: names([why.by], t) }) : t("reply:refusal.already"),
        next: null,
      };
    case "voted":
      return { head: t("reply:refusal.voted", { count: why.missing }), next: null };
    case "role":
      return {
        head: t("reply:refusal.role", { who: t(`reply:role.${why.needs}`) }),
        next: t("reply:refusal.id", { id: oneLine(why.id, 80) }),
      };
    case "late":
      return { head: t("reply:refusal.late"), next: t("reply:refusal.lateNext") };
    case "policy":
      return {
        head: t("reply:refusal.policy", { rule: why.rule }),
        next: t("reply:refusal.policyNext"),
      };
    case "words":
      return { head: t("reply:refusal.words"), next: t("reply:refusal.wordsNext") };
    case "idle":
      return { head: t("reply:refusal.idle"), next: null };
    case "heard":
      return { head: t("reply:refusal.heard"), next: t("reply:refusal.heardNext") };
    case "gone":
      return { head: t("reply:refusal.gone"), next: null };
    default:
      return never(why);
  }
}
