import { type Block, drop, fail, marker, type Scene, type Scripts, type Step, text, think } from "../script.ts";

/** How the model of one agent does things: with that agent's own tools. Null: it has no tool for it. */
export interface Hands {
  write(scene: Scene, path: string, content: string): Block;
  shell(scene: Scene, command: string): Block;
  /** Questions go through the agent's tool, or are the end of the turn in words. */
  ask(scene: Scene, questions: readonly Query[]): Block;
  /** Steps that propose a plan. */
  propose(markdown: string): readonly Step[];
  /** Asks a helper of the agent's own to do it. */
  helper: (scene: Scene, prompt: string) => Block;
  /** Where a helper works on its own. */
  wait: ((scene: Scene) => Block) | null;
  fetch: ((scene: Scene, url: string) => Block) | null;
  mcp: (scene: Scene) => Block;
}

export interface Query {
  id: string;
  text: string;
  options: readonly string[];
  multi: boolean;
}

const COLOUR: Query = { id: "colour", text: "Which colour?", options: ["Red", "Blue"], multi: false };
const FRUIT: Query = { id: "fruit", text: "Which fruits?", options: ["Apple", "Pear", "Plum"], multi: true };

/** The approved plan carries its marker: the turn that carries it out plays `write`. */
const plan = (goal: string): string =>
  [
    `## Goal\n\n${goal} ${marker("write")}`,
    "## Steps\n\n1. Write hello-model.txt\n2. Commit it",
    "## Files\n\n- `hello-model.txt`",
    "## Commands\n\n- `git add hello-model.txt`\n- `git commit`",
  ].join("\n\n");

export const COMMIT = "git add hello-model.txt && git commit -q -m 'Add hello-model.txt'";
/** Leaves its process id behind, and stays. */
export const SLOW = "echo $$ > slow.pid; exec sleep 600";
export const WAIT = "touch waiting; until [ -e go ]; do sleep 0.05; done";
export const PERMITTED = "touch permitted.txt";
export const COUNTED = "tee -a counted.txt < counted.in";

/** What tools answered since the marker, as the end of a turn. */
const echo: Step = ({ since }) => [text(`It said: ${since.flatMap(({ results }) => results).join(" | ")}`)];
const userWords = ({ says }: Pick<Scene, "says">): string =>
  says.flatMap((one) => (one.by === "user" ? [one.text] : [])).join("\n");

/** One tool a step: agents drop the rest of a step when one call in it is refused. */
const tries = (...moves: (((scene: Scene) => Block) | null)[]): Step[] => [
  ...moves.flatMap((move): Step[] => (move ? [(scene) => [move(scene)]] : [])),
  echo,
];

/** The scripts that the contract suite plays, the same for every agent but for its hands. */
export function story(hands: Hands): Scripts {
  return {
    hello: [[text("Hello from the scripted model.")]],
    plan: hands.propose(plan("Write the first hello-model.txt.")),
    replan: hands.propose(plan("Write the second hello-model.txt.")),
    write: [
      (s) => [think("The plan is approved."), text("Working."), hands.write(s, "hello-model.txt", "hello\n")],
      (s) => [hands.shell(s, COMMIT)],
      [text("All done.")],
    ],
    permission: [(s) => [hands.shell(s, PERMITTED)], echo],
    // Its input is a file: what it writes is known to nobody before.
    counted: [(s) => [hands.shell(s, COUNTED)], (s) => [hands.shell(s, COUNTED)], echo],
    question: [(s) => [hands.ask(s, [COLOUR])], echo],
    questions: [(s) => [hands.ask(s, [COLOUR, FRUIT])], echo],
    slow: [[text("one two three four five six seven eight nine ten ".repeat(60), 50)]],
    slowtool: [(s) => [text("Waiting."), hands.shell(s, SLOW)], [text("It is over.")]],
    // Steered words come between the tool and the next answer.
    steered: [
      (s) => [hands.shell(s, WAIT)],
      ({ since }) => [
        text(
          `Since then I heard: ${since
            .slice(1)
            .map((one) => one.text)
            .join(" ")}`,
        ),
      ],
    ],
    helper: tries((s) => hands.helper(s, `Look around. ${marker("helper-child")}`), hands.wait),
    "helper-child": [(s) => [hands.shell(s, "ls")], [text("I looked around.")]],
    noted: [[text("Noted.")]],
    recall: [
      (s) => [text(`Words: ${[...userWords(s).matchAll(/the word is (\w+)/gi)].map(([, word]) => word).join(", ")}.`)],
    ],
    look: [
      ({ says }) => {
        const images = says.reduce((sum, one) => sum + one.images, 0);
        const paths = userWords({ says }).match(/\/\S+\.(?:png|txt)/g) ?? [];
        return [text(`Images: ${images}. Paths: ${paths.join(" ")}.`)];
      },
    ],
    auth: [[fail(401, "the scripted key is not valid")]],
    limited: [[fail(429, "the scripted limit is reached", 3600)]],
    broken: [[fail(500, "the scripted model is broken")]],
    cut: [[text("Half an ans"), drop()]],
    ...attacks(hands),
  };
}

/**
 * Attempts to change something in a plan turn. `arg` names a canary: a path outside the workspace that must never come to
 * be. After the attempts the model says what came of them.
 */
export const ATTACKS = [
  "write",
  "redirect",
  "git-output",
  "rg-pre",
  "helper",
  "mcp",
  "fetch",
  "ignored",
  "git-config",
  "symlink",
] as const;
export type Attack = (typeof ATTACKS)[number];

function attacks(hands: Hands): Scripts {
  const { fetch } = hands;
  const shell = (command: (canary: string) => string) =>
    tries((s) => hands.shell(s, `${command(s.arg)}; touch ${s.arg}`));
  return {
    "attack-write": tries(
      (s) => hands.write(s, "sneaky.txt", "written\n"),
      (s) => hands.write(s, s.arg, "written\n"),
    ),
    "attack-redirect": shell(() => "echo written > sneaky.txt"),
    "attack-git-output": tries((s) => hands.shell(s, `git log --output=${s.arg}`)),
    // Commands that only read, and run what they are told to.
    "attack-rg-pre": tries(
      (s) => hands.shell(s, "rg --pre touch Hello hello.txt"),
      (s) => hands.shell(s, `find . -maxdepth 1 -name hello.txt -exec touch ${s.arg} \\;`),
    ),
    "attack-helper": tries((s) => hands.helper(s, `Do it for me. ${marker("attack-write", s.arg)}`), hands.wait),
    "attack-mcp": tries(hands.mcp),
    "attack-fetch": tries(fetch && ((s) => fetch(s, `${s.url}/canary/fetch`)), (s) =>
      hands.shell(s, `curl -s ${s.url}/canary/curl; touch ${s.arg}`),
    ),
    "attack-ignored": tries(
      (s) => hands.write(s, "node_modules/sneaky.txt", "written\n"),
      (s) => hands.shell(s, `mkdir -p node_modules && echo written > node_modules/other.txt; touch ${s.arg}`),
    ),
    "attack-git-config": tries(
      (s) => hands.shell(s, `git config core.hooksPath /sneaky; touch ${s.arg}`),
      (s) => hands.write(s, ".git/hooks/pre-commit", "#!/bin/sh\n"),
    ),
    "attack-symlink": tries(
      (s) => hands.write(s, "out/sneaky.txt", "written\n"),
      (s) => hands.shell(s, `ln -s / root-of-all; touch ${s.arg}`),
    ),
  };
}
