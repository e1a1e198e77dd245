import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { tips } from "./ref.ts";
import { keptFolder, type Site } from "./site.ts";

const KEPT = "refs/oca/kept/";

/** Lets go of everything that was kept for these sessions. Asks each repository once. */
export async function expire(sites: readonly Site[]): Promise<void> {
  for (const [one, ...others] of Map.groupBy(sites, ({ common }) => common).values()) {
    if (!one) continue;
    const ids = new Set([one, ...others].map(({ session }) => session));
    const old = [...(await tips(one, [KEPT]))].filter(([ref]) => ids.has(ref.slice(KEPT.length).split("/")[0] ?? ""));
    const lines = old.map(([ref, commit]) => `delete ${ref} ${commit}\n`).join("");
    if (lines !== "") await one.main(["update-ref", "--stdin"], { input: `start\n${lines}prepare\ncommit\n` });
    for (const id of ids) await rm(keptFolder(one, `${KEPT}${id}`), { recursive: true, force: true });
  }
}

/** Workspaces that stand in oca's data folder, whoever knows them. */
export async function standing(folder: string): Promise<{ repo: string; session: string; path: string }[]> {
  const top = join(folder, "worktrees");
  const repos = await readdir(top).catch(() => []); // there was none yet
  const found = await Promise.all(
    repos.map(async (repo) => {
      const sessions = await readdir(join(top, repo)).catch(() => []); // a file, or gone meanwhile
      return sessions.map((session) => ({ repo, session, path: join(top, repo, session) }));
    }),
  );
  return found.flat();
}
