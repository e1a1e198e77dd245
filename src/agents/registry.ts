import type { Agent } from "../core/ports/agent.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { never } from "../lib/never.ts";
import { createAcp } from "./acp.ts";
import { createClaude } from "./claude.ts";
import { createCodex } from "./codex.ts";
import { createCustom } from "./custom.ts";
import { createOpencode } from "./opencode.ts";
import type { Program } from "./program.ts";
import { KNOWN } from "./quirks.ts";
import { createScripted } from "./scripted.ts";

export interface Crew {
  spawn: Spawn;
  env: Record<string, string>;
  /** What the configuration says, by name. */
  settings: Readonly<Record<string, { program: Program }>>;
}

/** All agents by name: one line each, the first that is ready is the default. Those of the configuration stand behind. */
export function agents({ spawn, env, settings }: Crew): ReadonlyMap<string, Agent> {
  const own = (name: string): { command?: string; args?: string[] } => {
    const program = settings[name]?.program;
    return program?.is === "own" ? program : {};
  };
  const all: Agent[] = [
    createClaude(own("claude")),
    createCodex(own("codex")),
    createOpencode(own("opencode")),
    ...(["gemini", "cursor", "copilot"] as const).map((name) => createAcp({ name, ...KNOWN[name], ...own(name) })),
    ...Object.entries(settings).flatMap(([name, { program }]) => added(name, program)),
    createScripted({ spawn, env }),
  ];
  return new Map(all.map((agent) => [agent.name, agent]));
}

/** An agent that there is only because the configuration names it. */
function added(name: string, program: Program): Agent[] {
  switch (program.is) {
    case "acp":
      return [createAcp({ name, ...program })];
    case "cli":
      return [createCustom({ name, ...program })];
    case "own":
      return isBridge(name) ? [createAcp({ name, ...KNOWN[name], ...program })] : [];
    default:
      return never(program);
  }
}

/** Beside an agent's own adapter only for those who ask for it. */
const isBridge = (name: string): name is "claude-bridge" | "codex-bridge" =>
  name === "claude-bridge" || name === "codex-bridge";
