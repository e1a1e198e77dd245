import { hasSecret } from "../lib/redact.ts";
import type { Changes } from "./parts.ts";

const PLANNING = /(?:^|\/)(?:(?:implementation|migration)[-_ ]?)?(?:plan|todo|notes?|scratch|progress)\.(?:md|txt)$/i;

/**
 * What a merge should not take along unseen. `files` are those that the patch adds or changes, in its order; it has no
 * context lines.
 */
export function doubts(files: readonly { path: string; isNew: boolean }[], patch: string): Changes["doubts"] {
  const planning = files.filter(({ path, isNew }) => isNew && PLANNING.test(path));
  return [
    ...planning.map(({ path }) => ({ why: "planning" as const, path })),
    ...withSecret(patch).flatMap((n) => (files[n] ? [{ why: "secret" as const, path: files[n].path }] : [])),
  ];
}

/** Numbers of the files to which the patch adds a line with something that is secret by its shape. */
function withSecret(patch: string): number[] {
  const found = new Set<number>();
  let file = -1;
  // Before the first hunk of a file stand its names, and a name is no line that was added.
  let isHead = true;
  for (const line of patch.split("\n")) {
    if (line.startsWith("diff --git ")) file += 1;
    if (line.startsWith("diff --git ") || line.startsWith("@@ ")) isHead = !line.startsWith("@@ ");
    else if (!isHead && line.startsWith("+") && hasSecret(line)) found.add(file);
  }
  return [...found];
}
