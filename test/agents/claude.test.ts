import { createClaude } from "../../src/agents/claude.ts";
import { agentContract } from "../contract/agent.ts";
import { claude } from "../twin/model/scripts/claude.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";

agentContract("claude", (place) =>
  bench(place, {
    scripts: claude,
    agent: () => createClaude({ command: bin("claude") }),
    missing: () => createClaude({ command: "/nonexistent/claude" }),
    // Only a subscription is told when its limit ends.
    env: (url) => ({ ANTHROPIC_BASE_URL: url, CLAUDE_CODE_OAUTH_TOKEN: KEY, CLAUDE_CODE_MAX_RETRIES: "1" }),
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
  }),
);
