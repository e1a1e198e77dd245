import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Checks } from "../core/parts.ts";
import type { Git } from "../core/ports/git.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { attempt, environment } from "./command.ts";
import { commitTree } from "./commit.ts";
import { GitExit } from "./run.ts";
import type { Furnisher } from "./setup.ts";
import type { Site } from "./site.ts";
import { exists } from "./worktree.ts";

type How = Parameters<Git["check"]>[1];
/** Runs the repository's checks on a commit. */
export type Checker = (site: Site, how: How) => Promise<Checks>;

/** As much of a log as a card can show; the whole is handed to `said`. */
const SHOWN = 2000;

/** Checks run where the agent does not work, on what would land; what they leave behind is thrown away. */
export function createChecker(deps: {
  env: Readonly<Record<string, string | undefined>>;
  spawn: Spawn;
  furnish: Furnisher;
}): Checker {
  const env = environment(deps.env);

  async function runAll(site: Site, signal: AbortSignal): Promise<Checks["runs"]> {
    const failed = await setUp(site, deps.furnish, signal);
    if (failed) return [{ ...failed, ok: false, ms: 0 }];
    const runs: Checks["runs"] = [];
    for (const { command, timeoutMs } of site.repo.checks) {
      const since = performance.now();
      const { ok, log } = await attempt({ command, timeoutMs, cwd: site.path, env, spawn: deps.spawn, signal });
      runs.push({ command, ok, ms: Math.round(performance.now() - since), log });
      if (!ok) break;
    }
    return runs;
  }

  return async (site, { commit, signal, said }) => {
    const scratch = { ...site, path: join(site.folder, "checks", site.repo.name, site.session) };
    await clear(scratch);
    await mkdir(dirname(scratch.path), { recursive: true, mode: 0o700 });
    try {
      await site.main(["worktree", "add", "--force", "--force", "--detach", scratch.path, commit], { signal });
      const runs = await runAll(scratch, signal);
      for (const { command, log } of runs) said(command, log);
      return { commit, ok: runs.every(({ ok }) => ok), runs: runs.map((run) => ({ ...run, log: end(run.log) })) };
    } finally {
      await clear(scratch);
    }
  };
}

/** The commit that stands for landing `head` on `onto` with the tree of their merge: the same three give the same commit. */
export const trial = (
  site: Site,
  { onto, head, tree }: { onto: string; head: string; tree: string },
): Promise<string> => {
  const never = "2000-01-01T00:00:00Z";
  const env = { GIT_AUTHOR_DATE: never, GIT_COMMITTER_DATE: never };
  return commitTree(site, tree, { parents: [onto, head], message: "What oca checks\n", env });
};

const end = (log: string): string => (log.length > SHOWN ? `…${log.slice(-SHOWN)}`.toWellFormed() : log);

/** As in the workspace of a turn; what nobody has answered yet is left out. */
async function setUp(
  site: Site,
  furnish: Furnisher,
  signal: AbortSignal,
): Promise<{ command: string; log: string } | null> {
  const asked = await furnish({ ...site, workspace: { ...site.workspace, ready: false } }, { setup: "auto", signal });
  return asked?.kind === "setup_failed" ? asked : null;
}

/** Also what a check that was cut off has left. */
async function clear(site: Site): Promise<void> {
  if (!(await exists(site.path))) return;
  const trash = join(site.folder, "trash", randomUUID());
  await mkdir(dirname(trash), { recursive: true, mode: 0o700 });
  await rename(site.path, trash);
  await rm(trash, { recursive: true, force: true }).catch(() => undefined); // it is out of the way all the same
  try {
    await site.main(["worktree", "remove", "--force", "--force", site.path]);
  } catch (error) {
    if (!(error instanceof GitExit)) throw error; // git had not come to know it
  }
}
