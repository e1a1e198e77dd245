import { hasSecret } from "../lib/redact.ts";
import type { Changes } from "./parts.ts";

const PLANNING = /(?:^|\/)(?:(?:implementation|migration)[-_ ]?)?(?:plan|todo|notes?|scratch|progress)\.(?:md|txt)$/i;

/** What decides what runs when somebody runs the checks, whatever they are. */
const RUN =
  /(?:^|\/)(?:package\.json|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|pyproject\.toml|tox\.ini|noxfile\.py|build\.gradle(?:\.kts)?|pom\.xml|Jenkinsfile|\.gitlab-ci\.yml)$|^\.(?:github|circleci|ci|husky)\//;

/**
 * What a merge should not take along unseen. `files` are those that the patch adds or changes, in its order; it has no
 * context lines. `commands` are the repository's checks.
 */
export function doubts(
  files: readonly { path: string; isNew: boolean }[],
  patch: string,
  commands: readonly string[],
): Changes["doubts"] {
  const planning = files.filter(({ path, isNew }) => isNew && PLANNING.test(path));
  const words = new Set(commands.flatMap((command) => command.split(/\s+/).map((word) => word.replace(/^\.\//, ""))));
  const run = commands.length > 0 ? files.filter(({ path }) => RUN.test(path) || words.has(path)) : [];
  return [
    ...run.map(({ path }) => ({ why: "check" as const, path })),
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
