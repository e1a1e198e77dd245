import type { Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import { titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { face, line, muted } from "./part.ts";

/** Said outside of its thread: this work's thread cannot be written to. It needs no thread of its own, so it names none. */
export const gone = (s: Session, t: T): View => ({
  ...face(s, {
    head: t("reply:gone.head", { title: titleOf(s) }),
    mood: "waiting",
    parts: [line(t("reply:gone.why")), line(t("reply:gone.kept")), muted(t("reply:gone.how", { session: s.id }))],
  }),
  title: "",
});
