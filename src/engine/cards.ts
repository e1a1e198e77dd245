import type { Thread } from "../core/parts.ts";
import type { Message } from "../core/ports/chat.ts";
import type { Card, Store } from "../core/ports/store.ts";
import type { View } from "../core/view.ts";
import { createSerial } from "../lib/serial.ts";

/** The cards of sessions, read and changed one after another: whoever draws knows of all that was said before. */
export interface Cards {
  in(id: string, thread: Thread): Promise<readonly Card[]>;
  add(id: string, card: Card): Promise<void>;
  replace(id: string, old: Card, card: Card): Promise<void>;
  /** A message came below the cards of a thread. */
  sink(id: string, thread: Thread): Promise<void>;
}

export function createCards(store: Store): Cards {
  const inOrder = createSerial();
  const change = (id: string, how: (cards: readonly Card[]) => Card[]) =>
    inOrder(id, async () => store.setCards(id, how(await store.cards(id))));
  const below = (thread: Thread) => (card: Card) =>
    sameThread(card.thread, thread) ? { ...card, below: card.below + 1 } : card;

  return {
    in: (id, thread) =>
      inOrder(id, async () => (await store.cards(id)).filter((card) => sameThread(card.thread, thread))),
    add: (id, card) => change(id, (cards) => [...cards.map(below(card.thread)), card]),
    replace: (id, old, card) =>
      change(id, (cards) =>
        cards.map((one) => (sameMessage(one.message, old.message) ? { ...card, below: one.below } : one)),
      ),
    sink: (id, thread) => change(id, (cards) => cards.map(below(thread))),
  };
}

/** What a message shows as a card of a session that has this thread; null: it is none that was saved. */
export async function viewOf(store: Pick<Store, "all" | "cards">, message: Message): Promise<View | null> {
  for (const { id, threads } of await store.all()) {
    if (!threads.some((one) => sameThread(one, message))) continue;
    const found = (await store.cards(id)).find((card) => sameMessage(card.message, message));
    if (found) return found.view;
  }
  return null;
}

/** The number of a message says nothing without its channel: Telegram counts in each chat from 1. */
const sameMessage = (a: Message, b: Message): boolean => a.id === b.id && a.chat === b.chat && a.channel === b.channel;

export const sameThread = (a: Thread, b: Thread): boolean =>
  a.chat === b.chat && a.channel === b.channel && a.thread === b.thread;
