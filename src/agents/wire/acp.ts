import type { AnyMessage } from "@agentclientprotocol/sdk";
import { z } from "zod";

/**
 * What agents say over the Agent Client Protocol, version 1, read leniently: what is missing or of an unknown kind is
 * left out and never an error, because agents follow the protocol at their own pace.
 */

const words = z.string().nullish().catch(null);
const Id = z.union([z.string(), z.number(), z.null()]);

/** Anything that has the shape of JSON-RPC; the rest of the output is none of ours. */
const Envelope = z.union([
  z.looseObject({ jsonrpc: z.literal("2.0"), method: z.string(), id: Id.optional() }),
  z.looseObject({ jsonrpc: z.literal("2.0"), id: Id, result: z.unknown() }),
  z.looseObject({ jsonrpc: z.literal("2.0"), id: Id, error: z.looseObject({ code: z.int(), message: z.string() }) }),
]);
export const Message = z.custom<AnyMessage>((value) => Envelope.safeParse(value).success);

export const Init = z.object({
  agentInfo: z.object({ version: words }).nullish().catch(null),
  agentCapabilities: z
    .object({
      loadSession: z.boolean().nullish().catch(null),
      promptCapabilities: z
        .object({ image: z.boolean().nullish().catch(null) })
        .nullish()
        .catch(null),
      mcpCapabilities: z
        .object({ http: z.boolean().nullish().catch(null) })
        .nullish()
        .catch(null),
      sessionCapabilities: z
        .object({ resume: z.unknown().optional(), fork: z.unknown().optional() })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});
export type Init = z.infer<typeof Init>;

const Choice = z.object({ value: z.string() });
const Option = z.object({
  id: z.string(),
  category: words,
  currentValue: z.union([z.string(), z.boolean()]),
  /** Flat, or in groups. */
  options: z
    .array(
      z.union([Choice.transform((one) => [one]), z.object({ options: z.array(Choice) }).transform((g) => g.options)]),
    )
    .transform((groups) => groups.flat().map(({ value }) => value))
    .catch([]),
});
const Options = z.array(Option.nullable().catch(null)).nullish().catch(null);
export type Option = z.infer<typeof Option>;

/** The answer to session/new, load, resume, fork, and to a changed option. */
export const Opened = z.object({
  sessionId: words,
  modes: z
    .object({ currentModeId: z.string(), availableModes: z.array(z.object({ id: z.string() })).catch([]) })
    .nullish()
    .catch(null),
  configOptions: Options,
  /** Gemini's own, older than the option for it. */
  models: z.object({ currentModelId: z.string() }).nullish().catch(null),
});
export type Opened = z.infer<typeof Opened>;

const count = z.number().nullish().catch(null);
export const Prompted = z.object({
  stopReason: z.string(),
  usage: z
    .object({ inputTokens: count, outputTokens: count, cachedReadTokens: count, cachedWriteTokens: count })
    .nullish()
    .catch(null),
  /** Gemini's own. */
  _meta: z
    .object({ quota: z.object({ token_count: z.object({ input_tokens: count, output_tokens: count }) }) })
    .nullish()
    .catch(null),
});
export type Prompted = z.infer<typeof Prompted>;

const Text = z.object({ type: z.literal("text"), text: z.string() });
const Content = z
  .union([
    z.object({ type: z.literal("content"), content: Text }).transform(({ content }) => ({ text: content.text })),
    z.object({ type: z.literal("diff"), path: z.string() }),
  ])
  .nullable()
  .catch(null);

/** A call and its update are one kind: some agents send the update alone, so both are put in by their id. */
export const Call = z.object({
  toolCallId: z.string(),
  title: words,
  name: words,
  kind: words,
  status: words,
  content: z.array(Content).nullish().catch(null),
  locations: z
    .array(z.object({ path: z.string() }).nullable().catch(null))
    .nullish()
    .catch(null),
  rawInput: z.record(z.string(), z.unknown()).nullish().catch(null),
});
export type Call = z.infer<typeof Call>;

const Update = z
  .discriminatedUnion("sessionUpdate", [
    z.object({ sessionUpdate: z.literal("agent_message_chunk"), content: Text }),
    Call.extend({ sessionUpdate: z.enum(["tool_call", "tool_call_update"]) }),
    z.object({
      sessionUpdate: z.literal("plan"),
      entries: z.array(z.object({ content: z.string(), status: words })),
    }),
    z.object({ sessionUpdate: z.literal("current_mode_update"), currentModeId: z.string() }),
    z.object({ sessionUpdate: z.literal("config_option_update"), configOptions: Options }),
    z.object({
      sessionUpdate: z.literal("usage_update"),
      cost: z.object({ amount: z.number(), currency: z.string() }).nullish().catch(null),
    }),
    z.object({ sessionUpdate: z.literal("user_message_chunk") }),
    z.object({ sessionUpdate: z.literal("unknown") }),
  ])
  .catch({ sessionUpdate: "unknown" });
export type Update = z.infer<typeof Update>;

export const Notification = z.object({
  method: z.literal("session/update"),
  params: z.object({ sessionId: z.string(), update: Update }),
});

export const Permission = z.object({
  toolCall: Call,
  options: z.array(z.object({ optionId: z.string(), kind: z.string().catch("") })).catch([]),
});
export type Permission = z.infer<typeof Permission>;

const Titled = z.object({ const: z.string(), title: words });
const Field = z.object({
  type: z.string().catch("string"),
  title: words,
  description: words,
  default: z.unknown().optional(),
  enum: z.array(z.string()).nullish().catch(null),
  oneOf: z.array(Titled).nullish().catch(null),
  items: z
    .object({ enum: z.array(z.string()).nullish().catch(null), anyOf: z.array(Titled).nullish().catch(null) })
    .nullish()
    .catch(null),
});
export type Field = z.infer<typeof Field>;

export const Form = z.object({
  mode: z.string().catch("form"),
  message: z.string().catch(""),
  requestedSchema: z
    .object({ properties: z.record(z.string(), Field).catch({}) })
    .nullish()
    .catch(null),
});
export type Form = z.infer<typeof Form>;
