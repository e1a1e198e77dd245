import { z } from "zod";
import type { Ability, Can, Desk, Probe } from "../../core/ports/agent.ts";
import { output } from "../../lib/output.ts";
import { json } from "../lines.ts";
import { envOf } from "./order.ts";
import { INSTALL, LOGIN } from "./outcome.ts";

const TESTED = ">=2.1.329 <2.2.0";
const CAN: Readonly<Record<Ability, Can>> = {
  // Its plan mode asks oca for what it may not: the answer is no.
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

const Status = z.object({ loggedIn: z.boolean() });

export async function probe(
  at: Pick<Desk, "home" | "env" | "spawn" | "signal">,
  { command, args }: { command: string; args: readonly string[] },
): Promise<Probe> {
  const ask = async (...words: string[]): Promise<string> => {
    const order = { command, args: [...args, ...words], cwd: at.home, env: envOf(at), signal: at.signal };
    return (await output(at.spawn(order))).out;
  };
  const version = await ask("--version").then(
    (out) => /\d+\.\d+\.\d+\S*/.exec(out)?.[0] ?? null,
    () => null, // it could not be started
  );
  const base = { tested: TESTED, model: null, can: CAN };
  if (version === null) return { ...base, version, loggedIn: null, fix: INSTALL };
  const loggedIn = await ask("auth", "status").then(
    (out) => Status.safeParse(json(out)).data?.loggedIn ?? null,
    () => null, // the first turn will tell
  );
  return { ...base, version, loggedIn, fix: loggedIn === false ? LOGIN : null };
}
