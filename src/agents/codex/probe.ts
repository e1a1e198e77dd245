import type { Desk, Probe } from "../../core/ports/agent.ts";
import { output } from "../../lib/output.ts";
import { LOGIN } from "./end.ts";
import { environment, keyOf, type Program } from "./launch.ts";

const CAN: Probe["can"] = {
  plan: "own",
  permission: "own",
  question: "own",
  steer: "own",
  interrupt: "own",
  resume: "own",
  fork: "own",
  cost: "estimate",
  images: "own",
};

export const INSTALL = "Install it with: npm install -g @openai/codex";

/** What is installed, and whether somebody is logged in. Nothing is asked of a model. */
export async function probe(at: Pick<Desk, "home" | "env" | "spawn" | "signal">, program: Program): Promise<Probe> {
  const { command, args, config } = program;
  const run = (...words: string[]) =>
    output(at.spawn({ command, args: [...args, ...words], cwd: "/", env: environment(at), signal: at.signal })).catch(
      () => null,
    ); // not to be started is as good as not there
  const [said, login] = await Promise.all([run("--version"), run("login", "status")]);
  const version = said?.code === 0 ? (/\d+\.\d+\.\d+\S*/.exec(said.out)?.[0] ?? null) : null;
  // A provider of the owner's may need no login.
  const loggedIn = login?.code === 0 || keyOf(at.env) !== null ? true : "model_provider" in config ? null : false;
  const model = typeof config["model"] === "string" ? config["model"] : null;
  const fix = version === null ? INSTALL : loggedIn === false ? LOGIN : null;
  return { version, tested: "~0.169.0", loggedIn: version === null ? null : loggedIn, model, fix, can: CAN };
}
