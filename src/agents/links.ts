import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inside } from "../core/permit.ts";

/** Each path as it was said and as it is behind its links; below the workspace in the words of the workspace. */
export async function followed(paths: readonly string[], cwd: string): Promise<string[]> {
  const here = await real(cwd);
  const local = (path: string): string => (inside(path, here) ? join(cwd, path.slice(here.length)) : path);
  const both = async (path: string): Promise<string[]> => [path, local(await real(path))];
  const ends = await Promise.all(paths.map((path) => both(local(resolve(cwd, path)))));
  return [...new Set(ends.flat())];
}

const LINKS = 40;

/** Of a path whose end is yet to be made, as far as it is there: a link to nothing leads where a file would be made. */
async function real(path: string, left = LINKS): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const target = left > 0 ? await readlink(path).catch(() => null) : null; // no link
    const up = dirname(path);
    if (target !== null) return real(resolve(up, target), left - 1);
    return up === path ? path : join(await real(up, left), basename(path));
  }
}
