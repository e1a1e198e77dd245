import { readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";
import { never } from "../../src/lib/never.ts";
import type { World } from "../git/repo.ts";
import { fc } from "../property.ts";

/** What somebody does to files. */
export type Op =
  | { op: "line"; file: string; n: number; text: string }
  | { op: "add"; file: string; text: string }
  | { op: "delete"; file: string }
  | { op: "rename"; from: string; to: string };

/** What happens between the request and the merge, in this order. */
export type Act =
  | { act: "base" | "work"; ops: Op[] }
  /** Somebody else takes what the branch has so far. */
  | { act: "squash" | "merge" | "pick" }
  /** Somebody takes back what came last to the base. */
  | { act: "revert" }
  /** The branch takes the base. */
  | { act: "sync" };

export interface History {
  acts: Act[];
  /** Left in the workspace, for oca to commit. */
  left: Op[];
  /** The user's own, where the base is checked out; null: something else is checked out there. */
  edits: { ops: Op[]; staged: boolean } | null;
  style: "rebase" | "squash" | "merge";
}

const FILES = ["a.txt", "b.txt", "d/c.txt", "d/e.txt", "README.md", "new.txt", "a.txt/in.txt"];
const WORDS = ["x", "y", "a 3", "read me"];

const file = fc.constantFrom(...FILES);
const text = fc.constantFrom(...WORDS);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant("line" as const), file, n: fc.nat(4), text }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("add" as const), file, text }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("delete" as const), file }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("rename" as const), from: file, to: file }) },
);
const ops = fc.array(op, { minLength: 1, maxLength: 3 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant("work" as const), ops }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("base" as const), ops }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("squash" as const, "merge", "pick") }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("revert" as const, "sync") }) },
);

export const history: fc.Arbitrary<History> = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 6 }),
  left: fc.oneof(fc.constant<Op[]>([]), ops),
  edits: fc.oneof(fc.constant(null), fc.record({ ops: fc.oneof(fc.constant<Op[]>([]), ops), staged: fc.boolean() })),
  style: fc.constantFrom("rebase", "squash", "merge"),
});

/** Git, when it may say no. */
export async function tried(w: World, cwd: string, ...args: string[]): Promise<boolean> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: w.home, GIT_CONFIG_NOSYSTEM: "1" };
  return (await execa("git", args, { cwd, env, extendEnv: false, reject: false })).exitCode === 0;
}

/** Does to the files of a folder what is said, as far as it can be done. */
export async function work(w: World, cwd: string, all: readonly Op[]): Promise<void> {
  const tree = await filesOf(cwd);
  for (const one of all) apply(tree, one);
  for (const name of await readdir(cwd)) if (name !== ".git") await rm(join(cwd, name), { recursive: true });
  await w.write(cwd, Object.fromEntries(tree));
}

/** The files of a checkout with what is in them. */
export async function filesOf(cwd: string): Promise<Map<string, string>> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const names = entries.filter((one) => one.isFile()).map((one) => relative(cwd, join(one.parentPath, one.name)));
  const wanted = names.filter((name) => !/^\.git(\/|$)/.test(name)).sort();
  return new Map(
    await Promise.all(wanted.map(async (name) => [name, await readFile(join(cwd, name), "utf8")] as const)),
  );
}

function apply(tree: Map<string, string>, one: Op): void {
  switch (one.op) {
    case "line": {
      const lines = tree.get(one.file)?.split("\n");
      if (lines) put(tree, one.file, lines.with(Math.min(one.n, lines.length - 1), one.text).join("\n"));
      break;
    }
    case "add":
      put(tree, one.file, `${one.text}\n`);
      break;
    case "delete":
      tree.delete(one.file);
      break;
    case "rename": {
      const text = tree.get(one.from);
      tree.delete(one.from);
      if (text !== undefined) put(tree, one.to, text);
      break;
    }
    default:
      never(one);
  }
}

/** A file takes the place of a folder, and the other way round. */
function put(tree: Map<string, string>, name: string, text: string): void {
  for (const other of tree.keys()) if (other.startsWith(`${name}/`) || name.startsWith(`${other}/`)) tree.delete(other);
  tree.set(name, text);
}
