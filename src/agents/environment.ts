import { join } from "node:path";
import type { Desk } from "../core/ports/agent.ts";

type Place = Pick<Desk, "env" | "home" | "tmp">;

/** Whatever an agent gets as its environment, for a turn as for a login: `{home}` is its own folder, `{tmp}` that of the session. */
export function environment(
  own: Readonly<Record<string, string>>,
  { env: given, home, tmp }: Place,
): Record<string, string> {
  const env: Record<string, string> = { ...given, TMPDIR: tmp };
  for (const [name, value] of Object.entries(own)) {
    env[name] = value.replaceAll("{home}", home).replaceAll("{tmp}", tmp);
  }
  const { HOME: outside = "" } = given;
  if (outside === "" || env["HOME"] === outside) return env;
  // Commits keep the author that they have outside, wherever the agent's home is.
  return { GIT_CONFIG_GLOBAL: join(outside, ".gitconfig"), ...env };
}
