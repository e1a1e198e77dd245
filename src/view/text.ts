import type { Part, View } from "../core/view.ts";

const BOXES = { open: "[ ]", doing: "[>]", done: "[x]" };
const TONES = { plain: "", muted: "  ", warn: "! " };

/** A card as plain text: for a terminal, and wherever nothing better can be shown. */
export function asText(view: View): string {
  const buttons = view.buttons.map(({ label }) => `[ ${label} ]`).join(" ");
  const mentions = view.mentions.map(({ name }) => `@${name}`).join(" ");
  const files = view.documents.map(({ name }) => `(${name})`).join(" ");
  return [view.head, ...view.parts.flatMap(lines), files, mentions, buttons].filter((line) => line !== "").join("\n");
}

function lines(part: Part): string[] {
  switch (part.kind) {
    case "line":
      return [TONES[part.tone] + part.text];
    case "markdown":
      return part.markdown
        .trim()
        .split("\n")
        .map((line) => `> ${line}`);
    case "steps":
      return part.steps.map(({ state, title }) => `${BOXES[state]} ${title}`);
    case "files":
      return [
        ...part.files.map(({ path, added, removed }) => `  ${path} +${added} -${removed}`),
        ...(part.more ? [`  ${part.more}`] : []),
      ];
    default:
      return part.text.split("\n").map((line) => `$ ${line}`);
  }
}
