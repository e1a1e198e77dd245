import { isAbsolute, join } from "node:path";
import { type Scene, text, think, tool } from "../script.ts";
import { type Hands, story } from "./story.ts";

const at = ({ cwd }: Scene, path: string): string => (isAbsolute(path) ? path : join(cwd, path));

const hands: Hands = {
  write: (s, path, content) => tool("write", { filePath: at(s, path), content }),
  shell: (_, command) => tool("bash", { command, description: "Run it" }),
  ask: (_, questions) =>
    tool("question", {
      questions: questions.map(({ id, text: question, options, multi }) => ({
        question,
        header: id,
        multiple: multi,
        options: options.map((label) => ({ label, description: `It is ${label}` })),
      })),
    }),
  // Its plan is plain text: the end of the turn.
  propose: (markdown) => [[think("I look around."), text(markdown)]],
  helper: (_, prompt) => tool("task", { description: "Help", subagent_type: "general", prompt }),
  fetch: (_, url) => tool("webfetch", { url, format: "text" }),
  wait: null,
  mcp: () => tool("canary_touch", {}),
};

/** What the scripted model does as the model of OpenCode. */
export const opencode = story(hands);
