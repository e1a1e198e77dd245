import { bad, type Markup, Refused } from "./rules.ts";

export const BOT = {
  id: 7_000_001,
  is_bot: true,
  first_name: "oca",
  username: "oca_test_bot",
  can_join_groups: true,
  can_read_all_group_messages: true,
  supports_inline_queries: false,
  has_topics_enabled: false,
};

export interface User {
  id: number;
  is_bot: boolean;
  first_name: string;
  language_code?: string;
}

export interface Message {
  message_id: number;
  from: User;
  date: number;
  /** What people read. */
  shown: string;
  /** What is sent of it: text, caption, photo, document ... */
  content: Record<string, unknown>;
  /** The request that made it, for "not modified". */
  made: string;
  markup: Markup | null;
  topic: number | null;
  replyTo: number | null;
  silent: boolean;
  reactions: string[];
  /** Null: everybody. */
  to: number | null;
}

export interface Place {
  id: number;
  type: "private" | "group" | "supergroup";
  title: string;
  forum: boolean;
  mayManageTopics: boolean;
  /** Why the bot may not speak here; null: it may. */
  shut: string | null;
  movedTo: number | null;
  messages: Message[];
  next: number;
  topics: Map<number, { name: string; icon: string; closed: boolean }>;
  times: number[];
  bucket: { left: number; at: number };
}

export interface Limits {
  /** How long a second of the limits is. Tests shorten it. */
  secondMs: number;
  /** Messages at once in a chat; then one a second. */
  burst: number;
  groupPerMinute: number;
}

export interface World {
  me: typeof BOT;
  limits: Limits;
  places: Map<number, Place>;
  files: Map<string, { path: string; bytes: Uint8Array<ArrayBuffer>; size: number }>;
  /** Every call of the bot, oldest first. */
  calls: { method: string; params: Record<string, unknown>; ok: boolean }[];
  commands: { scope: string; language: string; commands: { command: string; description: string }[] }[];
  queries: Map<string, { answer: { text: string; alert: boolean } | null; by: number }>;
  now(): number;
  seconds(): number;
}

export function place(world: World, id: unknown): Place {
  const found = world.places.get(Number(id));
  if (!found) throw bad("chat not found");
  if (found.movedTo !== null)
    throw new Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: found.movedTo,
    });
  if (found.shut !== null) throw new Refused(403, `Forbidden: ${found.shut}`);
  return found;
}

/** Messages, edits, documents and topic edits share one budget. */
export function spend(world: World, at: Place): void {
  const { secondMs, burst, groupPerMinute } = world.limits;
  const now = Date.now();
  at.bucket.left = Math.min(burst, at.bucket.left + (now - at.bucket.at) / secondMs);
  at.bucket.at = now;
  at.times = at.times.filter((time) => time > now - 60 * secondMs);
  const [oldest] = at.times;
  if (at.type !== "private" && at.times.length >= groupPerMinute && oldest !== undefined)
    throw tooMany(Math.ceil((oldest + 60 * secondMs - now) / secondMs));
  if (at.bucket.left < 1) throw tooMany(Math.max(1, Math.ceil(1 - at.bucket.left)));
  at.bucket.left -= 1;
  at.times.push(now);
}

export const tooMany = (seconds: number): Refused =>
  new Refused(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });

export function message(at: Place, id: unknown, why: string): Message {
  const found = at.messages.find((one) => one.message_id === Number(id) && one.to === null);
  if (!found) throw bad(why);
  return found;
}

/** Where a new message goes: the topic exists and is open, or it is refused as the Bot API does. */
export function topicOf(at: Place, given: unknown): number | null {
  if (given === undefined) return null;
  const id = Number(given);
  const topic = at.topics.get(id);
  if (!topic) throw bad("message thread not found");
  if (topic.closed && !at.mayManageTopics) throw bad("TOPIC_CLOSED");
  return id;
}

export const chatOf = (at: Place): object => ({
  id: at.id,
  type: at.type,
  ...(at.type === "private" ? { first_name: at.title } : { title: at.title }),
  ...(at.forum && at.type === "supergroup" ? { is_forum: true } : {}),
});

export function asMessage(at: Place, one: Message, deep = true): Record<string, unknown> {
  const answered = deep && one.replyTo !== null ? at.messages.find((it) => it.message_id === one.replyTo) : undefined;
  return {
    message_id: one.message_id,
    from: one.from,
    chat: chatOf(at),
    date: one.date,
    ...one.content,
    ...(one.topic === null ? {} : { message_thread_id: one.topic, is_topic_message: true }),
    ...(answered ? { reply_to_message: asMessage(at, answered, false) } : {}),
    ...(one.markup && "inline_keyboard" in one.markup ? { reply_markup: one.markup } : {}),
  };
}
