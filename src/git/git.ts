import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Git, LandingOrder, Place } from "../core/ports/git.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { isOwn } from "../core/session.ts";
import { never } from "../lib/never.ts";
import { createSerial } from "../lib/serial.ts";
import { carry } from "./carry.ts";
import { createChecker } from "./check.ts";
import { compare, inspect } from "./compare.ts";
import { changed, diff, head } from "./diff.ts";
import { instructions } from "./instructions.ts";
import { expire, standing } from "./keep.ts";
import { type Landing, type Means, merge, orLocked } from "./land.ts";
import { clean, discard } from "./leave.ts";
import { type Patience, patient } from "./lock.ts";
import * as own from "./own.ts";
import { prepare } from "./prepare.ts";
import { propose, subjects } from "./propose.ts";
import { remotes } from "./remote.ts";
import { open, type Repo } from "./repo.ts";
import { revert } from "./revert.ts";
import { createRun, type Run } from "./run.ts";
import { createFurnisher } from "./setup.ts";
import type { Site } from "./site.ts";
import { targetTips } from "./target.ts";
import { undo } from "./undo.ts";
import { vouch } from "./vouch.ts";
import { watch, watchShared } from "./watch.ts";

/** What git for sessions is made of. */
export interface GitDeps {
  /** oca's data folder, absolute. Worktrees are below it. */
  folder: string;
  repos: Readonly<Record<string, Repo>>;
  /** The environment of the bot: git and set-up commands get a few variables of it. */
  env: Readonly<Record<string, string | undefined>>;
  /** Starts set-up commands. */
  spawn: Spawn;
  /** For tests. */
  patience?: Patience;
}

const PATIENCE: Patience = { waitMs: 10_000, staleMs: 2_000 };

/** Worktrees of sessions and their way home. One landing per repository at a time. */
export function createGit({ folder, repos, env, spawn, patience = PATIENCE }: GitDeps): Git {
  const serial = createSerial();
  const furnish = createFurnisher({ folder, env, spawn });
  const check = createChecker({ env, spawn, furnish });
  const enter = createDoor({ folder, repos, run: patient(createRun(env), folder, patience) });
  const path = ({ session, workspace }: Place) =>
    (isOwn({ workspace }) ? repos[workspace.repo]?.root : null) ?? join(folder, "worktrees", workspace.repo, session);
  return {
    path,
    prepare: async (place, how) => {
      const site = await enter(place);
      return isOwn(place) ? own.prepare(site, how) : prepare(site, how, furnish);
    },
    watch: async (place) => (isOwn(place) ? own.watch : watch)(await enter(place)),
    watchShared: async (place) => watchShared(await enter(place)),
    instructions: async (place) => instructions(await enter(place)),
    changed: async (place) => (isOwn(place) ? own.changed : changed)(await enter(place)),
    inspect: async (place, by, since) => {
      const site = await enter(place);
      if (isOwn(place)) return own.compare(site);
      if (since) await carry(site, since, by);
      return inspect(site, by);
    },
    check: async (place, how) => check(await enter(place), how),
    compare: async (place) => (isOwn(place) ? own.compare : compare)(await enter(place)),
    standing: () => standing(folder),
    expire: async (places) => expire(await Promise.all(places.map(enter))),
    remotes: async (place) => remotes(await enter(place)),
    subjects: async (place) => subjects(await enter(place)),
    tips: async (places) => targetTips(await Promise.all(places.map(enter))),
    head: async (place) => head(await enter(place)),
    diff: async (place, of) => (isOwn(place) ? own.diff : diff)(await enter(place), of),
    land: async (place, order, take) => {
      const site = await enter(place);
      if (isOwn(place)) return own.land(site, order);
      const landing = async () => {
        const vouched = await vouch(site, order, check);
        return vouched.ok ? serial(site.common, () => land(site, vouched.order, { take, check })) : vouched;
      };
      return orLocked(landing());
    },
  };
}

function land(site: Site, order: LandingOrder, means: Means): Promise<Landing> {
  order.signal.throwIfAborted();
  switch (order.how) {
    case "merge":
      return merge(site, order, means);
    case "pr":
      return propose(site, order, means.take);
    case "discard":
      return discard(site, order, means.take);
    case "undo":
      return undo(site, order, means.take);
    case "revert":
      return revert(site, order, means);
    case "clean":
      return clean(site, order);
    default:
      return never(order.how);
  }
}

/** Finds and checks the repository of a place; a repository that has passed is not checked again. */
function createDoor({ folder, repos, run }: { folder: string; repos: GitDeps["repos"]; run: Run }) {
  const checked = new Map<string, string>();
  // Git knows worktrees by their real path.
  let real: string | null = null;
  return async ({ session, workspace }: Place): Promise<Site> => {
    const repo = repos[workspace.repo];
    if (!repo)
      throw new Error(
        `repository ${workspace.repo} is not in the configuration: there is ${Object.keys(repos).join(", ")}`,
      );
    const common = checked.get(repo.root) ?? (await open(run, repo));
    checked.set(repo.root, common);
    if (real === null) await mkdir(folder, { recursive: true, mode: 0o700 });
    real ??= await realpath(folder);
    const path = isOwn({ workspace }) ? repo.root : join(real, "worktrees", workspace.repo, session);
    return {
      session,
      workspace,
      repo,
      folder: real,
      common,
      path,
      branch: `refs/heads/${workspace.branch}`,
      run,
      main: (args, call) => run(repo.root, args, call),
      here: (args, call) => run(path, args, call),
    };
  };
}
