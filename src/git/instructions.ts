import { split } from "./run.ts";
import type { Site } from "./site.ts";

const FILES = ["AGENTS.md", "CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md", ".cursorrules"];
const RULES = [".claude/rules/", ".cursor/rules/"];
const BYTES = 64 * 1024;

/** What the project tells agents, read from the base commit: the branch cannot change its own instructions. */
export async function instructions(site: Site): Promise<{ path: string; text: string }[]> {
  const { baseCommit } = site.workspace;
  if (!baseCommit) return [];
  const args = [
    "--literal-pathspecs",
    "ls-tree",
    "-r",
    "-z",
    "--format=%(objecttype) %(objectmode) %(objectsize) %(path)",
    baseCommit,
  ];
  const found = split(await site.main([...args, "--", ...FILES, ...RULES])).flatMap((line) => read(line));
  return Promise.all(
    found.map(async (path) => ({ path, text: await site.main(["cat-file", "blob", `${baseCommit}:${path}`]) })),
  );
}

/** A link's blob is the name of another file: only real files of a sane size are read. */
function read(line: string): string[] {
  const [, mode, size, path] = /^blob (\d+) +(\d+) ([\s\S]+)$/.exec(line) ?? [];
  return path !== undefined && mode?.startsWith("100") && Number(size) <= BYTES ? [path] : [];
}
