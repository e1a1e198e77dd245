import type { Order } from "../core/ports/spawn.ts";
import { envOf } from "./claude/order.ts";
import { environment as codexEnv } from "./codex/launch.ts";
import { environment } from "./environment.ts";
import { environment as opencodeEnv } from "./opencode/launch.ts";
import type { Program } from "./program.ts";
import { KNOWN, type Known, Quirks } from "./quirks.ts";

export interface Login {
  name: string;
  /** The agent's own home: every session uses the login that is made there. */
  home: string;
  env: Record<string, string>;
  /** What the configuration says of it. */
  program: Program | undefined;
}

/** What a person runs to log an agent in, at a terminal; null when oca does not know how. */
export function loginOf({ name, home, env, program }: Login): Pick<Order, "command" | "args" | "env"> | null {
  const desk = { home, env };
  switch (name) {
    case "claude":
      return { command: program?.command ?? "claude", args: ["auth", "login"], env: envOf(desk) };
    case "codex":
      return { command: program?.command ?? "codex", args: ["login"], env: codexEnv(desk) };
    case "opencode":
      return { command: program?.command ?? "opencode", args: ["auth", "login"], env: opencodeEnv(desk) };
    default: {
      const { login, env: own } = wordsFor(name, program);
      const [command, ...args] = login?.split(/\s+/) ?? [];
      const tmp = `${home}/tmp`;
      return command === undefined ? null : { command, args, env: environment(own, { ...desk, tmp }) };
    }
  }
}

/** The command is as its maker says it, so the program of the configuration does not stand in for it. */
function wordsFor(name: string, program: Program | undefined): Pick<Quirks, "login" | "env"> {
  if (program?.is === "acp") return program.quirks;
  if (program?.is === "cli") return { env: program.cli.env, login: program.cli.login ?? null };
  const known = Object.entries<Known>(KNOWN).find(([one]) => one === name);
  return Quirks.parse(known?.[1].quirks ?? {});
}
