import { access, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Turn } from "../../core/parts.ts";
import type { Desk, McpServer } from "../../core/ports/agent.ts";
import type { Order } from "../../core/ports/spawn.ts";

export type Setting = string | number | boolean;

export interface Program {
  command: string;
  /** Before `app-server`. */
  args: readonly string[];
  /** Settings of Codex by their dotted names, as in its config.toml. */
  config: Readonly<Record<string, Setting>>;
}

/** Nothing is looked up, reported or fetched beside the model; nothing that the branch carries is run or obeyed at start. */
const QUIET: Readonly<Record<string, Setting>> = {
  check_for_update_on_startup: false,
  suppress_unstable_features_warning: true,
  "analytics.enabled": false,
  // The project's instructions come in the prompt, from the base commit.
  project_doc_max_bytes: 0,
  // Commands do not see variables that look like keys.
  "shell_environment_policy.ignore_default_excludes": false,
  "features.apps": false,
  "features.plugins": false,
  "features.remote_plugin": false,
  "features.in_app_updates": false,
  "features.api_key_model_discovery": false,
  "features.hooks": false,
  "features.daemon_auto_start": false,
  // A goal would start turns of its own.
  "features.goals": false,
  // Questions in every turn, not in plan mode only.
  "features.default_mode_request_user_input": true,
};

/** Its sandbox is a permission profile: only that can also close folders to reading. */
const PROFILE = "oca";
const FREE = ":danger-full-access";

/** How Codex is held in a turn; stated when the conversation is opened and again when the turn starts. */
export interface Hold {
  mode: "plan" | "default";
  permissions: string;
  /** What Codex calls the sandbox that comes of `permissions`. */
  sandbox: string;
  approvalPolicy: string | object;
}

/**
 * In a plan turn the kernel holds every command, and none can ask to be let out; only MCP tools ask. In a write turn each
 * command is asked about. One that was allowed and then fails in the sandbox may be run again outside of it (seen in
 * 0.169), so allowed is only what may run there.
 */
export function holdOf({ kind }: Turn, { contained, trust }: Desk): Hold {
  if (kind === "plan") {
    const never = { sandbox_approval: false, rules: false, skill_approval: false, request_permissions: false };
    const approvalPolicy = { granular: { ...never, mcp_elicitations: true } };
    return { mode: "plan", permissions: PROFILE, sandbox: "readOnly", approvalPolicy };
  }
  const approvalPolicy = trust === "bypass" ? "on-request" : "untrusted";
  return contained
    ? { mode: "default", permissions: FREE, sandbox: "dangerFullAccess", approvalPolicy }
    : { mode: "default", permissions: PROFILE, sandbox: "workspaceWrite", approvalPolicy };
}

/** The owner's own key, for an account without a login. */
export const keyOf = (env: Desk["env"]): string | null => env["CODEX_API_KEY"] ?? env["OPENAI_API_KEY"] ?? null;

/** `codex login` with this HOME puts its `auth.json` into the same CODEX_HOME. */
export const environment = ({ env, home }: Pick<Desk, "env" | "home">): Record<string, string> => ({
  ...env,
  HOME: home,
  CODEX_HOME: ownHome(home),
});

const ownHome = (home: string): string => join(home, ".codex");

/** The process of a turn, with the folders that it needs. */
export async function launch(turn: Turn, desk: Desk, program: Program): Promise<Omit<Order, "signal">> {
  // Codex keeps the helper of its sandbox in CODEX_HOME, and has none when that lies below the folder for scraps.
  const tmp = isBelow(desk.home, desk.tmp) ? join(desk.tmp, "codex-tmp") : desk.tmp;
  await Promise.all([ownHome(desk.home), tmp].map((folder) => mkdir(folder, { recursive: true })));
  const web_search = desk.allow.includes("fetch") ? "live" : "disabled";
  // Later ones win: no setting of the owner's opens the sandbox.
  const settings = { ...QUIET, ...program.config, web_search, default_permissions: PROFILE };
  const flags = [
    ...Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    // A conversation that may write would make Codex trust the repository, for ever, and run what its .codex says.
    `projects={${JSON.stringify(desk.cwd)}={trust_level="untrusted"}}`,
    `permissions.${PROFILE}.network={enabled=false}`,
    `permissions.${PROFILE}.filesystem=${await rights(turn, desk)}`,
    ...desk.mcp.flatMap(serverFlags),
  ];
  return {
    command: program.command,
    args: [...program.args, "app-server", ...flags.flatMap((flag) => ["-c", flag])],
    cwd: desk.cwd,
    env: {
      ...environment(desk),
      ...Object.assign({}, ...desk.mcp.map(secretsOf)),
      TMPDIR: tmp,
      XDG_CACHE_HOME: join(tmp, "cache"),
    },
  };
}

/** Values of variables stand in Codex's environment: here are their names only. */
function serverFlags(server: McpServer): string[] {
  const set = (key: string, value: unknown): string => `mcp_servers.${server.name}.${key}=${JSON.stringify(value)}`;
  if (server.is === "command")
    return [...[set("command", server.command), set("args", server.args)], set("env_vars", Object.keys(server.env))];
  return [set("url", server.url), ...(server.token ? [set("bearer_token_env_var", server.token.name)] : [])];
}

const secretsOf = (server: McpServer): Record<string, string> => {
  if (server.is === "command") return { ...server.env };
  return server.token ? { [server.token.name]: server.token.value } : {};
};

/** Who may read and write what, as a TOML table. */
async function rights({ kind }: Turn, desk: Desk): Promise<string> {
  const entries = kind === "plan" ? [] : ['":tmpdir"="write"', '":workspace_roots"={"."="write"}'];
  const closed = (await closedFolders(kind, desk)).map((path) => `${JSON.stringify(path)}="deny"`);
  return `{":root"="read",${[...entries, ...closed].join(",")}}`;
}

async function closedFolders(kind: Turn["kind"], { cwd, home, tmp, files, hidden }: Desk): Promise<string[]> {
  const open = [cwd, home, tmp, ...files.map(({ path }) => path)];
  // A sandbox has a /proc of its own.
  const folders = hidden.filter((path) => path !== "/proc");
  const secrets = kind === "plan" ? (await list(cwd)).filter((name) => /^\.env(\.|$)/.test(name)) : [];
  const paths = await Promise.all([
    ...folders.map((folder) => closed(folder, open)),
    ...[join(ownHome(home), "auth.json"), ...secrets.map((name) => join(cwd, name))].map((path) => closed(path, [])),
  ]);
  return [...new Set(paths.flat())];
}

/** More entries than this are not closed one by one: a folder like that holds sessions, not secrets. */
const MANY = 64;

/** Closed is closed for all below: around what must stay open its neighbours are closed. What is not there cannot be. */
async function closed(path: string, open: readonly string[]): Promise<string[]> {
  if (!(await exists(path)) || open.some((inner) => isBelow(path, inner))) return [];
  if (!open.some((inner) => isBelow(inner, path))) return [path];
  const names = await list(path);
  if (names.length > MANY) return [];
  return (await Promise.all(names.map((name) => closed(join(path, name), open)))).flat();
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
/** A folder that cannot be listed has nothing to close. */
const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
