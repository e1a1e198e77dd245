import type { KnownBlock, ModalView } from "@slack/types";
import type { Form } from "../../core/view.ts";
import { clip } from "../../lib/text.ts";
import { plainText } from "./button.ts";
import { FORM, type Meta } from "./incoming.ts";
import { preformatted } from "./rich.ts";

/** The words of dialogs, in a person's language. */
export type DialogWords = Readonly<
  Record<
    "close" | "ticks" | "diff" | "expired" | "notSaved" | "noDiff" | "open" | "nothing" | "empty" | "invite",
    string
  >
>;

/** Block Kit, modal: 24 characters of title and buttons. Checkboxes: 10 options of 75 and 75 characters. Input: 3,000. */
const TITLE = 24;
const OPTIONS = 10;
const OPTION = 75;
const INPUT = 3000;
/** Where the words are typed: what is missing is said there. */
export const TEXT = "text";

/** Something to fill in. What it decides, and on which message, comes back with it. */
export function formView(form: Form, meta: Meta, words: DialogWords): ModalView {
  const groups = Array.from({ length: Math.ceil(form.ticks.length / OPTIONS) }, (_, n) => n * OPTIONS);
  const ticks = groups.map((from): KnownBlock => {
    const options = form.ticks.slice(from, from + OPTIONS).map((line, n) => {
      const rest = line.slice(OPTION).trim();
      const text = plainText(line.slice(0, OPTION), OPTION);
      return { value: `${from + n}`, text, ...(rest === "" ? {} : { description: plainText(rest, OPTION) }) };
    });
    return {
      type: "input",
      block_id: `ticks-${from}`,
      label: plainText(words.ticks, INPUT),
      optional: true,
      element: { type: "checkboxes", action_id: `ticks-${from}`, options },
    };
  });
  const input: KnownBlock = {
    type: "input",
    block_id: TEXT,
    label: plainText(form.label, INPUT),
    // With ticks, one of the two is enough.
    optional: !form.required || ticks.length > 0,
    element: { type: "plain_text_input", action_id: TEXT, multiline: true, max_length: INPUT },
  };
  return {
    type: "modal",
    callback_id: FORM,
    private_metadata: JSON.stringify(meta),
    title: plainText(form.title, TITLE),
    submit: plainText(form.submit, TITLE),
    close: plainText(words.close, TITLE),
    blocks: [...ticks, input],
  };
}

/** One file of a unified diff. */
interface FileDiff {
  path: string;
  added: number;
  removed: number;
  text: string;
}

export function filesOf(diff: string): FileDiff[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((text) => text.startsWith("diff --git "))
    .map((text) => {
      const body = text.slice(text.search(/^@@/m) < 0 ? text.length : text.search(/^@@/m));
      const path =
        /^\+\+\+ b\/(.*)$/m.exec(text)?.[1] ??
        /^--- a\/(.*)$/m.exec(text)?.[1] ??
        /^diff --git a\/(.*?) b\//.exec(text)?.[1];
      const count = (sign: RegExp) => body.match(sign)?.length ?? 0;
      return { path: path ?? "…", added: count(/^\+/gm), removed: count(/^-/gm), text: body || text };
    });
}

const TURN = "turn:";
/** Slack shows a modal of 250 kB and refuses a bigger one: a page is one file, and of a long one its start. */
const PAGE = 24_000;
const CHUNK = 2800;

/** A diff, one file a page. */
export function diffView(
  title: string,
  files: readonly FileDiff[],
  { at, session, words }: { at: number; session: string; words: DialogWords },
): ModalView {
  const n = Math.min(Math.max(at, 0), Math.max(files.length - 1, 0));
  const file = files[n];
  const turn = (to: number, sign: string) => ({
    type: "button" as const,
    action_id: `${TURN}${to}`,
    text: plainText(sign, 10),
  });
  const turns = [...(n > 0 ? [turn(n - 1, "◀")] : []), ...(n < files.length - 1 ? [turn(n + 1, "▶")] : [])];
  const shown = clip(file?.text ?? "", PAGE);
  const chunks = Array.from({ length: Math.ceil(shown.length / CHUNK) }, (_, i) =>
    shown.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  const where = file ? `${n + 1}/${files.length}  ${file.path}  +${file.added} −${file.removed}` : words.noDiff;
  return {
    type: "modal",
    callback_id: "diff",
    private_metadata: session,
    title: plainText(words.diff, TITLE),
    close: plainText(words.close, TITLE),
    blocks: [
      { type: "context", elements: [plainText(title, 200)] },
      { type: "section", text: plainText(where, 500) },
      ...chunks.map((text): KnownBlock => ({ type: "rich_text", elements: [preformatted(text.toWellFormed())] })),
      ...(turns.length > 0 ? [{ type: "actions" as const, elements: turns }] : []),
    ],
  };
}

/** The page that a button of the diff leads to; null for any other button. */
export const pageOf = (action: string): number | null =>
  action.startsWith(TURN) ? Number(action.slice(TURN.length)) || 0 : null;
