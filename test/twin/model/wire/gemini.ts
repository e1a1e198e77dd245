import { say } from "../script.ts";
import { event, plain, USAGE, type Voice, type Wire } from "./wire.ts";

interface Part {
  text?: string;
  thought?: boolean;
  functionCall?: { id?: string; name: string };
  functionResponse?: { response?: unknown };
  inlineData?: unknown;
}
interface Body {
  contents?: { role?: string; parts?: Part[] }[];
  systemInstruction?: { parts?: Part[] };
  tools?: { functionDeclarations?: { name: string }[] }[];
  generationConfig?: { responseMimeType?: string };
}

const input = USAGE.input + USAGE.cached;
const usage = {
  promptTokenCount: input,
  cachedContentTokenCount: USAGE.cached,
  candidatesTokenCount: USAGE.output,
  totalTokenCount: input + USAGE.output,
};

const STATES: Record<number, string> = { 400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED" };
/** What its side requests ask for, all in one: who speaks next, which model, how hard. */
const SIDE = { reasoning: "scripted", next_speaker: "user", model_choice: "pro", complexity_score: 10 };

const answer = (parts: Part[], over = false) => ({
  candidates: [{ index: 0, content: { role: "model", parts }, ...(over ? { finishReason: "STOP" } : {}) }],
  usageMetadata: usage,
  modelVersion: "scripted",
  responseId: "scripted",
});

/** Google's generateContent, as Gemini CLI uses it. */
export const gemini: Wire = {
  read: (raw) => {
    const { contents = [], systemInstruction, tools = [] } = raw as Body;
    return {
      model: "",
      system: plain(systemInstruction?.parts),
      tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)),
      says: contents.map(({ role, parts = [] }) =>
        say(role === "model" ? "agent" : "user", {
          text: plain(parts.filter(({ thought }) => !thought)),
          calls: parts.flatMap(({ functionCall: call }) => (call ? [call.id ?? "gemini"] : [])),
          results: parts.flatMap(({ functionResponse: result }) => (result ? [JSON.stringify(result.response)] : [])),
          images: parts.filter(({ inlineData }) => inlineData !== undefined).length,
        }),
      ),
    };
  },
  side: (raw, { tools }) => {
    if (tools.length > 1) return null;
    const { generationConfig } = raw as Body;
    return generationConfig?.responseMimeType === "application/json"
      ? JSON.stringify({ ...SIDE, complexity_reasoning: "scripted" })
      : "ok";
  },
  streams: (_, path) => path.endsWith(":streamGenerateContent"),
  speak: (_told, _play, put): Voice => {
    const send = (parts: Part[], over = false) => put(event(answer(parts, over)));
    return {
      begin: () => undefined,
      text: () => ({ word: (text) => send([{ text }]), end: () => undefined }),
      think: (text) => send([{ text, thought: true }]),
      tool: ({ name, input: args }) => send([{ functionCall: { name, args } as Part["functionCall"] & object }]),
      end: () => send([{ text: "" }], true),
    };
  },
  whole: (_told, _play, blocks) => {
    const words = blocks.map((one) => (one.do === "text" ? one.text : "")).join("");
    return answer([{ text: words }], true);
  },
  error: ({ status, message, resetInS }) => {
    const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${resetInS ?? 0}s` };
    const quota = {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }],
    };
    const details = resetInS === undefined ? [] : [quota, retry];
    return {
      headers: resetInS === undefined ? {} : { "retry-after": String(resetInS) },
      body: { error: { code: status, message, status: STATES[status] ?? "INTERNAL", details } },
    };
  },
};
