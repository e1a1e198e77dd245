import { createOpencode } from "../../src/agents/opencode.ts";
import { agentContract } from "../contract/agent.ts";
import { opencode } from "../twin/model/scripts/opencode.ts";
import { bench } from "./bench.ts";
import { bin } from "./bin.ts";
import { config } from "./opencode-config.ts";

agentContract("opencode", (place) =>
  bench(place, {
    scripts: opencode,
    agent: (url) => createOpencode({ command: bin("opencode"), config: config(url) }),
    missing: () => createOpencode({ command: "/nonexistent/opencode" }),
    can: {
      plan: "gate",
      permission: "own",
      question: "own",
      steer: "own",
      interrupt: "own",
      resume: "own",
      fork: "own",
      cost: "own",
      images: "own",
    },
    desk: { model: "scripted/model" },
  }),
);
