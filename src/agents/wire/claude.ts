import { z } from "zod";
import { json } from "../lines.ts";

/** The stream-json wire of Claude Code, read leniently: what is unknown is null, a field that is missing has a default. */

const Text = z.string().catch("");
const MaybeText = z.string().nullable().catch(null);
const Count = z.number().catch(0);

/** Each tool has fields of its own. */
export const Input = z.record(z.string(), z.unknown()).catch({});
export type Input = z.infer<typeof Input>;

const Block = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: Input }),
    z.object({ type: z.literal("tool_result"), tool_use_id: z.string(), is_error: z.boolean().catch(false) }),
  ])
  .nullable()
  .catch(null);
export type Block = z.infer<typeof Block>;

/** A string is the echo of a prompt. */
const Said = z.object({ content: z.array(Block).catch([]) });

const Request = z
  .discriminatedUnion("subtype", [
    z.object({
      subtype: z.literal("can_use_tool"),
      tool_name: z.string(),
      input: Input,
      decision_reason: MaybeText,
      description: MaybeText,
    }),
    z.object({
      subtype: z.literal("hook_callback"),
      input: z.object({ tool_name: z.string(), tool_input: Input }),
    }),
    z.object({ subtype: z.literal("unknown") }),
  ])
  .catch({ subtype: "unknown" });
export type Request = z.infer<typeof Request>;

export const Question = z.object({
  question: z.string(),
  multiSelect: z.boolean().catch(false),
  options: z.array(z.object({ label: z.string(), description: Text })).catch([]),
});
export type Question = z.infer<typeof Question>;
export const Questions = z.object({ questions: z.array(Question).min(1) });

export const Todos = z.object({
  todos: z.array(z.object({ content: z.string(), status: z.enum(["pending", "in_progress", "completed"]) })),
});

const ModelUsage = z.object({
  inputTokens: Count,
  outputTokens: Count,
  cacheReadInputTokens: Count,
  cacheCreationInputTokens: Count,
});

/** The end of a turn. Cost and `modelUsage` are sums over the whole conversation, helpers included. */
const Result = z.object({
  type: z.literal("result"),
  subtype: Text,
  is_error: z.boolean().catch(false),
  result: Text,
  errors: z.array(z.string()).catch([]),
  stop_reason: MaybeText,
  terminal_reason: MaybeText,
  api_error_status: z.number().nullable().catch(null),
  total_cost_usd: Count,
  modelUsage: z.record(z.string(), ModelUsage).catch({}),
});
export type Result = z.infer<typeof Result>;

const Line = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("system"),
    subtype: Text,
    session_id: Text,
    model: MaybeText,
    permissionMode: MaybeText,
  }),
  z.object({
    type: z.literal("stream_event"),
    event: z.object({ type: Text, delta: z.object({ text: Text }).catch({ text: "" }) }),
    parent_tool_use_id: MaybeText,
  }),
  z.object({ type: z.literal("assistant"), message: Said, parent_tool_use_id: MaybeText, error: MaybeText }),
  z.object({ type: z.literal("user"), message: Said, parent_tool_use_id: MaybeText }),
  z.object({ type: z.literal("control_request"), request_id: z.string(), request: Request }),
  z.object({ type: z.literal("control_cancel_request"), request_id: z.string() }),
  z.object({
    type: z.literal("control_response"),
    response: z.object({
      error: MaybeText,
      response: z
        .object({ models: z.array(z.object({ value: z.string(), resolvedModel: Text })).catch([]) })
        .catch({ models: [] }),
    }),
  }),
  z.object({ type: z.literal("command_lifecycle"), command_uuid: z.string(), state: z.string() }),
  z.object({
    type: z.literal("rate_limit_event"),
    rate_limit_info: z.object({ status: Text, resetsAt: z.number().nullable().catch(null) }),
  }),
  Result,
]);
export type Line = z.infer<typeof Line>;

/** Null for what is no message, or none that we know. */
export const readLine = (line: string): Line | null => Line.safeParse(json(line)).data ?? null;
