import type { Agent, Desk, Probe } from "../../src/core/ports/agent.ts";
import type { Bench } from "../contract/agent.ts";
import type { Place } from "../contract/place.ts";
import { startModel } from "../twin/model/index.ts";
import { marker, type Scripts } from "../twin/model/script.ts";

/** The key of a model that is ours: no provider knows it. */
export const KEY = "sk-test-of-oca";

/** What is particular to one real agent. */
export interface Real extends Pick<Bench, "asksIn" | "multi" | "resets" | "commits" | "stopsInMs"> {
  /** What its model does: one of test/twin/model/scripts/. */
  scripts: Scripts;
  /** Made anew for each turn; gets the address of the scripted model. */
  agent(url: string): Agent;
  missing(): Agent;
  can: Probe["can"];
  /** Variables that lead the agent to the scripted model. */
  env?(url: string, place: Place): Record<string, string>;
  desk?: Partial<Desk>;
  /** Files that its home needs, a login for example. */
  prepare?(url: string, place: Place): Promise<void>;
}

/** A real agent at a place, with a scripted model of its own. */
export async function bench(place: Place, real: Real): Promise<Bench> {
  const model = await startModel({ scripts: real.scripts });
  await real.prepare?.(model.url, place);
  return {
    ...real,
    agent: () => real.agent(model.url),
    request: (play, arg) => `Please do it. ${marker(play, arg)}`,
    desk: { ...real.desk, env: { ...place.env, ...real.env?.(model.url, place) } },
    secrets: [KEY],
    asked: () => model.seen.map(({ path, play }) => ({ path, script: play?.name ?? null, step: play?.step ?? 0 })),
    stop: () => model.stop(),
  };
}
