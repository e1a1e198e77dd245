import { createHash, randomUUID } from "node:crypto";
import type { WebClient } from "@slack/web-api";
import type { Thread } from "../../core/parts.ts";
import type { Message } from "../../core/ports/chat.ts";
import type { Document, View } from "../../core/view.ts";
import { isStop } from "./button.ts";
import { type Calls, insist } from "./calls.ts";
import type { Card } from "./render.ts";

export interface Posts {
  post(thread: Thread, card: Card, key: string): Promise<Message>;
  /** Cards that arrived in a thread, though nobody learnt of it; newest first. */
  orphans(thread: Thread): Promise<Orphan[]>;
  say(channel: string, text: string): Promise<string>;
  attach(at: Pick<Thread, "channel" | "thread">, files: readonly Document[]): Promise<void>;
}

export interface Orphan {
  message: Message;
  /** By which it is found again: its key, and the mark of that one post. */
  marks: readonly unknown[];
}

interface Deps {
  client: WebClient;
  calls: Calls;
  /** The message is a card that is saved: then it is not one that got lost. */
  isKnown(message: Message): Promise<boolean>;
  now: () => number;
}

/** A post of which nobody knows whether it arrived is looked for among those of the last hour. */
const LOOK_BACK_S = 3600;
const EVENT = "oca_card";

export function createPosts({ client, calls, isKnown, now }: Deps): Posts {
  async function orphans(thread: Thread): Promise<Orphan[]> {
    const { channel, thread: ts } = thread;
    if (ts === null) return [];
    const oldest = `${Math.floor(now() / 1000) - LOOK_BACK_S}`;
    const { messages = [] } = await insist(() =>
      client.conversations.replies({ channel, ts, oldest, limit: 200, include_all_metadata: true }),
    );
    const found: Orphan[] = [];
    for (const { ts: id, metadata } of messages.toReversed()) {
      if (id === undefined || metadata?.event_type !== EVENT || (await isKnown({ ...thread, id }))) continue;
      const payload: object = metadata.event_payload ?? {};
      found.push({ message: { ...thread, id }, marks: Object.values(payload) });
    }
    return found;
  }
  /** The post with this mark, of which only the answer was lost. */
  const lost = async (thread: Thread, mark: string): Promise<Message | null> =>
    (await orphans(thread)).find(({ marks }) => marks.includes(mark))?.message ?? null;

  return {
    orphans,
    post: (thread, { text, blocks }, key) => {
      const at = { channel: thread.channel, ...(thread.thread === null ? {} : { thread_ts: thread.thread }) };
      const nonce = randomUUID();
      const metadata = { event_type: EVENT, event_payload: { key, nonce } };
      const message = { ...at, text, blocks, metadata, unfurl_links: false, unfurl_media: false };
      const once = async (): Promise<Message> => {
        const { channel = thread.channel, ...answer } = await client.chat.postMessage(message);
        const id = made(answer);
        return { ...thread, channel, thread: thread.thread ?? id, id };
      };
      return calls.paced(thread.channel, () => insist(once, () => lost(thread, nonce)));
    },
    say: (channel, text) => calls.paced(channel, async () => made(await client.chat.postMessage({ channel, text }))),
    attach: async ({ channel, thread }, files) => {
      for (const { name, text } of files) {
        const at = thread === null ? { channel_id: channel } : { channel_id: channel, thread_ts: thread };
        const upload = { ...at, filename: name, title: name, content: text === "" ? " " : text };
        await calls.paced(channel, () => insist(() => client.files.uploadV2(upload)));
      }
    },
  };
}

function made({ ts }: { ts?: string | undefined }): string {
  if (ts === undefined) throw new Error("Slack does not say which message it made");
  return ts;
}

/**
 * The same card has the same key in the next process: a post that was not saved is found by it. What asks for a decision is
 * known by that, anything else by the work that it is about.
 */
export const keyOf = (thread: Thread, { title, head, parts, buttons }: View): string => {
  const asked = buttons.filter((button) => !isStop(button)).map(({ does }) => does);
  const is = asked.length > 0 ? asked : title === "" ? [head, parts] : title;
  return createHash("sha256")
    .update(JSON.stringify([thread, is]))
    .digest("hex")
    .slice(0, 32);
};
