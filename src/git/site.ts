import type { Place } from "../core/ports/git.ts";
import type { Repo } from "./repo.ts";
import type { Call, Run } from "./run.ts";

/** A place with everything that git needs to know of it. */
export interface Site {
  session: string;
  workspace: Place["workspace"];
  repo: Repo;
  /** oca's data folder. */
  folder: string;
  /** The git directory that all worktrees of the repository share. */
  common: string;
  /** Absolute path of the worktree, or of the user's own checkout. */
  path: string;
  /** Full ref of the workspace's branch. */
  branch: string;
  run: Run;
  /** Git in the user's repository. */
  main(args: string[], call?: Call): Promise<string>;
  /** Git in the worktree. */
  here(args: string[], call?: Call): Promise<string>;
}

/** Where rescues are kept: the ref, and below `folder` what no commit can hold. */
export const keptRef = (site: Site, work: number): string => `refs/oca/kept/${site.session}/${work}`;
export const keptFolder = (site: Site, ref: string): string => `${site.folder}/${ref.replace("refs/oca/", "")}`;
