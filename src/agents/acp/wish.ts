import type { Wish } from "../../core/permit.ts";
import type { Call } from "../wire/acp.ts";

const PATH_KEYS = ["file_path", "filePath", "path", "abs_path", "absolute_path", "dir_path", "notebook_path"];

/** What a tool call is about, in the words of the permission rules. */
export function wishOf(call: Call): Wish {
  const server = /^mcp__(.+?)__/.exec(call.name ?? call.title ?? "")?.[1];
  if (server !== undefined) return { what: "mcp", paths: [], detail: server };
  const title = call.title ?? call.name ?? "";
  const paths = pathsOf(call);
  switch (call.kind) {
    case "read":
    case "search":
      return { what: "read", paths, detail: title };
    case "edit":
    case "delete":
    case "move":
      return { what: "edit", paths, detail: title };
    case "execute":
      return { what: "command", paths: [], detail: commandOf(call) ?? title };
    case "fetch":
      return { what: "fetch", paths: [], detail: text(call.rawInput?.["url"]) ?? title };
    case "think":
      // Thoughts need no permission: what asks for one under this name is a helper.
      return { what: "delegate", paths: [], detail: title };
    default:
      return { what: "other", paths, detail: title };
  }
}

/** A command as one line; Codex sends its words apart. */
function commandOf({ rawInput }: Call): string | null {
  const command = rawInput?.["command"] ?? rawInput?.["cmd"];
  if (Array.isArray(command)) return command.filter((word) => typeof word === "string").join(" ");
  return text(command);
}

function pathsOf({ locations, content, rawInput }: Call): string[] {
  const found = [
    ...(locations ?? []).map((location) => location?.path),
    ...(content ?? []).map((part) => (part && "path" in part ? part.path : null)),
    ...PATH_KEYS.map((key) => text(rawInput?.[key])),
  ];
  return [...new Set(found.filter((path) => typeof path === "string" && path !== ""))].filter(
    (path) => path !== undefined && path !== null,
  );
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
