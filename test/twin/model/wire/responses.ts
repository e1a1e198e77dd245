import { callId, say } from "../script.ts";
import { event, inS, newId, partsOf, plain, USAGE, type Voice, type Wire } from "./wire.ts";

interface Item {
  type?: string;
  role?: string;
  content?: unknown;
  call_id?: string;
  output?: unknown;
  tools?: Named[];
}
interface Named {
  name?: string;
  type?: string;
  tools?: Named[];
}
interface Body {
  model: string;
  stream?: boolean;
  instructions?: string;
  tools?: Named[];
  input: Item[] | string;
}

const total = USAGE.input + USAGE.cached;
const usage = {
  input_tokens: total,
  input_tokens_details: { cached_tokens: USAGE.cached },
  output_tokens: USAGE.output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: total + USAGE.output,
};

const itemsOf = ({ input }: Body): Item[] =>
  Array.isArray(input) ? input : [{ type: "message", role: "user", content: input }];

/** Names of tools, those of a namespace with it: `functions.exec`. */
const names = (tools: readonly Named[], space = ""): string[] =>
  tools.flatMap(({ name = "", type = "", tools: inner }) =>
    inner ? names(inner, `${name}.`) : [`${space}${name === "" ? type : name}`],
  );

/** OpenAI Responses, as Codex and OpenCode's `@ai-sdk/openai` use it. */
export const responses: Wire = {
  read: (raw) => {
    const body = raw as Body;
    const items = itemsOf(body);
    const isSystem = ({ role }: Item) => role === "developer" || role === "system";
    const extra = items.flatMap(({ type, tools }) => (type === "additional_tools" ? (tools ?? []) : []));
    return {
      model: body.model,
      system: [body.instructions ?? "", ...items.filter(isSystem).map(({ content }) => plain(content))].join("\n"),
      tools: names([...(body.tools ?? []), ...extra]),
      says: items.flatMap((item) => {
        if (isSystem(item)) return [];
        if (item.role === "user" || item.role === "assistant") {
          const images = partsOf(item.content).filter(({ type }) => type === "input_image").length;
          return [say(item.role === "user" ? "user" : "agent", { text: plain(item.content), images })];
        }
        // What one agent of Codex tells another.
        if (item.type === "agent_message") return [say("user", { text: mailOf(item.content) })];
        if (item.type?.endsWith("_output")) return [say("user", { results: [resultOf(item.output)] })];
        if (item.call_id !== undefined) return [say("agent", { calls: [item.call_id] })];
        return [];
      }),
    };
  },
  side: () => null,
  streams: (body) => (body as Body).stream !== false,
  speak: (told, play, put): Voice => {
    let index = 0;
    let calls = 0;
    let sequence = 0;
    const output: object[] = [];
    const id = newId("resp");
    const send = (type: string, data: object) => put(event({ sequence_number: sequence++, type, ...data }, type));
    const response = { id, object: "response", model: told.model };
    const done = (item: object) => {
      send("response.output_item.done", { output_index: index++, item });
      output.push(item);
    };
    return {
      begin: () => send("response.created", { response: { ...response, status: "in_progress", output: [] } }),
      text: (all) => {
        const item = { type: "message", id: newId("item"), role: "assistant" };
        const place = { item_id: item.id, output_index: index, content_index: 0 };
        const started = { ...item, status: "in_progress", content: [] };
        send("response.output_item.added", { output_index: index, item: started });
        return {
          word: (delta) => send("response.output_text.delta", { ...place, delta }),
          end: () => {
            const content = [{ type: "output_text", text: all, annotations: [] }];
            done({ ...item, status: "completed", content });
          },
        };
      },
      think: (thought) => {
        const item = { type: "reasoning", id: newId("item"), encrypted_content: null };
        const place = { item_id: item.id, output_index: index, summary_index: 0 };
        send("response.output_item.added", { output_index: index, item: { ...item, summary: [] } });
        send("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
        send("response.reasoning_summary_text.delta", { ...place, delta: thought });
        done({ ...item, summary: [{ type: "summary_text", text: thought }] });
      },
      tool: ({ name, input, raw, namespace }) => {
        const call = { id: newId("item"), call_id: callId("call", play, calls++), name };
        const item = raw
          ? { type: "custom_tool_call", ...call, input: String(input) }
          : { type: "function_call", ...call, ...(namespace ? { namespace } : {}), arguments: JSON.stringify(input) };
        const empty = raw ? { ...item, input: "" } : { ...item, arguments: "" };
        send("response.output_item.added", { output_index: index, item: { ...empty, status: "in_progress" } });
        done({ ...item, status: "completed" });
      },
      end: () => send("response.completed", { response: { ...response, status: "completed", output, usage } }),
    };
  },
  whole: (told, _, blocks) => {
    const words = blocks.map((one) => (one.do === "text" ? one.text : "")).join("");
    const content = [{ type: "output_text", text: words, annotations: [] }];
    const output = [{ type: "message", id: newId("item"), role: "assistant", status: "completed", content }];
    return { id: newId("resp"), object: "response", model: told.model, status: "completed", output, usage };
  },
  error: ({ status, message, resetInS }) => {
    const kind = status === 401 || status < 429 ? "invalid_request_error" : "server_error";
    const code = status === 401 ? "invalid_api_key" : null;
    // What a subscription that is used up is told.
    const limit = { type: "usage_limit_reached", plan_type: "plus", message };
    const error = status === 429 ? limit : { type: kind, code, message };
    if (resetInS === undefined) return { headers: {}, body: { error } };
    return {
      headers: { "retry-after": String(resetInS) },
      body: { error: { ...error, resets_at: inS(resetInS), resets_in_seconds: resetInS } },
    };
  },
};

const mailOf = (content: unknown): string =>
  partsOf(content)
    .map((part) => String(part["text"] ?? part["encrypted_content"] ?? ""))
    .join("\n");

function resultOf(output: unknown): string {
  if (typeof output === "string" || Array.isArray(output)) return plain(output);
  return JSON.stringify(output ?? "");
}
