import type { Agent } from "../core/ports/agent.ts";
import { probe } from "./opencode/probe.ts";
import { runTurn } from "./opencode/run.ts";
import { TIMES, type Times } from "./watch.ts";

export interface OpencodeOptions {
  /** The program; else `opencode` of the PATH. */
  command?: string;
  /** Before `acp`, for a program that starts another one. */
  args?: readonly string[];
  /** OpenCode's own configuration: providers, models, MCP servers. What keeps a turn within its bounds is oca's. */
  config?: Readonly<Record<string, unknown>>;
  times?: Partial<Times>;
}

/**
 * OpenCode, one process a turn: `opencode acp` on a leash, spoken to by its HTTP server and events. Plan turns are its agent
 * `plan`, to which nothing is offered that could change anything; whatever a turn may do is asked for and judged by oca.
 */
export function createOpencode(options: OpencodeOptions = {}): Agent {
  const { command = "opencode", args = [], config = {} } = options;
  const program = { command, args, config };
  return {
    name: "opencode",
    run: (turn, desk) => runTurn(turn, desk, { program, times: { ...TIMES, ...options.times } }),
    probe: (at) => probe(at, program),
  };
}
