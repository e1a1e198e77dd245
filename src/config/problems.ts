import type { z } from "zod";
import { redact } from "../lib/redact.ts";

/** Everything that is wrong with the configuration, one line each: where, which value, and the way out. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}

type Issue = z.core.$ZodIssue;

/** One line for each thing that a schema found. `source` says which file or where the variable is set. */
export const describe = (issues: readonly Issue[], source: (key: string) => string): string[] =>
  issues.flatMap((issue) => lines(issue, [], source));

function lines(issue: Issue, above: PropertyKey[], source: (key: string) => string): string[] {
  const path = [...above, ...issue.path];
  const place = (key: string): string =>
    `${source(String(path[0] ?? key))}: ${[...path, key].filter(String).join(".")}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const hints = issue.message.split("\n");
      return issue.keys.map((key, index) => `${place(key)} is not a setting: ${hints[index] ?? ""}`);
    }
    case "invalid_union": {
      const [branch] = isObject(issue.input) ? issue.errors.slice(-1) : [];
      if (branch) return branch.flatMap((inner) => lines(inner, path, source));
      return [`${place("")} is ${shown(issue.input)}: give ${issue.message}`];
    }
    case "invalid_key":
      return [`${place("")} is a wrong name: give ${issue.issues[0]?.message ?? issue.message}`];
    case "invalid_type":
      return [`${place("")} is ${shown(issue.input)}: give ${plainType(issue)}`];
    default:
      return [`${place("")} is ${shown(issue.input)}: give ${issue.message}`];
  }
}

/** The library's own words are for programmers. */
const plainType = ({ message, expected }: Extract<Issue, { code: "invalid_type" }>): string =>
  message.startsWith("Invalid input") ? (TYPES[expected] ?? `a ${expected}`) : message;

const TYPES: Readonly<Record<string, string>> = { string: "a text", array: "a list", object: "an object" };

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

const LONGEST_VALUE = 60;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = redact(JSON.stringify(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
