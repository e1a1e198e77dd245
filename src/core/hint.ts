import type { Isolation, Land } from "./policy.ts";

/** What a request says about how it is to be done; null where it says nothing. */
export interface Hints {
  repo: string | null;
  base: string | null;
  agent: string | null;
  plan: boolean | null;
  land: Land | null;
  isolation: Isolation | null;
}

/** The words that introduce a hint, of every language. */
interface Introductions {
  in: readonly string[];
  on: readonly string[];
  with: readonly string[];
}

interface Known {
  repos: readonly string[];
  agents: readonly string[];
}

/**
 * Takes hints off both ends of a request: `in <repository>`, `on <branch>`, `with <agent>`, `--plan`, `--no-plan`,
 * how it lands (`--ask`, `--auto-merge` ...), and `--off`. Most of these words are ordinary prose ("in the login page"),
 * so a hint counts only with a value that can hardly be prose: a known repository, a known agent, or a branch as `isBranch`
 * says. Nothing is taken when no request would be left.
 */
export function readHints(request: string, words: Introductions, known: Known): { text: string; hints: Hints } {
  const hints: Hints = { ...NOTHING };
  let text = request.trim();
  for (let next = shorten(text, { hints, words, known }); next !== null; next = shorten(text, { hints, words, known }))
    text = next;
  return text === "" ? { text: request.trim(), hints: NOTHING } : { text, hints };
}

const NOTHING: Hints = { repo: null, base: null, agent: null, plan: null, land: null, isolation: null };

interface Reading {
  hints: Hints;
  words: Introductions;
  known: Known;
}

/** Takes one hint off an end and writes it down; null when there is none. */
function shorten(text: string, reading: Reading): string | null {
  return fromEnd(text, reading) ?? fromStart(text, reading);
}

const FLAGS: Readonly<Record<string, Partial<Hints>>> = {
  "--plan": { plan: true },
  "--no-plan": { plan: false },
  "--ask": { land: "ask" },
  "--delegate": { land: "delegate" },
  "--manual": { land: "manual" },
  "--auto-merge": { land: "merge" },
  "--auto-pr": { land: "pr" },
  "--off": { isolation: "off" },
};
const BEFORE = /[\s,;]+$/u;

function fromEnd(text: string, { hints, words, known }: Reading): string | null {
  const [before, last] = splitLast(text);
  const flag = FLAGS[last.toLowerCase()];
  if (flag) {
    note(hints, flag);
    return before.replace(BEFORE, "");
  }
  for (const kind of ["in", "on", "with"] as const) {
    const value = read(kind, last, known);
    const word = value === null ? undefined : words[kind].find((phrase) => endsWith(before, phrase));
    if (value === null || word === undefined) continue;
    write(hints, kind, value);
    return before.slice(0, before.length - word.length).replace(BEFORE, "");
  }
  return null;
}

function fromStart(text: string, { hints, words, known }: Reading): string | null {
  const [first = ""] = /^\S*/u.exec(text) ?? [];
  const flag = FLAGS[first.toLowerCase()];
  if (flag) {
    note(hints, flag);
    return text.slice(first.length).trimStart();
  }
  for (const kind of ["in", "on", "with"] as const) {
    const word = words[kind].find((phrase) => startsWith(text, phrase));
    if (word === undefined) continue;
    const rest = text.slice(word.length).trimStart();
    const [token = ""] = /^\S*/u.exec(rest) ?? [];
    const value = read(kind, token, known);
    if (value === null) continue;
    write(hints, kind, value);
    return rest.slice(token.length).trimStart();
  }
  return null;
}

/** What stands nearest to the end wins: it was said last. */
function write(hints: Hints, kind: "in" | "on" | "with", value: string): void {
  if (kind === "in") hints.repo ??= value;
  else if (kind === "on") hints.base ??= value;
  else hints.agent ??= value;
}

function note(hints: Hints, { plan = null, land = null, isolation = null }: Partial<Hints>): void {
  hints.plan ??= plan;
  hints.isolation ??= isolation;
  hints.land ??= land;
}

function read(kind: "in" | "on" | "with", token: string, { repos, agents }: Known): string | null {
  const ticked = /^`[^`]+`/u.test(token);
  const value = token.replace(/^[`"'„“”]+/u, "").replace(/[`"'“”.,;:!]+$/u, "");
  const same = (name: string) => name.toLowerCase() === value.toLowerCase();
  if (value === "") return null;
  if (kind === "with") return agents.find(same) ?? null;
  if (kind === "on") return isBranch(value, ticked) ? value : null;
  const whole = repos.find(same);
  const named = repos.filter((repo) => same(repo.replace(/(\.git)?\/*$/u, "").replace(/^.*[/:\\]/su, "")));
  return whole ?? (named.length === 1 ? (named[0] ?? null) : null);
}

const USUAL = new Set(["main", "master", "develop", "trunk"]);
const PREFIXED = /^(?:release|feature|feat|hotfix|bugfix|fix|chore|support|origin)\/[\w][\w./-]*$/u;
const BRANCH = /^[\w][\w./-]*$/u;
const FILE = /\.[a-z]{1,5}$/iu;

/**
 * Is this a branch rather than prose or a path? The usual names, a usual prefix before a slash ("release/2.1"), or, in
 * backticks, a name with a dash, a slash or a digit. "on `submit`" and "on src/app.ts" are prose.
 */
function isBranch(value: string, ticked: boolean): boolean {
  if (USUAL.has(value)) return true;
  if (FILE.test(value) || value.includes("..")) return false;
  return PREFIXED.test(value) || (ticked && BRANCH.test(value) && /[-/\d]/u.test(value));
}

/** Splits off the last word, in time that grows with the text's length only. */
function splitLast(text: string): [before: string, last: string] {
  const end = text.trimEnd();
  const at = Math.max(...[" ", "\n", "\t", "\u00a0"].map((space) => end.lastIndexOf(space)));
  return [end.slice(0, at + 1).trimEnd(), end.slice(at + 1)];
}

function endsWith(text: string, phrase: string): boolean {
  const start = text.length - phrase.length;
  if (start < 0 || text.slice(start).toLowerCase() !== phrase) return false;
  return start === 0 || /[\s,;]/u.test(text.charAt(start - 1));
}

const startsWith = (text: string, phrase: string): boolean =>
  text.slice(0, phrase.length).toLowerCase() === phrase && /\s/u.test(text.charAt(phrase.length));
