import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inside, type Wish } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Input } from "../wire/claude.ts";

/** What a tool of Claude Code is about to do. Its paths are followed through links, and a search has all that lies below it. */
export async function wishOf(tool: string, input: Input, desk: Pick<Desk, "cwd" | "home" | "hidden">): Promise<Wish> {
  const { what, paths, detail } = plainWish(tool, input, desk);
  return { what, paths: await followed(paths, desk.cwd), detail };
}

function plainWish(tool: string, input: Input, desk: Pick<Desk, "cwd" | "home" | "hidden">): Wish {
  const text = (key: string): string => (typeof input[key] === "string" ? input[key] : "");
  const file = resolve(desk.cwd, text("file_path") || text("notebook_path"));
  switch (tool) {
    case "Read":
      return { what: "read", paths: [file], detail: file };
    case "Glob":
    case "Grep":
    case "LS":
      return { what: "read", paths: searched(tool, text, desk), detail: text("pattern") };
    case "Write":
    case "Edit":
    case "MultiEdit":
    case "NotebookEdit":
      return { what: "edit", paths: [file], detail: file };
    case "Bash":
      return { what: "command", paths: [], detail: text("command") };
    case "WebFetch":
    case "WebSearch":
      return { what: "fetch", paths: [], detail: text("url") || text("query") };
    case "Task":
    case "Agent":
      return { what: "delegate", paths: [], detail: text("description") };
    default: {
      const server = /^mcp__(.+?)__/.exec(tool)?.[1];
      return server === undefined
        ? { what: "other", paths: [], detail: tool }
        : { what: "mcp", paths: [], detail: server };
    }
  }
}

function searched(
  tool: string,
  text: (key: string) => string,
  { cwd, home, hidden }: Pick<Desk, "cwd" | "home" | "hidden">,
): string[] {
  const folder = resolve(cwd, text("path"));
  // Up to its first wildcard a pattern is a path, and may lead anywhere.
  const start = /^[^*?[{]*/.exec(text("pattern"))?.[0] ?? "";
  const root = tool === "Glob" && start !== "" ? resolve(folder, start.replace(/[^/]*$/, "")) : folder;
  return [root, ...[...hidden, home].filter((path) => inside(path, root) && !inside(path, cwd))];
}

/** Each path as it was said and as it is behind its links; below the workspace in the words of the workspace. */
async function followed(paths: readonly string[], cwd: string): Promise<string[]> {
  const here = await real(cwd);
  const local = (path: string): string => (inside(path, here) ? join(cwd, path.slice(here.length)) : path);
  const ends = await Promise.all(paths.map(async (path) => [local(path), local(await real(path))]));
  return [...new Set(ends.flat())];
}

/** Of a path whose end is yet to be made, as far as it is there. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const up = dirname(path);
    return up === path ? path : join(await real(up), basename(path));
  }
}
