import { isAbsolute, relative } from "node:path";
import type { Activity, Step } from "../../core/parts.ts";
import { clip, firstLine } from "../../lib/text.ts";
import type { Feed } from "../feed.ts";
import type { Messages, Part, ToolPart } from "../wire/opencode.ts";

/** What OpenCode did and said in one turn, told as it comes. */
export interface Story {
  /** More of a part; thoughts are parts as well, and not told. */
  delta(of: { partID: string; field: string; delta: string }): void;
  /** A part as it is now, text only from the agent itself. */
  part(part: Part): void;
  todos(todos: readonly { content: string; status: string }[]): void;
  note(title: string): void;
  /** What a tool call is for, in the words of the agent. */
  purpose(callId: string): string;
  /** Tools at work: silence is no stall then. */
  readonly busy: boolean;
  /** Tools that were never reported as done end with the turn. */
  close(): void;
}

const PIECE_CHARS = 300;
const TITLE_CHARS = 200;

export function createStory(feed: Feed, cwd: string): Story {
  const shown = new Map<string, Activity>();
  const purposes = new Map<string, string>();
  /** Of each part that is text: what is not told yet, and how much of it is. */
  const speech = new Map<string, { piece: string; told: number }>();

  const tell = (one: { piece: string; told: number }): void => {
    if (one.piece.trim() !== "") feed.put({ type: "text", text: one.piece });
    one.told += one.piece.length;
    one.piece = "";
  };

  const show = (activity: Activity): void => {
    const old = shown.get(activity.id);
    if (old?.state === activity.state && old.title === activity.title) return;
    shown.set(activity.id, activity);
    feed.put({ type: "activity", activity });
  };

  return {
    delta: ({ partID, field, delta }) => {
      const one = speech.get(partID);
      if (field !== "text" || !one) return;
      one.piece += delta;
      if (one.piece.length > PIECE_CHARS && /\s$/.test(one.piece)) tell(one);
    },
    part: (part) => {
      if (part.type === "tool") {
        const description = part.state.input["description"];
        if (typeof description === "string") purposes.set(part.callID, description);
        const activity = activityOf(part, cwd);
        if (activity) show(activity);
        return;
      }
      const one = speech.get(part.id) ?? { piece: "", told: 0 };
      speech.set(part.id, one);
      if (!part.time?.end) return;
      // A finished part comes whole, and may come again.
      one.piece = part.text.slice(one.told);
      tell(one);
    },
    todos: (todos) => feed.put({ type: "steps", steps: todos.flatMap(stepOf) }),
    note: (title) =>
      feed.put({
        type: "activity",
        activity: { id: "retry", kind: "note", title: clip(title, TITLE_CHARS), state: "failed" },
      }),
    purpose: (callId) => purposes.get(callId) ?? "",
    get busy() {
      return [...shown.values()].some(({ state }) => state === "open");
    },
    close: () => {
      for (const one of speech.values()) tell(one);
      for (const activity of shown.values()) if (activity.state === "open") show({ ...activity, state: "failed" });
    },
  };
}

/** The last words of the agent; a message that only called tools says nothing. */
export function lastWords(messages: Messages): string {
  const texts = messages.flatMap(({ info, parts }) => {
    if (info.role !== "assistant" || info.summary) return [];
    const text = parts.flatMap((part) => (part.type === "text" && !part.synthetic ? [part.text.trim()] : []));
    return text.some((one) => one !== "") ? [text.filter((one) => one !== "").join("\n\n")] : [];
  });
  return texts.at(-1) ?? "";
}

const KINDS: Readonly<Record<string, Activity["kind"]>> = {
  bash: "command",
  edit: "edit",
  write: "edit",
  apply_patch: "edit",
  read: "read",
  list: "read",
  glob: "search",
  grep: "search",
};
const STATES: Readonly<Record<string, Activity["state"]>> = { running: "open", completed: "ok", error: "failed" };
/** Shown in ways of their own. */
const SILENT = ["todowrite", "question"];

function activityOf({ callID, tool, state }: ToolPart, cwd: string): Activity | null {
  const now = STATES[state.status];
  if (now === undefined || SILENT.includes(tool)) return null;
  // A tool that is not there, or not in this turn.
  if (tool === "invalid") return { id: callID, kind: "tool", title: said(state.input["tool"]), state: "failed" };
  const { command, filePath, pattern, url, description } = state.input;
  const path = said(filePath);
  const title =
    said(command) ||
    (isAbsolute(path) ? inWorkspace(path, cwd) : path) ||
    said(pattern) ||
    said(url) ||
    said(description) ||
    state.title ||
    tool;
  return { id: callID, kind: KINDS[tool] ?? "tool", title: firstLine(title, TITLE_CHARS), state: now };
}

const said = (value: unknown): string => (typeof value === "string" ? value : "");

function inWorkspace(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}

const TODO: Readonly<Record<string, Step["state"]>> = { in_progress: "doing", completed: "done" };
const stepOf = ({ content, status }: { content: string; status: string }): Step[] =>
  status === "cancelled" ? [] : [{ title: content, state: TODO[status] ?? "open" }];
