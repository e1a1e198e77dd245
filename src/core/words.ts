import { z } from "zod";
import type { Verb } from "./event.ts";

/** Verbs that can be said as a whole message, wherever the session stands. */
export const SAYABLE = [
  "approve",
  "revise",
  "reject",
  "stop",
  "resume",
  "merge",
  "later",
  "discard",
  "undo",
] as const satisfies readonly Verb[];

/** Verbs that softer words mean, where exactly that is offered. */
export const SOFT = [
  "approve",
  "reject",
  "resume",
  "resolve",
  "revert",
  "stop",
  "later",
] as const satisfies readonly Verb[];
export type Sayable = (typeof SAYABLE)[number] | (typeof SOFT)[number];

/** Lower case. */
const phrases = z.array(z.string().min(1)).min(1);

/** What people say, of one language or of several put together. In `start` and `not`, `*` is the rest of the message. */
export const Words = z.strictObject({
  /** How a request is addressed: "let oca *". */
  start: phrases,
  /** What sounds like a request and is none: "let oca know *". */
  not: phrases,
  /** Words around a decision that change nothing. */
  polite: phrases,
  /** Words that ask for nothing. */
  thanks: phrases,
  say: z.record(z.enum(SAYABLE), phrases),
  soft: z.record(z.enum(SOFT), phrases),
  permit: z.object({ once: phrases, session: phrases, deny: phrases }),
  in: phrases,
  on: phrases,
  with: phrases,
});
export type Words = z.infer<typeof Words>;
