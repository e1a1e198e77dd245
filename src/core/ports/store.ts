import type { Event } from "../event.ts";
import type { Thread } from "../parts.ts";
import type { Session } from "../session.ts";
import type { View } from "../view.ts";
import type { AgentEvent } from "./agent.ts";
import type { Message } from "./chat.ts";

/** A message that shows a session in one of its threads, as it was last drawn. */
export interface Card {
  thread: Thread;
  /** The living card shows progress; a decision card asks a person to act. */
  role: "living" | "decision";
  message: Message;
  /** The moment it was posted for (`court` of the session); null for the living card. */
  court: string | null;
  /** The offer that its buttons carry; null for a card without. */
  offer: number | null;
  /** By the platform's clock, epoch ms. */
  postedAt: number;
  /** Messages that were written below it since. */
  below: number;
  /** Drawn again only when it differs. */
  view: View;
}

/** A line of a session's transcript: what the agent said and did. */
export interface Entry {
  at: number;
  work: number;
  event: Exclude<AgentEvent, { type: "token" | "spent" }>;
}

export interface Store {
  get(id: string): Promise<Session | undefined>;
  all(): Promise<readonly Session[]>;
  /** Durable when it resolves: journal line, then session. Throws `Race` when the stored rev is not `rev`. */
  put(session: Session, event: Event, rev: number | null): Promise<void>;
  cards(id: string): Promise<readonly Card[]>;
  setCards(id: string, cards: readonly Card[]): Promise<void>;
  /** Resolves when the line is written: a moment later, together with others. */
  note(id: string, entry: Entry): Promise<void>;
  transcript(id: string): Promise<Entry[]>;
  /** Who did what when: the journal, oldest first. */
  journal(id: string): Promise<{ rev: number; event: Event }[]>;
}

/** The stored session is newer than the one that was stepped from: step again. */
export class Race extends Error {}
