import type { McpServer } from "../../src/core/ports/agent.ts";

export const SERVER_SECRET = "secret-of-a-server";

/** What an owner may have configured. */
export const SERVERS: readonly McpServer[] = [
  { is: "command", name: "tracker", command: "tracker-mcp", args: ["--stdio"], env: { TRACKER_KEY: SERVER_SECRET } },
  { is: "url", name: "docs", url: "https://docs.example/mcp", token: { name: "DOCS_KEY", value: SERVER_SECRET } },
];

/** The same, as most agents read it. */
export const SERVER_FILE = {
  mcpServers: {
    tracker: { type: "stdio", command: "tracker-mcp", args: ["--stdio"], env: { TRACKER_KEY: SERVER_SECRET } },
    docs: { type: "http", url: "https://docs.example/mcp", headers: { Authorization: `Bearer ${SERVER_SECRET}` } },
  },
};
