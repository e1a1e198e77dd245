import type { Agent, Probe } from "../core/ports/agent.ts";
import type { Child } from "../core/ports/spawn.ts";
import { furnish } from "./acp/home.ts";
import { initialize } from "./acp/open.ts";
import { runTurn } from "./acp/turn.ts";
import { connect } from "./acp/wire.ts";
import { environment } from "./environment.ts";
import { Quirks } from "./quirks.ts";
import { unsafe } from "./trouble.ts";
import { Late, TIMES, type Times, within } from "./watch.ts";
import type { Init } from "./wire/acp.ts";

export interface AcpOptions {
  name: string;
  command: string;
  args: readonly string[];
  /** Beside what the desk and the quirks give. */
  env?: Readonly<Record<string, string>>;
  quirks?: Partial<Quirks>;
  times?: Partial<Times>;
}

/** Any agent that speaks the Agent Client Protocol, version 1, over its standard input and output. */
export function createAcp({ name, command, args, env = {}, quirks: given = {}, times: some = {} }: AcpOptions): Agent {
  const quirks = Quirks.parse(given);
  const times = { ...TIMES, ...some };
  return {
    name,
    run: (turn, desk) => runTurn(turn, desk, { name, command, args, env, quirks, times }),
    probe: async ({ home, env: outside, spawn, signal }) => {
      const stop = new AbortController();
      const tmp = `${home}/tmp`;
      try {
        await furnish(quirks, { home, tmp, memory: null });
        const all = { ...environment(quirks.env, { home, tmp, env: outside }), ...env };
        const ends = AbortSignal.any([signal, stop.signal]);
        const child = spawn({ command, args: [...args], cwd: home, env: all, signal: ends });
        return probeOf(await introduced(child, stop), quirks, name);
      } catch (error) {
        return { ...probeOf(null, quirks, name), fix: missing(error, quirks) };
      }
    },
  };
}

const PROBE_MS = 10_000;

/** Its answer to the first word says what it is and can; no conversation begins. */
async function introduced(child: Child, stop: AbortController): Promise<Init> {
  const nobody = (): Promise<never> => Promise.reject(new Error("no turn is running"));
  const connection = connect(child, {
    touch: () => undefined,
    update: () => undefined,
    permit: nobody,
    inquire: nobody,
  });
  const died = child.done.then(({ code }): never => {
    throw new Error(`it ended at once (exit code ${code})`);
  });
  died.catch(() => undefined); // only its coming first matters
  try {
    return await within(
      PROBE_MS,
      Promise.race([died, initialize(connection.agent)]),
      () => new Late("it did not answer"),
    );
  } finally {
    stop.abort();
    await child.done.catch(() => undefined); // it never began, and that is what the probe says
  }
}

function missing(error: unknown, { install }: Quirks): string {
  const words = error instanceof Error ? error.message : String(error);
  return install === null ? words : `${words}. Install it: ${install}`;
}

function probeOf(init: Init | null, quirks: Quirks, name: string): Probe {
  const able = init?.agentCapabilities;
  const plan = quirks.holds === "none" ? "kernel" : quirks.holds;
  return {
    version: init === null ? null : (init.agentInfo?.version ?? "unknown"),
    tested: quirks.tested,
    loggedIn: null,
    model: null,
    fix: plan === "kernel" ? unsafe(name) : null,
    can: {
      plan,
      permission: "own",
      question: quirks.question ? "own" : "text",
      steer: quirks.steer ? "own" : "queue",
      interrupt: "own",
      resume: able?.loadSession || able?.sessionCapabilities?.resume ? "own" : "summary",
      fork: able?.sessionCapabilities?.fork ? "own" : "summary",
      cost: quirks.cost,
      images: able?.promptCapabilities?.image ? "own" : "path",
    },
  };
}
