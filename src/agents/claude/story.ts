import type { Activity, Step } from "../../core/parts.ts";
import { inside } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { clip } from "../../lib/text.ts";
import type { Feed } from "../feed.ts";
import { type Block, type Input, type Line, Todos } from "../wire/claude.ts";

/** What the agent says and does, as the thread sees it. */
export interface Story {
  take(line: Line): void;
  /** Tools that have begun and not ended, helpers' too. */
  readonly open: number;
}

/** Words come in pieces of a few letters: they are put together until so much time has passed, or so many have come. */
const PIECE_MS = 500;
const PIECE_CHARS = 4000;
/** An agent that says more than this in one turn is no longer quoted. */
const TEXT_CHARS = 200_000;
const TITLE_CHARS = 500;
/** These have cards of their own. */
const SILENT = new Set(["AskUserQuestion", "ExitPlanMode", "TodoWrite"]);
const STATES = { pending: "open", in_progress: "doing", completed: "done" } as const;

export function createStory(feed: Feed, desk: Pick<Desk, "cwd" | "home">, now: () => number): Story {
  const open = new Map<string, Activity | null>();
  const writer = createWriter((text) => feed.put({ type: "text", text }), now);

  function begin(id: string, name: string, input: Input): void {
    const activity = SILENT.has(name) ? null : activityOf(id, name, input, desk);
    open.set(id, activity);
    if (activity) feed.put({ type: "activity", activity });
  }

  function end(id: string, isError: boolean): void {
    const activity = open.get(id);
    open.delete(id);
    if (activity) feed.put({ type: "activity", activity: { ...activity, state: isError ? "failed" : "ok" } });
  }

  function plan(input: Input): void {
    const todos = Todos.safeParse(input).data?.todos;
    if (!todos) return;
    const steps = todos.map(({ content, status }): Step => ({ title: content, state: STATES[status] }));
    feed.put({ type: "steps", steps });
  }

  function hear(block: Block, isHelper: boolean): void {
    if (block?.type === "tool_result") end(block.tool_use_id, block.is_error);
    if (block?.type !== "tool_use") return;
    begin(block.id, block.name, block.input);
    // A helper's list of steps is its own.
    if (block.name === "TodoWrite" && !isHelper) plan(block.input);
  }

  return {
    take: (line) => {
      if (line.type === "stream_event" && line.parent_tool_use_id === null) writer.add(line.event);
      if (line.type !== "assistant" && line.type !== "user") return;
      writer.flush();
      for (const block of line.message.content) hear(block, line.parent_tool_use_id !== null);
    },
    get open() {
      return open.size;
    },
  };
}

function activityOf(
  id: string,
  name: string,
  input: Input,
  { cwd, home }: Pick<Desk, "cwd" | "home">,
): Activity | null {
  const text = (...keys: string[]): string =>
    keys
      .map((key) => input[key])
      .find((value) => typeof value === "string" && value !== "")
      ?.toString() ?? "";
  const path = text("file_path", "notebook_path");
  // The plan's file, and other notes of the agent's own.
  if (inside(path, home)) return null;
  const shown = inside(path, cwd) ? path.slice(cwd.length + 1) : path;
  const title = text("command", "pattern", "url", "query", "description");
  return { id, kind: KINDS[name] ?? "tool", title: clip(shown || title || name, TITLE_CHARS), state: "open" };
}

const KINDS: Readonly<Record<string, Activity["kind"]>> = {
  Bash: "command",
  Read: "read",
  Glob: "search",
  Grep: "search",
  LS: "search",
  WebSearch: "search",
  Write: "edit",
  Edit: "edit",
  MultiEdit: "edit",
  NotebookEdit: "edit",
};

/** Gathers letters into pieces that end where a word does. */
function createWriter(put: (text: string) => void, now: () => number) {
  let text = "";
  let since = 0;
  let left = TEXT_CHARS;

  function say(piece: string): void {
    if (piece.trim() === "") return;
    left -= piece.length;
    put(left >= 0 ? piece : `${piece.slice(0, left)}…`);
  }
  function flush(): void {
    if (left > 0) say(text);
    text = "";
  }

  return {
    flush,
    add: ({ type, delta }: { type: string; delta: { text: string } }): void => {
      if (type === "content_block_stop") flush();
      if (delta.text === "" || left <= 0) return;
      if (text === "") since = now();
      text += delta.text;
      const end = text.lastIndexOf(" ") + 1;
      if (end === 0 || (now() - since < PIECE_MS && text.length < PIECE_CHARS)) return;
      say(text.slice(0, end));
      text = text.slice(end);
      since = now();
    },
  };
}
