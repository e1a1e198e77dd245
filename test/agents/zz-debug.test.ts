import { createAcp } from "../../src/agents/acp.ts";
import { KNOWN } from "../../src/agents/quirks.ts";
import { agentContract } from "../contract/agent.ts";
import { gemini } from "../twin/model/scripts/gemini.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";

const { args, quirks } = KNOWN.gemini;
// Its own retries of a broken model take minutes.
const times = { stallMs: 45_000 };
const create = (command: string) => createAcp({ name: "gemini", command, args, quirks, times });

agentContract("gemini by acp", (place) =>
  bench(place, {
    scripts: gemini,
    agent: () => create("/tmp/wrapgem.sh"),
    missing: () => create("/nonexistent/gemini"),
    desk: { model: "gemini-2.5-pro" },
    // Its answer to a limit leaves the time out.
    resets: false,
    env: (url) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY }),
    can: {
      plan: "own",
      permission: "own",
      question: "text",
      steer: "queue",
      interrupt: "own",
      resume: "own",
      fork: "summary",
      cost: "none",
      images: "own",
    },
  }),
);
