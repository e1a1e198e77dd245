import type { Logger } from "pino";
import type { Person, Thread } from "../core/parts.ts";
import { type Chat, Gone } from "../core/ports.ts";
import type { Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import type { Cards } from "./cards.ts";

/** A thread that is gone is looked for again after this, and then ever more rarely. */
const FIRST_MS = 60_000;
const LONGEST_MS = 60 * 60_000;

export interface AwayDeps {
  chats: ReadonlyMap<string, Chat>;
  cards: Cards;
  now: () => number;
  /** Draw the session again after so long. */
  again: (id: string, ms: number) => void;
  log: Logger;
}

/** What is drawn, and who must hear of it in another way if its place is gone. */
export interface Visit {
  s: Session;
  thread: Thread;
  draw: () => Promise<void>;
  /** Whom it concerns, and what they are told. */
  people: readonly Person[];
  words: () => View;
}

/**
 * Draws, unless the thread was gone a while ago: work goes on there unseen, so whom it concerns is told once, directly, how to
 * get at it.
 */
export function createAway({ chats, cards, now, again, log }: AwayDeps): (visit: Visit) => Promise<void> {
  const gone = new Map<string, { until: number; ms: number }>();

  async function leave({ s, thread, people, words }: Visit, error: Gone): Promise<void> {
    const key = keyOf(s, thread);
    const ms = Math.min(LONGEST_MS, 2 * (gone.get(key)?.ms ?? FIRST_MS / 2));
    gone.set(key, { until: now() + ms, ms });
    if (s.phase.at !== "closed") again(s.id, ms);
    log.warn({ session: s.id, thread, error: error.message }, "a thread cannot be written to: its people are told");
    for (const person of people)
      await tell(s, person, words).catch((error: unknown) =>
        log.warn({ session: s.id, person: person.id, error }, "somebody cannot be told that a thread is gone"),
      );
  }

  /** The card of it remembers, also after a restart, that it was said. */
  async function tell(s: Session, { chat: name, user }: Person, words: () => View): Promise<void> {
    const chat = chats.get(name);
    const thread: Thread = { chat: name, channel: user, thread: null };
    if (!chat || (await cards.in(s.id, thread)).length > 0) return;
    const view = words();
    const message = await chat.post(thread, view);
    const card = { role: "decision", court: null, offer: null, postedAt: now(), below: 0 } as const;
    await cards.add(s.id, { ...card, thread, message, view });
  }

  return async (visit) => {
    const key = keyOf(visit.s, visit.thread);
    if (now() < (gone.get(key)?.until ?? 0)) return;
    try {
      await visit.draw();
      gone.delete(key);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      await leave(visit, error);
    }
  };
}

const keyOf = ({ id }: Session, { chat, channel, thread }: Thread): string =>
  JSON.stringify([id, chat, channel, thread]);
