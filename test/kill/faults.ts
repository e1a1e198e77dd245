import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { Session } from "../../src/core/session.ts";
import { asText } from "../../src/view/text.ts";
import { MERGED_THERE, type People, TASK, type Wish, WORD } from "./people.ts";
import { COMMENT, type Server, serverFaults } from "./server.ts";

const run = promisify(execFile);

export interface Ended {
  folder: string;
  repo: string;
  data: string;
  people: People;
  wishes: readonly Wish[];
  /** Commits that somebody else has made on the base meanwhile. */
  others: number;
  /** Where it was merged, if not here. */
  server: Server | null;
}

/** What is not as it should be after the story, in words; nothing when all is well. */
export async function faults(of: Ended): Promise<string[]> {
  const { folder, repo, data, people, wishes, others: theirs, server } = of;
  const found: string[] = [];
  const check = (name: string, is: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(is), JSON.stringify(wanted)];
    if (a !== b) found.push(`${name}: ${a}, not ${b}`);
  };
  const git = async (...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim();

  const [id = "", ...others] = await readdir(join(data, "sessions"));
  check("other sessions", others, []);
  const home = join(data, "sessions", id);
  const session = Session.parse(JSON.parse(await readFile(join(home, "session.json"), "utf8")));
  const { phase, queue, landed } = session;
  check("phase", phase.at === "closed" ? phase.outcome : phase, server ? "pr_merged" : "merged");
  check("words that wait", queue, []);
  check(
    "landings",
    landed.map(({ how }) => how),
    wishes,
  );

  const merged = people.lines.filter(({ view }) =>
    server ? view && asText(view).includes(MERGED_THERE) : view?.head.startsWith("Merged"),
  );
  check("cards that say merged", merged.length, 1);
  check("its mood", merged[0]?.view?.mood, "done");

  const there = server && (await serverFaults(server));
  if (there) found.push(...there.found);
  const text = there?.text ?? (await readFile(join(repo, "hello.txt"), "utf8"));
  const times = (part: string) => text.split(part).length - 1;
  check("greetings", times("Greetings to: The team\n"), 1);
  const isWritten = times(`You said: “${WORD}”\n`) === 1;
  const isAddressed = times("You said: “This was said about pull request #1") === 1;
  const wasTold = people.turns.some(({ turn, ended }) => ended && turn.prompt.includes(WORD));
  const most = (part: string) => Math.max(...people.turns.map(({ turn }) => turn.prompt.split(part).length - 1));
  check("how often a turn was told the same", [most(TASK), most(WORD) <= 1], [1, true]);
  check("the word reached an agent", [isWritten, wasTold].includes(true), true);
  const wasGiven = people.turns.some(({ turn, ended }) => ended && turn.prompt.includes(COMMENT));
  check("the comment reached an agent", isAddressed || wasGiven, server !== null);
  check("turns about the comment", new Set(turnsAbout(people, COMMENT)).size, server ? 1 : 0);

  const lines = 3 + Number(isWritten) + Number(isAddressed);
  check("lines in hello.txt", text.trim().split("\n").length, lines);
  const log = ["log", "--numstat", "--format=", "main", "--", "hello.txt"];
  const numstat = await (server ? server.hub.git(...log) : git(...log));
  const [added, removed] = [0, 1].map((at) =>
    numstat.split("\n").reduce((sum, line) => sum + Number(line.split("\t")[at]), 0),
  );
  const reverted = landed.flatMap(({ how }, i) => (how === "revert" ? (landed[i - 1]?.aim.commit ?? "") : []));
  // The sample has two.
  const again = reverted.length * (lines - 2);
  check("lines that the commits added and removed", [added, removed], [lines + again, again]);
  if (!server) {
    const said = await git("log", "--reverse", "--format=%B", "main");
    check(
      "commits taken back",
      [...said.matchAll(/^This reverts commit (\w+)/gm)].map(([, commit]) => commit),
      reverted,
    );
    check("commits of others", said.match(/^Theirs$/gm)?.length ?? 0, theirs);
    // What was undone is not in the base any more, and is kept elsewhere.
    const stay = landed.filter(({ how }, i) => /merge|revert/.test(how) && landed[i + 1]?.how !== "undo");
    check("landed and lost", await git("rev-list", "--count", ...stay.map(({ aim }) => aim.commit), "^main"), "0");
  }
  const moves = wishes.filter((wish, i) => wish === "merge" || wishes[i - 1] === "merge").length;
  check("moves of main", (await git("reflog", "main")).split("\n").length, 3 + moves + theirs);
  check("checked out", await git("symbolic-ref", "HEAD"), "refs/heads/main");
  check("uncommitted", await git("status", "--porcelain", "--ignored"), "");
  check("fsck", (await run("git", ["fsck", "--no-dangling", "--strict"], { cwd: repo })).stdout, "");
  check("worktrees", (await git("worktree", "list", "--porcelain")).match(/^worktree /gm)?.length, 1);
  const refs = (await git("for-each-ref", "--format=%(refname)")).split("\n");
  check(
    "refs",
    refs.filter((ref) => !ref.startsWith(`refs/oca/kept/${id}/`) && !ref.startsWith("refs/remotes/origin/")),
    ["refs/heads/main"],
  );

  const left = await Promise.all(
    [
      ...["worktrees/sample", "checks/sample", "trash"].map((name) => join(data, name)),
      join(repo, ".git", "worktrees"),
    ].map(namesIn),
  );
  check("left behind", left.flat(), []);
  const files = [
    ...(await readdir(data, { recursive: true })),
    ...(await readdir(join(repo, ".git"), { recursive: true })),
  ];
  // A rescue's own ref that was cut off in the making is taken under the next number: its lock is in nobody's way.
  check(
    "half files",
    files.filter((name) => /\.tmp$|\.lock$|oca-index/.test(name) && !name.startsWith(`refs/oca/kept/${id}/`)),
    [],
  );
  check("processes", await processesIn(folder), []);
  return found;
}

/** What turns were told that were told this; one that was cut off goes on with the same. */
const turnsAbout = ({ turns }: People, words: string): string[] =>
  turns.flatMap(({ turn }) => {
    const from = turn.prompt.indexOf("This was said about");
    return turn.prompt.includes(words) ? [turn.prompt.slice(from)] : [];
  });

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []); // not there: nothing left

/** After a kill the leash takes 3 s, when it gets to run. */
const PROCESSES_MS = 30_000;

/** Processes that were started in a folder or know of it, when they have had the time to end. */
export async function processesIn(folder: string, patienceMs = PROCESSES_MS): Promise<string[]> {
  for (const end = Date.now() + patienceMs; ; await wait(50)) {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = (await Promise.all(pids.map((pid) => commandIn(pid, folder)))).filter((name) => name !== null);
    if (found.length === 0 || Date.now() > end) return found;
  }
}

async function commandIn(pid: string, folder: string): Promise<string | null> {
  const of = join("/proc", pid);
  try {
    const [cwd, env] = await Promise.all([readlink(join(of, "cwd")), readFile(join(of, "environ"), "utf8")]);
    return cwd.startsWith(folder) || env.includes(folder) ? await readFile(join(of, "cmdline"), "utf8") : null;
  } catch {
    return null; // it ended meanwhile, or is not ours to look at
  }
}
