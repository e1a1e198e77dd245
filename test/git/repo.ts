import { spawn as start } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll } from "vitest";
import type { Aim } from "../../src/core/parts.ts";
import type { Author, Git, LandingOrder, Place, Prepared, Since } from "../../src/core/ports/git.ts";
import type { Spawn } from "../../src/core/ports/spawn.ts";
import type { Workspace } from "../../src/core/session.ts";
import { createGit } from "../../src/git/git.ts";
import type { Repo } from "../../src/git/repo.ts";

const { PATH = "" } = process.env;

export const person = (name: string) => ({ id: name.toLowerCase(), chat: "web", user: name.toLowerCase(), name });
/** A first preparation, for work that lands where it is. */
export const HOW: Parameters<Git["prepare"]>[1] = {
  push: false,
  pulls: false,
  write: false,
  setup: "auto",
  merge: false,
  named: [],
  signal: new AbortController().signal,
};
export const author: Author = { title: "Fix the redirect", requestedBy: person("Ada"), approvedBy: [person("Bob")] };

/** Temporary folders with a repository of a user, maybe a remote, and git for sessions; all gone when disposed. */
export async function world({
  remote = false,
  bare = false,
  repo = {},
}: {
  remote?: boolean;
  bare?: boolean;
  repo?: Partial<Repo>;
} = {}) {
  const top = await realpath(await mkdtemp(join(tmpdir(), "oca-git-")));
  const [home, root, folder, origin] = ["home", "project", "data", "origin.git"].map((name) => join(top, name)) as [
    string,
    string,
    string,
    string,
  ];
  await copyOf(`${remote} ${bare}`, top, (folder) => build(folder, { remote, bare }));
  const env = environment(home);
  // Never twice in the life of a session, also over its generations.
  let work = 0;
  const nextWork = () => {
    work += 1;
    return work;
  };
  const { git, write, commit } = hands(env);
  const settings: Repo = {
    name: "project",
    root: bare ? join(top, "bare") : root,
    base: null,
    setup: null,
    checks: [],
    copy: [],
    ...repo,
  };
  const oca = (more: { env?: Record<string, string>; waitMs?: number } = {}): Git =>
    createGit({
      folder,
      repos: { project: settings },
      env: { ...env, ...more.env },
      spawn,
      patience: { waitMs: more.waitMs ?? 30_000, staleMs: 20 },
    });
  return {
    top,
    home,
    root: settings.root,
    folder,
    origin,
    git,
    write,
    commit,
    /** A second clone of the remote: a colleague. */
    colleague: async () => {
      await git(top, "clone", "--quiet", origin, join(top, "colleague"));
      return join(top, "colleague");
    },
    oca,
    session: (workspace: Partial<Workspace> = {}, { id = "k9q2m7ab3c", git = oca() }: Other = {}) =>
      createSession(git, { id, given: workspace, nextWork }),
    [Symbol.asyncDispose]: () => rm(top, { recursive: true, force: true }),
  };
}

/** A second session of the same oca, or one of another. */
interface Other {
  id?: string;
  git?: Git;
}

export type World = Awaited<ReturnType<typeof world>>;

/** What a user does in a repository. */
function hands(env: Record<string, string>) {
  const git = async (cwd: string, ...args: string[]) =>
    (await execa("git", args, { cwd, env, extendEnv: false, stripFinalNewline: true })).stdout;
  const write = async (cwd: string, files: Record<string, string | null>) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(cwd, name);
      if (text === null) await rm(path);
      else {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
    }
  };
  const commit = async (cwd: string, files: Record<string, string | null>, message = "a commit") => {
    await write(cwd, files);
    await git(cwd, "add", "--all");
    await git(cwd, "commit", "--quiet", "--no-verify", "--message", message);
    return git(cwd, "rev-parse", "HEAD");
  };
  return { git, write, commit };
}

const made = new Map<string, Promise<string>>();
afterAll(async () => {
  for (const folder of made.values()) await rm(await folder, { recursive: true, force: true });
});

/** What is made once is copied for each test; paths in the configuration of git lead to the copy. */
async function copyOf(key: string, to: string, make: (folder: string) => Promise<void>): Promise<void> {
  const known = made.get(key) ?? first(make);
  made.set(key, known);
  const from = await known;
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  for (const config of ["project/.git/config", "origin.git/config", "bare/config"]) {
    const text = await readFile(join(to, config), "utf8").catch(() => null); // not every world has each
    if (text?.includes(from)) await writeFile(join(to, config), text.replaceAll(from, to));
  }
}

async function first(make: (folder: string) => Promise<void>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "oca-git-made-")));
  await make(folder);
  return folder;
}

async function build(top: string, { remote, bare }: { remote: boolean; bare: boolean }): Promise<void> {
  const [home, root, origin] = [join(top, "home"), join(top, "project"), join(top, "origin.git")];
  await mkdir(home);
  await writeFile(
    join(home, ".gitconfig"),
    "[user]\nname = Host\nemail = host@example.com\n[init]\ndefaultBranch = main\n",
  );
  const { git, commit } = hands(environment(home));
  await git(top, "init", "--quiet", root);
  await commit(root, { "a.txt": lines("a"), "b.txt": lines("b"), "README.md": "read me\n" }, "first");
  if (remote) {
    await git(top, "init", "--quiet", "--bare", origin);
    await git(root, "remote", "add", "origin", origin);
    await git(root, "push", "--quiet", "origin", "main");
  }
  if (bare) {
    await git(top, "clone", "--quiet", "--bare", root, join(top, "bare"));
    await git(join(top, "bare"), "remote", "remove", "origin");
  }
}

const environment = (home: string) => ({ PATH, HOME: home, GIT_CONFIG_NOSYSTEM: "1", SECRET_TOKEN: "t0k3n" });

/** A session as the engine would hold it: remembers what git answered. */
function createSession(
  git: Git,
  { id, given, nextWork }: { id: string; given: Partial<Workspace>; nextWork: () => number },
) {
  const place: Place = {
    session: id,
    workspace: {
      repo: "project",
      kind: "worktree",
      n: 1,
      branch: `oca/redirect-${id}`,
      base: null,
      target: null,
      start: null,
      baseCommit: null,
      ready: false,
      ...given,
    },
  };
  const aims: Aim[] = [];
  return {
    git,
    place,
    aims,
    path: git.path(place),
    prepare: async (how: Partial<Parameters<Git["prepare"]>[1]> = {}): Promise<Prepared> => {
      const prepared = await git.prepare(place, { ...HOW, ...how });
      if (prepared.ok) Object.assign(place.workspace, { target: prepared.target, baseCommit: prepared.baseCommit });
      return prepared;
    },
    inspect: (since: Since | null = null) => git.inspect(place, author, since),
    land: async (order: Partial<LandingOrder> = {}, take: (aim: Aim) => Promise<void> = async () => undefined) => {
      const work = nextWork();
      return git.land(
        place,
        {
          ...author,
          how: "merge",
          style: "rebase",
          push: false,
          checked: null,
          said: () => undefined,
          aim: null,
          undo: null,
          work,
          signal: new AbortController().signal,
          ...order,
        },
        async (aim) => {
          aims.push(aim);
          await take(aim);
        },
      );
    },
    /** What the record says of the last landing. */
    landed: (how: "merge" | "discard", answer: { kept: string; pushed: boolean }) => {
      const aim = aims.at(-1);
      if (!aim) throw new Error("nothing was aimed");
      return { how, by: [], aim, kept: answer.kept, pushed: answer.pushed, checks: "none" as const, at: 0 };
    },
  };
}

export const lines = (name: string, changed: Record<number, string> = {}): string =>
  `${Array.from({ length: 20 }, (_, i) => changed[i + 1] ?? `${name} ${i + 1}`).join("\n")}\n`;

/** Gives the answer of a landing that succeeded. */
export function ok<T extends { ok: boolean }>(answer: T): Extract<T, { ok: true }> {
  if (!answer.ok) throw new Error(`not ok: ${JSON.stringify(answer)}`);
  return answer as Extract<T, { ok: true }>;
}

/** Real processes, without the leash of the real port. */
const spawn: Spawn = ({ command, args, cwd, env, signal }) => {
  const child = start(command, args, { cwd, env, detached: true });
  const kill = () => child.pid && process.kill(-child.pid, "SIGKILL");
  signal.addEventListener("abort", kill);
  child.on("close", () => signal.removeEventListener("abort", kill));
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    stderr: child.stderr,
    write: async (text) => {
      child.stdin.write(text);
    },
    closeInput: () => child.stdin.end(),
    interrupt: () => child.kill("SIGINT"),
    done: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal }))),
  };
};
