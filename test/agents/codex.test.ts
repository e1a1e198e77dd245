import { createCodex } from "../../src/agents/codex.ts";
import { agentContract } from "../contract/agent.ts";
import { codex } from "../twin/model/scripts/codex.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";
import { provider } from "./codex-provider.ts";

// One model that writes code for its tools, one that has each of them, one that Codex has never heard of.
for (const model of process.env["M"]?.split(",") ?? ["gpt-6.1-sol", "gpt-5.5", "gpt-5.4-nano"]) {
  agentContract(`codex with ${model}`, (place) =>
    bench(place, {
      scripts: codex,
      agent: (url) => createCodex({ command: bin("codex"), config: provider(url, model) }),
      missing: () => createCodex({ command: "/nonexistent/codex" }),
      env: () => ({ CODEX_TEST_KEY: KEY }),
      can: {
        plan: "own",
        permission: "own",
        question: "own",
        steer: "own",
        interrupt: "own",
        resume: "own",
        fork: "own",
        cost: "estimate",
        images: "own",
      },
      desk: { model },
      multi: false,
      commits: false,
    }),
  );
}
