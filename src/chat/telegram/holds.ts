import { Low } from "lowdb";
import { z } from "zod";
import { durable } from "../../lib/durable.ts";
import { pause } from "./poll.ts";
import { Message } from "./wire.ts";

/** Messages that were sent as one: the pictures of an album, the pieces of a long paste. */
const Held = z.object({ key: z.string(), parts: z.array(Message) });
type Held = z.infer<typeof Held>;

export interface Holds {
  /** Resolves to whether the message is a part of something; it is saved then, and delivered with the others. */
  take(message: Message): Promise<boolean>;
  /** Delivers what was held when the process ended. */
  release(): Promise<void>;
  stop(): void;
}

export interface HoldsOptions {
  file: string;
  /** From the last part to the delivery. */
  waitMs: number;
  deliver: (message: Message) => Promise<void>;
  log: { warn(what: object, message: string): void };
}

/** Clients cut a paste at 4,096 characters, or a little earlier at the end of a line. */
const LONG = 3_500;
const RETRY_MS = 1000;

/** A part is written down before it counts as received, so that waiting for the others loses nothing. */
export async function openHolds({ file, waitMs, deliver, log }: HoldsOptions): Promise<Holds> {
  const db = new Low(durable(file, z.array(Held)), []);
  await db.read();
  const over = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  const delivering = new Set<string>();

  const send = async (key: string): Promise<void> => {
    timers.delete(key);
    const held = db.data.find((one) => one.key === key);
    if (!held || delivering.has(key)) return;
    delivering.add(key);
    while (!over.signal.aborted) {
      try {
        await deliver(joined(held.parts));
        db.data = db.data.filter((one) => one.key !== key);
        await db.write();
        break;
      } catch (error) {
        log.warn({ error: `${error}` }, "a message in several parts was not saved; trying again");
        await pause(RETRY_MS, over.signal);
      }
    }
    delivering.delete(key);
  };
  const later = (key: string): void => {
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => void send(key), waitMs),
    );
  };

  return {
    take: async (message) => {
      const key = keyOf(message, db.data);
      if (key === null) return false;
      const held = db.data.find((one) => one.key === key);
      if (held?.parts.some(({ message_id: id }) => id === message.message_id)) return true;
      db.data = held
        ? db.data.map((one) => (one === held ? { ...held, parts: [...held.parts, message] } : one))
        : [...db.data, { key, parts: [message] }];
      later(key);
      await db.write();
      return true;
    },
    release: async () => {
      await Promise.all(db.data.map(({ key }) => send(key)));
    },
    stop: () => {
      over.abort();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

function keyOf(message: Message, held: readonly Held[]): string | null {
  const { chat, from, sender_chat: sender, media_group_id: album, message_thread_id: topic, message_id: id } = message;
  const person = `${chat.id}:${topic ?? ""}:${sender?.id ?? from?.id ?? ""}`;
  if (album !== undefined) return `album:${person}:${album}`;
  const open = held.find(({ key }) => key.startsWith(`paste:${person}:`));
  if (message.text === undefined || message.text.startsWith("/")) return null;
  if (open) return open.key;
  return message.text.length >= LONG ? `paste:${person}:${id}` : null;
}

/** One message of all parts, in the order they were sent; it stands where the first one stands. */
function joined(parts: readonly Message[]): Message {
  const [first, ...rest] = [...parts].sort((a, b) => a.message_id - b.message_id);
  if (!first) throw new Error("nothing is held");
  const words = [first, ...rest].map(({ text, caption }) => text ?? caption ?? "").filter((text) => text !== "");
  const more = rest.flatMap(({ photo, document, video, audio }) =>
    [photo?.at(-1), document, video, audio].filter((blob) => blob !== undefined),
  );
  return { ...first, text: words.join("\n"), more };
}
