import type { Board, Part, View } from "../../src/core/view.ts";

/** A card as text, the way a person reads it: for tests that look at whole cards. */
export function print(view: View): string {
  const lines = [
    `${view.head}  [${view.mood}]`,
    ...view.parts.flatMap(part),
    ...view.documents.map(({ name }) => `(file ${name})`),
    ...(view.mentions.length > 0 ? [`to ${view.mentions.map(({ name }) => name).join(", ")}`] : []),
    ...(view.buttons.length > 0 ? [view.buttons.map(({ label }) => `[${label}]`).join(" ")] : []),
    ...view.buttons.flatMap(({ confirm }) =>
      confirm ? [`(asks: ${confirm.text} ${confirm.yes} / ${confirm.no})`] : [],
    ),
  ];
  return lines.join("\n");
}

const BOXES = { open: "[ ]", doing: "[>]", done: "[x]" };
const TONES = { plain: "", muted: "· ", warn: "! " };

function part(it: Part): string[] {
  switch (it.kind) {
    case "line":
      return [TONES[it.tone] + it.text];
    case "markdown":
      return [...(it.fold ? ["(folded)"] : []), ...it.markdown.split("\n").map((line) => `> ${line}`)];
    case "steps":
      return it.steps.map(({ state, title }) => `${BOXES[state]} ${title}`);
    case "files":
      return [
        ...it.files.map(({ path, added, removed }) => `  ${path} +${added} −${removed}`),
        ...(it.more ? [`  ${it.more}`] : []),
      ];
    default:
      return it.text.split("\n").map((line) => `$ ${line}`);
  }
}

/** The overview as text. */
export const printBoard = (board: Board): string =>
  board.sections
    .flatMap(({ title, rows }) => [title, ...rows.map((row) => `  ${row.title}: ${row.text}  [${row.mood}]`)])
    .join("\n");
