import type { Script } from "../../../src/agents/scripts.ts";

/** A pause of the agent that lasts until it is told to go on. */
export const UNTIL_TOLD = 1_000_000;

const WHOM = { kind: "question" as const, text: "Whom shall I greet?", multi: false, free: true, recommended: 0 };
const options = ["The team", "Everybody"].map((label) => ({ label, detail: "" }));
const LOOK = {
  kind: "permission" as const,
  tool: "Bash",
  detail: "git log --oneline -3",
  why: "To see what was done.",
};

/** Asks for a permission, asks a question, takes its time, and is done. */
export const greeting: Script = {
  name: "greeting",
  when: /greeting/,
  goal: "Add a greeting to `hello.txt`.",
  steps: ["Look at the history", "Ask whom to greet", "Add the greeting"],
  files: ["hello.txt"],
  commands: [],
  tests: "None.",
  risks: "None.",
  write: [
    { do: "step", n: 1 },
    { do: "ask", asks: [{ name: "look", what: LOOK }] },
    { do: "step", n: 2 },
    { do: "ask", asks: [{ name: "whom", what: { ...WHOM, options } }] },
    { do: "step", n: 3 },
    { do: "append", file: "hello.txt", line: "Greetings to: {whom}" },
    { do: "pause", ms: UNTIL_TOLD },
  ],
  done: "I greeted: {whom}.",
};
