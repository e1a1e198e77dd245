import type { Turn } from "./parts.ts";
import type { Desk } from "./ports/agent.ts";

/** What an agent wants to do, said in one way for all of them. */
export interface Wish {
  what: "read" | "edit" | "command" | "fetch" | "mcp" | "delegate" | "other";
  /** Absolute, or relative to the workspace. */
  paths: readonly string[];
  /** The command line, or the name of the MCP server. */
  detail: string;
}

export type Verdict = { is: "allow" } | { is: "ask" } | { is: "deny"; reason: string };

const ALLOW: Verdict = { is: "allow" };
const ASK: Verdict = { is: "ask" };
const deny = (reason: string): Verdict => ({ is: "deny", reason });

type Rules = Pick<Desk, "cwd" | "home" | "tmp" | "trust" | "commands" | "allow" | "hidden" | "contained">;

/** Answers what an agent asks before a person is asked: the plan gate and the standing permissions, the same for every agent. */
export function judge(wish: Wish, kind: Turn["kind"], rules: Rules): Verdict {
  const paths = wish.paths.map((path) => resolve(rules.cwd, path));
  const secret = paths.find((path) => isHidden(path, rules));
  if (secret) return deny(`${secret} is not open to agents.`);
  if (wish.what === "read") return ALLOW;
  if (wish.what === "fetch" && rules.allow.includes("fetch")) return ALLOW;
  if (wish.what === "mcp" && rules.allow.includes(`mcp:${wish.detail}`)) return ALLOW;
  return kind === "plan" ? inPlan(wish, rules) : inWrite(wish, paths, rules);
}

/** A plan turn changes nothing: what could is refused, and a shell is safe only where a kernel holds it. */
function inPlan(wish: Wish, { contained }: Rules): Verdict {
  if (wish.what === "command" && contained) return ALLOW;
  return deny(
    "This is a planning turn: nothing may be changed, run or fetched. Read with your read and search tools, and answer with the plan.",
  );
}

function inWrite(wish: Wish, paths: readonly string[], rules: Rules): Verdict {
  if (rules.trust === "bypass") return ALLOW;
  switch (wish.what) {
    case "edit":
      return paths.length > 0 && paths.every((path) => inside(path, rules.cwd) && !/(^|\/)\.git(\/|$)/.test(path))
        ? ALLOW
        : ASK;
    case "command":
      return mayRun(wish.detail, rules) ? ALLOW : ASK;
    case "delegate":
      // What the helper does is asked about like anything else.
      return ALLOW;
    default:
      return ASK;
  }
}

/** Commands that reach what the worktree shares with the user's own checkout: asked about even when a plan names them. */
const SHARED = /\bgit\s+(?:-\S+\s+)*(?:config|stash|worktree|gc|prune|update-ref|push|remote|branch\s+-D)\b/;
/** Anything that makes one command line into several, or hides what runs. */
const COMPOUND = /[;&|`<>\n]|\$\(|\$\{/;
const FILES = /^(?:mkdir|touch|rm|mv|cp)\s/;
/** Paths without quotes, variables or braces: what stands there is what is meant. */
const PLAIN = /^[\w@+=:,./*?-]+$/;

function mayRun(command: string, { commands, trust }: Rules): boolean {
  const line = command.trim().replace(/\s+/g, " ");
  if (SHARED.test(line) || COMPOUND.test(line)) return false;
  if (trust === "acceptEdits" && FILES.test(line) && line.split(" ").slice(1).every(isFile)) return true;
  return commands.some((allowed) => line === allowed || line.startsWith(`${allowed} `));
}

/** An option, or a path that stays in the workspace and cannot be its `.git`, in which a checkout has everything. */
function isFile(word: string): boolean {
  if (word.startsWith("-")) return PLAIN.test(word) && !word.includes("/");
  const parts = word.split("/").filter((part) => part !== "." && part !== "");
  const isSafe = (part: string) => !/^\.(?:\.$|git$|.*[*?])/i.test(part);
  return PLAIN.test(word) && !word.startsWith("/") && parts.length > 0 && parts.every(isSafe);
}

/** Workspace, home and TMPDIR lie in oca's data folder, which is hidden. */
const isHidden = (path: string, { hidden, cwd, home, tmp }: Rules): boolean =>
  (hidden.some((folder) => inside(path, folder)) && ![cwd, home, tmp].some((own) => inside(path, own))) ||
  /(^|\/)\.env(\.[^/]*)?$/.test(path);

/** Both absolute, and without `..`. */
export const inside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

/** `a/../b` read as the file system would, without looking at it. */
function resolve(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Asks of one key are answered together, and a permission "for this session" holds for its key. */
export const wishKey = ({ what, paths, detail }: Wish): string =>
  what === "edit" ? `edit ${[...paths].sort().join(" ")}` : `${what} ${detail.trim().replace(/\s+/g, " ")}`;
