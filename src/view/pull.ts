import type { Changes } from "../core/parts.ts";
import { isOpen, newsOf } from "../core/pull.ts";
import type { Session } from "../core/session.ts";
import type { Button, Part } from "../core/view.ts";
import { oneLine } from "./format.ts";
import type { T } from "./i18n.ts";
import { line, markdown, muted, some, warn } from "./part.ts";

const SHOWN = 5;
const SAID = 1200;

/** How the pull request stands, and what was said about it there: the words of strangers, quoted. */
export function pullParts(s: Session, { head, others }: Changes, t: T): Part[] {
  const { pull } = s;
  if (!pull) return [];
  if (pull.is === "branch") return [line(t("pull.branch", { branch: s.workspace?.branch ?? "" })), muted(pull.url)];
  if (pull.is === "merged") return [line(t("pull.merged", { number: pull.number })), muted(pull.url)];
  const { number, state, draft } = pull;
  const news = newsOf(pull);
  const key = state === "open" && draft ? "draft" : state;
  const stands = t(`pull.${key}`, { number });
  return [
    state === "closed" ? warn(stands) : line(stands),
    muted(pull.url),
    ...some(isOpen(pull) && pull.head !== head && muted(t("pull.ahead", { number }))),
    ...others
      .slice(0, SHOWN)
      .map(({ by, commits }) => muted(t("pull.others", { count: commits, who: oneLine(by, 80) }))),
    ...news
      .slice(0, SHOWN)
      .flatMap(({ kind, by, at, text }) => [
        line(t(at === "" ? `pull.${kind}` : `pull.${kind}At`, { by: oneLine(by, 80), at: oneLine(at, 120) })),
        ...markdown(quoted(text)),
      ]),
    ...some(news.length > SHOWN && muted(t("pull.more", { count: news.length - SHOWN }))),
  ];
}

const quoted = (text: string): string => oneLine(text, SAID).replace(/^/gm, "> ");

/** A button that leads to the page of the pull request. */
export function pullButton({ pull }: Session, t: T): Button[] {
  if (!pull) return [];
  const label = pull.is === "branch" ? t("pull.openThere") : t("pull.view", { number: pull.number });
  return [{ label, style: "plain", does: { page: pull.url }, confirm: null, form: null }];
}
