import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Turn } from "../../core/parts.ts";
import { inside } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { json } from "../lines.ts";

/** What a conversation leaves: its id, and what it had cost and used when its last turn ended. A fork inherits the sums. */
export const Memory = z.object({
  session: z.string(),
  costUsd: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
});
export type Memory = z.infer<typeof Memory>;

/** Null: this is no token of ours. */
export const readMemory = (token: string): Memory | null => Memory.safeParse(json(token)).data ?? null;

const LOOK = ["Read", "Glob", "Grep"];
/** Only for the plan's file, which lies in the agent's own folder: the gate sees to that. */
const PLAN = ["Write", "Edit", "ExitPlanMode", "AskUserQuestion"];
/** Neither timers nor messages to other sessions, and no worktrees beside ours. */
const WORK = ["Write", "Edit", "NotebookEdit", "Bash", "Agent", "AskUserQuestion", "TodoWrite"];
const FETCH = ["WebFetch", "WebSearch"];

function toolsOf({ kind }: Turn, { contained, allow }: Desk): string[] {
  if (kind === "write") return [...LOOK, ...WORK, ...FETCH];
  return [...LOOK, ...PLAN, ...(contained ? ["Bash"] : []), ...(allow.includes("fetch") ? FETCH : [])];
}

export const modeOf = ({ kind }: Turn): "plan" | "default" => (kind === "write" ? "default" : "plan");

interface Given {
  memory: Memory | null;
  /** The file with the servers of tools. */
  mcp: string | null;
}

/** How the process is started. The mode is said every time, for a resumed conversation too. */
export const argsOf = (turn: Turn, desk: Desk, { memory, mcp }: Given): string[] => [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  ...["--include-partial-messages", "--permission-prompt-tool", "stdio", "--permission-mode", modeOf(turn)],
  // Neither settings nor servers nor skills that the branch carries: only what oca gives.
  ...["--setting-sources", "", "--strict-mcp-config", "--disable-slash-commands"],
  ...["--settings", JSON.stringify(settingsOf(desk)), "--tools", toolsOf(turn, desk).join(",")],
  ...(mcp === null ? [] : ["--mcp-config", mcp]),
  ...(desk.model === null ? [] : ["--model", desk.model]),
  ...(desk.effort === null ? [] : ["--effort", desk.effort]),
  ...(memory === null ? [] : ["--resume", memory.session]),
  ...(memory !== null && desk.memory?.fork ? ["--fork-session"] : []),
  ...(memory !== null && desk.memory?.fork && desk.memory.point !== null
    ? ["--resume-session-at", desk.memory.point]
    : []),
];

function settingsOf({ cwd, home, hidden }: Desk): object {
  // A rule for a folder that has ours in it would shut ours as well: there the gate looks at each path.
  const shut = hidden.filter((path) => ![cwd, home].some((own) => inside(own, path)));
  const secret = [".credentials.json", ".claude.json"].map((name) => join(home, name));
  const paths = ["/**/.env", "/**/.env.*", ...secret, ...shut.flatMap((path) => [path, `${path}/**`])];
  return {
    useAutoModeDuringPlan: false,
    permissions: { disableAutoMode: "disable", deny: paths.map((path) => `Read(/${path})`) },
    attribution: { commit: "", pr: "" },
  };
}

/** The home of the agent, and no more traffic and background than its turn needs. What the owner sets wins. */
export const envOf = ({ env, home }: Pick<Desk, "env" | "home">, tmp?: string): Record<string, string> => ({
  CLAUDE_CODE_MAX_RETRIES: "6",
  ...env,
  CLAUDE_CONFIG_DIR: home,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
  // Else a helper goes on behind the turn's back, and what comes of it looks like a turn of its own.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  // "@file" in somebody's words would be read without asking the gate.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: "1",
  // A list of steps that is whole each time, not tasks that are numbered on from the turn before.
  CLAUDE_CODE_ENABLE_TASKS: "0",
  // Tools of servers that still connect are unknown to the model for the rest of the turn: it waits for them, so long.
  MCP_CONNECTION_NONBLOCKING: "0",
  MCP_CONNECT_TIMEOUT_MS: "30000",
  ...(tmp === undefined ? {} : { TMPDIR: tmp, CLAUDE_CODE_TMPDIR: tmp }),
});

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/** Anthropic API: an image is at most 5 MB, measured in base64. */
const IMAGE_BYTES = 3.75 * 1024 * 1024;

type Content = { type: "text"; text: string } | { type: "image"; source: object };

/** A slash in front would make a command of somebody's words; a space keeps them words. */
export const asWords = (text: string): string => (text.startsWith("/") ? ` ${text}` : text);

/** The words of the turn with its files: small images as such, everything else by its path. */
export async function contentOf(turn: Turn, { files }: Desk): Promise<string | Content[]> {
  const images: Content[] = [];
  const paths: string[] = [];
  for (const file of files) {
    const image = await imageOf(file);
    if (image === null) paths.push(`- ${file.name}: ${file.path}`);
    else images.push(image);
  }
  const words = asWords(turn.prompt);
  const text = paths.length === 0 ? words : `${words}\n\nFiles that came with it:\n${paths.join("\n")}`;
  return images.length === 0 ? text : [{ type: "text", text }, ...images];
}

async function imageOf({ path, mime }: Desk["files"][number]): Promise<Content | null> {
  try {
    if (!IMAGES.includes(mime) || (await stat(path)).size > IMAGE_BYTES) return null;
    const data = await readFile(path, "base64");
    return { type: "image", source: { type: "base64", media_type: mime, data } };
  } catch {
    return null; // the agent finds out itself that the file is gone
  }
}
