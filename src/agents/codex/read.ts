import type { Outcome } from "../../core/outcome.ts";
import type { Step, Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { never } from "../../lib/never.ts";
import { type Feed, failed } from "../feed.ts";
import { planIn } from "../proposal.ts";
import { type Item, News, type TurnError } from "../wire/codex.ts";
import { failure } from "./end.ts";
import { activityOf, stateOf } from "./item.ts";
import type { Hold } from "./launch.ts";
import type { Meter } from "./meter.ts";

/** One turn, as far as Codex has told of it. */
export interface Story {
  readonly turn: Turn;
  readonly desk: Desk;
  readonly hold: Hold;
  readonly feed: Feed;
  readonly meter: Meter;
  /** The conversation, once it is open. */
  threadId: string | null;
  turnId: string | null;
  /** Tools at work. */
  readonly open: Set<string>;
  /** Files of each change that was announced. */
  readonly changes: Map<string, string[]>;
  /** Words of people that were put in, until Codex has taken them up. */
  readonly steered: Set<string>;
  /** The message that is being said, and how much of it is told. */
  saying: { id: string; text: string; told: number };
  said: string;
  plan: string | null;
  /** The turn has its end; what Codex asks now is asked by nobody. */
  over: boolean;
  /** When a used-up limit starts anew. */
  resetAt: number | null;
  /** Codex can be interrupted and spoken to from now on. */
  onBegin(): void;
  /** The first end counts. */
  onEnd(outcome: Outcome): void;
}

export const createStory = (
  of: Pick<Story, "turn" | "desk" | "hold" | "feed" | "meter" | "onBegin" | "onEnd">,
): Story => ({
  ...of,
  ...{
    threadId: null,
    turnId: null,
    saying: { id: "", text: "", told: 0 },
    said: "",
    plan: null,
    resetAt: null,
    over: false,
  },
  ...{ open: new Set(), changes: new Map(), steered: new Set() },
});

/** Takes a notification. Sub-agents talk on the same wire, in conversations of their own: what they say is not the turn's. */
export function read(story: Story, method: string, params: unknown): void {
  const news = News.safeParse({ method, params }).data;
  if (!news) return;
  const isOther = "threadId" in news.params && story.threadId !== null && news.params.threadId !== story.threadId;
  if (!isOther) hear(story, news);
}

function hear(story: Story, news: News): void {
  switch (news.method) {
    case "turn/started":
      story.turnId ??= news.params.turn.id;
      story.onBegin();
      break;
    case "item/started":
      started(story, news.params.item);
      break;
    case "item/completed":
      completed(story, news.params.item);
      break;
    case "item/agentMessage/delta":
      say(story, news.params.itemId, news.params.delta);
      break;
    case "turn/plan/updated":
      story.feed.put({ type: "steps", steps: news.params.plan.map(stepOf) });
      break;
    case "thread/tokenUsage/updated":
      story.meter.count(news.params.turnId === story.turnId, news.params.tokenUsage);
      break;
    case "thread/settings/updated": {
      const { model, sandboxPolicy, collaborationMode } = news.params.threadSettings;
      check(story, { model, sandbox: sandboxPolicy.type, mode: collaborationMode.mode });
      break;
    }
    case "model/rerouted":
      check(story, { model: news.params.toModel });
      break;
    case "account/rateLimits/updated":
      story.resetAt = resetOf(news.params.rateLimits) ?? story.resetAt;
      break;
    case "error":
      if (news.params.willRetry) retried(story, news.params.error);
      break;
    case "turn/completed":
      if (news.params.turn.id === story.turnId) end(story, news.params.turn);
      break;
    default:
      never(news);
  }
}

function started(story: Story, item: Item): void {
  if (item.type === "fileChange") {
    story.changes.set(
      item.id,
      item.changes.map(({ path }) => path),
    );
  }
  // Codex tells of a person's words when it has put them into the conversation, and not before.
  if (item.type === "userMessage" && item.clientId && story.steered.delete(item.clientId))
    story.feed.put({ type: "heard", messages: [item.clientId] });
  const activity = activityOf(item, story.desk.cwd);
  if (!activity) return;
  story.open.add(item.id);
  story.feed.put({ type: "activity", activity: { ...activity, state: "open" } });
}

function completed(story: Story, item: Item): void {
  story.open.delete(item.id);
  const activity = activityOf(item, story.desk.cwd);
  if (activity) story.feed.put({ type: "activity", activity: { ...activity, state: stateOf(item) } });
  if (item.type === "plan") story.plan = item.text.trim();
  if (item.type !== "agentMessage" || item.text.trim() === "") return;
  story.said = item.text.trim();
  const told = story.saying.id === item.id ? story.saying.told : 0;
  tell(story, item.text.slice(told));
}

/** Words come in drops; they are told in pieces. */
const PIECE_CHARS = 200;

function say(story: Story, id: string, delta: string): void {
  if (story.saying.id !== id) story.saying = { id, text: "", told: 0 };
  const { saying } = story;
  saying.text += delta;
  const piece = saying.text.slice(saying.told);
  const end = piece.search(/\s\S*$/);
  if (end < PIECE_CHARS) return;
  tell(story, piece.slice(0, end));
  saying.told += end;
}

function tell({ feed }: Story, text: string): void {
  if (text.trim() !== "") feed.put({ type: "text", text: text.trim() });
}

function retried({ feed }: Story, { message }: TurnError): void {
  feed.put({ type: "activity", activity: { id: "retry", kind: "note", title: message, state: "failed" } });
}

/** What Codex says it does is held against what it was told to do; a difference ends the turn. */
export function check(
  { hold, desk, meter, onEnd }: Story,
  is: { model: string; sandbox?: string; mode?: string },
): boolean {
  meter.model = is.model;
  const differences = [
    { what: "model", has: is.model, told: desk.model },
    { what: "sandbox", has: is.sandbox, told: hold.sandbox },
    { what: "mode", has: is.mode, told: hold.mode },
  ].filter(({ has, told }) => has !== undefined && told !== null && has !== told);
  const words = differences.map(
    ({ what, has, told }) => `Codex works with the ${what} ${has}, although ${told} was asked for.`,
  );
  if (words.length > 0) onEnd(failed("failed", words.join("\n")));
  return words.length === 0;
}

function end(
  { turn, said, plan, resetAt, onEnd }: Story,
  of: { status: string; error?: TurnError | null | undefined },
): void {
  if (of.status === "failed") onEnd(failure(of.error, { resetAt, now: Date.now() }));
  else if (of.status !== "completed") onEnd(failed("interrupted", "Codex ended the turn before it was done."));
  else onEnd({ ok: true, answer: said, plan: turn.kind === "plan" ? (plan ?? planIn(said)) : null });
}

const STATES: Readonly<Record<string, Step["state"]>> = { inProgress: "doing", completed: "done" };
const stepOf = ({ step, status }: { step: string; status: string }): Step => ({
  title: step,
  state: STATES[status] ?? "open",
});

type Limits = Extract<News, { method: "account/rateLimits/updated" }>["params"]["rateLimits"];

/** The later one of the limits that are used up; Codex counts in seconds. */
function resetOf({ primary, secondary }: Limits): number | null {
  const times = [primary, secondary].flatMap((limit) =>
    limit && limit.usedPercent >= 100 && limit.resetsAt ? limit.resetsAt * 1000 : [],
  );
  return times.length > 0 ? Math.max(...times) : null;
}
