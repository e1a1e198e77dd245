import { isAbsolute, normalize } from "node:path";
import { z } from "zod";
import { GitExit, type Run } from "./run.ts";

/** A file below the repository: the way to it never leads out. */
const Inside = z.string().refine((path) => path !== "" && !isAbsolute(path) && !normalize(path).startsWith(".."), {
  message: "must be a path below the repository",
});

/** A repository as the owner configured it. */
export const Repo = z.object({
  /** Part of folder names. */
  name: z.string().regex(/^[\w-][\w.-]*$/),
  /** Absolute path of the user's checkout, or of a bare repository. */
  root: z.string().refine(isAbsolute, { message: "must be an absolute path" }),
  /** The base branch; null is what the remote or the repository calls its default. */
  base: z.string().nullable(),
  /** Run in a new workspace before the first turn that writes; null: what the repository's files suggest is asked. */
  setup: z.object({ command: z.string(), timeoutMs: z.number().positive() }).nullable(),
  /** What must pass on the exact result before it lands, in this order. */
  checks: z.array(z.object({ command: z.string(), timeoutMs: z.number().positive() })),
  /** Files of the user's checkout that a new workspace needs and nobody commits. */
  copy: z.array(Inside),
});
export type Repo = z.infer<typeof Repo>;

/**
 * Absolute path of the git directory that all worktrees share. Throws, saying the way out, when oca cannot work with this
 * repository on this machine.
 */
export async function open(run: Run, { name, root }: Repo): Promise<string> {
  await checkVersion(run, root);
  const [common = "", bare, prefix] = await where(run, name, root);
  const isInside = prefix !== "" || (bare === "false" && root === common);
  if (isInside)
    throw new Error(`repository ${name}: ${root} lies inside a repository: configure that one's own folder`);
  await checkAuthor(run, root);
  return common;
}

async function checkVersion(run: Run, root: string): Promise<void> {
  const said = await run(root, ["version"]);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said) ?? [];
  if (Number(major) * 1000 + Number(minor) < 2038)
    throw new Error(`${said.trim()} is too old: oca needs git 2.38 or newer`);
}

async function where(run: Run, name: string, root: string): Promise<string[]> {
  const ask = ["rev-parse", "--path-format=absolute", "--git-common-dir", "--is-bare-repository", "--show-prefix"];
  try {
    return (await run(root, ask)).split("\n");
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    throw new Error(`repository ${name}: ${root} is not a git repository (${error.message}): check repos.${name}.root`);
  }
}

async function checkAuthor(run: Run, root: string): Promise<void> {
  try {
    await run(root, ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]);
  } catch (error) {
    if (!(error instanceof GitExit)) throw error;
    throw new Error(
      `git does not know who commits in ${root}: run git config --global user.name "Your Name" and git config --global user.email you@example.com`,
    );
  }
}
