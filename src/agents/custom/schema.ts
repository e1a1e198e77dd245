import { z } from "zod";

/** `a.b.*.c`: keys, and `*` for every item of a list. */
const Path = z.string().min(1);
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
/** Holds for a line that has each of these values at its path. */
const When = z.record(Path, Scalar);
export type When = z.infer<typeof When>;

/** A value in the lines for which `when` holds; a path alone stands for any line. */
const Field = z.union([
  Path.transform((path) => ({ path, when: {} })),
  z.strictObject({ path: Path, when: When.default({}) }),
]);
export type Field = z.infer<typeof Field>;

const Lines = z.strictObject({
  /** What it says. */
  text: Field,
  /** The text comes in pieces that belong together. */
  delta: z.boolean().default(false),
  /** Its last words, where they stand apart. */
  answer: Field.optional(),
  tool: z
    .strictObject({
      when: When,
      id: Path,
      title: Path,
      /** Lines that say so also say that the tool is done, or has failed. */
      done: When.optional(),
      failed: When.optional(),
    })
    .optional(),
  /** The name of the conversation. */
  session: Field.optional(),
  usage: z
    .strictObject({
      when: When.default({}),
      input: Path,
      output: Path,
      costUsd: Path.optional(),
      /** Its figures are of the whole conversation, not of the turn. */
      total: z.boolean().default(false),
    })
    .optional(),
  /** A line that has it says what went wrong. */
  error: Field.optional(),
  /** The line that ends a turn: without it the turn has crashed. */
  end: When.optional(),
});
export type Lines = z.infer<typeof Lines>;

/**
 * Any command line program that takes a prompt and works until it is done. In arguments, `{prompt}`, `{file}`, `{model}`,
 * `{effort}`, `{session}`, `{cwd}`, `{home}` and `{tmp}` stand for what they say, and `{options}` alone for all that the turn adds.
 */
export const CustomCli = z.strictObject({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** Where the prompt goes: into `{prompt}` of the arguments (else behind them), its input, or a file named `{file}`. */
  prompt: z.enum(["argument", "stdin", "file"]).default("stdin"),
  /** `text`: what it prints is its answer. Else JSON, one object a line. */
  output: z.union([z.literal("text"), Lines]).default("text"),
  /** How a conversation goes on. `sameId`: it keeps its name, so that another name means another conversation. */
  resume: z.strictObject({ args: z.array(z.string()).min(1), sameId: z.boolean().default(true) }).optional(),
  /** What makes a turn a success: a line, an exit code, or both. By default the end that it tells, or else exit code 0. */
  success: z.strictObject({ line: When.optional(), exit: z.array(z.int()).optional() }).default({}),
  interrupt: z.enum(["SIGINT", "SIGTERM"]).default("SIGINT"),
  /** What makes it read only. Without it plan turns need a sandbox. */
  plan: z.array(z.string()).min(1).optional(),
  /** What lets it write without asking: nobody would answer. */
  write: z.array(z.string()).default([]),
  model: z.array(z.string()).min(1).optional(),
  effort: z.array(z.string()).min(1).optional(),
  version: z.array(z.string()).default(["--version"]),
  /** As a semver range. */
  tested: z.string().default("*"),
  env: z.record(z.string(), z.string()).default({ HOME: "{home}" }),
  /** Minutes without a word after which it is given up; plain text often comes at the end only. */
  silentMinutes: z.number().positive().optional(),
  login: z.string().optional(),
  install: z.string().optional(),
});
export type CustomCli = z.infer<typeof CustomCli>;
