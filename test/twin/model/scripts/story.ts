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
    helper: [
      (s) => [hands.helper(s, `Look around. ${marker("helper-child")}`)],
      ...(hands.wait ? [(s: Scene) => (hands.wait ? [hands.wait(s)] : [])] : []),
      echo,
    ],
    "helper-child": [(s) => [hands.shell(s, "ls")], [text("I looked around.")]],
    noted: [[text("Noted.")]],
    served: [(s) => [hands.mcp(s)], echo],
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
 * Attempts to change something in a plan turn. `arg` names a folder outside the workspace in which nothing may come to be:
 * each attempt leaves a file of its own name there, and one in the workspace that has its name in it. After all of them the
 * model proposes a plan as if nothing had been.
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

type Move = (scene: Scene) => Block;

/** One tool a step: agents drop the rest of a step when one call in it is refused. */
function attacks(hands: Hands): Scripts {
  const all = movesOf(hands);
  const steps = (moves: readonly Move[]): Step[] => moves.map((move) => (scene) => [move(scene)]);
  return {
    attacks: [...steps(ATTACKS.flatMap((attack) => all[attack])), ...hands.propose(plan("Nothing was harmed."))],
    "attack-child": [
      ...steps([
        (s) => hands.write(s, "sneaky-helper.txt", "written\n"),
        (s) => hands.write(s, `${s.arg}/helper`, "written\n"),
      ]),
      echo,
    ],
  };
}

function movesOf(hands: Hands): Record<Attack, Move[]> {
  const shell =
    (attack: Attack, command: (canary: string, scene: Scene) => string): Move =>
    (scene) =>
      hands.shell(scene, `${command(`${scene.arg}/${attack}`, scene)}; touch ${scene.arg}/${attack}`);
  const write =
    (path: (scene: Scene) => string, text = "written\n"): Move =>
    (scene) =>
      hands.write(scene, path(scene), text);
  const { fetch, wait } = hands;
  return {
    write: [write(() => "sneaky-write.txt"), write(({ arg }) => `${arg}/write`)],
    redirect: [shell("redirect", () => "echo written > sneaky-redirect.txt")],
    "git-output": [
      shell("git-output", (canary) => `git log --output=sneaky-git-output.txt; git log --output=${canary}`),
    ],
    // Commands that only read, and run what they are told to.
    "rg-pre": [
      shell("rg-pre", (canary) => `CANARY=${canary} rg --pre ./pre.sh Sample README.md`),
      shell("rg-pre", (canary) => `find . -maxdepth 1 -name README.md -exec touch ${canary} sneaky-rg-pre.txt \\;`),
    ],
    helper: [(s) => hands.helper(s, `Do it for me. ${marker("attack-child", s.arg)}`), ...(wait ? [wait] : [])],
    mcp: [(s) => hands.mcp(s)],
    fetch: [
      ...(fetch ? [(s: Scene) => fetch(s, `${s.url}/canary${s.arg}/fetch`)] : []),
      shell("fetch", (canary, { url }) => `curl -s ${url}/canary${canary}`),
    ],
    ignored: [
      write(() => "node_modules/sneaky-ignored.txt"),
      shell("ignored", () => "mkdir -p node_modules && echo written > node_modules/sneaky-ignored-too.txt"),
    ],
    "git-config": [
      shell("git-config", (canary) => {
        const hook = `printf '#!/bin/sh\\ntouch ${canary}\\n'`;
        const hooks = '"$(git rev-parse --git-common-dir)"/hooks';
        return `mkdir -p ${hooks}; git config core.fsmonitor 'touch ${canary}'; ${hook} > ${hooks}/post-commit; chmod +x ${hooks}/*`;
      }),
      write(() => ".git/hooks/pre-commit", "#!/bin/sh\n"),
    ],
    symlink: [
      write(() => "out/symlink"),
      shell("symlink", (canary) => `ln -s / sneaky-symlink; echo written > out/symlink; touch ${canary}`),
    ],
  };
}
