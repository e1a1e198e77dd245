import { ABILITIES, type Probe } from "../core/ports/agent.ts";
import type { Session } from "../core/session.ts";
import type { Part, View } from "../core/view.ts";
import { titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, line, muted, warn } from "./part.ts";

/** Which agents there are: version, login, and what each can or how oca makes up for it. */
export const crew = (found: readonly { name: string; probe: Probe }[], t: T): View =>
  answer(
    t("command:agents.head"),
    found.flatMap(({ name, probe }) => member(name, probe, t)),
  );

function member(name: string, { version, tested, loggedIn, fix, can }: Probe, t: T): Part[] {
  const state = version === null ? "missing" : loggedIn === false ? "login" : loggedIn === null ? "unknown" : "ready";
  const row = t("command:agents.row", { name, version: version ?? "", state: t(`command:agents.${state}`) }).replace(
    " :",
    ":",
  );
  if (version === null) return [warn(row), ...(fix === null ? [] : [muted(fix)])];
  const abilities = ABILITIES.map((ability) =>
    t("command:agents.can", {
      ability: t(`command:agents.ability.${ability}`),
      how: t(`command:agents.how.${can[ability]}`),
    }),
  );
  return [
    loggedIn === false ? warn(row) : line(row),
    ...(fix === null ? [] : [muted(fix)]),
    muted(`${t("command:agents.untested", { tested })}. ${abilities.join(", ")}`),
  ];
}

export const changed = (what: "agent" | "model" | "effort" | "revoke", value: string, t: T): View =>
  answer(t(`command:set.${what}`, { value }));

export const unknownAgent = (value: string, names: readonly string[], t: T): View =>
  answer(t("command:set.unknown", { value, names: names.join(", ") }));

/** The first message of a thread that shows a session of another chat. */
export const followed = (s: Session, t: T): View => ({
  ...answer(t("command:follow.head", { title: titleOf(s) }), [
    line(t("command:follow.text", { chat: s.threads[0]?.chat ?? "" })),
  ]),
  title: titleOf(s),
});

export const isHere = (s: Session, t: T): View => answer(t("command:follow.here", { title: titleOf(s) }));

/** The first message of a fork's own thread. */
export const forked = (title: string, t: T): View =>
  answer(t("command:fork.head", { title }), [line(t("command:fork.text"))]);
