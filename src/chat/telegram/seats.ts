import type { Mood } from "../../core/view.ts";
import type { Channel, Memory, Seat } from "./memory.ts";
import type { Lane } from "./pace.ts";
import type { Topics } from "./topics.ts";

export interface SeatsDeps {
  memory: Memory;
  topics: Topics;
  /** A topic's name and icon count as an edit. */
  lane: (channel: string) => Lane;
  /** The chat has topics. */
  forum: (channel: string) => boolean;
}

/** Where a thread is in its chat, and what shows its state there: topic, icon, reaction. */
export interface Seats {
  /**
   * The seat of a thread; made, with a topic of that title where oca may, when it has none. Null starts a thread; what has no
   * title needs no topic.
   */
  take(channel: string, thread: string | null, title: string): Promise<Seat | null>;
  /** Opens its topic again, which somebody closed; false: oca may not. */
  reopen(channel: string, seat: Seat): Promise<boolean>;
  /** Shows the state of a thread. */
  sign(channel: string, thread: string, title: string): Promise<void>;
}

export function createSeats({ memory, topics, lane, forum }: SeatsDeps): Seats {
  const create = async (channel: string, title: string): Promise<number | null> =>
    forum(channel) && title !== "" ? topics.create(memory.chatId(channel), title) : null;
  const patch = (channel: string, thread: string, part: Partial<Seat>): Promise<void> =>
    memory.change(channel, (known) => ({
      ...known,
      seats: known.seats.map((seat) => (seat.thread === thread ? { ...seat, ...part } : seat)),
    }));
  const show = async (channel: string, seat: Seat, { title, mood }: { title: string; mood: Mood }): Promise<void> => {
    const { topic: id, root, mood: was, owned } = seat;
    const chat = memory.chatId(channel);
    if (root !== null && was !== mood) await topics.react(chat, root, mood);
    if (!owned || id === null) return;
    await lane(channel).edit(`topic ${id}`, () => topics.show({ chat, id }, { title, mood, was }));
  };

  return {
    take: async (channel, thread, title) => {
      const known = await memory.open(channel);
      const found = known.seats.find((seat) => seat.thread === thread);
      if (found) return found;
      const era = memory.era(channel);
      const given = numberOf(thread, "t");
      const topic = given ?? (await create(channel, title));
      if (thread === null && topic === null) return null;
      const name = thread ?? `t${topic}`;
      const root = numberOf(thread, `m${era}`) ?? newestIn(known, name);
      const seat: Seat = { thread: name, root, topic, owned: given === null && topic !== null, title: "", mood: null };
      await memory.change(channel, (now) => ({ ...now, seats: [...now.seats, seat] }));
      return seat;
    },
    reopen: async (channel, { topic: id }) => id !== null && topics.reopen({ chat: memory.chatId(channel), id }),
    sign: async (channel, thread, given) => {
      const known = await memory.open(channel);
      const seat = known.seats.find((one) => one.thread === thread);
      const mood = moodOf(known, thread);
      const title = given || (seat?.title ?? "");
      if (!seat || (seat.mood === mood && seat.title === title)) return;
      await show(channel, seat, { title, mood });
      await patch(channel, thread, { mood, title });
    },
  };
}

/** Where a thread is that oca has not spoken in yet. */
export const bareSeat = (thread: string, era: string): Seat => {
  const [root, topic] = [numberOf(thread, `m${era}`), numberOf(thread, "t")];
  return { thread, root, topic, owned: false, title: "", mood: null };
};

function numberOf(thread: string | null, kind: string): number | null {
  if (!thread?.startsWith(kind)) return null;
  const number = Number(thread.slice(kind.length));
  return Number.isSafeInteger(number) ? number : null;
}

const newestIn = ({ said }: Channel, thread: string): number | null =>
  said.findLast((one) => one.thread === thread && one.id > 0)?.id ?? null;

/** What is decided says nothing of what goes on in another card. */
const moodOf = ({ cards }: Channel, thread: string): Mood =>
  cards.findLast((card) => card.thread === thread && card.mood !== "closed")?.mood ?? "closed";
