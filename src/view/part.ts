import { action } from "../core/action.ts";
import type { Verb } from "../core/event.ts";
import type { Person } from "../core/parts.ts";
import type { Session } from "../core/session.ts";
import type { Button, Form, Mood, Part, Seen, View } from "../core/view.ts";
import { plain } from "../lib/text.ts";
import { label, oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";

/** The small pieces that every card is made of. */

const LINE = 600;
const HEAD = 150;
/** Button labels: Slack Block Kit, button element: at most 75 characters. */
export const LABEL = 60;
/** From here on a text is shown folded. */
const LONG = { characters: 1500, lines: 24 };
const CODE = 2000;

export const line = (text: string): Part => ({ kind: "line", text: oneLine(text, LINE), tone: "plain" });
export const muted = (text: string): Part => ({ kind: "line", text: oneLine(text, LINE), tone: "muted" });
export const warn = (text: string): Part => ({ kind: "line", text: oneLine(text, LINE), tone: "warn" });

/** Words of an agent or a person, as Markdown; no part at all when there are none. */
export function markdown(text: string): Part[] {
  const clean = plain(text);
  return clean.trim() === "" ? [] : [{ kind: "markdown", markdown: clean, fold: isLong(clean) }];
}

export const isLong = (text: string, { characters, lines } = LONG): boolean =>
  text.length > characters || text.split(/\n\s*/).length > lines;

/** The end of a long log is what says why it failed; the start of a command is what says what it does. */
export function code(text: string, keep: "start" | "end" = "start"): Part[] {
  const clean = plain(text).trim();
  if (clean === "") return [];
  if (clean.length <= CODE) return [{ kind: "code", text: clean }];
  const cut = keep === "start" ? `${clean.slice(0, CODE)}…` : `…${clean.slice(-CODE)}`;
  return [{ kind: "code", text: cut.toWellFormed() }];
}

/** Keeps what is there: `some(a && line(a), …)`. */
export const some = (...parts: (Part | null | false)[]): Part[] =>
  parts.filter((part) => part !== null && part !== false);

interface Press {
  verb: Verb;
  key: string | number;
  style?: Button["style"];
  confirm?: Button["confirm"];
  form?: Form | null;
}

/** A button of a session's card. */
export function button(s: Session, text: string, press: Press): Button {
  const { verb, key, style = "plain", confirm = null, form = null } = press;
  return { label: label(text, LABEL), style, does: { action: action(verb, s.id, key) }, confirm, form };
}

interface Face {
  head: string;
  mood: Mood;
  parts: Part[];
  buttons?: Button[];
  documents?: View["documents"];
  mentions?: Person[];
}

/** A card of a session. */
export function face(s: Session, { head, mood, parts, buttons = [], documents = [], mentions = [] }: Face): View {
  return { head: oneLine(head, HEAD), parts, buttons, documents, mentions, mood, title: titleOf(s) };
}

/** Every card of work in the user's own checkout says so. */
export const placed = (view: View, { checkout }: Pick<Seen, "checkout">, t: T): View =>
  checkout === null
    ? view
    : { ...view, parts: [line(t("place.checkout", { path: oneLine(checkout, 200) })), ...view.parts] };

/** What one person is told who gave a command. */
export const answer = (head: string, parts: Part[] = [], buttons: Button[] = []): View => ({
  ...{ head, parts, buttons, documents: [], mentions: [] },
  mood: "seen",
  title: "",
});

/** A button that says a command, for whoever presses it. */
export const saying = (text: string, words: string, style: Button["style"] = "plain"): Button => ({
  label: label(text, LABEL),
  style,
  does: { action: `/oca ${words}` },
  confirm: null,
  form: null,
});
