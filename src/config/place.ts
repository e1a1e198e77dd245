import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { OwnPolicy } from "../core/policy.ts";
import { nearest } from "../lib/nearest.ts";
import type { Settings } from "./schema.ts";

/** A repository that sessions may work on. */
export interface Repo {
  name: string;
  /** Absolute path of the user's own checkout. */
  root: string;
  /** The branch that sessions start from; null is the repository's default. */
  base: string | null;
  /** Runs in a fresh workspace before the first write turn. */
  setup: { command: string; timeoutMs: number } | null;
  /** What must pass before something lands. */
  checks: { command: string; timeoutMs: number }[];
  /** Files of the checkout that are copied into a fresh workspace and never committed. */
  copy: string[];
  /** Commands that agents may run here unasked. */
  commands: string[];
  /** What it says of its own about how work lands; wins over the channel. */
  policy: OwnPolicy;
}

interface Placed {
  repos: Record<string, Repo>;
  problems: string[];
  resolve(path: string): string;
}

/** Makes paths absolute and checks where they lead: below `roots`, no folder twice, every repository that is named known. */
export async function placeRepos(settings: Settings, at: { file: string; home: string }): Promise<Placed> {
  const absolute = (path: string): string => resolvePath(path, { from: dirname(at.file), home: at.home });
  const repos = Object.entries(settings.repos).map(
    ([name, { root, base = null, setup = null, checks, copy, commands, policy }]): Repo => {
      return { name, root: absolute(root), base, setup, checks, copy, commands, policy };
    },
  );
  const real = await Promise.all(repos.map(async (repo) => ({ repo, path: await followed(repo.root) })));
  const roots = settings.roots && (await Promise.all(settings.roots.map((root) => followed(absolute(root)))));
  const problems = [
    ...real
      .filter(({ path }) => roots?.every((root) => !isBelow(root, path)))
      .map(
        ({ repo, path }) =>
          `repos.${repo.name}.root is ${path}, which is outside "roots": add its folder to "roots" or move it`,
      ),
    ...real.flatMap(({ repo, path }, index) => {
      const twin = real.slice(0, index).find((other) => other.path === path);
      return twin
        ? [`repos.${repo.name}.root is the same folder as repos.${twin.repo.name}.root: keep one of them`]
        : [];
    }),
    ...repos.flatMap(({ name, copy }) =>
      copy
        .filter((path) => isAbsolute(path) || !isBelow("/r", join("/r", path)))
        .map((path) => `repos.${name}.copy has ${JSON.stringify(path)}: give a path inside the repository`),
    ),
    ...unknown(settings),
  ];
  return {
    repos: Object.fromEntries(repos.map((repo) => [repo.name, repo])),
    problems: problems.map((problem) => `${at.file}: ${problem}`),
    resolve: absolute,
  };
}

/** Absolute; `~` is the home folder. */
export function resolvePath(path: string, { from, home }: { from: string; home: string }): string {
  return resolve(from, path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path);
}

/** Is it this folder, or does it lie somewhere in it? */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Where a path leads when links are followed; one that does not exist yet stays as it is: `oca doctor` names it. */
const followed = (path: string): Promise<string> => realpath(path).catch(() => path);

function unknown({ repos, defaults, channels }: Settings): string[] {
  const known = Object.keys(repos);
  const named = [
    { key: "defaults.repo", repo: defaults.repo },
    ...Object.entries(channels).map(([name, { repo }]) => ({ key: `channels.${name}.repo`, repo })),
  ];
  return named.flatMap(({ key, repo }) =>
    repo === undefined || known.includes(repo)
      ? []
      : [`${key} is "${repo}", which is not one of "repos": ${nearest(repo, known)}`],
  );
}
