import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Order } from "../../core/ports/spawn.ts";
import { withPaths } from "../attach.ts";
import { environment } from "../environment.ts";
import { json } from "../lines.ts";
import { mcpFile } from "../mcp.ts";
import type { Times } from "../watch.ts";
import type { Cli } from "./schema.ts";

export interface Setup {
  name: string;
  command: string;
  args: readonly string[];
  cli: Cli;
  times: Times;
}

/** The conversation, and what it had used when its last turn ended. */
const Memory = z.object({ id: z.string(), inputTokens: z.number(), outputTokens: z.number(), costUsd: z.number() });
export type Memory = z.infer<typeof Memory>;

/** Null: a new conversation. A copy of one is beyond a command line, so a fork begins anew. */
export function readMemory({ memory }: Desk, { cli }: Setup): Memory | null {
  if (!memory || memory.fork || !cli.resume) return null;
  const { token: id } = memory;
  return Memory.safeParse(json(id)).data ?? { id, inputTokens: 0, outputTokens: 0, costUsd: 0 };
}

/** Something that the turn cannot begin for; the message is for a person. */
export class Unfit extends Error {}

export interface Start {
  order: Omit<Order, "signal">;
  /** What is written to its input, which is then closed. */
  input: string;
  /** Takes the prompt off the disk again. */
  clear(): Promise<void>;
}

/** Linux takes no argument that is longer. */
const ARGUMENT_BYTES = 128 * 1024 - 1;

/** The process of a turn, with its prompt in its place. */
export async function start(turn: Turn, desk: Desk, setup: Setup): Promise<Start> {
  const { cli, command, name } = setup;
  for (const folder of [desk.home, desk.tmp]) await mkdir(folder, { recursive: true });
  const prompt = withPaths(turn.prompt, desk.files).replaceAll("\0", "");
  const file = join(desk.tmp, `prompt-${process.pid}-${performance.now()}.md`);
  if (cli.prompt === "file") await writeFile(file, prompt, { mode: 0o600 });
  if (cli.prompt === "argument" && Buffer.byteLength(prompt) > ARGUMENT_BYTES)
    throw new Unfit(
      `The prompt is longer than an argument may be: set agents.${name}.cli.prompt to "stdin" or "file".`,
    );
  // What begins like an option would be taken for one.
  const mcp = cli.mcp ? await mcpFile(desk) : null;
  const values = {
    ...valuesOf(desk, setup),
    mcp: mcp?.path ?? "",
    prompt: prompt.startsWith("-") ? ` ${prompt}` : prompt,
    file,
  };
  return {
    order: {
      command,
      args: filled(spread(setup, [...optionsOf(turn, desk, setup), ...(mcp ? (cli.mcp ?? []) : [])]), values),
      cwd: desk.cwd,
      env: environment(cli.env, desk),
    },
    input: cli.prompt === "stdin" ? prompt : "",
    clear: async () => {
      await rm(file, { force: true });
      await mcp?.clear();
    },
  };
}

const valuesOf = (desk: Desk, setup: Setup): Readonly<Record<string, string>> => ({
  model: desk.model ?? "",
  effort: desk.effort ?? "",
  session: readMemory(desk, setup)?.id ?? "",
  cwd: desk.cwd,
  home: desk.home,
  tmp: desk.tmp,
});

/** What the turn adds to the arguments. */
function optionsOf({ kind }: Turn, desk: Desk, setup: Setup): string[] {
  const { cli, name } = setup;
  const set = (what: "model" | "effort"): readonly string[] => {
    if (desk[what] === null) return [];
    if (!cli[what]) throw new Unfit(`${name} lets nobody choose the ${what} ${desk[what]}: set it in ${name} itself.`);
    return cli[what];
  };
  return [
    ...((kind === "plan" ? cli.plan : cli.write) ?? []),
    ...set("model"),
    ...set("effort"),
    ...(readMemory(desk, setup) ? (cli.resume?.args ?? []) : []),
  ];
}

/** Options stand where `{options}` is, else behind; a prompt that has no place comes last. */
function spread({ args, cli }: Setup, options: readonly string[]): string[] {
  const all = args.includes("{options}")
    ? args.flatMap((arg) => (arg === "{options}" ? options : [arg]))
    : [...args, ...options];
  const isPlaced = cli.prompt !== "argument" || all.some((arg) => arg.includes("{prompt}"));
  return isPlaced ? all : [...all, "{prompt}"];
}

/** In one go: what stands in somebody's words is no place. */
const filled = (args: readonly string[], values: Readonly<Record<string, string>>): string[] =>
  args.map((arg) => arg.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place));
