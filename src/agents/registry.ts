import type { Agent, Spawn } from "../core/ports.ts";
import { createAcp } from "./acp.ts";
import { createClaude } from "./claude.ts";
import { createCodex } from "./codex.ts";
import { createOpencode } from "./opencode.ts";
import { KNOWN } from "./quirks.ts";
import { createScripted } from "./scripted.ts";

/** Where an agent's program is, when it is not the usual one of the PATH. */
export interface Settings {
  command?: string | undefined;
  args?: string[] | undefined;
}

export interface Crew {
  spawn: Spawn;
  env: Record<string, string>;
  settings: Readonly<Record<string, Settings>>;
}

/** All agents by name: one line each, the first that is ready is the default. */
export function agents({ spawn, env, settings }: Crew): ReadonlyMap<string, Agent> {
  const all: Agent[] = [
    createClaude(program(settings["claude"])),
    createCodex(program(settings["codex"])),
    createOpencode(program(settings["opencode"])),
    ...(["gemini", "cursor", "copilot"] as const).map((name) =>
      createAcp({ name, ...KNOWN[name], ...program(settings[name]) }),
    ),
    createScripted({ spawn, env }),
  ];
  return new Map(all.map((agent) => [agent.name, agent]));
}

const program = ({ command, args }: Settings = {}): { command?: string; args?: string[] } => ({
  ...(command !== undefined && { command }),
  ...(args !== undefined && { args }),
});
