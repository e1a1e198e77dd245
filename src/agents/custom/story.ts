import type { Activity } from "../../core/parts.ts";
import type { Feed } from "../feed.ts";
import { json } from "../lines.ts";
import { createSpeech } from "../speech.ts";
import type { Memory } from "./order.ts";
import { holds, numberAt, textOf, toolOf } from "./read.ts";
import type { Cli, Lines } from "./schema.ts";

/** What the program told of its turn, apart from its words. */
interface Told {
  /** What went wrong; a success that is told later does not take it back. */
  error: string | null;
  /** Its last words, where they stand apart. */
  answer: string | null;
  /** Another conversation than the one it was to go on with. */
  stranger: string | null;
  /** The model that really works. */
  model: string | null;
  /** Its turn is over: what comes after is not of it. */
  ended: boolean;
  /** The line that makes a turn a success was there. */
  succeeded: boolean;
}

/** What the program said and did in one turn, told as it comes. */
export interface Story {
  /** A line of its output, or a piece of it where it is plain text. */
  take(text: string): void;
  readonly told: Readonly<Told>;
  /** Tools at work: silence is no stall then. */
  readonly busy: boolean;
  answer(): string;
  /** Tools that were never reported as done end with the turn. */
  close(): void;
}

const QUIET_MS = 1000;

export function createStory(feed: Feed, cli: Cli, memory: Memory | null): Story {
  const speech = createSpeech(feed);
  const meter = createMeter(feed, memory);
  const tools = new Map<string, Activity>();
  const told: Told = { error: null, answer: null, stranger: null, model: null, ended: false, succeeded: false };

  let quiet: NodeJS.Timeout | undefined;

  /** What was printed last is told when nothing follows it. */
  function print(text: string): void {
    speech.say(text);
    clearTimeout(quiet);
    quiet = setTimeout(speech.flush, QUIET_MS);
  }

  function show(activity: Activity): void {
    speech.pause();
    tools.set(activity.id, activity);
    feed.put({ type: "activity", activity });
  }

  function read(lines: Lines, line: unknown): void {
    named(textOf(lines.session, line));
    told.model = textOf(lines.model, line) ?? told.model;
    told.error ??= textOf(lines.error, line);
    const tool = toolOf(lines.tool, line, tools);
    if (tool) show(tool);
    say(textOf(lines.text, line), lines.delta);
    told.answer = textOf(lines.answer, line) ?? told.answer;
    meter.take(lines.usage, line);
    told.succeeded ||= cli.success.line !== undefined && holds(cli.success.line, line);
    told.ended = lines.end !== undefined && holds(lines.end, line);
  }

  /** A conversation that cannot be gone on with needs no name. */
  function named(id: string | null): void {
    if (id === null || !cli.resume) return;
    if (memory && cli.resume.sameId && id !== memory.id) told.stranger ??= id;
    else meter.name(id);
  }

  function say(text: string | null, isPiece: boolean): void {
    if (text === null) return;
    if (!isPiece) speech.pause();
    speech.say(text);
  }

  return {
    told,
    take: (text) => {
      if (told.ended) return;
      if (cli.output === "text") return print(text);
      const line = json(text);
      if (typeof line === "object" && line !== null) read(cli.output, line);
    },
    get busy() {
      return [...tools.values()].some(({ state }) => state === "open");
    },
    answer: () => told.answer?.trim() || speech.last(),
    close: () => {
      clearTimeout(quiet);
      speech.close();
      for (const tool of tools.values()) if (tool.state === "open") show({ ...tool, state: "failed" });
      meter.tell();
    },
  };
}

type Counts = Omit<Memory, "id">;
const KEYS = ["inputTokens", "outputTokens", "costUsd"] as const;

/** What the turn has used, by what its figures count. */
function createMeter(feed: Feed, memory: Memory | null) {
  const since = performance.now();
  const before: Counts = { inputTokens: 0, outputTokens: 0, costUsd: 0, ...memory };
  let turn: Counts = { inputTokens: 0, outputTokens: 0, costUsd: 0 };
  let id = memory?.id ?? null;
  let priced = false;
  const remember = (): void => {
    if (id === null) return;
    const sums = Object.fromEntries(KEYS.map((key) => [key, before[key] + turn[key]]));
    feed.put({ type: "token", token: JSON.stringify({ id, ...sums }) });
  };
  const spent = (): void => {
    const workedMs = Math.round(performance.now() - since);
    feed.put({ type: "spent", usage: { ...turn, estimated: !priced, workedMs } });
  };
  return {
    /** At once: without it the conversation could not go on after a kill. */
    name: (now: string): void => {
      if (id === now && memory === null) return;
      id = now;
      remember();
    },
    take: (usage: Lines["usage"], line: unknown): void => {
      if (!usage || !holds(usage.when, line)) return;
      const costUsd = numberAt(usage.costUsd, line);
      const [inputTokens, outputTokens] = [numberAt(usage.input, line), numberAt(usage.output, line)];
      if (inputTokens === null && outputTokens === null && costUsd === null) return;
      priced ||= costUsd !== null;
      const now = { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd: costUsd ?? 0 };
      turn = counted(now, { turn, before, of: usage.of });
      spent();
    },
    tell: (): void => {
      spent();
      remember();
    },
  };
}

function counted(now: Counts, { turn, before, of }: { turn: Counts; before: Counts; of: string }): Counts {
  const value = (key: keyof Counts): number => {
    if (of === "message") return turn[key] + now[key];
    // A sum that went down began anew.
    return of === "conversation" && now[key] >= before[key] ? now[key] - before[key] : now[key];
  };
  return { inputTokens: value("inputTokens"), outputTokens: value("outputTokens"), costUsd: value("costUsd") };
}
