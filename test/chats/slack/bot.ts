import { writeSync } from "node:fs";
import { createScripted } from "../../../src/agents/scripted.ts";
import { type Config, loadConfig } from "../../../src/config.ts";
import type { Role } from "../../../src/core/authority.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { createLog } from "../../../src/log.ts";
import { createOca } from "../../../src/main.ts";
import { greeting, UNTIL_TOLD } from "./greeting.ts";

/** Where the bot ends its own life: before or after the n-th save, or the n-th call of Slack. */
export interface Moment {
  kind: "save" | "call";
  n: number;
  when: "before" | "after";
}

export interface Order {
  repo: string;
  data: string;
  home: string;
  apiUrl: string;
  slack: NonNullable<Config["slack"]>;
  people: Record<string, Role>;
  /** The agent does not wait at its pause. */
  goesOn: boolean;
  moment: Moment | null;
}

/** The real bot in Slack, as a process that kills itself at an exact place, as `kill -9` does from outside. */
const order: Order = JSON.parse(process.argv[2] ?? "");
const counts = { save: 0, call: 0 };

async function counted<T>(kind: Moment["kind"], what: string, job: () => Promise<T>): Promise<T> {
  const n = ++counts[kind];
  const come = (when: Moment["when"]): void => {
    const { moment } = order;
    if (moment?.kind !== kind || moment.n !== n || moment.when !== when) return;
    writeSync(2, `died ${when} ${kind} ${n} (${what})\n`);
    process.kill(process.pid, "SIGKILL");
  };
  come("before");
  const result = await job();
  come("after");
  return result;
}

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const url = String(input instanceof Request ? input.url : input);
  return url.startsWith(order.apiUrl)
    ? counted("call", url.slice(order.apiUrl.length), () => fetch(input, init))
    : fetch(input, init);
};

const goesOn = Promise.withResolvers<void>();
if (order.goesOn) goesOn.resolve();
process.on("message", (message) => {
  if (message === "go on") goesOn.resolve();
  if (message === "stop")
    void oca.stop().then(() => {
      process.send?.(counts);
      process.disconnect();
    });
});

const env = { PATH: process.env["PATH"] ?? "", HOME: order.home };
const given = await loadConfig({ env, cwd: order.home });
const config: Config = {
  ...given,
  data: order.data,
  web: "off",
  locale: "en",
  timezone: "UTC",
  slack: order.slack,
  repos: {
    sample: {
      name: "sample",
      root: order.repo,
      base: null,
      setup: null,
      checks: [],
      copy: [],
      commands: [],
      policy: {},
    },
  },
  defaults: { ...given.defaults, agent: "demo" },
  roles: { everybody: "observer", people: order.people, channels: {} },
};

const oca = await createOca(config, {
  log: createLog({ level: "warn" }),
  slack: { apiUrl: order.apiUrl, postSpacingMs: 0 },
  wrap: {
    store: (store: Store) => ({
      ...store,
      put: (session, event, rev) => counted("save", event.type, () => store.put(session, event, rev)),
    }),
    git: (git) => git,
    spawn: (spawn) => spawn,
  },
  agents: (spawn) => {
    const wait = (ms: number, signal: AbortSignal) =>
      ms === UNTIL_TOLD ? Promise.race([goesOn.promise, aborted(signal)]) : Promise.resolve();
    const demo = createScripted({ spawn, env, scripts: [greeting], wait });
    return new Map([[demo.name, demo]]);
  },
});
process.send?.("ready");

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
