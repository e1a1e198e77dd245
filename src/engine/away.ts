import type { Logger } from "pino";
import type { Person, Thread } from "../core/parts.ts";
import { type Chat, Gone } from "../core/ports/chat.ts";
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

export interface Away {
  /**
   * Draws, unless the thread was gone a while ago: work goes on there unseen, so whom it concerns is told once, directly, how
   * to get at it. Who cannot be told so is told in the channel, outside of the thread.
   */
  visit(visit: Visit): Promise<void>;
  /** Somebody was heard there (in the whole channel, without a thread): it is looked for again now. */
  heard(thread: Thread): void;
}

export function createAway({ chats, cards, now, again, log }: AwayDeps): Away {
  const gone = new Map<string, { s: string; thread: Thread; until: number; ms: number }>();

  async function leave({ s, thread, people, words }: Visit, error: Gone): Promise<void> {
    const key = keyOf(s, thread);
    const ms = Math.min(LONGEST_MS, 2 * (gone.get(key)?.ms ?? FIRST_MS / 2));
    gone.set(key, { s: s.id, thread, until: now() + ms, ms });
    if (s.phase.at !== "closed") again(s.id, ms);
    log.warn({ session: s.id, thread, error: error.message }, "a thread cannot be written to: its people are told");
    const missed: Person[] = [];
    for (const person of unique(people)) {
      const direct: Thread = { chat: person.chat, channel: person.user, thread: null };
      if (!(await isTold(s, direct, words))) missed.push(person);
    }
    const around = missed.filter(({ chat }) => chat === thread.chat);
    if (around.length > 0 && thread.thread !== null)
      await isTold(s, { ...thread, thread: null }, () => ({ ...words(), mentions: around }));
  }

  /** The card of it remembers, also after a restart, that it was said. */
  async function isTold(s: Session, thread: Thread, words: () => View): Promise<boolean> {
    const chat = chats.get(thread.chat);
    if (!chat) return false;
    if ((await cards.in(s.id, thread)).length > 0) return true;
    const view = words();
    try {
      const { at, ...message } = await chat.post(thread, view);
      const card = { role: "decision", court: null, offer: null, postedAt: at, below: 0 } as const;
      await cards.add(s.id, { ...card, thread, message, view });
      return true;
    } catch (error) {
      log.warn({ session: s.id, thread, error }, "nobody can be told there that a thread is gone");
      return false;
    }
  }

  return {
    visit: async (visit) => {
      const key = keyOf(visit.s, visit.thread);
      if (now() < (gone.get(key)?.until ?? 0)) return;
      try {
        await visit.draw();
        gone.delete(key);
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
        await leave(visit, error);
      }
    },
    heard: ({ chat, channel, thread }) => {
      for (const [key, { s, thread: lost }] of gone) {
        const isThere = lost.chat === chat && lost.channel === channel && (thread === null || lost.thread === thread);
        if (!isThere) continue;
        gone.delete(key);
        again(s, 0);
      }
    },
  };
}

const unique = (people: readonly Person[]): Person[] => [
  ...new Map(people.map((person) => [`${person.chat} ${person.user}`, person])).values(),
];

const keyOf = ({ id }: Session, { chat, channel, thread }: Thread): string =>
  JSON.stringify([id, chat, channel, thread]);
