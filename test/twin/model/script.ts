import { randomUUID } from "node:crypto";

/** What a model was told in one request, the same for every provider. */
export interface Told {
  model: string;
  /** System text and developer text. */
  system: string;
  /** Names of the tools that the agent offers. */
  tools: string[];
  says: Say[];
}

export interface Say {
  by: "user" | "agent";
  text: string;
  /** Ids of the tool calls of the agent. */
  calls: string[];
  /** What tools answered. */
  results: string[];
  images: number;
}

export const say = (by: Say["by"], over: Partial<Say>): Say => ({
  by,
  text: "",
  calls: [],
  results: [],
  images: 0,
  ...over,
});

/** What a step of a script can look at. */
export interface Scene extends Told {
  /** The folder that the agent said it works in. */
  cwd: string;
  /** What stands behind the name in the marker. */
  arg: string;
  /** The conversation from the marker on. */
  since: Say[];
  /** Address of the model server: a GET of anything below `/canary/` is recorded. */
  url: string;
}

export type Block =
  /** `everyMs`: word by word. */
  | { do: "text"; text: string; everyMs?: number }
  | { do: "think"; text: string }
  /** `raw`: the input is text, not JSON (OpenAI's custom tools). */
  | { do: "tool"; name: string; input: unknown; raw?: boolean; namespace?: string }
  | { do: "hang"; ms: number }
  | { do: "fail"; status: number; message: string; resetInS?: number }
  /** Cuts the socket. */
  | { do: "drop" };

export type Step = readonly Block[] | ((scene: Scene) => readonly Block[]);
/** Steps by the name of the script. A step ends where the agent runs a tool and asks again. */
export type Scripts = Readonly<Record<string, readonly Step[]>>;

export const text = (text: string, everyMs?: number): Block => ({
  do: "text",
  text,
  ...(everyMs === undefined ? {} : { everyMs }),
});
export const think = (text: string): Block => ({ do: "think", text });
export const tool = (name: string, input: unknown, over: { raw?: boolean; namespace?: string } = {}): Block => ({
  do: "tool",
  name,
  input,
  ...over,
});
export const hang = (ms: number): Block => ({ do: "hang", ms });
export const fail = (status: number, message: string, resetInS?: number): Block => ({
  do: "fail",
  status,
  message,
  ...(resetInS === undefined ? {} : { resetInS }),
});
export const drop = (): Block => ({ do: "drop" });

/** What makes the model play a script. */
export const marker = (name: string, arg = ""): string => `[[s:${name}${arg === "" ? "" : ` ${arg}`}]]`;

const MARKER = /\[\[s:([\w-]+)(?: ([^\]]*))?\]\]/g;
const ID = /^(?:toolu_|call_)([\w-]+)\.(\d+)\.\d+\.\w+$/;

/**
 * The id of a tool call says where the script stands: the conversation itself is the only state. Its end is new each time: a
 * script may be played twice in one conversation, and Claude Code takes a call with an id that it knows for no new one.
 */
export const callId = (prefix: string, play: Play, n: number): string =>
  `${prefix}_${play.name}.${play.step}.${n}.${randomUUID().slice(0, 8)}`;

export interface Play {
  name: string;
  arg: string;
  step: number;
  since: Say[];
}

/** Which script a conversation asks for, and how far it has come; null without a marker. */
export function find(says: readonly Say[]): Play | null {
  const at = says.findLastIndex(({ by, text }) => by === "user" && text.search(MARKER) >= 0);
  const [, name = "", arg = ""] = [...(says[at]?.text.matchAll(MARKER) ?? [])].at(-1) ?? [];
  if (name === "") return null;
  const since = says.slice(at);
  const ids = since.flatMap(({ calls }) => calls);
  const steps = ids.flatMap((id) => (ID.exec(id)?.[1] === name ? [Number(ID.exec(id)?.[2]) + 1] : []));
  // Gemini gives ids of its own: there, each turn with calls was a step.
  const counted = since.filter(({ calls }) => calls.length > 0).length;
  const own = ids.length > 0 && ids.every((id) => !ID.test(id));
  return { name, arg, since, step: own ? counted : Math.max(0, ...steps) };
}
