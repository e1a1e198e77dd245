import { z } from "zod";

/** What a repository allows, whatever anybody wants: it wins over every strategy. */
export const Rule = z.enum(["pr-required", "pr-allowed", "never-pr", "manual"]);
export type Rule = z.infer<typeof Rule>;

/** How work gets home: a person decides, nobody but a person at a terminal, or it goes by itself. */
export const Land = z.enum(["ask", "delegate", "manual", "merge", "pr"]);
export type Land = z.infer<typeof Land>;

/** Where an agent works: in a worktree of its own, or (`off`, an owner's decision) in the user's own checkout. */
export const Isolation = z.enum(["worktree", "off"]);
export type Isolation = z.infer<typeof Isolation>;

const fields = z.object({
  plan: z.enum(["ask", "approve", "off"]),
  land: Land,
  style: z.enum(["rebase", "squash", "merge"]),
  push: z.boolean(),
  isolation: Isolation,
  /** What a write turn may do unasked. */
  trust: z.enum(["default", "acceptEdits", "bypass"]),
  /** How many people must approve a plan and a merge. From two on, the requester's own vote does not count. */
  votes: z.number().int().min(1),
  /** Null: the repository has no remote that could take a pull request, or nobody was asked yet. */
  rule: Rule.nullable(),
});
export const Policy = fields.extend({
  rule: fields.shape.rule.default(null),
  isolation: Isolation.default("worktree"),
});
export type Policy = z.infer<typeof Policy>;

/** What a repository says of its own: it wins over what the channel says. */
export const OwnPolicy = fields.partial();
export type OwnPolicy = z.infer<typeof OwnPolicy>;

/** Whether the repository lets oca open pull requests; where no server is its remote, there is nobody to ask. */
export const mayPull = ({ rule }: Policy): boolean => rule === "pr-required" || rule === "pr-allowed";

/** Whether the repository lets oca merge. */
export const mayMerge = ({ rule }: Policy): boolean => rule !== "pr-required" && rule !== "manual";
