import { isAbsolute, join } from "node:path";
import { type Scene, text, tool } from "../script.ts";
import { type Hands, story } from "./story.ts";

const at = ({ cwd }: Scene, path: string): string => (isAbsolute(path) ? path : join(cwd, path));

/** The plan's file is named to the model only, in a reminder. */
const planFile = ({ system, says }: Scene): string => {
  const all = [system, ...says.map((one) => one.text)].join("\n");
  return (
    [...all.matchAll(/plan (?:at|file (?:already )?exists at):? (\S+\.md)/g)].at(-1)?.[1] ?? "/nonexistent/plan.md"
  );
};

const hands: Hands = {
  write: (s, path, content) => tool("Write", { file_path: at(s, path), content }),
  shell: (_, command) => tool("Bash", { command, description: "Run it" }),
  ask: (_, questions) =>
    tool("AskUserQuestion", {
      questions: questions.map(({ id, text: question, options, multi }) => ({
        question,
        header: id,
        multiSelect: multi,
        options: options.map((label) => ({ label, description: `It is ${label}` })),
      })),
    }),
  propose: (markdown) => [
    (s) => [text("I write a plan."), tool("Write", { file_path: planFile(s), content: markdown })],
    [tool("ExitPlanMode", {})],
    [text("The plan is there.")],
  ],
  helper: (_, prompt) => tool("Agent", { description: "Help", subagent_type: "general-purpose", prompt }),
  fetch: (_, url) => tool("WebFetch", { url, prompt: "What is there?" }),
  wait: null,
  mcp: () => tool("mcp__canary__touch", {}),
};

/** What the scripted model does as the model of Claude Code. */
export const claude = story(hands);
