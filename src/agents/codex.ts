import type { Agent } from "../core/ports/agent.ts";
import type { Setting } from "./codex/launch.ts";
import { probe } from "./codex/probe.ts";
import { runTurn } from "./codex/run.ts";
import { TIMES, type Times } from "./watch.ts";

export interface CodexOptions {
  /** Where the program is; by default `codex` in the PATH. */
  command?: string;
  /** Arguments before those of oca. */
  args?: readonly string[];
  /** Settings of Codex by their dotted names, as in its config.toml. None of them opens the sandbox. */
  config?: Readonly<Record<string, Setting>>;
  times?: Partial<Times>;
}

/**
 * OpenAI Codex, by `codex app-server` over standard input and output. Its own sandbox holds what it runs: in a plan turn
 * nothing is written, in a write turn only the workspace, without git's folder and without the network.
 */
export function createCodex({ command = "codex", args = [], config = {}, times = {} }: CodexOptions = {}): Agent {
  const program = { command, args, config };
  return {
    name: "codex",
    run: (turn, desk) => runTurn(turn, desk, { program, times: { ...TIMES, ...times } }),
    probe: (at) => probe(at, program),
  };
}
