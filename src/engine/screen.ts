import type { Logger } from "pino";
import type { Thread } from "../core/parts.ts";
import type { Chat } from "../core/ports/chat.ts";
import type { Card, Store } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import type { Seen } from "../core/view.ts";
import { createLatest } from "../lib/latest.ts";
import { createSerial } from "../lib/serial.ts";
import { gone } from "../view/gone.ts";
import type { T } from "../view/i18n.ts";
import { createAway } from "./away.ts";
import { createCards } from "./cards.ts";
import { draw } from "./draw.ts";

export interface Screen {
  /** The session changed: draw it now. */
  show(id: string): void;
  /** Its work made progress: draw it when the thread may be edited again. */
  note(id: string): void;
  /** It cannot be saved, and why; null when it can again. */
  trouble(id: string, why: string | null): void;
  /** Somebody wrote below the cards of a thread. */
  spoke(id: string, thread: Thread): void;
  /** Somebody was heard in a thread, or (without one) in a channel: what could not be written to there is drawn again. */
  heard(thread: Thread): void;
  /** The cards of a session in one chat, when a draw that is under way there has saved what it posted. */
  cards(id: string, chat: string): Promise<readonly Card[]>;
  /** Resolves when nothing is left to draw. */
  idle(): Promise<void>;
}

/** Telegram takes 20 messages and edits a minute in a group: progress is drawn no more often anywhere. */
const SPACING_MS = 3000;
const RETRY_MS = 5000;

export interface ScreenDeps {
  chats: ReadonlyMap<string, Chat>;
  store: Store;
  seen: (s: Session, trouble: string | null, chat: string) => Promise<Seen>;
  /** In the language of the thread's channel. */
  t: (thread: Thread) => T;
  now: () => number;
  log: Logger;
}

/**
 * Makes the threads look like what is true. A draw can be late, lost or repeated: the next one mends it. A session that is
 * shown in several chats is drawn in each by itself, for none of them waits for another.
 */
export function createScreen({ chats, store, seen, t, now, log }: ScreenDeps): Screen {
  const cards = createCards(store);
  const drawing = createSerial();
  const later = (run: () => void, ms: number): void => void setTimeout(run, ms).unref();
  const again = (id: string, ms: number): void => later(() => everywhere(id), ms);
  const away = createAway({ chats, cards, now, again, log });
  const troubles = new Map<string, string>();
  const latest = createLatest((key) => drawing(key, () => drawIn(...read(key))), {
    spacingMs: SPACING_MS,
    onError: (error, key) => {
      const [session, chat] = read(key);
      log.warn({ session, chat, error }, "cannot draw; trying again");
      later(() => latest.run(key), RETRY_MS);
    },
  });

  async function drawIn(id: string, name: string): Promise<void> {
    const session = await store.get(id);
    const chat = chats.get(name);
    if (!session || !chat) return;
    for (const thread of session.threads) {
      if (thread.chat !== name) continue;
      const facts = await seen(session, troubles.get(id) ?? null, name);
      const words = t(thread);
      await away.visit({
        s: session,
        thread,
        draw: () => draw(session, { thread, chat, cards, seen: facts, t: words }),
        people: [session.requester, ...facts.mentions],
        words: () => gone(session, words),
      });
    }
  }
  const everywhere = (id: string, how?: { urgent: boolean }): void => {
    for (const chat of chats.keys()) latest.run(keyOf(id, chat), how);
  };

  return {
    show: (id) => everywhere(id, { urgent: true }),
    note: (id) => everywhere(id),
    trouble(id, why) {
      if (why === (troubles.get(id) ?? null)) return;
      if (why === null) troubles.delete(id);
      else troubles.set(id, why);
      everywhere(id, { urgent: true });
    },
    spoke: (id, thread) =>
      void cards.sink(id, thread).catch((error: unknown) => log.warn({ session: id, error }, "cannot count messages")),
    heard: away.heard,
    cards: (id, chat) =>
      drawing(keyOf(id, chat), async () => (await store.cards(id)).filter(({ thread }) => thread.chat === chat)),
    idle: () => latest.idle(),
  };
}

/** Names of chats have no spaces, nor have ids. */
const keyOf = (id: string, chat: string): string => `${id} ${chat}`;

function read(key: string): [id: string, chat: string] {
  const [id = "", chat = ""] = key.split(" ");
  return [id, chat];
}
