import { z } from "zod";

/** How a turn failed. `resetAt` (epoch ms) belongs to `limited`: when the agent may work again. */
export const FailedOutcome = z.object({
  ok: z.literal(false),
  kind: z.enum(["interrupted", "refused", "auth", "limited", "budget", "crashed", "failed"]),
  error: z.string(),
  resetAt: z.number().nullable(),
});
export type FailedOutcome = z.infer<typeof FailedOutcome>;

/** How a turn ended. `plan` is the plan's Markdown when a plan turn proposed one. */
export const Outcome = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), answer: z.string(), plan: z.string().nullable() }),
  FailedOutcome,
]);
export type Outcome = z.infer<typeof Outcome>;
