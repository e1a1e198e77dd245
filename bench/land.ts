import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { LandingOrder, Place } from "../src/core/ports/git.ts";
import { createGit } from "../src/git/git.ts";

/**
 * Pre-flight and landing on a base that has moved, in repositories of several sizes, beside the git commands that do the same
 * by hand; and many sessions that land on one base at once. `OCA_FILES=1000` measures that size alone.
 */
const SIZES = (process.env["OCA_FILES"] ?? "1000,20000,100000").split(",").map(Number);
const AHEAD = [10, 1000];
const ROUNDS = 5;
const CROWD = 20;

const { PATH = "" } = process.env;
const by = { id: "ada", chat: "web", user: "ada", name: "Ada" };
const author = { title: "A change", requestedBy: by, approvedBy: [by] };
const { signal } = new AbortController();
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

const clock = async (job: () => Promise<unknown>) => {
  const from = performance.now();
  await job();
  return performance.now() - from;
};
const p50 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A repository of so many files, made in one go, and git for sessions in it. */
async function make(files: number) {
  const top = await realpath(await mkdtemp(join(tmpdir(), "oca-bench-land-")));
  const root = join(top, "repo");
  const env = { PATH, HOME: top, GIT_CONFIG_NOSYSTEM: "1" };
  await writeFile(
    join(top, ".gitconfig"),
    "[user]\nname = Bench\nemail = bench@example.com\n[init]\ndefaultBranch = main\n",
  );
  const raw = async (cwd: string, args: string[], input = "") =>
    (await execa("git", ["-c", "core.hooksPath=/dev/null", ...args], { cwd, env, extendEnv: false, input })).stdout;
  await raw(top, ["init", "--quiet", root]);
  const all = Array.from(
    { length: files },
    (_, i) => `M 100644 inline d${i % 100}/f${i}.txt\ndata 8\nfile ${i % 10}\n\n`,
  );
  await raw(root, ["fast-import", "--quiet"], commitOf("main", "first", all.join("")));
  await raw(root, ["switch", "--quiet", "--create", "elsewhere", "main"]);
  const git = createGit({
    folder: join(top, "data"),
    repos: { repo: { name: "repo", root, base: null, setup: null, checks: [], copy: [] } },
    env,
    spawn: () => {
      throw new Error("no set-up here");
    },
  });
  return { top, root, raw, git };
}

type Made = Awaited<ReturnType<typeof make>>;

const commitOf = (branch: string, message: string, changes: string, from = ""): string =>
  `commit refs/heads/${branch}\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata ${message.length}\n${message}\n${from}${changes}\n`;

/** A session that is so many commits ahead of the base. */
async function session({ root, raw, git }: Made, id: string, ahead: number): Promise<Place> {
  const workspace: Place["workspace"] = {
    repo: "repo",
    kind: "worktree",
    n: 1,
    branch: `oca/${id}`,
    base: null,
    target: null,
    start: null,
    baseCommit: null,
    ready: false,
  };
  const place = { session: id, workspace };
  const how = { push: false, pulls: false, write: false, setup: "auto" as const, merge: false, named: [], signal };
  const prepared = await git.prepare(place, how);
  if (!prepared.ok) throw new Error("it asks, and nobody is here");
  Object.assign(workspace, { target: prepared.target, baseCommit: prepared.baseCommit });
  const from = `from ${prepared.baseCommit}\n`;
  const commits = Array.from({ length: ahead }, (_, i) => {
    const text = `${id} ${i}\n`;
    const change = `M 100644 inline new/${id}-${i % 50}.txt\ndata ${text.length}\n${text}\n`;
    return commitOf(`ahead-${id}`, `commit ${i}`, change, i === 0 ? from : "");
  });
  await raw(root, ["fast-import", "--quiet"], commits.join(""));
  await raw(git.path(place), ["reset", "--quiet", "--hard", `ahead-${id}`]);
  return place;
}

type Row = Record<string, number>;

async function compared(made: Made, files: number, ahead: number): Promise<void> {
  const { root, raw, git, top } = made;
  const id = `s${ahead}`;
  const place = await session(made, id, ahead);
  const path = git.path(place);
  const start = await raw(root, ["rev-parse", "main"]);
  const change = "M 100644 inline d0/f0.txt\ndata 6\nmoved\n\n";
  await raw(root, ["fast-import", "--quiet"], commitOf("main", "theirs", change, `from ${start}\n`));
  const base = await raw(root, ["rev-parse", "main"]);
  const hand = join(top, "hand");
  await raw(root, ["worktree", "add", "--quiet", "--detach", hand, place.workspace.branch]);
  const back = () => raw(root, ["update-ref", "refs/heads/main", base]);

  const byHand = {
    "pre-flight": async () => {
      await raw(path, ["status", "--porcelain"]);
      await raw(path, ["rev-list", "--left-right", "--count", "main...HEAD"]);
      await raw(path, ["diff", "--numstat", "main...HEAD"]);
      await raw(path, ["merge-tree", "--write-tree", "main", "HEAD"]);
      await raw(path, ["status", "--porcelain", "--ignored"]);
    },
    rebase: async () => {
      await raw(hand, ["reset", "--quiet", "--hard", place.workspace.branch]);
      await raw(hand, ["rebase", "--quiet", "main"]);
      await raw(hand, ["update-ref", "refs/heads/main", "HEAD"]);
    },
    squash: () => merged(["-p", "main"]),
    merge: () => merged(["-p", "main", "-p", place.workspace.branch]),
  };
  async function merged(parents: string[]): Promise<void> {
    const tree = await raw(root, ["merge-tree", "--write-tree", "main", place.workspace.branch]);
    const commit = await raw(root, ["commit-tree", tree, ...parents, "-m", "A change"]);
    await raw(root, ["worktree", "list", "--porcelain"]);
    await raw(root, ["update-ref", "refs/kept/x", commit]);
    await raw(root, ["update-ref", "refs/heads/main", commit]);
  }
  const landing = (style: LandingOrder["style"]) => async () => {
    const answer = await git.land(place, { ...order, style }, async () => undefined);
    if (!answer.ok) throw new Error(`not landed: ${answer.block.why}`);
  };
  const withOca = {
    "pre-flight": () => git.compare(place),
    rebase: landing("rebase"),
    squash: landing("squash"),
    merge: landing("merge"),
  };
  const table: Record<string, Row> = {};
  for (const name of Object.keys(byHand) as (keyof typeof byHand)[]) {
    const rounds = name === "rebase" && ahead > 100 ? 1 : ROUNDS;
    const [oca, own]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      await back();
      oca.push(await clock(withOca[name]));
      await back();
      own.push(await clock(byHand[name]));
    }
    const [a, b] = [p50(oca), p50(own)];
    table[name] = { "oca ms": Math.round(a), "git ms": Math.round(b), ratio: Number((a / b).toFixed(2)) };
  }
  await raw(root, ["worktree", "remove", "--force", hand]);
  await raw(root, ["update-ref", "refs/heads/main", start]);
  console.log(`${files} files, ${ahead} commits ahead of a base that has moved (p50 of ${ROUNDS})`);
  console.table(table);
}

async function crowded(made: Made, files: number): Promise<void> {
  const places: Place[] = [];
  for (let i = 0; i < CROWD; i += 1) places.push(await session(made, `crowd${i}`, 3));
  const one = await clock(() => land(places.slice(0, 1)));
  const all = await clock(() => land(places.slice(1)));
  console.log(
    `${files} files, ${CROWD} sessions on one base: the first ${Math.round(one)} ms, each of the others ${Math.round(all / (CROWD - 1))} ms`,
  );

  async function land(some: Place[]): Promise<void> {
    const answers = await Promise.all(some.map((place) => made.git.land(place, order, async () => undefined)));
    if (answers.some(({ ok }) => !ok)) throw new Error("one was not landed");
  }
}

for (const files of SIZES) {
  const made = await make(files);
  try {
    await mkdir(join(made.top, "data"), { recursive: true });
    for (const ahead of AHEAD) await compared(made, files, ahead);
    await crowded(made, files);
  } finally {
    await rm(made.top, { recursive: true, force: true });
  }
}
