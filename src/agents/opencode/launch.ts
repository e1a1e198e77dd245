import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Turn } from "../../core/parts.ts";
import type { Desk, McpServer } from "../../core/ports/agent.ts";
import type { Order } from "../../core/ports/spawn.ts";
import { mute, quoted } from "../../lib/mute.ts";
import { headersOf } from "../mcp.ts";
import type { Agents, Rule } from "../wire/opencode.ts";
import { toolPrefix } from "./wish.ts";

export interface Program {
  command: string;
  /** Before `acp`. */
  args: readonly string[];
  /** OpenCode's own configuration: providers, models, MCP servers. */
  config: Readonly<Record<string, unknown>>;
}

/** Nothing is looked up or fetched beside the model; nothing that the branch carries is run or obeyed at start. */
const QUIET = {
  OPENCODE_DISABLE_PROJECT_CONFIG: "1",
  OPENCODE_PURE: "1",
  OPENCODE_DISABLE_CLAUDE_CODE: "1",
  OPENCODE_DISABLE_EXTERNAL_SKILLS: "1",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_EXPERIMENTAL_DISABLE_FILEWATCHER: "1",
  // Started as `acp` it has no questions otherwise.
  OPENCODE_ENABLE_QUESTION_TOOL: "1",
};

/** `opencode auth login` with this environment logs in for all turns. */
export const environment = ({ env, home }: Pick<Desk, "env" | "home">): Record<string, string> => ({
  ...env,
  ...QUIET,
  HOME: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_DATA_HOME: join(home, "data"),
  XDG_STATE_HOME: join(home, "state"),
  XDG_CACHE_HOME: join(home, "cache"),
});

/** Where its tools put long output, for the agent to read. Nothing else in its home is: the login lies there. */
export const outputsIn = (home: string): string => join(home, "data", "opencode", "tool-output");

/** The shell of a plan turn. */
const shellIn = (home: string): string => join(home, "shell");

const filesOf = (home: string): Readonly<Record<string, string>> => ({
  // Its search leaves out what git ignores, and would show secrets otherwise.
  "config/git/ignore": ".env\n.env.*\n!.env.example\n",
  // At each start it fetches a package for plugins, which are off. Not by a variable: the agent's own npm must work.
  "config/opencode/.npmrc": "registry=http://127.0.0.1:9/\nfetch-retries=0\n",
  shell: `#!/bin/sh\nexec ${mute(home).map(quoted).join(" ")} bash "$@"\n`,
});

async function furnish(home: string): Promise<void> {
  for (const [name, text] of Object.entries(filesOf(home))) {
    const file = join(home, name);
    if ((await readFile(file, "utf8").catch(() => null)) === text) continue; // it may not be there yet
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o700 });
  }
}

export interface Launch {
  order: Omit<Order, "signal">;
  port: number;
  password: string;
}

/** The process of a turn: an ACP agent on its pipes, which hold it, and a server with a password of its own. */
export async function launch(turn: Turn, desk: Desk, { command, args, config }: Program): Promise<Launch> {
  const { cwd, home, tmp } = desk;
  await furnish(home);
  const port = await freePort();
  const password = randomBytes(24).toString("base64url");
  const content = JSON.stringify({
    ...config,
    ...servers(desk),
    ...ours(turn, desk),
    ...(await providers(config, desk)),
  });
  const env = {
    ...environment(desk),
    TMPDIR: tmp,
    ...(turn.kind === "plan" && desk.contained ? { SHELL: shellIn(home) } : {}),
    OPENCODE_SERVER_PASSWORD: password,
    OPENCODE_CONFIG_CONTENT: content,
  };
  const words = [...args, "acp", "--port", `${port}`, "--hostname", "127.0.0.1"];
  return { order: { command, args: words, cwd, env }, port, password };
}

/** OpenCode takes 0 for a port of its own choice, and does not say which. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("this machine gives no port for OpenCode");
  return address.port;
}

export const agentOf = ({ kind }: Pick<Turn, "kind">): "plan" | "build" => (kind === "plan" ? "plan" : "build");

/** What oca decides, whatever the owner's configuration says. */
function ours({ kind }: Turn, desk: Desk): object {
  const rules = kind === "plan" ? planRules(desk) : { "*": "ask", skill: "deny" };
  const permission = { ...rules, question: "allow", todowrite: "allow" };
  return {
    ...{ share: "disabled", autoupdate: false, snapshot: false, formatter: false, lsp: false },
    ...{ plugin: [], instructions: [] },
    // Helpers of an agent ask nobody, and have these rules as well.
    permission: { ...rules, question: "deny" },
    agent: { plan: { permission }, build: { permission } },
    // A refusal has words for the agent, and is no reason to end the turn.
    experimental: { continue_loop_on_deny: true },
  };
}

const servers = ({ mcp }: Desk): object =>
  mcp.length === 0 ? {} : { mcp: Object.fromEntries(mcp.map((server) => [server.name, written(server)])) };

function written(server: McpServer): object {
  if (server.is === "url") return { type: "remote", url: server.url, headers: headersOf(server), enabled: true };
  const { command, args, env } = server;
  return { type: "local", command: [command, ...args], environment: env, enabled: true };
}

/** Whatever is not named here is not even offered to the model. */
const planRules = ({ contained, allow }: Desk): Record<string, string> => ({
  ...{ "*": "deny", read: "ask", glob: "ask", grep: "ask", list: "ask", external_directory: "ask" },
  ...(contained ? { bash: "ask" } : {}),
  ...(allow.includes("fetch") ? { webfetch: "ask", websearch: "ask" } : {}),
  ...Object.fromEntries(
    allow.flatMap((name) => (name.startsWith("mcp:") ? [[`${toolPrefix(name.slice(4))}*`, "ask"]] : [])),
  ),
});

/** Without a login OpenCode works with free models of its maker, who then sees the code: only who chose that gets it. */
async function providers(config: Program["config"], { env, home, model }: Desk): Promise<object> {
  const chosen = model ?? config["model"];
  const isMeant = "OPENCODE_API_KEY" in env || (typeof chosen === "string" && chosen.startsWith("opencode/"));
  const file = join(home, "data", "opencode", "auth.json");
  const logins = await readFile(file, "utf8").catch(() => ""); // nobody has logged in yet
  return isMeant || logins.includes('"opencode"') ? {} : { disabled_providers: ["opencode"] };
}

/** Levels from closed to open. */
const ACTIONS = ["deny", "ask", "allow"] as const;

/** What an agent of OpenCode may really do that this turn must not let it; null when it is held. */
export function gap(agents: Agents, turn: Turn, desk: Pick<Desk, "contained" | "allow">): string | null {
  const name = agentOf(turn);
  const agent = agents.find((one) => one.name === name && one.mode !== "subagent");
  if (!agent) return `OpenCode has no agent ${name}: its own configuration hides it.`;
  const helpers = turn.kind === "plan" ? [] : agents.filter(({ mode }) => mode !== "primary");
  for (const { name, permission } of [agent, ...helpers]) {
    const open = limits(turn, desk).find(
      ([what, most]) => ACTIONS.indexOf(loosest(permission, what)) > ACTIONS.indexOf(most),
    );
    if (open) return `OpenCode's own configuration lets its agent ${name} use ${open[0]}, which oca must decide.`;
  }
  return null;
}

function limits({ kind }: Turn, { contained, allow }: Pick<Desk, "contained" | "allow">): [string, Rule["action"]][] {
  const inPlan = (isOpen: boolean): Rule["action"] => (kind !== "plan" || isOpen ? "ask" : "deny");
  return [
    ["edit", inPlan(false)],
    ["task", inPlan(false)],
    ["bash", inPlan(contained)],
    ["webfetch", inPlan(allow.includes("fetch"))],
    ["websearch", inPlan(allow.includes("fetch"))],
    ["read", "ask"],
    ["grep", "ask"],
  ];
}

/** The last rule for everything counts, and what later rules open beyond it. */
function loosest(rules: readonly Rule[], what: string): Rule["action"] {
  let level: Rule["action"] = "ask";
  for (const { permission, pattern, action } of rules) {
    if (permission !== "*" && permission !== what) continue;
    if (pattern === "*" || ACTIONS.indexOf(action) > ACTIONS.indexOf(level)) level = action;
  }
  return level;
}
