import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { type Program, readProgram } from "./agents/program.ts";
import { type GitHubSettings, github } from "./config/github.ts";
import { language } from "./config/language.ts";
import { mcpServers } from "./config/mcp.ts";
import { placeRepos, type Repo, resolvePath } from "./config/place.ts";
import { ConfigError, describe } from "./config/problems.ts";
import { Settings, Variables } from "./config/schema.ts";
import { type SlackSettings, slackOf } from "./config/slack.ts";
import type { Roles } from "./core/authority.ts";
import { Policy } from "./core/policy.ts";
import type { McpServer } from "./core/ports/agent.ts";
import type { Weekday } from "./lib/zoned.ts";

export { ConfigError } from "./config/problems.ts";

/** All settings, complete: paths are absolute, times in milliseconds, every default is filled in. */
export interface Config {
  /** The data folder. */
  data: string;
  /** `people`: user of the web chat to name; `{}` when none is named. */
  web: "off" | { port: number; people: Readonly<Record<string, string>> };
  /** Null: no Slack. */
  slack: SlackSettings | null;
  /** `token` null: no Telegram. */
  telegram: {
    token: string | null;
    apiRoot: string | null;
    webhook: { url: string; port: number } | null;
    cards: "rich" | "text";
    remember: boolean;
  };
  /** How recordings are put into words; null: they are not. */
  transcribe: { command: string; timeoutMs: number } | null;
  github: GitHubSettings;
  log: string;
  locale: string;
  /** IANA name. */
  timezone: string;
  maxSessions: number;
  repos: Readonly<Record<string, Repo>>;
  /** `agent` null: the first that is ready. */
  defaults: Channel;
  /** By `chat:channel`, with the defaults filled in. */
  channels: Readonly<Record<string, Channel & { locale: string; digest: Weekday | null }>>;
  roles: Roles;
  /** By name, those that the configuration names. */
  agents: Readonly<Record<string, Agent>>;
  /** Servers of tools, for every agent that takes some. */
  mcp: readonly McpServer[];
  /** What a process of this agent may have: what all may, and its own provider's variables. */
  agentEnv(agent: string): Record<string, string>;
  /** What processes that oca starts inherit: an allow-list, no tokens. */
  env: Record<string, string>;
}

interface Channel {
  repo: string | null;
  agent: string | null;
  hears: Settings["defaults"]["hears"];
  cards: Settings["defaults"]["cards"];
  policy: Policy;
}

interface Agent extends Pick<Settings["agents"][string], "model" | "effort" | "env" | "allow"> {
  program: Program;
}

const POLICY: Policy = {
  plan: "ask",
  land: "ask",
  style: "rebase",
  push: false,
  isolation: "worktree",
  trust: "default",
  votes: 1,
  rule: null,
};
const PORT = 4141;
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "XDG_CONFIG_HOME",
];

const CLAUDE = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN"];
const CODEX = ["OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL"];
/** The variables that an agent's own provider is reached with: nobody else's agent gets them. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  claude: CLAUDE,
  "claude-bridge": CLAUDE,
  codex: CODEX,
  "codex-bridge": CODEX,
  opencode: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"],
  gemini: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL"],
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment, `.env` in the working folder (the environment wins) and `oca.config.json`.
 * @throws ConfigError with all problems at once.
 */
export async function loadConfig(from: { env?: Environment; cwd?: string } = {}): Promise<Config> {
  const { env = process.env, cwd = process.cwd() } = from;
  const problems: string[] = [];
  const dotenv = parseEnv((await read(join(cwd, ".env"))) ?? "");
  const all: Environment = { ...dotenv, ...env };
  // Of other names only those that are known are ours: a stranger's variable is no mistake.
  const isOurs = (name: string): boolean => name.startsWith("OCA_") || name in Variables.shape;
  const ours = Object.fromEntries(Object.entries(all).filter(([name, value]) => isOurs(name) && value));
  const variables = Variables.safeParse(ours, { reportInput: true });
  if (!variables.success) {
    problems.push(...describe(variables.error.issues, (name) => (env[name] ? "environment" : join(cwd, ".env"))));
  }
  const set = variables.data ?? {};
  const slack = slackOf(set, problems);

  const home = all["HOME"] ?? homedir();
  const state = resolvePath(all["XDG_STATE_HOME"] || "~/.local/state", { from: cwd, home });
  const data = set.OCA_DATA === undefined ? null : resolvePath(set.OCA_DATA, { from: cwd, home });
  const named = ours["OCA_CONFIG"] === undefined ? null : resolvePath(ours["OCA_CONFIG"], { from: cwd, home });
  const file = await find(
    named,
    [join(cwd, "oca.config.json"), join(data ?? join(state, "oca"), "oca.config.json")],
    problems,
  );
  const settings = Settings.safeParse(file.content, { reportInput: true });
  if (!settings.success) throw new ConfigError([...problems, ...describe(settings.error.issues, () => file.path)]);

  const placed = await placeRepos(settings.data, { file: file.path, home });
  const crew = crewOf(settings.data.agents, file.path);
  const mcp = mcpServers(settings.data.mcp, { file: file.path, env: all });
  const { problems: missing, ...hub } = github(settings.data.github, { set, all, file: file.path });
  problems.push(...missing, ...placed.problems, ...crew.problems, ...mcp.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    ...complete(settings.data, set, all),
    github: hub,
    agents: crew.agents,
    mcp: mcp.servers,
    data: data ?? (settings.data.data === undefined ? join(state, "oca") : placed.resolve(settings.data.data)),
    repos: placed.repos,
    slack,
  };
}

/** The content of the configuration file; one that is named must exist, the others may. */
async function find(
  named: string | null,
  usual: [string, string],
  problems: string[],
): Promise<{ path: string; content: unknown }> {
  for (const path of named === null ? usual : [named]) {
    const text = await read(path);
    if (text === null) continue;
    try {
      return { path, content: JSON.parse(text) };
    } catch (error) {
      problems.push(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}; correct it there`);
      return { path, content: {} };
    }
  }
  if (named !== null) problems.push(`OCA_CONFIG names ${named}, which does not exist: create it or unset OCA_CONFIG`);
  return { path: named ?? usual[0], content: {} };
}

function complete(
  settings: Settings,
  set: Variables,
  all: Environment,
): Omit<Config, "data" | "repos" | "agents" | "mcp" | "slack" | "github"> {
  const locale = settings.locale ?? language(all["LANG"]);
  const policy = over(POLICY, settings.defaults.policy);
  const { repo = null, agent = null, hears, cards } = settings.defaults;
  const defaults = { repo, agent, hears, cards, policy };
  const channels = Object.entries(settings.channels).map(([name, own]) => {
    const { repo = defaults.repo, agent = defaults.agent, hears = defaults.hears, cards = defaults.cards } = own;
    const channel = { repo, agent, hears, cards, locale: own.locale ?? locale, digest: own.digest ?? null };
    return [name, { ...channel, policy: over(policy, own.policy) }] as const;
  });
  const roles = Object.entries(settings.channels).map(([name, channel]) => [name, channel.roles ?? {}] as const);
  const { web = {} } = settings;
  const off = set.OCA_WEB === "off" || (web === "off" && set.OCA_WEB_PORT === undefined);
  const { port = PORT, people = {} } = web === "off" ? {} : web;
  return {
    web: off ? "off" : { port: set.OCA_WEB_PORT ?? port, people },
    telegram: telegram(settings.telegram, set),
    transcribe: settings.transcribe ?? null,
    log: set.OCA_LOG ?? settings.log ?? "info",
    locale,
    timezone: settings.timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    maxSessions: settings.maxSessions,
    defaults,
    channels: Object.fromEntries(channels),
    roles: { ...settings.roles, channels: Object.fromEntries(roles) },
    agentEnv: (agent) => pick([...INHERITED, ...(KEYS[agent] ?? []), ...(settings.agents[agent]?.env ?? [])], all),
    env: pick(INHERITED, all),
  };
}

/** How each agent is spoken to is known where agents are: settings only carry it. */
function crewOf(written: Settings["agents"], file: string): { agents: Record<string, Agent>; problems: string[] } {
  const agents: Record<string, Agent> = {};
  const problems: string[] = [];
  for (const [name, { model, effort, env, allow, ...how }] of Object.entries(written)) {
    const read = readProgram(name, how);
    if (read.ok) agents[name] = { model, effort, env, allow, program: read.program };
    else problems.push(...describe(read.issues, () => file));
  }
  return { agents, problems };
}

function telegram(settings: Settings["telegram"], set: Variables): Config["telegram"] {
  const { apiRoot, webhook, cards, remember } = settings;
  const token = set.TELEGRAM_BOT_TOKEN ?? null;
  return { token, apiRoot: apiRoot?.replace(/\/$/, "") ?? null, webhook: webhook ?? null, cards, remember };
}

const pick = (names: readonly string[], all: Environment): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));

const over = (policy: Policy, own: Settings["defaults"]["policy"]): Policy => Policy.parse({ ...policy, ...own });

async function read(path: string): Promise<string | null> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null; // both files are optional
    throw new ConfigError([`${path} cannot be read (${error.code}): correct its permissions`]);
  });
}
