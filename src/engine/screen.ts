import type { Logger } from "pino";
import type { Thread } from "../core/parts.ts";
import type { Card, Chat, Store } from "../core/ports.ts";
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
  /** The cards of a session, when a draw that is under way has saved what it posted. */
  cards(id: string): Promise<readonly Card[]>;
  /** Resolves when nothing is left to draw. */
  idle(): Promise<void>;
}

/** Telegram takes 20 messages and edits a minute in a group: progress is drawn no more often anywhere. */
const SPACING_MS = 3000;
const RETRY_MS = 5000;

export interface ScreenDeps {
  chats: ReadonlyMap<string, Chat>;
  store: Store;
  seen: (s: Session, trouble: string | null) => Promise<Seen>;
  /** In the language of the thread's channel. */
  t: (thread: Thread) => T;
  now: () => number;
  log: Logger;
}

/** Makes the threads look like what is true. A draw can be late, lost or repeated: the next one mends it. */
export function createScreen({ chats, store, seen, t, now, log }: ScreenDeps): Screen {
  const cards = createCards(store);
  const drawing = createSerial();
  const later = (id: string, ms: number): void => void setTimeout(() => latest.run(id), ms).unref();
  const visit = createAway({ chats, cards, now, again: later, log });
  const troubles = new Map<string, string>();
  const latest = createLatest((id) => drawing(id, () => drawAll(id)), {
    spacingMs: SPACING_MS,
    onError: (error, id) => {
      log.warn({ session: id, error }, "cannot draw; trying again");
      later(id, RETRY_MS);
    },
  });

  async function drawAll(id: string): Promise<void> {
    const session = await store.get(id);
    if (!session) return;
    for (const thread of session.threads) {
      const chat = chats.get(thread.chat);
      if (!chat) continue;
      const facts = await seen(session, troubles.get(id) ?? null);
      const words = t(thread);
      await visit({
        s: session,
        thread,
        draw: () => draw(session, { thread, chat, cards, seen: facts, t: words, now }),
        people: [session.requester, ...facts.mentions],
        words: () => gone(session, words),
      });
    }
  }

  return {
    show: (id) => latest.run(id, { urgent: true }),
    note: (id) => latest.run(id),
    trouble(id, why) {
      if (why === (troubles.get(id) ?? null)) return;
      if (why === null) troubles.delete(id);
      else troubles.set(id, why);
      latest.run(id, { urgent: true });
    },
    spoke: (id, thread) =>
      void cards.sink(id, thread).catch((error: unknown) => log.warn({ session: id, error }, "cannot count messages")),
    cards: (id) => drawing(id, () => store.cards(id)),
    idle: () => latest.idle(),
  };
}
