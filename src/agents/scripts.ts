import type { What } from "../core/ask.ts";
import type { FailedOutcome } from "../core/outcome.ts";
import type { Activity } from "../core/parts.ts";

type Asked = Extract<What, { kind: "permission" | "question" }>;

/** One thing that the demo agent does. `{name}` in a text is the answer to the ask of that name, `{here}` names the workspace. */
export type Move =
  | { do: "say"; text: string }
  | { do: "pause"; ms: number }
  /** The step of this number, from 1, begins. */
  | { do: "step"; n: number }
  /** Says that it does something, and only waits. */
  | { do: "pretend"; kind: Activity["kind"]; title: string; ms: number }
  | { do: "read"; file: string }
  /** Adds a line to a file, which is made if need be; a line that is there already is left alone. */
  | { do: "append"; file: string; line: string }
  /** Puts another first line into a file. */
  | { do: "top"; file: string; line: string }
  /** Takes the conflict markers out of a file and keeps both sides. */
  | { do: "unmark"; file: string }
  | { do: "run"; command: string; args: string[] }
  /** Asks all at once and goes on when each has its answer. */
  | { do: "ask"; asks: { name: string; what: Asked }[] }
  | { do: "when"; name: string; allowed: Move[]; denied: Move[] }
  | { do: "repeat"; times: number; moves: Move[] }
  | { do: "fail"; kind: FailedOutcome["kind"]; error: string };

/** What the demo agent plans and does when a request has certain words. */
export interface Script {
  name: string;
  when: RegExp;
  goal: string;
  steps: string[];
  files: string[];
  commands: string[];
  tests: string;
  risks: string;
  write: Move[];
  /** The last words of a write turn. */
  done: string;
}

const HELLO = "hello.txt";
const commit = (message: string): Move[] => [
  { do: "run", command: "git", args: ["add", "--", HELLO] },
  { do: "run", command: "git", args: ["-c", "core.hooksPath=/dev/null", "commit", "-m", message] },
];
const plain = { files: [HELLO], commands: [] as string[], tests: "None: it is a text.", risks: "None." };

const greeting: Script = {
  ...plain,
  name: "greeting",
  when: /greeting|gru(ß|ss)/i,
  goal: "Add a friendly greeting to `hello.txt`.",
  steps: ["Read hello.txt", "Add the greeting", "Commit it"],
  commands: ["git commit"],
  write: [
    { do: "step", n: 1 },
    { do: "pretend", kind: "read", title: HELLO, ms: 400 },
    { do: "step", n: 2 },
    { do: "append", file: HELLO, line: "A friendly greeting to everybody who reads this." },
    { do: "pause", ms: 600 },
    { do: "step", n: 3 },
    ...commit("Add a greeting"),
  ],
  done: "I added the greeting to `hello.txt` and committed it.",
};

const question: Script = {
  ...plain,
  name: "question",
  when: /question|frage/i,
  goal: "Greet somebody in `hello.txt`; I ask you whom.",
  steps: ["Ask whom to greet", "Add the greeting"],
  write: [
    { do: "step", n: 1 },
    {
      do: "ask",
      asks: [{ name: "whom", what: ask("Whom shall I greet?", ["The team", "Everybody", "Nobody in particular"]) }],
    },
    { do: "step", n: 2 },
    { do: "append", file: HELLO, line: "Greetings to: {whom}" },
    { do: "pause", ms: 500 },
  ],
  done: "I greeted: {whom}. I left the change uncommitted; oca commits it.",
};

const permission: Script = {
  ...plain,
  name: "permission",
  when: /permission|erlaubnis/i,
  goal: "Look at the last commits, which needs your permission, and note in `hello.txt` how it went.",
  steps: ["Ask for permission", "Look at the commits", "Write it down"],
  commands: ["git log"],
  write: [
    { do: "step", n: 1 },
    { do: "ask", asks: [{ name: "look", what: permit("git log --oneline -3", "I want to see what was done last.") }] },
    { do: "step", n: 2 },
    {
      do: "when",
      name: "look",
      allowed: [
        { do: "run", command: "git", args: ["log", "--oneline", "-3"] },
        { do: "append", file: HELLO, line: "I was allowed to look at the last commits." },
      ],
      denied: [{ do: "append", file: HELLO, line: "I was not allowed to look at the last commits, and went on." }],
    },
    { do: "step", n: 3 },
    { do: "pause", ms: 500 },
  ],
  done: "I asked for permission ({look}) and wrote down how it went.",
};

const several: Script = {
  ...plain,
  name: "several",
  when: /several|mehrere/i,
  goal: "Ask several things at once and write the answers into `hello.txt`.",
  steps: ["Ask", "Write down the answers"],
  write: [
    { do: "step", n: 1 },
    {
      do: "ask",
      asks: [
        { name: "language", what: ask("Which language?", ["English", "German"]) },
        { name: "tone", what: ask("Which tones? More than one is fine.", ["Warm", "Short", "Funny"], true) },
        { name: "look", what: permit("git status --short", "I want to see whether something is uncommitted.") },
      ],
    },
    { do: "step", n: 2 },
    { do: "when", name: "look", allowed: [{ do: "run", command: "git", args: ["status", "--short"] }], denied: [] },
    { do: "append", file: HELLO, line: "Language: {language}. Tone: {tone}. Permission: {look}." },
  ],
  done: "Language: {language}. Tone: {tone}. Permission: {look}.",
};

const conflict: Script = {
  ...plain,
  name: "conflict",
  when: /conflict|konflikt/i,
  goal: "Change the first line of `hello.txt`. Start two of these and merge both: the second runs into a conflict.",
  steps: ["Read hello.txt", "Change its first line"],
  risks: "Whoever else changes that line: the merge conflicts. That is what this script is for.",
  write: [
    { do: "step", n: 1 },
    { do: "pretend", kind: "read", title: HELLO, ms: 400 },
    { do: "step", n: 2 },
    { do: "top", file: HELLO, line: "Hello, world! (changed in {here})" },
    { do: "pause", ms: 500 },
  ],
  done: "I changed the first line of `hello.txt`. A second one of these, merged after this one, runs into a conflict.",
};

const resolve: Script = {
  ...plain,
  name: "resolve",
  when: /^The base has moved, and this work conflicts/m,
  goal: "Keep both sides of the conflict in `hello.txt`.",
  steps: ["Keep both sides"],
  write: [
    { do: "step", n: 1 },
    { do: "unmark", file: HELLO },
  ],
  done: "I kept both sides of the conflict in `hello.txt`.",
};

const fail: Script = {
  ...plain,
  name: "fail",
  when: /\bfail|scheiter/i,
  goal: "Begin, and then fail on purpose.",
  steps: ["Begin", "Fail"],
  write: [
    { do: "step", n: 1 },
    { do: "append", file: HELLO, line: "This was written before the failure." },
    { do: "pause", ms: 600 },
    { do: "step", n: 2 },
    { do: "fail", kind: "failed", error: "The demo agent failed on purpose, because you asked for it." },
  ],
  done: "",
};

const long: Script = {
  ...plain,
  name: "long",
  when: /\blong|\blange\b/i,
  goal: "Keep busy for about a minute, so that you can watch and stop it.",
  steps: ["First stretch", "Second stretch", "Third stretch", "Last stretch"],
  write: [1, 2, 3, 4].flatMap((n): Move[] => [
    { do: "step", n },
    {
      do: "repeat",
      times: 12,
      moves: [
        { do: "pretend", kind: "read", title: HELLO, ms: 250 },
        { do: "pretend", kind: "search", title: "Hello", ms: 400 },
        { do: "pretend", kind: "command", title: "npm test", ms: 600 },
      ],
    },
    { do: "append", file: HELLO, line: `Stretch ${n} of 4 is done.` },
  ]),
  done: "I kept busy for a minute.",
};

/** The first whose words a request has is played; without any it is the greeting. */
export const SCRIPTS: readonly [Script, ...Script[]] = [
  greeting,
  several,
  question,
  permission,
  resolve,
  conflict,
  fail,
  long,
];

function ask(text: string, labels: string[], multi = false): Asked {
  const options = labels.map((label) => ({ label, detail: "" }));
  return { kind: "question", text, options, multi, free: true, recommended: 0 };
}

function permit(detail: string, why: string): Asked {
  return { kind: "permission", tool: "Bash", detail, why };
}
