import { there } from "./others.ts";
import { mergeBase } from "./ref.ts";
import type { Site } from "./site.ts";
import { baseOf } from "./target.ts";

/** Where the base stands on the server, and in what that was forked from: whichever of them was ever fetched. */
export const basesThere = (target: string): string[] =>
  ["origin", "upstream"].map((remote) => `refs/remotes/${remote}/${baseOf(target)}`);

/** Where the target and the bases there stand, as far as they exist. */
export const basesOf = (refs: ReadonlyMap<string, string>, target: string): string[] => [
  ...new Set([target, ...basesThere(target)].flatMap((ref) => refs.get(ref) ?? [])),
];

interface Known {
  /** Tips of the branch on the server, of the target and of the bases there, as far as they exist. */
  refs: ReadonlyMap<string, string>;
  target: string;
  head: string;
}

/**
 * What a branch that is on the server shows there: the commits that no base has, and the one that its files differ from. Null
 * where the target alone says so: it is on no server, no base there is another one, or all of it is in one of them.
 */
export async function shownThere(
  site: Site,
  { refs, target, head }: Known,
): Promise<{ from: string; commits: number } | null> {
  if (!refs.has(there(site))) return null;
  const bases = basesOf(refs, target);
  if (bases.length < 2) return null;
  const commits = Number(await site.main(["rev-list", "--count", head, ...bases.map((base) => `^${base}`)]));
  return commits > 0 ? { from: await mergeBase(site, head, ...bases), commits } : null;
}
