import type { Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import { titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { face, line, muted } from "./part.ts";

/** Said to a person alone: the thread of this work cannot be written to. */
export const gone = (s: Session, t: T): View =>
  face(s, {
    head: t("reply:gone.head", { title: titleOf(s) }),
    mood: "waiting",
    parts: [line(t("reply:gone.why")), line(t("reply:gone.kept")), muted(t("reply:gone.how", { session: s.id }))],
  });
