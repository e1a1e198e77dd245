import { callId, say } from "../script.ts";
import { event, newId, partsOf, plain, USAGE, type Voice, type Wire } from "./wire.ts";

interface Body {
  model: string;
  stream?: boolean;
  tools?: { function?: { name: string } }[];
  messages: { role: string; content?: unknown; tool_calls?: { id: string }[] }[];
}

const input = USAGE.input + USAGE.cached;
const usage = {
  prompt_tokens: input,
  prompt_tokens_details: { cached_tokens: USAGE.cached },
  completion_tokens: USAGE.output,
  total_tokens: input + USAGE.output,
};

/** OpenAI chat completions, as OpenCode's `@ai-sdk/openai-compatible` uses it. */
export const chat: Wire = {
  read: (raw) => {
    const { model, tools = [], messages } = raw as Body;
    const isSystem = ({ role }: Body["messages"][number]) => role === "system" || role === "developer";
    return {
      model,
      system: messages
        .filter(isSystem)
        .map(({ content }) => plain(content))
        .join("\n"),
      tools: tools.map((tool) => tool.function?.name ?? ""),
      says: messages.flatMap((message) => {
        const { role, content, tool_calls: calls = [] } = message;
        if (isSystem(message)) return [];
        if (role === "tool") return [say("user", { results: [plain(content)] })];
        if (role === "assistant") return [say("agent", { text: plain(content), calls: calls.map(({ id }) => id) })];
        const images = partsOf(content).filter(({ type }) => type === "image_url").length;
        return [say("user", { text: plain(content), images })];
      }),
    };
  },
  side: (_, { tools }) => (tools.length > 0 ? null : "Scripted title"),
  streams: (body) => (body as Body).stream === true,
  speak: ({ model }, play, put): Voice => {
    const base = { id: newId("chatcmpl"), object: "chat.completion.chunk", created: 1, model };
    let calls = 0;
    const send = (delta: object, finish: string | null = null) =>
      put(event({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] }));
    return {
      begin: () => send({ role: "assistant", content: "" }),
      text: () => ({ word: (content) => send({ content }), end: () => undefined }),
      think: (thought) => send({ reasoning_content: thought }),
      tool: ({ name, input: given }) => {
        const call = { name, arguments: JSON.stringify(given) };
        const index = calls++;
        send({ tool_calls: [{ index, id: callId("call", play, index), type: "function", function: call }] });
      },
      end: () => {
        send({}, calls > 0 ? "tool_calls" : "stop");
        put(event({ ...base, choices: [], usage }));
        put("data: [DONE]\n\n");
      },
    };
  },
  whole: ({ model }, _, blocks) => {
    const content = blocks.map((one) => (one.do === "text" ? one.text : "")).join("");
    const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content } };
    return { id: newId("chatcmpl"), object: "chat.completion", created: 1, model, usage, choices: [choice] };
  },
  error: ({ status, message, resetInS }) => {
    // OpenCode goes by the type: a `server_error` is tried again for ever, whatever its status.
    const kinds: Record<number, string> = { 401: "authentication_error", 429: "rate_limit_error" };
    const type = kinds[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
    return {
      headers: resetInS === undefined ? {} : { "retry-after": String(resetInS) },
      body: { error: { message, type, code: status === 401 ? "invalid_api_key" : null } },
    };
  },
};
