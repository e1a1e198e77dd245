import type { Agent, Desk } from "../core/ports.ts";
import { output } from "../lib/output.ts";
import { runCustom } from "./custom-run.ts";
import { CustomCli } from "./custom-schema.ts";
import { environment } from "./environment.ts";
import { TIMES, type Times } from "./watch.ts";

export interface CustomOptions {
  name: string;
  /** As in the configuration. */
  cli: Parameters<typeof CustomCli.parse>[0];
  times?: Partial<Times>;
}

/** Any command line program, by its description. */
export function createCustom({ name, cli: given, times = {} }: CustomOptions): Agent {
  const cli = CustomCli.parse(given);
  const silentMs = (cli.silentMinutes ?? (cli.output === "text" ? 60 : 10)) * 60_000;
  return {
    name,
    run: (turn, desk) => runCustom(turn, desk, { name, cli, times: { ...TIMES, stallMs: silentMs, ...times } }),
    probe: async (at: Pick<Desk, "home" | "env" | "spawn" | "signal"> & { contained?: boolean }) => {
      const { version, missing } = await look(cli, at);
      const lines = cli.output === "text" ? null : cli.output;
      return {
        version,
        tested: cli.tested,
        loggedIn: null,
        model: null,
        fix: missing ?? (cli.plan || at.contained ? null : unsafe(name)),
        can: {
          plan: cli.plan ? "own" : at.contained ? "kernel" : "none",
          permission: "none",
          question: "text",
          steer: "queue",
          interrupt: "own",
          resume: cli.resume && lines?.session ? "own" : "summary",
          fork: "summary",
          cost: lines?.usage?.costUsd === undefined ? "none" : "own",
          images: "path",
        },
      };
    },
  };
}
