import { z } from "zod";

/**
 * What oca reads of `opencode acp --port` (1.18), and no more: kinds that are not named here are no news to it.
 * Source: GET /doc of the server, and recorded streams.
 */

const Tokens = z.object({
  input: z.number().catch(0),
  output: z.number().catch(0),
  reasoning: z.number().catch(0),
  cache: z.object({ read: z.number().catch(0), write: z.number().catch(0) }).catch({ read: 0, write: 0 }),
});

/** Cost and tokens are totals of the conversation. */
export const Session = z.object({
  id: z.string(),
  parentID: z.string().nullish().catch(null),
  cost: z.number().catch(0),
  tokens: Tokens.catch({ input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }),
});
export type Session = z.infer<typeof Session>;

export const Failure = z.object({
  name: z.string().catch(""),
  data: z
    .object({
      message: z.string().catch(""),
      statusCode: z.number().nullish().catch(null),
      responseHeaders: z.record(z.string(), z.string()).catch({}),
    })
    .catch({ message: "", statusCode: null, responseHeaders: {} }),
});
export type Failure = z.infer<typeof Failure>;

const User = z.object({ id: z.string(), sessionID: z.string(), role: z.literal("user") });
const Assistant = z.object({
  id: z.string(),
  sessionID: z.string(),
  role: z.literal("assistant"),
  /** The newest message of a person that it answers. */
  parentID: z.string().nullish().catch(null),
  agent: z.string().nullish().catch(null),
  providerID: z.string(),
  modelID: z.string(),
  /** Of earlier messages: another agent of OpenCode's own makes it. */
  summary: z.boolean().nullish().catch(null),
  finish: z.string().nullish().catch(null),
});
export const Info = z.discriminatedUnion("role", [User, Assistant]);
export type Info = z.infer<typeof Info>;

const Input = z.record(z.string(), z.unknown());
const base = z.object({ id: z.string(), sessionID: z.string(), messageID: z.string() });
/** A part comes again whole whenever it changes. */
export const Part = z.discriminatedUnion("type", [
  base.extend({
    type: z.literal("text"),
    text: z.string(),
    synthetic: z.boolean().nullish().catch(null),
    time: z.object({ end: z.number().nullish() }).nullish().catch(null),
  }),
  base.extend({
    type: z.literal("tool"),
    callID: z.string(),
    tool: z.string(),
    state: z.object({ status: z.string(), input: Input.catch({}), title: z.string().nullish().catch(null) }),
  }),
]);
export type Part = z.infer<typeof Part>;
export type ToolPart = Extract<Part, { type: "tool" }>;

/** Lists keep what can be read of them. */
const listOf = <T extends z.ZodType>(one: T) =>
  z.array(z.unknown()).transform((all): z.infer<T>[] =>
    all.flatMap((each) => {
      const read = one.safeParse(each);
      return read.success ? [read.data] : [];
    }),
  );

export const Messages = listOf(z.object({ info: Info, parts: listOf(Part) }));
export type Messages = z.infer<typeof Messages>;

export const Permission = z.object({
  id: z.string(),
  sessionID: z.string(),
  permission: z.string(),
  patterns: z.array(z.string()).catch([]),
  metadata: z.record(z.string(), z.unknown()).catch({}),
  tool: z.object({ callID: z.string() }).nullish().catch(null),
});
export type Permission = z.infer<typeof Permission>;

export const Question = z.object({
  id: z.string(),
  sessionID: z.string(),
  questions: z.array(
    z.object({
      question: z.string(),
      options: z.array(z.object({ label: z.string(), description: z.string().catch("") })).catch([]),
      multiple: z.boolean().catch(false),
      /** Own words are welcome unless it says otherwise. */
      custom: z.boolean().catch(true),
    }),
  ),
});
export type Question = z.infer<typeof Question>;

const Status = z.discriminatedUnion("type", [
  z.object({ type: z.literal("busy") }),
  z.object({ type: z.literal("idle") }),
  /** `next` is when it will try again, epoch ms. */
  z.object({ type: z.literal("retry"), attempt: z.number(), message: z.string().catch(""), next: z.number().catch(0) }),
]);
const Todo = z.object({ content: z.string(), status: z.string() });

const of = z.object({ sessionID: z.string() });
export const News = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session.created"), properties: z.object({ info: Session }) }),
  z.object({ type: z.literal("session.updated"), properties: z.object({ info: Session }) }),
  z.object({ type: z.literal("session.status"), properties: of.extend({ status: Status }) }),
  z.object({
    type: z.literal("session.error"),
    properties: z.object({ sessionID: z.string().nullish(), error: Failure }),
  }),
  z.object({ type: z.literal("message.updated"), properties: z.object({ info: Info }) }),
  z.object({
    type: z.literal("message.part.delta"),
    properties: of.extend({ messageID: z.string(), partID: z.string(), field: z.string(), delta: z.string() }),
  }),
  z.object({ type: z.literal("message.part.updated"), properties: z.object({ part: Part }) }),
  z.object({ type: z.literal("permission.asked"), properties: Permission }),
  z.object({ type: z.literal("permission.replied"), properties: of.extend({ requestID: z.string() }) }),
  z.object({ type: z.literal("question.asked"), properties: Question }),
  z.object({ type: z.literal("todo.updated"), properties: of.extend({ todos: listOf(Todo) }) }),
]);
export type News = z.infer<typeof News>;

const Rule = z.object({ permission: z.string(), pattern: z.string(), action: z.enum(["allow", "ask", "deny"]) });
export type Rule = z.infer<typeof Rule>;
/** The agents of OpenCode, with the permissions they really have: the last rule that fits counts. */
export const Agents = z.array(
  z.object({ name: z.string(), mode: z.string().catch(""), permission: z.array(Rule).catch([]) }),
);
export type Agents = z.infer<typeof Agents>;
