import type { Agent } from "../core/ports.ts";
import { createScripted, type ScriptedOptions } from "./scripted.ts";

/** All agents by name: one line each. */
export function agents(options: ScriptedOptions): ReadonlyMap<string, Agent> {
  const all: Agent[] = [createScripted(options)];
  return new Map(all.map((agent) => [agent.name, agent]));
}
