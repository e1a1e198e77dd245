import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { LandingOrder, Place } from "../src/core/ports/git.ts";
import { createGit } from "../src/git/git.ts";

/** Creating, inspecting and landing on a repository of 20,000 files, beside the git commands that do the same by hand. */
const FILES = 20_000;
const ROUNDS = 7;

const top = await realpath(await mkdtemp(join(tmpdir(), "oca-bench-")));
const root = join(top, "repo");
const { PATH = "" } = process.env;
const env = { PATH, HOME: top, GIT_CONFIG_NOSYSTEM: "1" };
await writeFile(
  join(top, ".gitconfig"),
  "[user]\nname = Bench\nemail = bench@example.com\n[init]\ndefaultBranch = main\n",
);
const raw = async (cwd: string, ...args: string[]) =>
  (await execa("git", ["-c", "core.hooksPath=/dev/null", ...args], { cwd, env, extendEnv: false })).stdout;

await raw(top, "init", "--quiet", root);
for (let i = 0; i < FILES / 100; i += 1) {
  await mkdir(join(root, `d${i}`));
  await Promise.all(
    Array.from({ length: 100 }, (_, j) => writeFile(join(root, `d${i}/f${j}.txt`), `file ${i} ${j}\n`.repeat(20))),
  );
}
await raw(root, "add", "--all");
await raw(root, "commit", "--quiet", "--message", "first");
await raw(root, "switch", "--quiet", "--create", "elsewhere");

const git = createGit({
  folder: join(top, "data"),
  repos: { repo: { name: "repo", root, base: null, setup: null, checks: [], copy: [] } },
  env,
  spawn: () => {
    throw new Error("no set-up here");
  },
});
const by = { id: "ada", chat: "web", user: "ada", name: "Ada" };
const author = { title: "A change", requestedBy: by, approvedBy: [by] };
const { signal } = new AbortController();

const edit = (path: string, round: number, who: string) =>
  Promise.all([1, 2, 3].map((i) => writeFile(join(path, `d${i}/f${round}.txt`), `${who} ${round}\n`.repeat(20))));

type Times = Record<"create" | "inspect" | "land" | "clean", number>;
const clock = async (job: () => Promise<unknown>) => {
  const from = performance.now();
  await job();
  return performance.now() - from;
};

async function withOca(round: number): Promise<Times> {
  const workspace: Place["workspace"] = {
    repo: "repo",
    kind: "worktree",
    n: 1,
    branch: `oca/bench-${round}`,
    base: null,
    target: null,
    start: null,
    baseCommit: null,
    ready: false,
  };
  const place = { session: `s${round}`, workspace };
  const create = await clock(async () => {
    const prepared = await git.prepare(place, {
      push: false,
      pulls: false,
      write: true,
      setup: "auto",
      merge: false,
      named: [],
      signal,
    });
    if (prepared.ok) Object.assign(workspace, { target: prepared.target, baseCommit: prepared.baseCommit });
  });
  await edit(git.path(place), round, "oca");
  const inspect = await clock(() => git.inspect(place, author, null));
  const order: LandingOrder = {
    ...author,
    how: "merge",
    style: "squash",
    push: false,
    checked: null,
    said: () => undefined,
    aim: null,
    undo: null,
    work: 1,
    signal,
  };
  const land = await clock(() => git.land(place, order, async () => undefined));
  const clean = await clock(() => git.land(place, { ...order, how: "clean", work: 2 }, async () => undefined));
  return { create, inspect, land, clean };
}

async function byHand(round: number): Promise<Times> {
  const path = join(top, "raw", `s${round}`);
  const create = await clock(() => raw(root, "worktree", "add", "--quiet", "-b", `raw/${round}`, path, "main"));
  await edit(path, round, "raw");
  const inspect = await clock(async () => {
    await raw(path, "status", "--porcelain");
    await raw(path, "add", "--all");
    await raw(path, "commit", "--quiet", "--message", "A change");
    await raw(path, "rev-list", "--left-right", "--count", "main...HEAD");
    await raw(path, "diff", "--numstat", "main...HEAD");
    await raw(path, "merge-tree", "--write-tree", "main", "HEAD");
    await raw(path, "status", "--porcelain", "--ignored");
  });
  const land = await clock(async () => {
    const tree = await raw(root, "merge-tree", "--write-tree", "main", `raw/${round}`);
    const commit = await raw(root, "commit-tree", tree, "-p", "main", "-m", "A change");
    await raw(root, "worktree", "list", "--porcelain");
    await raw(root, "update-ref", `refs/kept/${round}`, commit);
    await raw(root, "update-ref", "refs/heads/main", commit);
  });
  const clean = await clock(async () => {
    await raw(root, "worktree", "remove", path);
    await raw(root, "branch", "-D", `raw/${round}`);
  });
  return { create, inspect, land, clean };
}

const p50 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

try {
  const [oca, hand]: [Times[], Times[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = [await withOca(round), await byHand(50 + round)] as const;
    // The first round warms up.
    if (round > 0) oca.push(pair[0]);
    if (round > 0) hand.push(pair[1]);
  }
  const row = (name: keyof Times) => {
    const [a, b] = [p50(oca.map((times) => times[name])), p50(hand.map((times) => times[name]))];
    return { "oca ms": Math.round(a), "git ms": Math.round(b), ratio: Number((a / b).toFixed(2)) };
  };
  console.log(`p50 of ${ROUNDS}, ${FILES} files`);
  console.table({ create: row("create"), inspect: row("inspect"), land: row("land"), clean: row("clean") });
} finally {
  await rm(top, { recursive: true, force: true });
}
