import { z } from "zod";
import { oneOf, say, strict, Text, YesNo } from "../lib/strict.ts";

/** A mode's id, or `option=value` for a setting of the session. */
const Settings = say('a list of modes and options, such as ["plan"]', z.array(z.string().min(1)));
const Variables = say("variables with their values", z.record(z.string(), z.string()));
const Tree = say("an object", z.record(z.string(), z.unknown()));

/** What the Agent Client Protocol leaves open and an agent decides for itself; what is not said is found out or left out. */
export const Quirks = strict({
  /** What makes the session read-only. Null: the first mode whose name says so. */
  plan: Settings.nullable().default(null),
  /** What lets it write, asking first. Null: the first mode that is not for planning and does not promise to ask nothing. */
  write: Settings.nullable().default(null),
  /**
   * What holds a plan turn. `own`: the agent itself, tried out. `gate`: it asks before everything that changes something,
   * and oca refuses. `none`: nobody knows, so plan turns need a sandbox.
   */
  holds: oneOf(["own", "gate", "none"]).default("none"),
  /** It reports a change of mode, and a missing report means that it did not change. */
  confirms: YesNo.default(false),
  /** Text it prints when the mode changes; the mode's id follows. */
  modeText: Text.nullable().default(null),
  /** How a plan is proposed: as its last words, by asking to leave the plan mode, or as a file below its home. */
  proposes: oneOf(["text", "switch_mode", "file"]).default("text"),
  /** The tool that proposes a plan, where its kind does not say so. */
  planTool: Text.nullable().default(null),
  /** How a conversation goes on; `auto`: as it declares. */
  memory: oneOf(["auto", "load", "resume"]).default("auto"),
  /** The folders below its home with transcripts that are named by the minute: they are put in order before each load. */
  minutes: Text.nullable().default(null),
  /** It forgets a turn that is interrupted: the first one may leave nothing to go on with. */
  rewinds: YesNo.default(false),
  /** A second prompt during a turn becomes part of it. */
  steer: YesNo.default(false),
  /** It starts servers of tools in a folder that it does not trust, as a session's is. */
  servers: YesNo.default(true),
  /** It asks questions by forms. */
  question: YesNo.default(false),
  cost: oneOf(["own", "none"]).default("none"),
  /** Arguments that name the model, where there is no setting for it: `{model}`. */
  model: say("a list of arguments with {model}", z.array(z.string())).nullable().default(null),
  /** Variables: `{home}` is its own folder, `{tmp}` that of the session. */
  env: Variables.default({ HOME: "{home}" }),
  /** A file below its home, as JSON, that has these settings before each turn; others in it stay. */
  settings: strict({ file: Text, content: Tree }).nullable().default(null),
  /** How it is told to log in: the first method whose variable is set, or that needs none. */
  authenticate: say(
    "a list of { method, when }",
    z.array(z.strictObject({ method: z.string(), when: z.string().nullable() })),
  ).default([]),
  /** Goes along with every session as its `_meta`. */
  meta: Tree.default({}),
  /** Commands for a person. */
  login: Text.nullable().default(null),
  install: Text.nullable().default(null),
  /** The versions that were tested, as a semver range. */
  tested: Text.default("*"),
});
export type Quirks = z.infer<typeof Quirks>;

export interface Known {
  command: string;
  args: string[];
  quirks: Partial<Quirks>;
}

/** Agents whose quirks are known. Cursor and Copilot follow their documents: nobody has tried them here. */
export const KNOWN = {
  gemini: {
    command: "gemini",
    args: ["--acp"],
    quirks: {
      plan: ["plan"],
      write: ["default"],
      holds: "own",
      confirms: true,
      modeText: "[MODE_UPDATE] ",
      proposes: "file",
      planTool: "exit_plan_mode",
      memory: "load",
      minutes: ".gemini/tmp/*/chats",
      rewinds: true,
      servers: false,
      model: ["--model", "{model}"],
      env: { GEMINI_CLI_HOME: "{home}", GEMINI_CLI_NO_RELAUNCH: "true" },
      settings: {
        file: ".gemini/settings.json",
        content: {
          privacy: { usageStatisticsEnabled: false },
          general: { enableAutoUpdate: false, sessionRetention: { enabled: false } },
          // What the branch carries is not trusted: no hooks, no servers, no settings.
          security: { folderTrust: { enabled: true } },
        },
      },
      authenticate: [{ method: "gemini-api-key", when: "GEMINI_API_KEY" }],
      login: "gemini",
      install: "npm install -g @google/gemini-cli",
      tested: ">=0.61.0 <0.62.0",
    },
  },
  cursor: {
    command: "agent",
    args: ["acp"],
    quirks: {
      plan: ["plan"],
      write: ["agent"],
      authenticate: [{ method: "cursor_login", when: null }],
      login: "agent login",
      install: "see https://cursor.com/cli",
    },
  },
  copilot: {
    command: "copilot",
    args: ["--acp"],
    quirks: { login: "copilot login", install: "npm install -g @github/copilot" },
  },
  /** Claude Code and Codex have adapters of their own, which can more; these are for those who want the bridge. */
  "claude-bridge": {
    command: "claude-agent-acp",
    args: [],
    quirks: {
      plan: ["plan"],
      write: ["default"],
      holds: "gate",
      proposes: "switch_mode",
      steer: true,
      question: true,
      cost: "own",
      env: {
        CLAUDE_CONFIG_DIR: "{home}",
        CLAUDE_CODE_TMPDIR: "{tmp}",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
        DISABLE_AUTOUPDATER: "1",
      },
      // Hooks that the branch carries would run at the start.
      meta: { claudeCode: { options: { settingSources: [] } } },
      login: "claude /login",
      install: "npm install -g @agentclientprotocol/claude-agent-acp",
      tested: ">=0.100.0 <0.101.0",
    },
  },
  "codex-bridge": {
    command: "codex-acp",
    args: [],
    quirks: {
      // The mode is Codex's own sandbox; without it its plan mode writes.
      plan: ["read-only", "collaboration_mode=plan"],
      write: ["workspace-write", "collaboration_mode=default"],
      holds: "own",
      proposes: "switch_mode",
      question: true,
      env: { CODEX_HOME: "{home}" },
      login: "codex login",
      install: "npm install -g @agentclientprotocol/codex-acp",
      tested: ">=2.6.0 <2.7.0",
    },
  },
} satisfies Record<string, Known>;
