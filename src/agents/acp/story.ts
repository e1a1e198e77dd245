import type { Activity, Step, Usage } from "../../core/parts.ts";
import { clip } from "../../lib/text.ts";
import type { Feed } from "../feed.ts";
import { createSpeech } from "../speech.ts";
import type { Call, Prompted, Update } from "../wire/acp.ts";

/** What an agent did and said in one turn, told as it comes. */
export interface Story {
  /** What comes before is the replay of an old conversation, which has cost this much. */
  begin(cost: number): void;
  take(update: Update): void;
  /** Puts what is known of a tool call together: an update may come first, and a permission may name one never seen. */
  tool(call: Call): Call;
  /** Its words so far become one event. */
  flush(): void;
  /** Tools at work: silence is no stall then. */
  readonly busy: boolean;
  /** Its last words in one piece, tools in between left out. */
  last(): string;
  spent(answers: readonly Prompted[]): void;
  /** Tools that were never reported as done end with the turn. */
  close(): void;
  /** What the conversation has cost so far, where the agent says it. */
  readonly cost: number | null;
}

const TITLE_CHARS = 200;

export function createStory(feed: Feed, modeText: string | null): Story {
  const since = performance.now();
  const calls = new Map<string, Call>();
  const shown = new Map<string, Activity>();
  const speech = createSpeech(feed);
  /** Null: not begun. */
  let costBefore: number | null = null;
  let cost: number | null = null;

  function tool(call: Call): Call {
    speech.pause();
    const whole = merged(calls.get(call.toolCallId), call);
    calls.set(whole.toolCallId, whole);
    show(activityOf(whole));
    return whole;
  }

  function show(activity: Activity): void {
    const old = shown.get(activity.id);
    if (old?.state === activity.state && old.title === activity.title) return;
    shown.set(activity.id, activity);
    feed.put({ type: "activity", activity });
  }

  function say(text: string): void {
    if (modeText === null || !text.startsWith(modeText)) speech.say(text);
  }

  function take(update: Update): void {
    if (costBefore === null) return;
    if (update.sessionUpdate === "agent_message_chunk") say(update.content.text);
    else if (update.sessionUpdate === "tool_call" || update.sessionUpdate === "tool_call_update") tool(update);
    else if (update.sessionUpdate === "plan") feed.put({ type: "steps", steps: update.entries.map(stepOf) });
    // A price in another currency would need a rate of the day.
    else if (update.sessionUpdate === "usage_update" && update.cost?.currency === "USD") cost = update.cost.amount;
  }

  return {
    take,
    tool,
    flush: speech.flush,
    last: speech.last,
    begin: (before) => {
      costBefore = before;
    },
    get busy() {
      return [...shown.values()].some(({ state }) => state === "open");
    },
    get cost() {
      return cost;
    },
    spent: (answers) => {
      const costUsd = cost === null ? 0 : Math.max(0, cost - (costBefore ?? 0));
      const workedMs = Math.round(performance.now() - since);
      feed.put({ type: "spent", usage: { ...usageOf(answers), costUsd, estimated: cost === null, workedMs } });
    },
    close: () => {
      speech.close();
      for (const activity of shown.values()) if (activity.state === "open") show({ ...activity, state: "failed" });
    },
  };
}

function merged(old: Call | undefined, call: Call): Call {
  if (!old) return call;
  return {
    toolCallId: call.toolCallId,
    title: call.title ?? old.title,
    name: call.name ?? old.name,
    kind: call.kind ?? old.kind,
    status: call.status ?? old.status,
    content: full(call.content) ?? old.content,
    locations: full(call.locations) ?? old.locations,
    rawInput: call.rawInput ?? old.rawInput,
  };
}

const full = <T>(list: T[] | null | undefined): T[] | null => (list && list.length > 0 ? list : null);

const KINDS: Readonly<Record<string, Activity["kind"]>> = {
  read: "read",
  search: "search",
  edit: "edit",
  delete: "edit",
  move: "edit",
  execute: "command",
  think: "note",
};

const activityOf = ({ toolCallId, kind, title, name, status }: Call): Activity => ({
  id: toolCallId,
  kind: KINDS[kind ?? ""] ?? "tool",
  title: clip(title || name || kind || "tool", TITLE_CHARS),
  state: status === "completed" ? "ok" : status === "failed" ? "failed" : "open",
});

const stepOf = ({ content, status }: { content: string; status?: string | null | undefined }): Step => ({
  title: content,
  state: status === "completed" ? "done" : status === "in_progress" ? "doing" : "open",
});

function usageOf(answers: readonly Prompted[]): Pick<Usage, "inputTokens" | "outputTokens"> {
  let inputTokens = 0;
  let outputTokens = 0;
  for (const { usage, _meta } of answers) {
    const quota = _meta?.quota.token_count;
    inputTokens += usage
      ? sum(usage.inputTokens, usage.cachedReadTokens, usage.cachedWriteTokens)
      : sum(quota?.input_tokens);
    outputTokens += sum(usage?.outputTokens ?? quota?.output_tokens);
  }
  return { inputTokens, outputTokens };
}

const sum = (...numbers: (number | null | undefined)[]): number =>
  numbers.reduce<number>((all, n) => all + (n ?? 0), 0);
