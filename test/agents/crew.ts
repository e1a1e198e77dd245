import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAcp } from "../../src/agents/acp.ts";
import { createClaude } from "../../src/agents/claude.ts";
import { createCodex } from "../../src/agents/codex.ts";
import { createOpencode } from "../../src/agents/opencode.ts";
import { KNOWN } from "../../src/agents/quirks.ts";
import type { Agent } from "../../src/core/ports/agent.ts";
import type { Scripts } from "../twin/model/script.ts";
import { claude } from "../twin/model/scripts/claude.ts";
import { codex } from "../twin/model/scripts/codex.ts";
import { gemini } from "../twin/model/scripts/gemini.ts";
import { opencode } from "../twin/model/scripts/opencode.ts";
import { KEY } from "./bench.ts";
import { bin, type Real } from "./bin.ts";
import { provider } from "./codex-provider.ts";
import { config } from "./opencode-config.ts";

/** A real agent, led to the scripted model at `url`. */
export interface Member {
  title: string;
  scripts: Scripts;
  agent(url: string): Agent;
  /** Variables that lead it there. */
  env(url: string): Record<string, string>;
  /** The one it begins with, and the one it is switched to. */
  models: readonly [string, string];
  /** Settings that a person made. */
  prepare(home: string): Promise<void>;
}

/** A machine that does other things as well may take this long for one step. */
export const PATIENCE_MS = 240_000;

const nothing = async (): Promise<void> => undefined;

export const CREW: Readonly<Record<Real, Member>> = {
  claude: {
    title: "Claude Code",
    scripts: claude,
    agent: () => createClaude({ command: bin("claude"), times: { startMs: PATIENCE_MS } }),
    env: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEY, CLAUDE_CODE_MAX_RETRIES: "1" }),
    models: ["claude-sonnet-5", "claude-opus-5"],
    prepare: nothing,
  },
  codex: {
    title: "Codex",
    scripts: codex,
    agent: (url) =>
      createCodex({ command: bin("codex"), config: provider(url, "gpt-6.1-sol"), times: { startMs: PATIENCE_MS } }),
    env: () => ({ CODEX_TEST_KEY: KEY }),
    models: ["gpt-6.1-sol", "gpt-5.4-nano"],
    prepare: nothing,
  },
  opencode: {
    title: "OpenCode",
    scripts: opencode,
    agent: (url) => createOpencode({ command: bin("opencode"), config: config(url), times: { startMs: PATIENCE_MS } }),
    env: () => ({}),
    models: ["scripted/model", "scripted/other"],
    prepare: nothing,
  },
  gemini: {
    title: "Gemini CLI",
    scripts: gemini,
    agent: () => {
      const { args, quirks } = KNOWN.gemini;
      return createAcp({ name: "gemini", command: bin("gemini"), args, quirks, times: { startMs: PATIENCE_MS } });
    },
    env: (url) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY }),
    models: ["gemini-2.5-pro", "gemini-2.5-flash"],
    prepare: async (home) => {
      // A script repeats itself.
      await mkdir(join(home, ".gemini"), { recursive: true });
      const settings = { model: { disableLoopDetection: true } };
      await writeFile(join(home, ".gemini", "settings.json"), JSON.stringify(settings));
    },
  },
};
