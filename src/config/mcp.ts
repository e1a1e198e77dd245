import type { McpServer } from "../core/ports/agent.ts";
import type { Settings } from "./schema.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Written = Settings["mcp"][string];

/** The servers of tools with the values of their variables, which stand in the environment and not in the file. */
export function mcpServers(
  settings: Settings["mcp"],
  { file, env }: { file: string; env: Environment },
): { servers: McpServer[]; problems: string[] } {
  const all = Object.entries(settings);
  const problems = all.flatMap(([name, written]) => wrong(written, env).map((words) => `${file}: mcp.${name}${words}`));
  return { servers: all.map(([name, written]) => serverOf(name, written, env)), problems };
}

function wrong({ command, args, env: names, url, token }: Written, env: Environment): string[] {
  const mixed = command === undefined ? (args ?? names) : (url ?? token);
  if ((command === undefined) === (url === undefined) || mixed !== undefined)
    return [' is neither one nor the other: give "command", "args" and "env", or "url" and "token"'];
  const named = [...(names ?? []).map((name) => ["env", name]), ...(token === undefined ? [] : [["token", token]])];
  return named
    .filter(([, name = ""]) => env[name] === undefined)
    .map(([key, name]) => `.${key} names ${name}, which is not set: set it in the environment or in .env`);
}

function serverOf(name: string, { command, args = [], env: names = [], url = "", token }: Written, env: Environment) {
  const value = (variable: string): string => env[variable] ?? "";
  const server: McpServer =
    command === undefined
      ? { is: "url", name, url, token: token === undefined ? null : { name: token, value: value(token) } }
      : { is: "command", name, command, args, env: Object.fromEntries(names.map((one) => [one, value(one)])) };
  return server;
}
