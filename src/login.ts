import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { loginOf } from "./agents/login.ts";
import type { Config } from "./config.ts";
import type { T } from "./view/i18n.ts";

/** Runs an agent's own login at this terminal, in the home that all sessions of oca share. */
export async function login(config: Config, name: string, t: T): Promise<void> {
  const home = join(config.data, "homes", name);
  await mkdir(join(home, "tmp"), { recursive: true, mode: 0o700 });
  const order = loginOf({ name, home, env: config.agentEnv(name), program: config.agents[name]?.program });
  if (!order) throw new Error(t("cli:login.unknown", { name, home }));
  const { exitCode } = await execa(order.command, order.args, {
    env: order.env,
    extendEnv: false,
    cwd: home,
    stdio: "inherit",
    reject: false,
  });
  if (exitCode === undefined) throw new Error(t("cli:login.missing", { name, command: order.command }));
  if (exitCode !== 0) throw new Error(t("cli:login.failed", { name, code: exitCode }));
}
