import type { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import { Cli } from "./custom/schema.ts";
import { KNOWN, Quirks } from "./quirks.ts";

/** What an agent's program is and how it is spoken to. */
export type Program =
  /** By the adapter that oca has for this name; what is not said is the usual. */
  | { is: "own"; command?: string; args?: string[] }
  | { is: "acp"; command: string; args: string[]; quirks: Quirks }
  | { is: "cli"; command: string; args: string[]; cli: Cli };

/** As it is written in the configuration, where `acp` and `cli` are still unread. */
interface Written {
  command?: string | undefined;
  args?: string[] | undefined;
  acp?: unknown;
  cli?: unknown;
}

type Issue = z.core.$ZodIssue;
export type Read = { ok: true; program: Program } | { ok: false; issues: Issue[] };

/** Names that need nothing but to be named. */
export const OWN = ["claude", "codex", "opencode", "demo", ...Object.keys(KNOWN)];

/** The paths of the issues are those of the configuration. */
export function readProgram(name: string, written: Written): Read {
  const { acp, cli } = written;
  if (OWN.includes(name)) {
    const [how, other] = acp === undefined ? (["cli", cli] as const) : (["acp", acp] as const);
    const words = `the agent another name: oca has its own way to speak to ${name}`;
    return other === undefined ? { ok: true, program: own(written) } : wrong([name, how], other, words);
  }
  if (acp !== undefined && cli !== undefined) return wrong([name, "acp"], acp, 'either "acp" or "cli", not both');
  if (acp !== undefined) return readAcp(name, written);
  if (cli !== undefined) return readCli(name, written);
  const words = `a name that oca knows (${nearest(name, OWN)}), or say by "acp" or "cli" how the agent is spoken to`;
  return wrong([name], name, words);
}

function readAcp(name: string, { command, args = [], acp }: Written): Read {
  if (command === undefined) return wrong([name, "command"], command, PROGRAM);
  const { data: quirks, error } = Quirks.safeParse(acp, { reportInput: true });
  if (error) return { ok: false, issues: below(["agents", name, "acp"], error.issues) };
  return { ok: true, program: { is: "acp", command, args, quirks } };
}

function readCli(name: string, { command, args = [], cli: how }: Written): Read {
  if (command === undefined) return wrong([name, "command"], command, PROGRAM);
  const { data: cli, error } = Cli.safeParse(how, { reportInput: true });
  if (error) return { ok: false, issues: below(["agents", name, "cli"], error.issues) };
  return clash(name, args, cli) ?? { ok: true, program: { is: "cli", command, args, cli } };
}

/** What would be understood and then do nothing. */
function clash(name: string, args: readonly string[], { prompt, output, resume, success }: Cli): Read | null {
  if (prompt === "file" && !args.some((arg) => arg.includes("{file}")))
    return wrong([name, "args"], args, 'a place for the prompt: "{file}"');
  if (resume && (output === "text" || !output.session))
    return wrong([name, "cli", "resume"], resume, 'also "output.session", where the name of the conversation stands');
  if (success.line && output === "text")
    return wrong([name, "cli", "success", "line"], success.line, '"exit" instead: plain text has no such lines');
  return null;
}

const PROGRAM = "the program to start";

const wrong = (path: string[], input: unknown, message: string): Read => ({
  ok: false,
  issues: [{ code: "custom", path: ["agents", ...path], input, message }],
});

const own = ({ command, args }: Written): Program => ({
  is: "own",
  ...(command !== undefined && { command }),
  ...(args !== undefined && { args }),
});

const below = (path: string[], issues: readonly Issue[]): Issue[] =>
  issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
