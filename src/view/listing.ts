import { ACTION_BYTES } from "../core/action.ts";
import type { Role } from "../core/authority.ts";
import type { Entry } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import type { Board, Check, Part, Seen, View } from "../core/view.ts";
import { plain } from "../lib/text.ts";
import { row as rowOf } from "./board.ts";
import { oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, code, line, muted, saying, warn } from "./part.ts";
import { fix, says } from "./report.ts";

/** Every command has its line of help: the key is its name. */
export function about(name: string, t: T): string {
  // The names come from commands/; a test proves that each has its text in every language.
  return t(`command:about.${name}` as "command:about.help");
}

/** Rows of an overview that are buttons too. */
const SHOWN = 8;

export function overview({ sections }: Board, t: T): View {
  const parts = sections.flatMap(({ title, rows }) => [
    line(title),
    ...rows.map((row) => muted(t("command:row", { title: row.title, text: row.text, session: row.session }))),
  ]);
  const all = sections.flatMap(({ rows }) => rows).slice(0, SHOWN);
  return answer(
    t("command:list.head"),
    parts.length > 0 ? parts : [line(t("command:list.empty"))],
    all.map(({ title, session }) => saying(title, `show ${session}`)),
  );
}

/** What the agent said and did, as a file: it may be long. */
export function log(s: Session, entries: readonly Entry[], t: T): View {
  const text = entries.map(({ at, event }) => `${new Date(at).toISOString()} ${told(event)}`).join("\n");
  const view = answer(t("command:log.head", { title: titleOf(s) }), [
    line(t("command:log.lines", { count: entries.length })),
  ]);
  return { ...view, documents: [{ name: `${s.name}.log`, mime: "text/plain", text }] };
}

function told(event: Entry["event"]): string {
  switch (event.type) {
    case "text":
      return plain(event.text);
    case "activity":
      return `${event.activity.kind} ${event.activity.state}: ${plain(event.activity.title)}`;
    case "steps":
      return event.steps
        .map(({ title, state }) => `${state === "done" ? "[x]" : "[ ]"} ${oneLine(title, 80)}`)
        .join("; ");
    case "asked":
      return `? ${event.ask.what.kind === "question" ? plain(event.ask.what.text) : plain(event.ask.what.detail)}`;
    case "heard":
      return `heard ${event.messages.length}`;
    default:
      return event.outcome.ok ? plain(event.outcome.answer) : `${event.outcome.kind}: ${plain(event.outcome.error)}`;
  }
}

/** The worst come first; in chat three are enough. */
export function checks(found: readonly Check[], t: T): View {
  const bad = found
    .filter(({ ok }) => ok !== true)
    .toSorted((a, b) => Number(a.ok === "warn") - Number(b.ok === "warn"));
  if (bad.length === 0)
    return answer(t("command:doctor.well"), [muted(t("command:doctor.count", { count: found.length }))]);
  return answer(
    t("command:doctor.head", { count: bad.length }),
    bad.slice(0, 3).flatMap((check) => complaint(check, t)),
  );
}

/** What is wrong and how to mend it. */
const complaint = (check: Check, t: T): Part[] => [
  check.ok === "warn" ? line(says(check, t)) : warn(says(check, t)),
  muted(fix(check, t)),
];

export const invitation = ({ name, role, link }: { name: string; role: Role; link: string }, t: T): View =>
  answer(t("command:invite.head", { name }), [line(t("command:invite.text", { name, role })), ...code(link)]);

const CHOICES = 10;

/** A command that may mean several sessions: each is a button, where its words fit onto one. */
export function which(
  { name, line: words }: { name: string; line: string },
  found: readonly { session: Session; seen: Seen }[],
  t: T,
): View {
  const rows = found.slice(0, CHOICES).map(({ session, seen }) => rowOf(session, seen, t));
  const said = (session: string): string => [name, session, words].filter((word) => word !== "").join(" ");
  const fits = (words: string): boolean => new TextEncoder().encode(`/oca ${words}`).length <= ACTION_BYTES;
  const buttons = rows.flatMap(({ title, session }) => (fits(said(session)) ? [saying(title, said(session))] : []));
  const parts = rows.map((row) => muted(t("command:row", { title: row.title, text: row.text, session: row.session })));
  const by = buttons.length < rows.length ? code(oneLine(`/oca ${said(rows[0]?.session ?? "")}`, 200)) : [];
  return answer(t("command:which.head"), [...parts, ...by], buttons);
}

/** A command that cannot be read: what was wrong with it, and how it is written. */
export const unclear = (usage: string, wrong: readonly string[], t: T): View =>
  answer(t("command:unclear.head", { wrong: oneLine(wrong.join(", "), 60) }), [{ kind: "code", text: usage }]);
