import { createScripted } from "../../../src/agents/scripted.ts";
import { loadConfig } from "../../../src/config.ts";
import { createLog } from "../../../src/log.ts";
import { createOca } from "../../../src/main.ts";

/** What a bot in a process of its own is told. */
export interface Order {
  /** Its home: the configuration is in it. */
  home: string;
  token: string;
  apiRoot: string;
}

/** The real bot as it is started, with the demo agent in no hurry and Telegram's seconds short: to be killed. */
const order: Order = JSON.parse(process.argv[2] ?? "");
const env = { PATH: process.env["PATH"] ?? "", HOME: order.home };
const config = await loadConfig({ env: { ...env, TELEGRAM_BOT_TOKEN: order.token }, cwd: order.home });

const oca = await createOca(
  { ...config, telegram: { ...config.telegram, apiRoot: order.apiRoot } },
  {
    log: createLog({ level: "warn" }),
    telegram: { secondMs: 2, holdMs: 50 },
    agents: (spawn) => {
      const demo = createScripted({ spawn, env, wait: async (_, signal) => signal.throwIfAborted() });
      return new Map([[demo.name, demo]]);
    },
  },
);

process.once("SIGTERM", () => {
  void oca.screen
    .idle()
    .then(oca.stop)
    .then(() => process.exit(0));
});
