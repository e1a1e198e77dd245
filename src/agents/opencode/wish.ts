import { join, resolve } from "node:path";
import { inside, type Wish } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { followed } from "../links.ts";
import type { Permission } from "../wire/opencode.ts";

type Place = Pick<Desk, "cwd" | "home" | "hidden" | "allow">;

/** What OpenCode asks for, in the words of the permission rules; its paths are followed through links. */
export async function wishOf(asked: Permission, desk: Place): Promise<Wish> {
  const wish = plainWish(asked, desk);
  return { ...wish, paths: await followed(wish.paths, desk.cwd) };
}

function plainWish({ permission, patterns, metadata }: Permission, desk: Place): Wish {
  const text = (key: string): string => textOf(metadata[key]);
  const all = patterns.join(", ");
  switch (permission) {
    case "read":
      return readWish(patterns);
    case "glob":
    case "grep":
    case "list":
      return { what: "read", paths: searched(text("path"), text("include"), desk), detail: text("pattern") };
    case "external_directory":
      // What is done there is asked about by itself.
      return { what: "read", paths: outside(metadata, patterns), detail: all };
    case "edit":
      return { what: "edit", paths: edited(metadata, patterns), detail: all };
    case "bash":
      return { what: "command", paths: [], detail: text("command") || all };
    case "webfetch":
    case "websearch":
    case "codesearch":
      return { what: "fetch", paths: [], detail: all };
    case "task":
      return { what: "delegate", paths: [], detail: all };
    default: {
      const server = serverOf(permission, desk.allow);
      return server === null
        ? { what: "other", paths: [], detail: `${permission} ${all}`.trim() }
        : { what: "mcp", paths: [], detail: server };
    }
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** Resources of MCP servers are read under the same name. */
function readWish(patterns: readonly string[]): Wish {
  const server = /^mcp:([^:]*)/.exec(patterns[0] ?? "")?.[1];
  return server === undefined
    ? { what: "read", paths: patterns, detail: patterns.join(", ") }
    : { what: "mcp", paths: [], detail: server };
}

/** A search reaches all that lies below its folder, and a file pattern beats the list of what it leaves out. */
function searched(path: string, include: string, { cwd, home, hidden }: Place): string[] {
  const folder = resolve(cwd, path);
  const below = [...hidden, home].filter((one) => inside(one, folder) && !inside(one, cwd));
  return [folder, ...below, ...(include === "" || isHarmless(include) ? [] : [join(folder, ".env")])];
}

/** Patterns like `*.ts` and `src/*.{js,css}`: none that could mean `.env` or `.env.local`. */
const BY_TYPE = /^(?:[\w-]+\/|\*\*\/)*\*\.(?:\w+|\{\w+(?:,\w+)*\})$/;
const SECRET_TYPES = /\b(?:env|local|example|test|(?:dev|prod|stag)\w*)\b/;
const isHarmless = (include: string): boolean => BY_TYPE.test(include) && !SECRET_TYPES.test(include);

function outside(metadata: Permission["metadata"], patterns: readonly string[]): string[] {
  const named = [textOf(metadata["filepath"]), ...textsOf(metadata["directories"])].filter((path) => path !== "");
  return named.length > 0 ? named : patterns.map((pattern) => pattern.replace(/\/\*$/, "") || "/");
}

/** Patterns are relative to the workspace; a patch names each of its files, and where it moves them. */
function edited({ filepath, files }: Permission["metadata"], patterns: readonly string[]): string[] {
  const parts = Array.isArray(files) ? files : [];
  const ends = parts.flatMap((part: unknown) =>
    typeof part === "object" && part !== null
      ? [("filePath" in part && part.filePath) || "", ("movePath" in part && part.movePath) || ""]
      : [],
  );
  const whole = textOf(filepath).startsWith("/") && parts.length === 0 ? [textOf(filepath)] : [];
  const named = [...whole, ...textsOf(ends)].filter((path) => path !== "");
  return named.length > 0 ? named : [...patterns];
}

/** Tools of MCP servers are named `<server>_<tool>`. */
export const toolPrefix = (server: string): string => `${server.replace(/[^\w-]/g, "_")}_`;

function serverOf(permission: string, allow: readonly string[]): string | null {
  const servers = allow.flatMap((name) => (name.startsWith("mcp:") ? [name.slice(4)] : []));
  return servers.find((server) => permission.startsWith(toolPrefix(server))) ?? null;
}
