import type { File, Person, Thread } from "../parts.ts";
import type { View } from "../view.ts";

export interface Message extends Thread {
  id: string;
}

/** A message of ours, as the platform has it. */
export interface Posted extends Message {
  /** By the platform's clock, epoch ms: only what a person says later can be an answer to it. */
  at: number;
}

interface Delivery {
  /** Identity of the delivery: a redelivered one has the same. */
  id: string;
  /** The platform's time, epoch ms. */
  at: number;
  by: Person;
  thread: Thread;
  /** Language of the person, for what only that person sees. */
  locale: string;
  /** IANA name of the person's time zone, where the platform knows it. */
  timezone?: string;
}

export type Incoming =
  | (Delivery & {
      type: "message";
      message: string;
      text: string;
      files: File[];
      /** The message it answers. */
      replyTo: string | null;
      /** It mentions the bot, is a direct message or came by a command. */
      addressed: boolean;
    })
  | (Delivery & { type: "edited"; message: string; text: string | null })
  /**
   * `action` is what a button of ours carries: `verb:session:key`, or `/oca` and a command. `message` null: it was pressed in
   * an overview that is made for this person and shown nowhere else.
   */
  | (Delivery & { type: "click"; message: string | null; action: string; text: string | null })
  /** oca was put into a channel by this person. */
  | (Delivery & { type: "joined" });

/** An earlier word of a thread. */
export interface Said {
  by: string;
  at: number;
  text: string;
}

/** One chat platform. Knows limits, markup and retries; knows nothing about sessions. */
export interface Chat {
  readonly name: string;
  /**
   * `receive` resolves when the delivery is saved (then the platform may get its acknowledgement) and rejects when it
   * could not be saved. It never waits for an agent.
   */
  start(receive: (incoming: Incoming) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  /**
   * Throws `Gone` when nothing can be written there. A person's `user`, as a channel, is what is said to that person alone;
   * the message that comes of it names its real channel.
   */
  post(thread: Thread, view: View): Promise<Posted>;
  /** A message that somebody took away is no error; a channel that is gone is `Gone`. */
  edit(message: Message, view: View): Promise<void>;
  /** Answers one person only: ephemeral message, callback alert, dialog. */
  reply(incoming: Incoming, view: View): Promise<void>;
  /** Earlier words of the thread, oldest first; empty where the platform has no history. */
  context(thread: Thread, before: string): Promise<Said[]>;
  fetch(file: File): Promise<AsyncIterable<Uint8Array>>;
}

/** The thread, its channel, or oca's place in it is not there any more: only people can mend that. */
export class Gone extends Error {}
