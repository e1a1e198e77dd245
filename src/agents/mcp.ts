import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentEvent, Desk, McpServer } from "../core/ports/agent.ts";

export interface McpFile {
  path: string;
  clear(): Promise<void>;
}

/** The turn's MCP servers as most agents read them, in a file for this user only: secrets never stand in arguments. Null without any. */
export async function mcpFile({ mcp, tmp }: Pick<Desk, "mcp" | "tmp">): Promise<McpFile | null> {
  if (mcp.length === 0) return null;
  const path = join(tmp, "mcp.json");
  await mkdir(tmp, { recursive: true });
  await rm(path, { force: true });
  const mcpServers = Object.fromEntries(mcp.map((server) => [server.name, written(server)]));
  await writeFile(path, JSON.stringify({ mcpServers }), { mode: 0o600 });
  return { path, clear: () => rm(path, { force: true }) };
}

function written(server: McpServer): object {
  if (server.is === "url") return { type: "http", url: server.url, headers: headersOf(server) };
  return { type: "stdio", command: server.command, args: server.args, env: server.env };
}

export const headersOf = ({ token }: Extract<McpServer, { is: "url" }>): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token.value}` };

/** Said among what it does, because a person may miss its tools. */
export const leftOut = (name: string, why: string): Extract<AgentEvent, { type: "activity" }> => ({
  type: "activity",
  activity: {
    id: `mcp:${name}`,
    kind: "note",
    title: `MCP server ${name} is left out: the agent ${why}`,
    state: "failed",
  },
});
