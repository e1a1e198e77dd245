import { mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { Desk } from "../../src/core/ports/agent.ts";
import type { Child } from "../../src/core/ports/spawn.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { DESK } from "../core/life.ts";

const host = createHostSpawn({ killAfterMs: 300, pollMs: 5 });

/** Where a turn is tried that needs no repository: each test has folders of its own, and no process outlives it. */
export interface Folders {
  readonly base: string;
  readonly cwd: string;
  readonly home: string;
  desk(over?: Partial<Desk>): Desk;
  /** What the fake was started with and told. */
  // biome-ignore lint/suspicious/noExplicitAny: the wire, as it went
  told(): Promise<any[]>;
}

export function folders(name: string): Folders {
  let base = "";
  let alive = new Set<Child>();
  const at = (part: string): string => join(base, part);
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), `oca-${name}-`)));
    for (const part of ["tree", "home", "tmp"]) await mkdir(at(part));
    alive = new Set();
  });
  afterEach(async () => {
    expect(alive.size, "processes after the end of the turn").toBe(0);
    await rm(base, { recursive: true });
  });
  return {
    get base() {
      return base;
    },
    get cwd() {
      return at("tree");
    },
    get home() {
      return at("home");
    },
    desk: (over = {}) => ({
      ...DESK,
      cwd: at("tree"),
      home: at("home"),
      tmp: at("tmp"),
      env: { PATH: process.env["PATH"] ?? "", FAKE_LOG: at("log") },
      spawn: (order) => {
        const child = host(order);
        const gone = () => alive.delete(child);
        alive.add(child);
        child.done.then(gone, gone);
        return child;
      },
      signal: new AbortController().signal,
      ...over,
    }),
    told: async () =>
      (await readFile(at("log"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}
