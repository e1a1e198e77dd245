import type { Spawn } from "../core/ports/spawn.ts";
import { output } from "../lib/output.ts";

interface TokensOrder {
  /** The configured token, which goes to this server and no other. */
  own: { web: string; token: string | null };
  spawn: Spawn;
  env: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 10_000;

/** The token for a server: the configured one, else what the user's own `gh` is logged in with; null: none. */
export function createTokens({ own, spawn, env }: TokensOrder): (web: string) => Promise<string | null> {
  return async (web) => {
    if (web === own.web && own.token !== null) return own.token;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const args = ["auth", "token", "--hostname", new URL(web).host];
    // It is not installed, or not logged in: both are "no token", and the card says what to do.
    const none = { code: null, out: "" };
    const { code, out } = await output(spawn({ command: "gh", args, cwd: "/", env, signal })).catch(() => none);
    return code === 0 && out.trim() !== "" ? out.trim() : null;
  };
}
