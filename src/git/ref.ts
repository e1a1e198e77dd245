import { split } from "./run.ts";
import type { Site } from "./site.ts";

/** The commits that refs point to; a ref that does not exist is missing. Patterns ending in "/" give all refs below. */
export async function tips(site: Site, patterns: string[]): Promise<ReadonlyMap<string, string>> {
  const said = await site.main(["for-each-ref", "--format=%(refname)%00%(objectname)%00", ...patterns]);
  const parts = split(said.replaceAll("\0\n", "\0"));
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) found.set(parts[i] ?? "", parts[i + 1] ?? "");
  return found;
}

export const tip = async (site: Site, ref: string): Promise<string | null> =>
  (await tips(site, [ref])).get(ref) ?? null;

/** Whether a commit is one of a ref's or commit's own. */
export async function contains(site: Site, whole: string, commit: string): Promise<boolean> {
  return (await site.main(["rev-list", "--count", "--max-count=1", commit, `^${whole}`])).trim() === "0";
}

/** How many commits each of two has that the other lacks. */
export async function apart(site: Site, a: string, b: string): Promise<[number, number]> {
  const said = await site.main(["rev-list", "--left-right", "--count", `${a}...${b}`]);
  const [left = 0, right = 0] = said.trim().split("\t").map(Number);
  return [left, right];
}

/** The newest commit that one has with any of the others. Throws when their histories have nothing in common. */
export const mergeBase = async (site: Site, one: string, ...others: string[]): Promise<string> =>
  (await site.main(["merge-base", one, ...others])).trim();

/** Moves a ref by compare-and-swap; `onto` null: it must not exist. False when it stood elsewhere. */
export async function swap(
  site: Site,
  ref: string,
  { onto, commit }: { onto: string | null; commit: string },
): Promise<boolean> {
  try {
    await change(site, `update ${ref} ${commit} ${onto ?? "0".repeat(commit.length)}`);
    return true;
  } catch (error) {
    const now = await tip(site, ref);
    if (now === commit) return true;
    if (now === onto) throw error;
    return false;
  }
}

/** Points a ref of ours at a commit, wherever it stood. */
export const keep = (site: Site, ref: string, commit: string): Promise<void> => change(site, `update ${ref} ${commit}`);

/** Removes a ref of ours that stands at a commit. */
export const drop = (site: Site, ref: string, commit: string): Promise<void> => change(site, `delete ${ref} ${commit}`);

// As a transaction, because that is acknowledged: simple-git waits 50 ms for a command that says nothing.
async function change(site: Site, line: string): Promise<void> {
  await site.main(["update-ref", "-m", "oca", "--stdin"], {
    input: `start\n${line}\nprepare\ncommit\n`,
  });
}
