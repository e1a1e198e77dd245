import { z } from "zod";
import { oneOf, say, strict, Text, YesNo } from "../../lib/strict.ts";

/** `a.b.*.c`: keys, and `*` for every item of a list. */
const Path = say('a path such as "message.content.*.text"', z.string().min(1));
/** Holds for a line that has each of these values at its path. */
const When = say(
  'paths with their values, such as { "type": "result" }',
  z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])),
);
export type When = z.infer<typeof When>;

/** A value in the lines for which `when` holds; a path alone stands for any line. */
const Field = say(
  'a path such as "item.text", or { "path": "item.text", "when": { "type": "message" } }',
  z.union([
    z
      .string()
      .min(1)
      .transform((path) => ({ path, when: {} })),
    z.strictObject({ path: Path, when: When.default({}) }),
  ]),
);
export type Field = z.infer<typeof Field>;

/** What of the lines means what. */
const Lines = strict({
  /** What it says. */
  text: Field,
  /** The text comes in pieces that belong together. */
  delta: YesNo.default(false),
  /** Its last words, where they stand apart. */
  answer: Field.optional(),
  tool: strict({
    when: When,
    id: Path,
    title: Path,
    /** Lines that say so also say that the tool is done, or has failed. */
    done: When.optional(),
    failed: When.optional(),
  }).optional(),
  /** The name of the conversation. */
  session: Field.optional(),
  /** The model that really works. */
  model: Field.optional(),
  usage: strict({
    when: When.default({}),
    input: Path,
    output: Path,
    costUsd: Path.optional(),
    /** What a figure counts: this turn so far, one message of it, or the whole conversation. */
    of: oneOf(["turn", "message", "conversation"]).default("turn"),
  }).optional(),
  /** A line that has it says what went wrong. */
  error: Field.optional(),
  /** The line that ends a turn: without it the turn has crashed. */
  end: When.optional(),
});
export type Lines = z.infer<typeof Lines>;

const Words = say("a list of arguments", z.array(z.string()).min(1));
/** Arguments in which the thing itself has a place. */
const wordsWith = (place: string) =>
  say(
    `a list of arguments, one of them with ${place}`,
    z.array(z.string()).refine((words) => words.some((word) => word.includes(place))),
  );

/**
 * How a command line program is used that takes a prompt and works until it is done. In arguments `{prompt}`, `{file}`,
 * `{model}`, `{effort}`, `{session}`, `{mcp}`, `{cwd}`, `{home}` and `{tmp}` stand for what they say, and `{options}` alone
 * for all that a turn adds.
 */
export const Cli = strict({
  /** Where the prompt goes: into `{prompt}` of the arguments (else behind them), its input, or a file named `{file}`. */
  prompt: oneOf(["argument", "stdin", "file"]).default("stdin"),
  /** `text`: what it prints is its answer. Else JSON, one object a line. */
  output: z
    .union([z.literal("text"), Lines], { error: () => '"text", or an object that says which fields mean what' })
    .default("text"),
  resume: strict({
    /** How it is told to go on with a conversation. */
    args: wordsWith("{session}"),
    /** The conversation keeps its name, so that another name means another conversation. */
    sameId: YesNo.default(true),
  }).optional(),
  /** What makes a turn a success: a line, an exit code, or both. By default the end that it tells, or else exit code 0. */
  success: strict({
    line: When.optional(),
    exit: say("a list of exit codes", z.array(z.int())).optional(),
  }).prefault({}),
  /** How it is told to stop. Ten seconds later comes SIGTERM, and after five more SIGKILL. */
  interrupt: oneOf(["SIGINT", "SIGTERM"]).default("SIGINT"),
  /** What makes it read only. Without it plan turns need a sandbox. */
  plan: Words.optional(),
  /** What lets it write without asking: nobody would answer. */
  write: Words.optional(),
  model: wordsWith("{model}").optional(),
  effort: wordsWith("{effort}").optional(),
  /** How it is given tools of MCP servers: a JSON file with `mcpServers`. */
  mcp: wordsWith("{mcp}").optional(),
  version: Words.default(["--version"]),
  /** As a semver range. */
  tested: Text.default("*"),
  env: say("variables with their values", z.record(z.string(), z.string())).default({ HOME: "{home}" }),
  /** Minutes without a sign of life after which it is given up; plain text often comes at the end only. */
  silentMinutes: say("a number of minutes above 0", z.number().positive().max(1440)).default(10),
  /** Commands for a person. */
  login: Text.optional(),
  install: Text.optional(),
});
export type Cli = z.infer<typeof Cli>;
