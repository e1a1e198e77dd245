import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAcp } from "../../src/agents/acp.ts";
import { KNOWN } from "../../src/agents/quirks.ts";
import { agentContract } from "../contract/agent.ts";
import { gemini } from "../twin/model/scripts/gemini.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";

const { args, quirks } = KNOWN.gemini;
// Its own retries of a broken model take four minutes; and it takes its time to start.
const times = { startMs: 120_000, stallMs: 45_000 };
const create = (command: string) => createAcp({ name: "gemini", command, args, quirks, times });

agentContract("gemini by acp", async (place) => {
  const real = await bench(place, {
    scripts: gemini,
    agent: () => create(bin("gemini")),
    missing: () => create("/nonexistent/gemini"),
    env: (url) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY }),
    // Which model `auto` means depends on the words.
    desk: { model: "gemini-2.5-pro" },
    prepare: async () => {
      // The script that speaks slowly repeats itself. What a person has set stays.
      await mkdir(join(place.home, ".gemini"));
      const settings = { model: { disableLoopDetection: true } };
      await writeFile(join(place.home, ".gemini", "settings.json"), JSON.stringify(settings));
    },
    // Its answer to a limit leaves the time out.
    resets: false,
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
  });
  // Over ACP its own policy denies every helper.
  return { ...real, request: (play, arg) => (play === "helper" ? null : real.request(play, arg)) };
});
