import type { Desk, Probe } from "../../core/ports/agent.ts";
import { output } from "../../lib/output.ts";
import { LOGIN } from "./end.ts";
import { environment, type Program } from "./launch.ts";

const CAN: Probe["can"] = {
  plan: "gate",
  permission: "own",
  question: "own",
  steer: "own",
  interrupt: "own",
  resume: "own",
  fork: "own",
  cost: "own",
  images: "own",
};

export const INSTALL = "Install it with: npm install -g opencode-ai";

/** What is installed, and whether somebody is logged in. Nothing is asked of a model. */
export async function probe(at: Pick<Desk, "home" | "env" | "spawn" | "signal">, program: Program): Promise<Probe> {
  const { command, args, config } = program;
  const run = (...words: string[]) =>
    output(at.spawn({ command, args: [...args, ...words], cwd: "/", env: environment(at), signal: at.signal })).catch(
      () => null,
    ); // not to be started is as good as not there
  const [said, logins] = await Promise.all([run("--version"), run("auth", "list")]);
  const version = said?.code === 0 ? (/\d+\.\d+\.\d+\S*/.exec(said.out)?.[0] ?? null) : null;
  const isKnown = version !== null && logins?.code === 0;
  // A provider of the owner's may need no login.
  const loggedIn = isKnown ? hasLogin(`${logins.out}${logins.err}`, "provider" in config ? null : false) : null;
  const model = typeof config["model"] === "string" ? config["model"] : null;
  const fix = loggedIn === false ? LOGIN : null;
  return { version, tested: "~1.18.33", loggedIn, model, fix: version === null ? INSTALL : fix, can: CAN };
}

/** From the counts of logins, and of keys in the environment; null when that is not what it says. */
function hasLogin(text: string, otherwise: false | null): boolean | null {
  const counts = [...text.matchAll(/(\d+) (?:credentials?|environment variables?)\b/g)].map(([, n]) => Number(n));
  if (counts.length === 0) return null;
  return counts.some((n) => n > 0) || otherwise;
}
