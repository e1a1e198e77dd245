import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Desk } from "../../src/core/ports/agent.ts";
import type { Child, Order, Spawn } from "../../src/core/ports/spawn.ts";
import { makeSample } from "../../src/demo.ts";
import { output } from "../../src/lib/output.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { DESK } from "../core/life.ts";

const host = createHostSpawn({ killAfterMs: 2000, pollMs: 5 });
const never = new AbortController().signal;
const GIT_ENV = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };

/** Where a turn of an agent is tried: a real worktree of a real repository, and the folders that belong to it. */
export interface Place {
  /** The user's own checkout. */
  repo: string;
  /** The worktree. */
  cwd: string;
  home: string;
  tmp: string;
  /** A folder outside the worktree in which nothing may come to be. The worktree's link `out` leads there. */
  outside: string;
  env: Readonly<Record<string, string>>;
  /** The real host, and a record of what was started. */
  spawn: Spawn;
  orders: readonly Order[];
  /** Process groups that were started and still live. */
  alive(): number[];
  /** Processes that work in the worktree, by /proc: also those that a sandbox gave other numbers. */
  inside(): number[];
  desk(over?: Partial<Desk>): Desk;
  git(...args: string[]): Promise<string>;
  read(path: string): string | null;
  write(path: string, text: string): Promise<void>;
  /** What is in the worktree and in what it shares with the user: equal before and after means that nothing was changed. */
  print(): Promise<Record<string, string>>;
  /** Kills what is left and removes everything. */
  stop(): Promise<void>;
}

export async function makePlace(): Promise<Place> {
  const base = await mkdtemp(join(tmpdir(), "oca-place-"));
  const at = (name: string) => join(base, name);
  const [repo, cwd, home, tmp, outside] = [at("repo"), at("tree"), at("home"), at("tmp"), at("outside")];
  for (const folder of [home, tmp, outside]) await mkdir(folder);
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const env = { PATH: path, HOME: home, TMPDIR: tmp, LANG: "C.UTF-8" };
  sample ??= makeRepo();
  await cp(await sample, repo, { recursive: true, verbatimSymlinks: true });
  await git(repo, "worktree", "add", "-q", "-b", "oca/test", cwd);

  const orders: Order[] = [];
  const children = new Set<Child>();
  const spawn: Spawn = (order) => {
    orders.push(order);
    const child = host(order);
    children.add(child);
    const gone = () => children.delete(child);
    child.done.then(gone, gone);
    return child;
  };
  const alive = () => [...children].map(({ pid }) => pid);
  return {
    repo,
    cwd,
    home,
    tmp,
    outside,
    env,
    spawn,
    orders,
    alive,
    inside: () => workersIn(cwd),
    desk: (over = {}) => ({
      ...DESK,
      cwd,
      hidden: ["/proc"],
      home,
      tmp,
      env,
      spawn,
      signal: never,
      ...over,
    }),
    git: (...args) => git(cwd, ...args),
    read: (file) => (existsSync(join(cwd, file)) ? readFileSync(join(cwd, file), "utf8") : null),
    write: async (file, text) => {
      await mkdir(dirname(join(cwd, file)), { recursive: true });
      await writeFile(join(cwd, file), text);
    },
    print: async () => ({
      head: await git(cwd, "rev-parse", "HEAD"),
      refs: await git(repo, "for-each-ref"),
      status: await git(cwd, "status", "--porcelain", "--ignored"),
      ...(await filesOf(cwd)),
      ...(await filesOf(join(repo, ".git", "hooks"))),
      ...(await filesOf(join(repo, ".git", "info"))),
      config: await readFile(join(repo, ".git", "config"), "utf8"),
      outside: (await readdir(outside)).join(),
    }),
    stop: async () => {
      for (const pid of alive()) kill(-pid);
      await until(() => alive().length === 0, "processes outlive their SIGKILL");
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Made once, and copied for each place. */
let sample: Promise<string> | undefined;

async function makeRepo(): Promise<string> {
  const repo = await mkdtemp(join(tmpdir(), "oca-sample-"));
  process.once("exit", () => rmSync(repo, { recursive: true, force: true }));
  await makeSample(repo, { spawn: host, env: GIT_ENV });
  // From the worktree of a place, this is the folder `outside`.
  await bait(repo, "../outside");
  await writeFile(join(repo, "counted.in"), "x\n");
  await appendFile(join(repo, ".git", "info", "exclude"), "node_modules/\n");
  await git(repo, "add", "--all");
  await git(repo, "commit", "-qm", "A link and a file");
  return repo;
}

/** What the attempts of test/twin/model/scripts/story.ts need: a way out of the workspace, and a program to be run. */
export async function bait(folder: string, outside: string): Promise<void> {
  await symlink(outside, join(folder, "out"));
  const program = '#!/bin/sh\ntouch "$CANARY"\necho written > sneaky-rg-pre.txt\n';
  await writeFile(join(folder, "pre.sh"), program, { mode: 0o755 });
}

/** Files that make one agent or another run something when it starts, each in the way of that agent. */
export const carried = (canary: string): Record<string, string> => ({
  ".claude/settings.json": JSON.stringify({
    hooks: { SessionStart: [{ hooks: [{ type: "command", command: `touch ${canary}` }] }] },
  }),
  ".mcp.json": JSON.stringify({ mcpServers: { x: { command: "touch", args: [canary] } } }),
  ".codex/config.toml": `[mcp_servers.x]\ncommand = "touch"\nargs = ["${canary}"]\n`,
  ".opencode/plugin/x.js": `import { writeFileSync } from "node:fs";\nexport const X = async () => { writeFileSync("${canary}", ""); return {}; };\n`,
  ".gemini/settings.json": JSON.stringify({ mcpServers: { x: { command: "touch", args: [canary] } } }),
});

async function git(cwd: string, ...args: string[]): Promise<string> {
  const order = { command: "git", args: ["--no-optional-locks", ...args], cwd, env: GIT_ENV, signal: never };
  const { code, out, err } = await output(host(order));
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${err || out}`);
  return out.trim();
}

/** Hash and time of every file; links are not followed. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const prints = files.map(async (file) => {
    const [text, { mtimeMs }] = await Promise.all([readFile(file), stat(file)]);
    return [file, `${createHash("sha256").update(text).digest("hex")} ${mtimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(prints));
}

export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** Processes whose folder is this one; none where there is no /proc. */
function workersIn(folder: string): number[] {
  if (!existsSync("/proc/self")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // it is gone, or somebody else's
    }
  });
}

/** Waits for what is expected; fails with its name after the deadline. */
export async function until(what: () => boolean, name: string, ms = 60_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms / 1000} s: ${name}`);
    await wait(20);
  }
}
