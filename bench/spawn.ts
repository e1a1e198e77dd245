import { spawn as start } from "node:child_process";
import { once } from "node:events";
import { createHostSpawn } from "../src/sandbox/host.ts";

/** What the Spawn port costs beside node's own spawn: groups, leash and waiting for the group's end. */
const RUNS = 200;
const env = { PATH: "/usr/bin:/bin" };
const spawn = createHostSpawn();
const { signal } = new AbortController();

const jobs: Record<string, () => Promise<unknown>> = {
  "node's spawn (baseline)": async () => await once(start("true", [], { env, detached: true, stdio: "pipe" }), "exit"),
  "the Spawn port": async () => await spawn({ command: "true", args: [], cwd: "/", env, signal }).done,
};
for (const job of Object.values(jobs)) await job();
const times: Record<string, number[]> = {};
for (let run = 0; run < RUNS; run++) {
  for (const [name, job] of Object.entries(jobs)) {
    const since = performance.now();
    await job();
    times[name] = [...(times[name] ?? []), performance.now() - since];
  }
}
const at = (list: number[], share: number): number =>
  Number((list.toSorted((a, b) => a - b)[Math.floor(list.length * share)] ?? 0).toFixed(2));
console.table(
  Object.entries(times).map(([name, list]) => ({ name, runs: RUNS, p50Ms: at(list, 0.5), p95Ms: at(list, 0.95) })),
);
