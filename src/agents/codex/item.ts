import { isAbsolute, relative } from "node:path";
import type { Activity } from "../../core/parts.ts";
import { clip, firstLine } from "../../lib/text.ts";
import type { Item } from "../wire/codex.ts";

const TITLE = 200;

/** What an item shows of the work; null for words, which are no activity. */
export function activityOf(item: Item, cwd: string): Omit<Activity, "state"> | null {
  const as = (kind: Activity["kind"], title: string) => ({ id: item.id, kind, title: firstLine(title, TITLE) });
  switch (item.type) {
    case "commandExecution":
      return as(commandKind(item), lineOf(item.command));
    case "fileChange":
      return as("edit", item.changes.map(({ path }) => short(path, cwd)).join(", "));
    case "mcpToolCall":
      return as("tool", `${item.server}: ${item.tool}`);
    case "dynamicToolCall":
      return as("tool", item.tool);
    case "collabAgentToolCall":
      return as("tool", [item.tool, item.prompt ?? ""].join(" "));
    case "subAgentActivity":
      return as("tool", `${item.agentPath} ${item.kind}`);
    case "webSearch":
      return as("search", item.query);
    case "imageView":
      return as("read", short(item.path, cwd));
    case "contextCompaction":
      return as("note", "context compacted");
    default:
      return null;
  }
}

/** How a finished item went. */
export const stateOf = (item: Item): Activity["state"] =>
  "status" in item && item.status !== "completed" ? "failed" : "ok";

/** A command as it was meant, without the shell around it. */
export function lineOf(command: string): string {
  const [, script] = /^(?:\S*\/)?(?:ba|z|da)?sh -l?c ([\s\S]+)$/.exec(command) ?? [];
  if (script === undefined) return command;
  if (/^'[^']*'$/.test(script)) return script.slice(1, -1);
  if (/^"(?:[^"\\]|\\[\s\S])*"$/.test(script)) return script.slice(1, -1).replace(/\\([\\"$`])/g, "$1");
  return script;
}

function commandKind({ commandActions }: Extract<Item, { type: "commandExecution" }>): Activity["kind"] {
  const kinds = new Set(commandActions.map(({ type }) => type));
  if (kinds.size === 0 || kinds.has("unknown")) return "command";
  return kinds.has("read") ? "read" : "search";
}

function short(path: string, cwd: string): string {
  const inside = isAbsolute(path) ? relative(cwd, path) : path;
  return clip(inside === "" || inside.startsWith("..") ? path : inside, TITLE);
}
