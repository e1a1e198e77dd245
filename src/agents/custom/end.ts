import type { Outcome } from "../../core/outcome.ts";
import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { failed } from "../feed.ts";
import { planIn } from "../proposal.ts";
import { forgets, trouble } from "../trouble.ts";
import type { Setup } from "./order.ts";
import type { Story } from "./story.ts";

interface Ending {
  turn: Turn;
  desk: Desk;
  setup: Setup;
  story: Story;
  /** How the process ended. */
  how: { code: number | null; signal: string | null };
  /** The end of what it said beside its output. */
  said: string;
  /** It told its end and had to be ended: its exit says nothing. */
  forced: boolean;
}

/** How the turn ended: by what the program told, and by its exit code only where it tells nothing. */
export function outcomeOf(at: Ending): Outcome {
  const { turn, setup, story } = at;
  const { name } = setup;
  const wrong = story.told.error === null ? crash(at) : sorry(story.told.error, at);
  if (wrong) return wrong;
  const answer = story.answer();
  if (turn.kind === "plan" && answer === "") return failed("failed", `${name} ended its turn without a word.`);
  const plan = turn.kind === "plan" ? planIn(answer) : null;
  return plan === null ? { ok: true, answer, plan } : { ok: true, answer: "", plan };
}

/** Why it is no success, though no error was told. */
function crash(at: Ending): Outcome | null {
  const { setup, story, forced, how } = at;
  const { ended, succeeded } = story.told;
  if (tellsEnd(setup) && !ended) return broken(at, "crashed", "stopped in the middle of its turn");
  if (how.signal !== null && !forced) return broken(at, "crashed", "was ended");
  if (setup.cli.success.line && !succeeded) return broken(at, "failed", "did not say that it succeeded");
  return forced || codesOf(setup)?.includes(how.code ?? -1) !== false ? null : broken(at, "failed", "failed");
}

const tellsEnd = ({ cli: { output } }: Setup): boolean => output !== "text" && output.end !== undefined;

/** Where its lines tell how it went, its exit code counts only when that is wanted: null. */
const codesOf = (setup: Setup): number[] | null => {
  const { exit, line } = setup.cli.success;
  return exit ?? (tellsEnd(setup) || line ? null : [0]);
};

/** What it said beside its output may say why. */
function broken(at: Ending, kind: "crashed" | "failed", what: string): Outcome {
  const { setup, story, how, said } = at;
  const last = said || story.answer().slice(-LAST_CHARS);
  const known = sorry(last, at);
  if (known.ok || known.kind !== "failed") return known;
  return failed(kind, lined(`${setup.name} ${what} (${how.signal ?? `exit code ${how.code}`})`, last));
}

const LAST_CHARS = 600;

/** An error in the program's own words. */
function sorry(words: string, { setup, desk }: Ending): Outcome {
  if (desk.memory && forgets(words)) return failed("forgotten", words);
  const fix = setup.cli.login === undefined ? null : `Log in with: oca agents login ${setup.name}`;
  return trouble(words, { fix, now: Date.now() });
}

/** It works, but not as it was told to. */
export function mismatch({ story, desk, setup }: Pick<Ending, "story" | "desk" | "setup">): Outcome | null {
  const { stranger, model } = story.told;
  if (stranger !== null)
    return failed("forgotten", `${setup.name} began the conversation ${stranger} instead of going on with its own.`);
  if (desk.model !== null && model !== null && model !== desk.model)
    return failed("failed", `${setup.name} was asked for the model ${desk.model}, but uses ${model}.`);
  return null;
}

/** What kept it from starting, and how to install it where that is known. */
export function notStarted(error: unknown, { cli }: Setup): string {
  const words = error instanceof Error ? error.message : String(error);
  const install = cli.install === undefined ? "" : `Install it: ${cli.install}`;
  return lined(words, words.startsWith("cannot start") ? install : "");
}

const lined = (...words: string[]): string => words.filter((word) => word !== "").join("\n");
