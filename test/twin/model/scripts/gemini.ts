import { isAbsolute, join, resolve } from "node:path";
import { type Scene, text, tool } from "../script.ts";
import { type Hands, story } from "./story.ts";

const at = ({ cwd }: Scene, path: string): string => (isAbsolute(path) ? path : join(cwd, path));

/** The folder for plans is named to the model only. */
const planFolder = ({ system, cwd }: Scene): string =>
  resolve(cwd, /ONLY within: `([^`]+)`/.exec(system)?.[1] ?? "/nonexistent");

const hands: Hands = {
  write: (s, path, content) => tool("write_file", { file_path: at(s, path), content }),
  shell: (_, command) => tool("run_shell_command", { command, description: "Run it" }),
  // Over ACP it offers no tool for questions.
  ask: (_, questions) =>
    text(questions.map(({ text: question, options }) => `${question} (${options.join(", ")})`).join("\n")),
  propose: (markdown) => [
    (s) => [tool("write_file", { file_path: join(planFolder(s), "plan.md"), content: markdown })],
    [tool("exit_plan_mode", { plan_filename: "plan.md" })],
    [text("The plan is there.")],
  ],
  helper: (_, prompt) => tool("invoke_agent", { agent_name: "generalist", prompt }),
  fetch: (_, url) => tool("web_fetch", { prompt: `What is at ${url}?` }),
  wait: null,
  mcp: () => tool("mcp_canary_touch", {}),
};

/** What the scripted model does as the model of Gemini CLI. */
export const gemini = story(hands);
