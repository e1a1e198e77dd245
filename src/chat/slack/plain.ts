import type { View } from "../../core/view.ts";
import { never } from "../../lib/never.ts";
import { clip } from "../../lib/text.ts";
import { escapeText } from "./text.ts";

export const BOXES = { open: "☐", doing: "▸", done: "☑" };

/** For notifications and screen readers: who must act, what it is, and the first line that says more. */
export function fallback({ head, parts, mentions: people }: View): string {
  const users = people.flatMap(({ chat, user }) => (chat === "slack" ? [`<@${user}>`] : []));
  const next = parts.find((part) => part.kind === "line" && part.tone !== "muted");
  const more = next?.kind === "line" ? next.text : "";
  return (
    [...users, escapeText(clip([head, more].filter((text) => text.trim() !== "").join(" · "), 600))].join(" ") || "…"
  );
}

/** All of it as a file. */
export function asMarkdown({ head, parts }: View): string {
  const lines = parts.map((part) => {
    switch (part.kind) {
      case "line":
      case "code":
        return part.text;
      case "markdown":
        return part.markdown;
      case "steps":
        return part.steps.map(({ title, state }) => `${BOXES[state]} ${title}`).join("\n");
      case "files":
        return [...part.files.map((one) => `+${one.added} −${one.removed} ${one.path}`), part.more ?? ""].join("\n");
      default:
        return never(part);
    }
  });
  return [`# ${head}`, ...lines].join("\n\n");
}
