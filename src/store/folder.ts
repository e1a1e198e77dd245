import { access, chmod, constants, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Makes the data folder, open to its owner only. Throws when it cannot be written or lies inside a git repository. */
export async function makeFolder(folder: string): Promise<void> {
  const repository = await repositoryAround(await existing(resolve(folder)));
  if (repository)
    throw new Error(
      `the data folder ${folder} lies inside the git repository ${repository}: what it holds could be committed. Choose a folder outside`,
    );
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`the data folder ${folder} cannot be written: choose another, or give this one to your user`, {
      cause: error,
    });
  }
}

/** The nearest folder that is there already, by its real name: a link may lead into a repository. */
async function existing(folder: string): Promise<string> {
  if (await isThere(folder)) return realpath(folder);
  return dirname(folder) === folder ? folder : existing(dirname(folder));
}

async function repositoryAround(folder: string): Promise<string | null> {
  if (await isRepository(join(folder, ".git"))) return folder;
  return dirname(folder) === folder ? null : repositoryAround(dirname(folder));
}

/** A worktree has a file there. Sandboxes leave empty folders of that name. */
const isRepository = async (git: string): Promise<boolean> =>
  (await isThere(join(git, "HEAD"))) || ((await isThere(git)) && (await stat(git)).isFile());

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
