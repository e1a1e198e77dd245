import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Agent, AgentEvent } from "../../src/core/ports/agent.ts";
import type { Git } from "../../src/core/ports/git.ts";
import { NO_CHANGES } from "../../test/core/life.ts";

/** What several benchmarks are made of: agents that only report, a git that does nothing, and units. */
export type Row = Record<string, string>;

/** How often a busy agent reports. */
export const PER_SECOND = 20;

export const agent = (name: string, play: (signal: AbortSignal) => AsyncGenerator<AgentEvent>): Agent => ({
  name,
  probe: () => Promise.reject(new Error("nobody asks")),
  run: (_, { signal }) => {
    const events = play(signal);
    return { [Symbol.asyncIterator]: () => events, answer: () => undefined };
  },
});

export const BUSY = agent("busy", async function* (signal) {
  for (let n = 0; !signal.aborted; n++) {
    const title = `src/routes/very/deep/in/the/tree/file-${n}.ts`;
    yield { type: "activity", activity: { id: `${n}`, kind: "read", title, state: "ok" } };
    await wait(1000 / PER_SECOND);
  }
  yield { type: "ended", outcome: { ok: false, kind: "interrupted", error: "", resetAt: null } };
});

const PLAN = "## Goal\n\nDo it.\n\n## Steps\n\n1. Look\n2. Change it\n3. Test it\n\n## Files\n\n- `src/a.ts`\n";
export const QUICK = agent("quick", async function* () {
  yield { type: "ended", outcome: { ok: true, answer: "", plan: PLAN } };
});

export const GIT: Git = {
  path: ({ session }) => `/nowhere/${session}`,
  prepare: () => Promise.resolve({ ok: true, target: "refs/heads/main", baseCommit: "b0", moved: null }),
  watch: () => Promise.resolve(() => Promise.resolve([])),
  watchShared: () => Promise.resolve(() => Promise.resolve([])),
  instructions: () => Promise.resolve([]),
  changed: () => Promise.resolve([]),
  inspect: () => Promise.resolve(NO_CHANGES),
  compare: () => Promise.resolve(NO_CHANGES),
  check: (_, { commit }) => Promise.resolve({ commit, ok: true, runs: [] }),
  standing: () => Promise.resolve([]),
  expire: () => Promise.resolve(),
  remotes: () => Promise.resolve(null),
  subjects: () => Promise.resolve([]),
  tips: () => Promise.resolve(new Map()),
  land: () => Promise.resolve({ ok: true, kept: "", pushed: false }),
  head: () => Promise.resolve(null),
  diff: () => Promise.resolve(""),
};

export async function inFolder(use: (folder: string) => Promise<Row>): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), "oca-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const quantile = (values: number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? Number.NaN;
export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
