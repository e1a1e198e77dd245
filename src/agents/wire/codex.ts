import { z } from "zod";

/**
 * What oca reads of `codex app-server` (0.169), and no more: kinds that are not named here are no news to it.
 * Source: `codex app-server generate-ts --experimental`.
 */

/** Answer of thread/start, thread/resume and thread/fork. */
export const Opened = z.object({
  thread: z.object({ id: z.string() }),
  model: z.string(),
  sandbox: z.object({ type: z.string() }),
});

/** Answer of account/read. */
export const Account = z.object({
  account: z.object({ type: z.string() }).nullish().catch(null),
  requiresOpenaiAuth: z.boolean().catch(false),
});

const HttpInfo = z.record(z.string(), z.object({ httpStatusCode: z.number().nullish() }));
export const TurnError = z.object({
  message: z.string().catch(""),
  codexErrorInfo: z.union([z.string(), HttpInfo]).nullish().catch(null),
  additionalDetails: z.string().nullish().catch(null),
});
export type TurnError = z.infer<typeof TurnError>;

const status = z.string().catch("inProgress");
const base = z.object({ id: z.string() });
const Action = z.object({ type: z.string(), path: z.string().nullish() });
export const Item = z.discriminatedUnion("type", [
  base.extend({ type: z.literal("userMessage"), clientId: z.string().nullish() }),
  base.extend({ type: z.literal("agentMessage"), text: z.string() }),
  base.extend({ type: z.literal("plan"), text: z.string() }),
  base.extend({
    type: z.literal("commandExecution"),
    command: z.string(),
    status,
    commandActions: z.array(Action).catch([]),
    exitCode: z.number().nullish(),
  }),
  base.extend({ type: z.literal("fileChange"), changes: z.array(z.object({ path: z.string() })).catch([]), status }),
  base.extend({ type: z.literal("mcpToolCall"), server: z.string(), tool: z.string(), status }),
  base.extend({ type: z.literal("dynamicToolCall"), tool: z.string(), status }),
  base.extend({ type: z.literal("collabAgentToolCall"), tool: z.string(), prompt: z.string().nullish(), status }),
  base.extend({ type: z.literal("subAgentActivity"), kind: z.string(), agentPath: z.string().catch("") }),
  base.extend({ type: z.literal("webSearch"), query: z.string().catch("") }),
  base.extend({ type: z.literal("imageView"), path: z.string() }),
  base.extend({ type: z.literal("contextCompaction") }),
]);
export type Item = z.infer<typeof Item>;

const Tokens = z.object({
  inputTokens: z.number(),
  cachedInputTokens: z.number().catch(0),
  outputTokens: z.number(),
});
export type Tokens = z.infer<typeof Tokens>;

const Limit = z.object({ usedPercent: z.number(), resetsAt: z.number().nullish() }).nullish().catch(null);
const thread = { threadId: z.string() };
const Turn = z.object({ id: z.string(), status: z.string(), error: TurnError.nullish().catch(null) });
const item = z.object({ ...thread, item: Item });

/** A notification, with its method. */
export const News = z.discriminatedUnion("method", [
  z.object({ method: z.literal("item/started"), params: item }),
  z.object({ method: z.literal("item/completed"), params: item }),
  z.object({
    method: z.literal("item/agentMessage/delta"),
    params: z.object({ ...thread, itemId: z.string(), delta: z.string() }),
  }),
  z.object({
    method: z.literal("turn/plan/updated"),
    params: z.object({ ...thread, plan: z.array(z.object({ step: z.string(), status: z.string() })) }),
  }),
  z.object({
    method: z.literal("thread/tokenUsage/updated"),
    params: z.object({ ...thread, turnId: z.string(), tokenUsage: z.object({ total: Tokens, last: Tokens }) }),
  }),
  z.object({
    method: z.literal("thread/settings/updated"),
    params: z.object({
      ...thread,
      threadSettings: z.object({
        model: z.string(),
        sandboxPolicy: z.object({ type: z.string() }),
        collaborationMode: z.object({ mode: z.string() }),
      }),
    }),
  }),
  z.object({ method: z.literal("model/rerouted"), params: z.object({ ...thread, toModel: z.string() }) }),
  z.object({
    method: z.literal("account/rateLimits/updated"),
    params: z.object({ rateLimits: z.object({ primary: Limit, secondary: Limit }) }),
  }),
  z.object({
    method: z.literal("error"),
    params: z.object({ ...thread, error: TurnError, willRetry: z.boolean().catch(false) }),
  }),
  z.object({ method: z.literal("turn/started"), params: z.object({ ...thread, turn: base }) }),
  z.object({ method: z.literal("turn/completed"), params: z.object({ ...thread, turn: Turn }) }),
]);
export type News = z.infer<typeof News>;

const text = z.string().nullish().catch(null);
const Choice = z.object({ label: z.string(), description: z.string().catch("") });

/** A request of the server, with its method. What is not named here is answered with an error. */
export const Request = z.discriminatedUnion("method", [
  z.object({
    method: z.literal("item/commandExecution/requestApproval"),
    params: z.object({
      command: text,
      reason: text,
      networkApprovalContext: z.object({ host: z.string() }).nullish().catch(null),
    }),
  }),
  z.object({
    method: z.literal("item/fileChange/requestApproval"),
    params: z.object({ itemId: z.string(), reason: text, grantRoot: text }),
  }),
  z.object({
    method: z.literal("item/permissions/requestApproval"),
    params: z.object({ reason: text, permissions: z.record(z.string(), z.unknown()) }),
  }),
  z.object({
    method: z.literal("mcpServer/elicitation/request"),
    params: z.object({
      serverName: z.string(),
      message: z.string().catch(""),
      requestedSchema: z
        .object({ properties: z.record(z.string(), z.unknown()).catch({}) })
        .nullish()
        .catch(null),
    }),
  }),
  z.object({
    method: z.literal("item/tool/requestUserInput"),
    params: z.object({
      questions: z.array(
        z.object({
          id: z.string(),
          question: z.string(),
          isOther: z.boolean().catch(true),
          options: z.array(Choice).nullish().catch(null),
        }),
      ),
    }),
  }),
]);
export type Request = z.infer<typeof Request>;
