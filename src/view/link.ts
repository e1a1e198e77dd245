import type { Person } from "../core/parts.ts";
import type { View } from "../core/view.ts";
import { label } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, code, line, muted, saying, warn } from "./part.ts";

export const linkCode = (given: string, t: T): View =>
  answer(t("reply:link.code"), [...code(`/oca link ${given}`), muted(t("reply:link.valid"))]);

/** Both names, on both sides, before anything holds. */
export function asked(people: readonly Person[], given: string, t: T): View {
  const yes = saying(t("reply:link.yes"), `link ${given} yes`, "primary");
  return answer(
    t("reply:link.ask"),
    [line(both(people, t)), warn(t("reply:link.risk")), ...code(`/oca link ${given} yes`)],
    [yes],
  );
}

/** An owner has to say so before the higher role of the two holds. */
export const linked = (people: readonly Person[], t: T): View =>
  answer(t("reply:link.done"), [
    line(both(people, t)),
    muted(t("reply:link.lower", { id: label(people[0]?.id ?? "", 80) })),
  ]);

export const linking = (is: "waiting" | "late" | "same" | "unlinked" | "alone" | "confirmed", t: T): View =>
  answer(t(`reply:link.${is}`));

const both = (people: readonly Person[], t: T): string =>
  people.map(({ name, chat }) => t("reply:link.who", { name: label(name, 60), chat })).join(" + ");
