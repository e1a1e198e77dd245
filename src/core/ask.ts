import { z } from "zod";
import { never } from "../lib/never.ts";
import type { Role } from "./authority.ts";
import { OwnPolicy, Rule } from "./policy.ts";

export const Option = z.object({ label: z.string(), detail: z.string() });
export type Option = z.infer<typeof Option>;

/** What somebody must answer. The first two come from agents, the others from oca itself. */
export const What = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("permission"), tool: z.string(), detail: z.string(), why: z.string() }),
  z.object({
    kind: z.literal("question"),
    text: z.string(),
    options: z.array(Option),
    multi: z.boolean(),
    free: z.boolean(),
    recommended: z.number().nullable(),
  }),
  z.object({
    kind: z.literal("repo"),
    repos: z.array(z.string()),
    base: z.string().nullable(),
    /** What each of them says of its own about how work lands. */
    policies: z.record(z.string(), OwnPolicy).default({}),
  }),
  /** What a repository allows, when it is used for the first time. */
  z.object({ kind: z.literal("policy"), repo: z.string() }),
  /** Local and remote base went different ways: which one is meant? */
  z.object({ kind: z.literal("diverged"), local: z.string(), remote: z.string() }),
  /** A set-up command that the repository's files suggest. */
  z.object({ kind: z.literal("setup"), command: z.string(), because: z.string() }),
  z.object({ kind: z.literal("setup_failed"), command: z.string(), log: z.string() }),
  /** The agent's memory is gone: shall it begin anew? */
  z.object({ kind: z.literal("forgotten"), agent: z.string(), error: z.string() }),
]);
export type What = z.infer<typeof What>;

export const Ask = z.object({
  /** Short: it travels inside a button of 64 bytes. */
  id: z.string(),
  /** Asks of one key are the same ask. */
  key: z.string(),
  what: What,
  /** Options ticked so far, for a question with several answers. */
  picked: z.array(z.number()),
  /** When the process that waits for it is let go (epoch ms); null when none waits. */
  dueAt: z.number().nullable(),
});
export type Ask = z.infer<typeof Ask>;

/** The least role that may answer: what is decided for good is the owner's. */
export function answerer({ kind }: What): Role {
  if (kind === "policy") return "owner";
  return kind === "permission" ? "approver" : "requester";
}

/** What a person said to an ask. */
export const Answer = z.discriminatedUnion("is", [
  z.object({ is: z.literal("allowed"), scope: z.enum(["once", "session"]) }),
  z.object({ is: z.literal("denied"), reason: z.string() }),
  z.object({ is: z.literal("picked"), labels: z.array(z.string()), text: z.string().nullable() }),
]);
export type Answer = z.infer<typeof Answer>;

export const PERMISSION = ["once", "session", "deny"] as const;

/** The words behind the option numbers of an ask: an agent's own labels, or keys that the view translates. */
export function optionsOf(what: What): readonly string[] {
  switch (what.kind) {
    case "permission":
      return PERMISSION;
    case "question":
      return what.options.map((option) => option.label);
    case "repo":
      return what.repos;
    case "policy":
      return Rule.options;
    case "diverged":
      return ["local", "remote"];
    case "setup":
      return ["accept", "decline"];
    case "setup_failed":
      return ["retry", "skip", "stop"];
    case "forgotten":
      return ["fresh", "stop"];
    default:
      return never(what);
  }
}
