import { constants } from "node:fs";
import { copyFile, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import type { Setup } from "../core/phase.ts";
import type { Prepared } from "../core/ports/git.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { durable } from "../lib/durable.ts";
import { attempt, environment } from "./command.ts";
import { isThere } from "./files.ts";
import type { Site } from "./site.ts";
import { exists } from "./worktree.ts";

interface Furnish {
  setup: Setup;
  signal: AbortSignal;
}
type Asked = Extract<Prepared, { ok: false }>["ask"] | null;
/** Makes a new workspace fit to run things in; what it gives back must be asked first. */
export type Furnisher = (site: Site, how: Furnish) => Promise<Asked>;

export function createFurnisher(deps: {
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  spawn: Spawn;
}): Furnisher {
  const memory = createMemory(deps.folder);
  const env = environment(deps.env);
  return async (site, { setup, signal }) => {
    if (site.workspace.ready || setup === "skip") return null;
    await copyFiles(site);
    const chosen = site.repo.setup ?? (await propose(site, setup, memory));
    if (chosen === null || "kind" in chosen) return chosen;
    const { ok, log } = await attempt({ ...chosen, cwd: site.path, env, spawn: deps.spawn, signal });
    return ok ? null : { kind: "setup_failed", command: chosen.command, log };
  };
}

const TIMEOUT_MS = 15 * 60_000;

/** What a file at the top of a repository suggests to run; the first that is there counts. */
const PROPOSALS: readonly (readonly [file: string, command: string])[] = [
  ["pnpm-lock.yaml", "pnpm install --frozen-lockfile"],
  ["yarn.lock", "yarn install --frozen-lockfile"],
  ["bun.lock", "bun install --frozen-lockfile"],
  ["package-lock.json", "npm ci"],
  ["uv.lock", "uv sync --frozen"],
  ["poetry.lock", "poetry install"],
  ["Gemfile.lock", "bundle install"],
];

interface Chosen {
  command: string;
  timeoutMs: number;
}

async function propose(site: Site, setup: Setup, memory: Memory): Promise<Chosen | Asked> {
  const found = await Promise.all(PROPOSALS.map(([file]) => exists(join(site.path, file))));
  const [because, command] = PROPOSALS[found.indexOf(true)] ?? [];
  if (!because || !command) return null;
  if (setup === "accept" || setup === "decline") await memory.set(site.repo.name, command, setup === "accept");
  const isWanted = await memory.get(site.repo.name, command);
  if (isWanted === null) return { kind: "setup", command, because };
  return isWanted ? { command, timeoutMs: TIMEOUT_MS } : null;
}

/** Which proposed commands the owner wants, per repository. */
interface Memory {
  get(repo: string, command: string): Promise<boolean | null>;
  set(repo: string, command: string, isWanted: boolean): Promise<void>;
}

const Answers = z.record(z.string(), z.record(z.string(), z.boolean()));

function createMemory(folder: string): Memory {
  const low = new Low<z.infer<typeof Answers>>(durable(join(folder, "repos.json"), Answers), {});
  let read: Promise<void> | null = null;
  const open = () => {
    read ??= low.read();
    return read;
  };
  return {
    get: async (repo, command) => {
      await open();
      return low.data[repo]?.[command] ?? null;
    },
    set: async (repo, command, isWanted) => {
      await open();
      await low.update((data) => {
        data[repo] = { ...data[repo], [command]: isWanted };
      });
    },
  };
}

/** Copies what the owner listed from the user's checkout, following no link out of it or out of the worktree. */
async function copyFiles(site: Site): Promise<void> {
  const [from, to] = await Promise.all([realpath(site.repo.root), realpath(site.path)]);
  for (const file of site.repo.copy) await copyOne(site, { file, from, to });
}

async function copyOne(site: Site, { file, from, to }: { file: string; from: string; to: string }): Promise<void> {
  const source = await realpath(join(from, file)).catch(() => null); // not every checkout has it
  if (source === null || (await isThere(join(to, file)))) return;
  if (!source.startsWith(`${from}/`)) throw new Error(`${join(from, file)} leads out of ${from}: it is not copied`);
  if (!(await stat(source)).isFile())
    throw new Error(`${source} is not a file: list files in repos.${site.repo.name}.copy`);
  const folder = await makeFolder(to, dirname(file));
  const draft = join(site.folder, "trash", `${site.session}-copy`);
  await mkdir(dirname(draft), { recursive: true, mode: 0o700 });
  await rm(draft, { force: true });
  await copyFile(source, draft, constants.COPYFILE_EXCL);
  await rename(draft, join(folder, file.slice(file.lastIndexOf("/") + 1)));
}

async function makeFolder(top: string, way: string): Promise<string> {
  let folder = top;
  for (const name of way === "." ? [] : way.split("/")) {
    folder = join(folder, name);
    await mkdir(folder).catch(() => undefined); // it is there, or the check below says what is
    const real = await realpath(folder);
    if (!real.startsWith(`${top}/`)) throw new Error(`${folder} leads out of the worktree: nothing is copied there`);
  }
  return folder;
}
