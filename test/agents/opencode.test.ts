import { createOpencode } from "../../src/agents/opencode.ts";
import { agentContract } from "../contract/agent.ts";
import { opencode } from "../twin/model/scripts/opencode.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";

/** The scripted model as a provider of OpenCode's. */
const config = (url: string) => ({
  model: "scripted/model",
  small_model: "scripted/model",
  enabled_providers: ["scripted"],
  provider: {
    scripted: {
      npm: "@ai-sdk/openai-compatible",
      name: "Scripted",
      options: { baseURL: `${url}/v1`, apiKey: KEY },
      models: {
        model: {
          name: "Model",
          tool_call: true,
          attachment: true,
          modalities: { input: ["text", "image"], output: ["text"] },
          limit: { context: 200_000, output: 8000 },
          cost: { input: 2, output: 10 },
        },
      },
    },
  },
});

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
