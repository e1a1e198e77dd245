import type { z } from "zod";
import type { Ability, Agent, Can } from "../core/ports/agent.ts";
import { output } from "../lib/output.ts";
import { Cli } from "./custom/schema.ts";
import { runTurn } from "./custom/turn.ts";
import { environment } from "./environment.ts";
import { unsafe } from "./trouble.ts";
import { TIMES, type Times } from "./watch.ts";

export interface CustomOptions {
  name: string;
  command: string;
  args: readonly string[];
  cli: z.input<typeof Cli>;
  times?: Partial<Times>;
}

/** A line may wait for the model's first word. */
const START_MS = 120_000;
const CLOSE_MS = 2000;

/** Any command line program that takes a prompt and works until it is done: one process a turn, nobody to ask. */
export function createCustom({ name, command, args, cli: given, times = {} }: CustomOptions): Agent {
  const cli = Cli.parse(given);
  const usual = { ...TIMES, startMs: START_MS, closeMs: CLOSE_MS, stallMs: cli.silentMinutes * 60_000 };
  return {
    name,
    run: (turn, desk) => runTurn(turn, desk, { name, command, args, cli, times: { ...usual, ...times } }),
    probe: async ({ home, env, spawn, signal }) => {
      const order = { command, args: cli.version, cwd: home, signal };
      const child = spawn({ ...order, env: environment(cli.env, { home, tmp: home, env }) });
      const said = await output(child).catch((error: unknown) => String(error)); // it could not be started
      const missing = typeof said === "string";
      const install = cli.install === undefined ? "" : `\nInstall it: ${cli.install}`;
      return {
        version: missing ? null : (/\d+(?:\.\d+)+\S*/.exec(`${said.out}\n${said.err}`)?.[0] ?? "unknown"),
        tested: cli.tested,
        loggedIn: null,
        model: null,
        fix: missing ? `${said.replace(/^Error: /, "")}${install}` : cli.plan ? null : unsafe(name),
        can: canOf(cli),
      };
    },
  };
}

const canOf = ({ plan, resume, output }: Cli): Readonly<Record<Ability, Can>> => ({
  plan: plan ? "own" : "kernel",
  permission: "none",
  question: "text",
  steer: "queue",
  interrupt: "own",
  resume: resume && output !== "text" && output.session ? "own" : "summary",
  fork: "summary",
  cost: output !== "text" && output.usage?.costUsd !== undefined ? "own" : "none",
  images: "path",
});
