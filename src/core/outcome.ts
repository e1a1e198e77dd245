import { z } from "zod";

/**
 * How a turn failed. `resetAt` (epoch ms) belongs to `limited`: when the agent may work again. `wrote`: a plan turn
 * changed files, which was undone; `shared`: something changed what the workspace shares with the user's own checkout.
 */
export const FailedOutcome = z.object({
  ok: z.literal(false),
  kind: z.enum(["interrupted", "refused", "auth", "limited", "budget", "crashed", "failed", "wrote", "shared"]),
  error: z.string(),
  resetAt: z.number().nullable(),
});
export type FailedOutcome = z.infer<typeof FailedOutcome>;

/** The agent no longer knows the conversation that it was to go on with; the turn has not begun. */
export const ForgottenOutcome = z.object({ ok: z.literal(false), kind: z.literal("forgotten"), error: z.string() });

/** How a turn ended. `plan` is the plan's Markdown when a plan turn proposed one. */
export const Outcome = z.union([
  z.object({ ok: z.literal(true), answer: z.string(), plan: z.string().nullable() }),
  FailedOutcome,
  ForgottenOutcome,
]);
export type Outcome = z.infer<typeof Outcome>;
