import type { Order } from "../core/ports.ts";
import { envOf } from "./claude/order.ts";
import { environment as codexEnv } from "./codex/launch.ts";
import { environment as opencodeEnv } from "./opencode/launch.ts";
import { KNOWN } from "./quirks.ts";
import type { Settings } from "./registry.ts";

export interface Login {
  name: string;
  /** The agent's own home: every session uses the login that is made there. */
  home: string;
  env: Record<string, string>;
  settings: Settings | undefined;
}

/** What a person runs to log an agent in, at a terminal; null when oca does not know how. */
export function loginOf({ name, home, env, settings }: Login): Pick<Order, "command" | "args" | "env"> | null {
  const desk = { home, env };
  switch (name) {
    case "claude":
      return { command: settings?.command ?? "claude", args: ["auth", "login"], env: envOf(desk) };
    case "codex":
      return { command: settings?.command ?? "codex", args: ["login"], env: codexEnv(desk) };
    case "opencode":
      return { command: settings?.command ?? "opencode", args: ["auth", "login"], env: opencodeEnv(desk) };
    case "gemini":
      return { command: settings?.command ?? KNOWN.gemini.command, args: [], env: { ...env, GEMINI_CLI_HOME: home } };
    default:
      return null;
  }
}
