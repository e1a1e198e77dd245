import type { Mood } from "../../core/view.ts";
import type { Channel, Memory, Seat } from "./memory.ts";
import type { Topics } from "./topics.ts";

export interface SeatsDeps {
  memory: Memory;
  topics: Topics;
  /** The chat has topics. */
  forum: (channel: string) => boolean;
}

/** Where a thread is in its chat, and what shows its state there: topic, icon, reaction. */
export interface Seats {
  /** The seat of a thread; made, with a topic where oca may, when it has none. Null starts a thread. */
  take(channel: string, thread: string | null, title: string): Promise<Seat | null>;
  /** Its topic is gone or closed for oca: it goes on where it can. */
  lost(channel: string, seat: Seat, how: "topic" | "closed"): Promise<void>;
  /** Shows the state of a thread. */
  sign(channel: string, thread: string, title: string): Promise<void>;
}

export function createSeats({ memory, topics, forum }: SeatsDeps): Seats {
  const create = async (channel: string, title: string): Promise<number | null> =>
    forum(channel) ? topics.create(memory.chatId(channel), title) : null;
  const patch = (channel: string, thread: string, part: Partial<Seat>): Promise<void> =>
    memory.change(channel, (known) => ({
      ...known,
      seats: known.seats.map((seat) => (seat.thread === thread ? { ...seat, ...part } : seat)),
    }));
  const show = async (chat: string, seat: Seat, { title, mood }: { title: string; mood: Mood }): Promise<void> => {
    const { topic: id, root, mood: was, owned } = seat;
    if (owned && id !== null) await topics.show({ chat, id }, { title, mood, was });
    if (root !== null && was !== mood) await topics.react(chat, root, mood);
  };

  return {
    take: async (channel, thread, title) => {
      const known = await memory.open(channel);
      const found = known.seats.find((seat) => seat.thread === thread);
      if (found) return found;
      const given = numberOf(thread, "t");
      const topic = given ?? (await create(channel, title));
      if (thread === null && topic === null) return null;
      const name = thread ?? `t${topic}`;
      const root = numberOf(thread, "m") ?? newestIn(known, name);
      const seat: Seat = { thread: name, root, topic, owned: given === null && topic !== null, title: "", mood: null };
      await memory.change(channel, (now) => ({ ...now, seats: [...now.seats, seat] }));
      return seat;
    },
    lost: async (channel, seat, how) => {
      const { topic: id, thread, title } = seat;
      const chat = memory.chatId(channel);
      if (how === "closed" && id !== null && (await topics.reopen({ chat, id }))) return;
      const topic = how === "topic" ? await create(channel, title || "oca") : null;
      await patch(channel, thread, { topic, owned: topic !== null });
    },
    sign: async (channel, thread, given) => {
      const known = await memory.open(channel);
      const seat = known.seats.find((one) => one.thread === thread);
      const mood = moodOf(known, thread);
      const title = given || (seat?.title ?? "");
      if (!seat || (seat.mood === mood && seat.title === title)) return;
      await show(memory.chatId(channel), seat, { title, mood });
      await patch(channel, thread, { mood, title });
    },
  };
}

/** Where a thread is that oca has not spoken in yet. */
export const bareSeat = (thread: string): Seat => {
  const [root, topic] = [numberOf(thread, "m"), numberOf(thread, "t")];
  return { thread, root, topic, owned: false, title: "", mood: null };
};

function numberOf(thread: string | null, kind: "m" | "t"): number | null {
  if (!thread?.startsWith(kind)) return null;
  const number = Number(thread.slice(1));
  return Number.isSafeInteger(number) ? number : null;
}

const newestIn = ({ said }: Channel, thread: string): number | null =>
  said.findLast((one) => one.thread === thread)?.id ?? null;

/** What is decided says nothing of what goes on in another card. */
const moodOf = ({ cards }: Channel, thread: string): Mood =>
  cards.findLast((card) => card.thread === thread && card.mood !== "closed")?.mood ?? "closed";
