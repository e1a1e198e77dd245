import type { Person } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports/chat.ts";
import type { Board } from "../../core/view.ts";
import { createSerial } from "../../lib/serial.ts";
import type { Access, Guest } from "./access.ts";
import type { Crowd } from "./crowd.ts";
import type { Files } from "./files.ts";
import { refuse } from "./guard.ts";
import type { History, Post, Talk } from "./history.ts";
import { click, idOf, message, type Press, type Words } from "./incoming.ts";
import { type ShownPost, showPost, showTalk } from "./render.ts";

/** What the web chat needs from the bot. */
export interface WebOrder {
  /** Absolute; everything the web chat keeps lies in it. */
  folder: string;
  /** On 127.0.0.1; 0 takes a free one. */
  port: number;
  channels: string[];
  /** With a demo every page may say which of these people it is. Null: each person is the one of the own link. */
  demo: { people: Guest[] } | null;
  /** `locale` is the browser's own tag ("de-AT"). */
  words(locale: string): Readonly<Record<string, string>>;
  home(person: Person, locale: string): Promise<Board>;
  /** The unified diff of a session; null when there is none for this person. */
  diff(session: string, person: Person): Promise<{ title: string; text: string } | null>;
  now(): number;
  log: { warn(what: object, message: string): void };
}

interface From {
  guest: Guest;
  locale: string;
  at: number;
}

/** What the routes work with. */
export interface Desk extends Pick<WebOrder, "words" | "home" | "diff" | "now"> {
  access: Access;
  history: History;
  files: Files;
  crowd: Crowd;
  people: readonly Guest[];
  channels(): string[];
  /** Resolves when the words are stored and the bot has them: only then may the page take them as sent. */
  say(words: Words, from: From): Promise<ShownPost>;
  press(press: Press, from: From): Promise<void>;
  /** Shows a post to everybody who has a page open. */
  show(talk: Talk, post: Post): void;
}

export function createDesk(
  order: WebOrder,
  parts: Pick<Desk, "access" | "history" | "files" | "crowd">,
  receive: (incoming: Incoming) => Promise<void>,
): Desk {
  const { history, files, crowd } = parts;
  const inOrder = createSerial();
  const channels = (): string[] => [...new Set([...order.channels, ...history.channels()])];

  const deliver = (incoming: Incoming): Promise<void> =>
    receive(incoming).catch((error: unknown) => {
      order.log.warn({ error, delivery: incoming.id }, "a delivery was not saved: the person is told to send it again");
      throw refuse(503, "notSaved");
    });

  const write = async ({ text, files: named }: Words, { guest, at }: From, id: string): Promise<Post> => {
    const sizes = await Promise.all(named.map((file) => files.bytes(file.id)));
    const whole = named.flatMap((file, n) => ({ ...file, bytes: sizes[n] ?? -1 }));
    if (whole.some((file) => file.bytes < 0)) throw refuse(404, "gone");
    if (text.trim() === "" && whole.length === 0) throw refuse(400, "wrong");
    return { id, at, by: guest, text, files: whole, view: null, heard: false };
  };

  const show: Desk["show"] = (talk, post) => {
    const data = () => ({ type: "post", post: showPost(post, talk), talk: showTalk(talk) });
    crowd.tell({ key: post.id, to: null, data });
  };

  return {
    ...order,
    ...parts,
    people: order.demo?.people ?? [],
    channels,
    show,
    say: (words, from) => {
      const id = idOf(from.guest, words.once);
      return inOrder(id, async () => {
        const at = place(words, id);
        const talk = history.talk(at.thread);
        const known = talk?.posts.find((post) => post.id === id);
        if (talk && known?.heard) return showPost(known, talk);
        const post = known ?? (await write(words, from, id));
        if (!known) await history.change(at, (posts) => [...posts, post]);
        await deliver(message(post, at, from));
        const heard = { ...post, heard: true };
        const now = await history.change(at, (posts) => posts.map((it) => (it.id === id ? heard : it)));
        show(now, heard);
        return showPost(heard, now);
      });
    },
    press: async (press, from) => {
      const talk = history.talk(press.thread);
      // What one person was told alone is kept nowhere: it stands below that person's words, and its buttons say commands.
      const isNote = ({ by }: Post): boolean => by?.user === from.guest.user && press.action.startsWith("/oca ");
      const post = talk?.posts.find(({ id }) => id === press.message);
      if (!talk || !post || !(post.view !== null || isNote(post))) throw refuse(404, "gone");
      await deliver(click(press, talk.channel, from));
    },
  };

  /** The thread's own channel counts, whatever the page believes. */
  function place(words: Words, id: string): { channel: string; thread: string } {
    const talk = words.thread === null ? undefined : history.talk(words.thread);
    if (talk) return { channel: talk.channel, thread: talk.thread };
    if (words.thread !== null || !channels().includes(words.channel)) throw refuse(404, "gone");
    return { channel: words.channel, thread: id };
  }
}
