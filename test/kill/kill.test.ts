import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSample } from "../../src/demo.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { atOnce, FULL_MS, spread } from "./sample.ts";
import { type Death, type Plot, play, type Told } from "./story.ts";
import type { Point } from "./wire.ts";

/**
 * `kill -9` of the real bot at every call that does something, and at random moments. All of them take too long for every
 * day: as many as fit into the time are taken, always in the same order, which is evenly spread. `OCA_KILL=full` takes
 * all, and `OCA_KILL="store.put 7 before"` that one.
 */
const WANTED = process.env["OCA_KILL"] ?? "";
const DAILY_MS = { merge: 30_000, landing: 40_000, revert: 5000, pull: 10_000 };
/** Fewer prove nothing: they are told however long they take. */
const AT_LEAST = 6;
const RANDOM = WANTED === "full" ? 30 : 6;
const SEED = 20_260_501;
/** A story mostly waits, for git and for the disk. */
const WORKERS = 3 * availableParallelism();

let top = "";
let sample = "";

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "oca-kills-"));
  sample = join(top, "sample");
  await makeSample(sample, { spawn: createHostSpawn(), env: { PATH: process.env["PATH"] ?? "", HOME: top } });
});

afterAll(async () => {
  await rm(top, { recursive: true, force: true });
});

const MERGE: Plot = { wishes: ["merge"], check: null, moves: null, isPulled: false };
/** All ways home, and back again; the checks run in the last landing, because somebody has committed before it. */
const LANDING: Plot = {
  wishes: ["discard", "undo", "merge", "undo", "merge"],
  check: "grep --quiet Greetings hello.txt",
  moves: 4,
  isPulled: false,
};
/** Somebody has built upon the merge, so a commit takes it back; then the work lands after all. */
const REVERT: Plot = {
  wishes: ["merge", "revert", "merge"],
  check: "grep --quiet . hello.txt",
  moves: 1,
  isPulled: false,
};
/** Opened, commented on, brought up to date, and merged on its server. */
const PULL: Plot = { wishes: [], check: null, moves: null, isPulled: true };
const cache = () => join(top, "cache");
const tell = (deaths: readonly Death[]): Promise<Told> => play(sample, deaths, { cache: cache(), plot: MERGE });
const land = (deaths: readonly Death[]): Promise<Told> => play(sample, deaths, { cache: cache(), plot: LANDING });
const revert = (deaths: readonly Death[]): Promise<Told> => play(sample, deaths, { cache: cache(), plot: REVERT });
const pull = (deaths: readonly Death[]): Promise<Told> => play(sample, deaths, { cache: cache(), plot: PULL });
const usual = once(() => tell([]));
const home = once(() => land([]));
const reverted = once(() => revert([]));
const pulled = once(() => pull([]));

test("nobody kills it: the story ends in a merge, also by way of a discard, of what was undone or reverted, and of a pull request", async () => {
  for (const told of await Promise.all([usual(), home(), reverted(), pulled()]))
    expect(told).toMatchObject({ faults: [], strays: 0, helped: 0 });
});

test("killed before, within or after any call of store, git, chat or process, it ends the story as if nothing had been", {
  timeout: FULL_MS,
}, async () => {
  await kill((await usual()).calls, DAILY_MS.merge, tell);
});

test("killed before, within or after any process of a landing with a check, a discard or an undo, nothing is lost and nothing lands twice", {
  timeout: FULL_MS,
}, async () => {
  await kill(Object.fromEntries(Object.entries((await home()).calls).map(landings)), DAILY_MS.landing, land);
});

test("killed before, within or after any process of a revert, it is taken back once and no commit is lost", {
  timeout: FULL_MS,
}, async () => {
  await kill(Object.fromEntries(Object.entries((await reverted()).calls).map(reverts)), DAILY_MS.revert, revert);
});

test("killed before, within or after any process or question of a pull request, there is one, with every commit, and its thread closes", {
  timeout: FULL_MS,
}, async () => {
  await kill(Object.fromEntries(Object.entries((await pulled()).calls).map(requests)), DAILY_MS.pull, pull);
});

const ELSEWHERE = "elsewhere";

/** Only what is done while something lands, where it is in all that is done. */
function landings([kind, abouts]: [string, string[]]): [string, string[]] {
  return [kind, abouts.map((about) => (/^(merge|discard|undo|clean): /.test(about) ? about : ELSEWHERE))];
}

/** Only what is done while a revert lands, and what is saved of it. */
function reverts([kind, abouts]: [string, string[]]): [string, string[]] {
  return [kind, abouts.map((about) => (/^revert(: |$)/.test(about) ? about : ELSEWHERE))];
}

/** Only what is about the pull request: every git command that pushes or cleans up, every question, and what is saved of it. */
function requests([kind, abouts]: [string, string[]]): [string, string[]] {
  if (/^(forge|http)/.test(kind)) return [kind, abouts];
  return [
    kind,
    abouts.map((about) => (/^(pr|discard): |^(pr|discard|proposed|pulled)$/.test(about) ? about : ELSEWHERE)),
  ];
}

/** Ends the story at each of these calls, or at as many as fit into the time of a day. */
async function kill(calls: Told["calls"], dailyMs: number, play: (deaths: readonly Death[]) => Promise<Told>) {
  const all = spread(momentsOf(calls));
  const named = all.filter(({ kind, n, when }) => `${kind} ${n} ${when}`.startsWith(WANTED));
  const wanted = WANTED === "" || WANTED === "full" ? all : named;
  const since = performance.now();
  const how = { ms: WANTED === "" ? dailyMs : FULL_MS, workers: WORKERS, atLeast: AT_LEAST };
  const told = await atOnce(wanted, how, (point) => play([{ at: "call", point }]));
  const ofKind = (kind: string) => told.filter((_, i) => wanted[i]?.kind === kind);
  print([
    ...Object.entries(calls).map(([kind, abouts]) => row(kind, abouts.length, ...sums(ofKind(kind)))),
    row(`${told.length} of ${all.length} moments`, "", ...sums(told), seconds(since)),
  ]);
  expect(told.flatMap((one, i) => report(JSON.stringify(wanted[i]), one))).toEqual([]);
  expect(told.length).toBeGreaterThanOrEqual(WANTED === "" ? AT_LEAST : wanted.length);
}

test.skipIf(WANTED !== "" && WANTED !== "full")(
  "killed at any time, alone or with all that it had started, and again while it recovers, it ends the story too",
  async () => {
    const random = dice(SEED);
    const { ms } = await usual();
    const stories = Array.from({ length: RANDOM }, (_, i): Death[] => {
      const death = (ms: number): Death => ({ at: "time", ms: 200 + random() * ms, whole: i % 2 === 1 });
      return [death(ms), ...(i % 3 === 0 ? [death(1000)] : [])];
    });
    const since = performance.now();
    const told = await atOnce(stories, { ms: FULL_MS, workers: WORKERS }, tell);
    print([row(`${RANDOM} random`, "", ...sums(told), seconds(since))]);
    expect(told.flatMap((one, i) => report(JSON.stringify(stories[i]), one))).toEqual([]);
  },
);

/** What changes something in a repository, and so may be torn. */
const WRITES =
  /^(\w+: )?git (--literal-pathspecs )?(worktree (add|remove)|update-ref|add|commit|merge |read-tree -m|symbolic-ref HEAD)/;

function momentsOf(calls: Told["calls"]): Point[] {
  return Object.entries(calls).flatMap(([kind, abouts]) =>
    abouts.flatMap((about, i): Point[] => {
      if (about === ELSEWHERE) return [];
      const at = { kind, n: i + 1 };
      const within = kind === "process" && WRITES.test(about) ? [0, 0.7, 1.4, 2.1, 2.8, 3.5] : [];
      return [
        { ...at, when: "before", ms: 0 },
        ...within.map((ms): Point => ({ ...at, when: "within", ms })),
        { ...at, when: "after", ms: 0 },
      ];
    }),
  );
}

const report = (name: string, { deaths, faults }: Told): string[] =>
  faults.length > 0 ? [[name, ...deaths, ...faults].join("\n")] : [];

const sums = (told: readonly Told[]): number[] => [
  told.length,
  told.filter(({ deaths }) => deaths.length > 0).length,
  told.filter(({ faults }) => faults.length === 0).length,
  told.reduce((sum, { strays }) => sum + strays, 0),
  told.reduce((sum, { helped }) => sum + helped, 0),
];

const row = (first: string, ...cells: (string | number)[]): string =>
  first.padEnd(24) + cells.map((cell) => `${cell}`.padStart(13)).join("");

/** At once: a whole run takes an hour, and may be ended before its last story. */
const print = (rows: readonly string[]): void =>
  console.log([row("", "calls", "stories", "died", "well", "stray cards", "tidied up", "seconds"), ...rows].join("\n"));

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(0);

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

/** The same numbers each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
