import type { Agent } from "../core/ports/agent.ts";
import type { Times } from "./claude/end.ts";
import { probe } from "./claude/probe.ts";
import { begin } from "./claude/turn.ts";

export interface ClaudeOptions {
  /** The program; else `claude` of the PATH. */
  command?: string;
  /** Before our own arguments. */
  args?: readonly string[];
  times?: Partial<Times>;
}

const TIMES: Times = { startMs: 30_000, stallMs: 600_000, interruptMs: 10_000, endMs: 2000 };

/**
 * Claude Code by its stream-json wire and control protocol, one process a turn. Every tool, those of its helpers included,
 * is put before oca's rules by a hook before it runs; a plan ends the turn where it is proposed.
 */
export function createClaude({ command = "claude", args = [], times = {} }: ClaudeOptions = {}): Agent {
  const how = { command, args, times: { ...TIMES, ...times } };
  return {
    name: "claude",
    run: (turn, desk) => begin(turn, desk, how),
    probe: (at) => probe(at, how),
  };
}
