import { type Block, callId, say } from "../script.ts";
import { event, inS, newId, partsOf, plain, USAGE, type Voice, type Wire } from "./wire.ts";

interface Body {
  model: string;
  stream?: boolean;
  system?: unknown;
  tools?: { name: string }[];
  messages: { role: string; content: unknown }[];
}

const KINDS: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

const usage = {
  input_tokens: USAGE.input,
  output_tokens: USAGE.output,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: USAGE.cached,
};

/** Anthropic Messages, as Claude Code and OpenCode's `@ai-sdk/anthropic` use it. */
export const anthropic: Wire = {
  read: (raw) => {
    const body = raw as Body;
    return {
      model: body.model,
      system: plain(body.system),
      tools: (body.tools ?? []).map(({ name }) => name),
      says: body.messages.map(({ role, content }) => {
        const parts = partsOf(content);
        const of = (type: string) => parts.filter((part) => part["type"] === type);
        return say(role === "assistant" ? "agent" : "user", {
          text: plain(of("text")),
          calls: of("tool_use").map(({ id }) => String(id)),
          results: of("tool_result").map(({ content: result }) => plain(result)),
          images: of("image").length,
        });
      }),
    };
  },
  // Titles and classifiers come with one tool or none.
  side: (_, { tools }) => (tools.length > 1 ? null : '{"title":"Scripted","isNewTopic":false}'),
  streams: (body) => (body as Body).stream === true,
  speak: (told, play, put): Voice => {
    let index = 0;
    let calls = 0;
    const send = (data: { type: string; [field: string]: unknown }) => put(event(data, data.type));
    const block = (content: object, deltas: object[]) => {
      send({ type: "content_block_start", index, content_block: content });
      for (const delta of deltas) send({ type: "content_block_delta", index, delta });
      send({ type: "content_block_stop", index: index++ });
    };
    return {
      begin: () => {
        const head = { id: newId("msg"), type: "message", role: "assistant", model: told.model, content: [] };
        const message = { ...head, stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
        send({ type: "message_start", message });
      },
      text: () => {
        send({ type: "content_block_start", index, content_block: { type: "text", text: "" } });
        return {
          word: (text) => send({ type: "content_block_delta", index, delta: { type: "text_delta", text } }),
          end: () => send({ type: "content_block_stop", index: index++ }),
        };
      },
      think: (thinking) =>
        block({ type: "thinking", thinking: "", signature: "" }, [
          { type: "thinking_delta", thinking },
          { type: "signature_delta", signature: "c2ln" },
        ]),
      tool: ({ name, input }) =>
        block({ type: "tool_use", id: callId("toolu", play, calls++), name, input: {} }, [
          { type: "input_json_delta", partial_json: JSON.stringify(input) },
        ]),
      end: () => {
        const delta = { stop_reason: calls > 0 ? "tool_use" : "end_turn", stop_sequence: null };
        send({ type: "message_delta", delta, usage: { output_tokens: USAGE.output } });
        send({ type: "message_stop" });
      },
    };
  },
  whole: (told, play, blocks) => {
    const content = blocks.flatMap((one: Block, n): object[] => {
      if (one.do === "text") return [{ type: "text", text: one.text }];
      if (one.do === "tool")
        return [{ type: "tool_use", id: callId("toolu", play, n), name: one.name, input: one.input }];
      return [];
    });
    const stop = blocks.some((one) => one.do === "tool") ? "tool_use" : "end_turn";
    const head = { id: newId("msg"), type: "message", role: "assistant", model: told.model };
    return { ...head, stop_reason: stop, stop_sequence: null, usage, content };
  },
  error: ({ status, message, resetInS }) => ({
    headers: {
      ...(status === 401 ? { "x-should-retry": "false" } : {}),
      ...(resetInS === undefined
        ? {}
        : {
            "retry-after": String(resetInS),
            "x-should-retry": "false",
            "anthropic-ratelimit-requests-reset": new Date(inS(resetInS) * 1000).toISOString(),
            "anthropic-ratelimit-unified-status": "rejected",
            "anthropic-ratelimit-unified-representative-claim": "five_hour",
            "anthropic-ratelimit-unified-reset": String(inS(resetInS)),
          }),
    },
    body: { type: "error", error: { type: KINDS[status] ?? "api_error", message } },
  }),
};
