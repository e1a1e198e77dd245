import { access, constants, readdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Config } from "./config.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import { probeGitHub } from "./forge/probe.ts";
import { readRemote } from "./git/remote.ts";
import { output } from "./lib/output.ts";

/** Every check with what it may find: the keys of locales/<language>/doctor.json. */
export const FINDINGS = {
  node: ["fine", "old"],
  git: ["fine", "missing", "old"],
  data: ["fine", "new", "closed", "open", "inside"],
  disk: ["fine", "low", "full"],
  port: ["fine", "off", "taken", "forbidden"],
  repos: ["none"],
  repo: ["fine", "missing", "not_git", "empty", "no_base"],
  identity: ["fine", "missing"],
  lock: ["found"],
  slack: ["fine", "unreachable", "refused", "scopes"],
  telegram: ["fine", "privacy", "refused", "unreachable", "webhook"],
  github: ["fine", "token", "refused", "unreachable"],
} as const;

type Id = keyof typeof FINDINGS;

/** One thing that was looked at. `id` and `is` name its words in locales/<language>/doctor.json, `values` fill them in. */
export type Check = {
  [K in Id]: { id: K; is: (typeof FINDINGS)[K][number]; ok: boolean | "warn"; values: Record<string, string | number> };
}[Id];

export interface DoctorParts {
  spawn: Spawn;
  /** `process.versions.node` */
  node: string;
  now: number;
  /** Another Slack than Slack's. */
  slackApiUrl?: string;
}

const NODE = [24, 16];
const GIT = [2, 38];
const MB = 1024 ** 2;
const LOW_MB = 2048;
const FULL_MB = 200;

/** Looks at everything that oca needs, changes nothing, and never throws for what it finds. */
export async function examine(config: Config, parts: DoctorParts): Promise<Check[]> {
  const look: Look = { ...parts, config, git: createGit(config, parts) };
  const git = await gitIs(look);
  const checks = await Promise.all([
    nodeIs(parts.node),
    dataIs(look),
    diskIs(config.data),
    portIs(config.web),
    slackIs(look),
    telegramIs(config.telegram),
    ...(git.ok === false ? [] : Object.values(config.repos).map((repo) => reposAre(look, repo))),
  ]);
  const none: Check[] =
    Object.keys(config.repos).length === 0 ? [{ id: "repos", is: "none", ok: "warn", values: {} }] : [];
  return [git, ...checks.flat(), ...none];
}

async function slackIs({ config: { slack }, slackApiUrl }: Look): Promise<Check[]> {
  if (!slack) return [];
  const { checkSlack } = await import("./chat/slack/check.ts");
  const { is, ...values } = await checkSlack({
    ...slack,
    ...(slackApiUrl === undefined ? {} : { apiUrl: slackApiUrl }),
  });
  return [{ id: "slack", is, ok: is === "unreachable" ? "warn" : is === "fine", values }];
}

type Repo = Config["repos"][string];
interface Look extends DoctorParts {
  config: Config;
  /** Trimmed output; null when git says no. */
  git(cwd: string, ...args: string[]): Promise<string | null>;
}

const createGit =
  ({ env }: Config, { spawn }: DoctorParts): Look["git"] =>
  async (cwd, ...args) => {
    const safe = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", ...args];
    const signal = AbortSignal.timeout(10_000);
    const run = output(spawn({ command: "git", args: safe, cwd, env: { ...env, LC_ALL: "C" }, signal }));
    // A git that cannot be started is a finding, like one that says no.
    const { code, out } = await run.catch(() => ({ code: null, out: "" }));
    return code === 0 ? out.trim() : null;
  };

function nodeIs(version: string): Check {
  const ok = isFrom(version, NODE);
  return { id: "node", is: ok ? "fine" : "old", ok, values: { version, needed: NODE.join(".") } };
}

async function gitIs({ git }: Look): Promise<Check> {
  const version = /\d+\.\d+(\.\d+)?/.exec((await git("/", "--version")) ?? "")?.[0];
  const values = { version: version ?? "", needed: GIT.join(".") };
  if (version === undefined) return { id: "git", is: "missing", ok: false, values };
  const ok = isFrom(version, GIT);
  return { id: "git", is: ok ? "fine" : "old", ok, values };
}

function isFrom(version: string, needed: readonly number[]): boolean {
  const numbers = version.split(".").map(Number);
  for (const [index, least] of needed.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}

async function dataIs({ config, git }: Look): Promise<Check> {
  const path = config.data;
  const folder = await existing(path);
  const values = { path, folder };
  const inside = await git(folder, "rev-parse", "--show-toplevel");
  if (inside !== null) return { id: "data", is: "inside", ok: false, values: { ...values, repo: inside } };
  const writable = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => (folder === path ? stat(path).then((found) => found.isDirectory()) : true),
    () => false,
  );
  if (!writable) return { id: "data", is: "closed", ok: false, values };
  if (folder !== path) return { id: "data", is: "new", ok: true, values };
  const mode = (await stat(path)).mode & 0o777;
  const open = (mode & 0o077) !== 0;
  return { id: "data", is: open ? "open" : "fine", ok: !open, values: { ...values, mode: mode.toString(8) } };
}

/** The folder itself, or the nearest one above it that exists. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null); // missing or closed: look further up
  return found || dirname(path) === path ? path : existing(dirname(path));
}

async function diskIs(data: string): Promise<Check> {
  const { bavail, bsize } = await statfs(await existing(data));
  const freeMb = Math.floor((bavail * bsize) / MB);
  const values = { freeMb, path: data };
  if (freeMb < FULL_MB) return { id: "disk", is: "full", ok: false, values };
  return freeMb < LOW_MB ? { id: "disk", is: "low", ok: "warn", values } : { id: "disk", is: "fine", ok: true, values };
}

async function portIs(web: Config["web"]): Promise<Check> {
  if (web === "off") return { id: "port", is: "off", ok: true, values: {} };
  const values = { port: web.port };
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | null>((settle) => {
    server.once("error", settle).listen(web.port, "127.0.0.1", () => settle(null));
  });
  server.close();
  if (error === null) return { id: "port", is: "fine", ok: true, values };
  // It may be oca itself that has it: no reason to say that something is broken.
  return error.code === "EADDRINUSE"
    ? { id: "port", is: "taken", ok: "warn", values }
    : { id: "port", is: "forbidden", ok: false, values: { ...values, error: error.message } };
}

async function telegramIs({ token, apiRoot, webhook }: Config["telegram"]): Promise<Check[]> {
  if (token === null) return [];
  const { probeTelegram } = await import("./chat/telegram/probe.ts");
  const { is, values } = await probeTelegram({ token, apiRoot }, webhook);
  return [{ id: "telegram", is, ok: is === "fine" ? true : is === "privacy" ? "warn" : false, values }];
}

async function reposAre(look: Look, { name, root, base }: Repo): Promise<Check[]> {
  const { git } = look;
  const values = { name, root };
  const found = await stat(root).catch(() => null); // missing or closed: both are "missing" to this user
  if (!found?.isDirectory()) return [{ id: "repo", is: "missing", ok: false, values }];
  const common = await git(root, "rev-parse", "--path-format=absolute", "--git-common-dir");
  if (common === null) return [{ id: "repo", is: "not_git", ok: false, values }];
  if ((await git(root, "rev-list", "--all", "--max-count=1")) === "")
    return [{ id: "repo", is: "empty", ok: false, values }];
  const rest = await Promise.all([identityIs(look, values), locksAre(look, { name, common }), gitHubIs(look, values)]);
  if (base !== null && (await git(root, "for-each-ref", `refs/heads/${base}`, `refs/remotes/*/${base}`)) === "") {
    return [{ id: "repo", is: "no_base", ok: false, values: { ...values, base } }, ...rest.flat()];
  }
  return [{ id: "repo", is: "fine", ok: true, values }, ...rest.flat()];
}

async function identityIs({ git }: Look, { name, root }: { name: string; root: string }): Promise<Check> {
  const [user, email] = await Promise.all(["user.name", "user.email"].map((key) => git(root, "config", key)));
  const ok = Boolean(user && email);
  const values = { name, root, user: user ?? "", email: email ?? "" };
  return { id: "identity", is: ok ? "fine" : "missing", ok, values };
}

/** Whether pull requests can be opened where the repository is pushed to, if that is a GitHub. */
async function gitHubIs(
  { git, config, spawn }: Look,
  { name, root }: { name: string; root: string },
): Promise<Check[]> {
  const to = async (remote: string) => readRemote((await git(root, "remote", "get-url", "--push", remote)) ?? "");
  const remote = (await to("upstream")) ?? (await to("origin"));
  const is = remote && (await probeGitHub(remote, { ...config.github, spawn, env: config.env }));
  if (!remote || !is) return [];
  const { web, path } = remote;
  const ok = is === "fine" ? true : is === "refused" ? false : "warn";
  return [{ id: "github", is, ok, values: { name, web, path } }];
}

/** Locks that git left behind: while one is there, git refuses to change what it guards. */
async function locksAre({ now }: Look, { name, common }: { name: string; common: string }): Promise<Check[]> {
  const folders = [common, join(common, "refs", "heads"), join(common, "refs", "remotes")];
  const lists = await Promise.all(
    folders.map((folder, index) =>
      readdir(folder, { recursive: index > 0 }).then(
        (files) => files.filter((file) => file.endsWith(".lock")).map((file) => join(folder, file)),
        () => [], // a repository without remotes has no such folder
      ),
    ),
  );
  return await Promise.all(
    lists.flat().map(async (file): Promise<Check> => {
      const found = await stat(file).catch(() => null); // gone meanwhile: git was at work
      const minutes = Math.max(0, Math.floor((now - (found?.mtimeMs ?? now)) / 60_000));
      return { id: "lock", is: "found", ok: "warn", values: { name, file, minutes } };
    }),
  );
}
