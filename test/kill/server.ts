import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createHub, type Hub } from "../twin/github/index.ts";

const run = promisify(execFile);
const PULLS = "/repos/acme/sample/pulls";

export const COMMENT = "Say who greets.";

/** The GitHub of one story, and what Ruth does there: each thing once, however often she is asked to. */
export interface Server {
  hub: Hub;
  /** She says something about the pull request. */
  comment(): Promise<void>;
  /** She merges it. */
  merge(): Promise<void>;
}

/** Puts a server behind a repository. It remembers every move of a branch. */
export async function createServer(repo: string): Promise<Server> {
  const hub = await createHub(repo);
  await hub.git("config", "core.logAllRefUpdates", "always");
  await run("git", ["remote", "add", "origin", hub.remote()], { cwd: repo });
  let said: Promise<unknown> | null = null;
  let merged: Promise<void> | null = null;
  return {
    hub,
    comment: async () => {
      said ??= hub.api("POST", `/repos/acme/sample/issues/1/comments`, { body: COMMENT }, "ruth");
      await said;
    },
    merge: () => {
      merged ??= hub.merge(1);
      return merged;
    },
  };
}

/** What is not as it should be there, in words: one pull request, with all that was made, and nothing pushed twice. */
export async function serverFaults({ hub }: Server): Promise<{ found: string[]; text: string }> {
  const found: string[] = [];
  const check = (name: string, is: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(is), JSON.stringify(wanted)];
    if (a !== b) found.push(`on the server, ${name}: ${a}, not ${b}`);
  };
  const all = (await hub.api("GET", `${PULLS}?state=all`)).data as { state: string; head: { ref: string } }[];
  check("pull requests", all.length, 1);
  check("asked to make one", hub.asked.filter((one) => one === `POST /api/v3${PULLS}`).length <= 2, true);
  const branch = all[0]?.head.ref ?? "";
  const refs = (await hub.git("for-each-ref", "--format=%(refname:short)")).split("\n");
  check("branches", refs, ["main", branch]);
  check("moves of the branch", (await hub.git("reflog", branch)).split("\n").length, 2);
  check("fsck", await hub.git("fsck", "--no-dangling", "--strict"), "");
  check("all of the branch in main", await hub.git("rev-list", "--count", branch, "^main"), "0");
  return { found, text: `${await hub.git("show", "main:hello.txt")}\n` };
}
