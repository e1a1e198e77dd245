import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import type { Agent, Probe } from "./core/ports/agent.ts";
import type { Spawn } from "./core/ports/spawn.ts";

const PATIENCE_MS = 15_000;

interface Around {
  config: Config;
  spawn: Spawn;
}

/** The agent of those who name none: the first that is installed and not known to be logged out, in the order of the registry. */
export async function firstReady(agents: ReadonlyMap<string, Agent>, around: Around): Promise<string> {
  const [only] = agents.keys();
  if (around.config.defaults.agent !== null || agents.size === 1) return around.config.defaults.agent ?? only ?? "";
  const found = await probeAll(agents, around);
  return found.find(({ probe }) => probe.version !== null && probe.loggedIn !== false)?.name ?? "demo";
}

/** Looks at every agent, side by side. */
export const probeAll = (
  agents: ReadonlyMap<string, Agent>,
  { config, spawn }: Around,
): Promise<{ name: string; probe: Probe }[]> =>
  Promise.all(
    [...agents.values()].map(async (agent) => {
      const home = join(config.data, "homes", agent.name);
      await mkdir(home, { recursive: true, mode: 0o700 });
      const signal = AbortSignal.timeout(PATIENCE_MS);
      return { name: agent.name, probe: await agent.probe({ home, env: config.agentEnv(agent.name), spawn, signal }) };
    }),
  );
