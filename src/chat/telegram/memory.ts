import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import { durable } from "../../lib/durable.ts";
import { Key } from "./keyboard.ts";
import { MODES } from "./render.ts";

const MOODS = ["seen", "working", "waiting", "done", "failed", "closed"] as const;

/** A thread that oca speaks in. Telegram has no name for a chain of replies, so it has the one of its first message. */
export const Seat = z.object({
  thread: z.string(),
  /** The request: what is answered, and what carries the reaction. */
  root: z.number().nullable(),
  topic: z.number().nullable(),
  /** Made by oca, which then names it. */
  owned: z.boolean(),
  title: z.string(),
  /** As it was last shown by reaction and icon. */
  mood: z.enum(MOODS).nullable(),
});
export type Seat = z.infer<typeof Seat>;

export const Shown = z.object({
  /** What the bot knows it by. */
  id: z.string(),
  /** The message that shows it now: a card that could not be edited is posted anew. */
  at: z.number(),
  thread: z.string(),
  mood: z.enum(MOODS),
  keys: z.array(Key),
  /** The files that came along. */
  documents: z.array(z.object({ name: z.string(), digest: z.string(), at: z.number() })),
});
export type Shown = z.infer<typeof Shown>;

/** A question of ours whose answer belongs to a button of a card. */
const Prompt = z.object({
  id: z.number(),
  card: z.string(),
  action: z.string(),
  user: z.string(),
  lines: z.array(z.object({ text: z.string(), on: z.boolean() })).default([]),
  /** Sends it without words. */
  submit: Key.nullable().default(null),
});
export type Prompt = z.infer<typeof Prompt>;
const Said = z.object({ id: z.number(), thread: z.string(), by: z.string(), at: z.number(), text: z.string() });

/** What oca knows of one chat: Telegram has no history to ask. */
export const Channel = z.object({
  mode: z.enum(MODES),
  seats: z.array(Seat),
  cards: z.array(Shown),
  prompts: z.array(Prompt),
  said: z.array(Said),
});
export type Channel = z.infer<typeof Channel>;

const Moves = z.record(z.string(), z.string());

export interface Memory {
  /** Loads what is known of a chat. */
  open(channel: string): Promise<Channel>;
  /** Durable when it resolves. */
  change(channel: string, edit: (known: Channel) => Channel): Promise<void>;
  /** As `change`, but the disk has it a moment later: what a crash may cost. */
  note(channel: string, edit: (known: Channel) => Channel): Promise<void>;
  /** A group became a supergroup: it keeps its old name for oca, and its messages are counted from 1 again. */
  move(from: string, to: string): Promise<void>;
  /** What the names of a chat's messages begin with, so that none has the name of one before a move. */
  era(channel: string): string;
  /** The chat's number now. */
  chatId(channel: string): string;
  channel(chatId: string): string;
  /** Resolves when everything is written. */
  idle(): Promise<void>;
}

const EMPTY: Channel = { mode: "rich", seats: [], cards: [], prompts: [], said: [] };
/** Older ones are forgotten: a reply to them finds no session but by its card. */
const KEPT = { seats: 500, cards: 2000, prompts: 50, said: 2000 };
const DAY_MS = 24 * 3_600_000;

export async function openMemory(folder: string, now: () => number): Promise<Memory> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const moves = new Low(durable(join(folder, "moves.json"), Moves), {});
  await moves.read();
  const open = new Map<string, Promise<Low<Channel>>>();
  const writing = new Set<Promise<void>>();

  const load = async (channel: string): Promise<Low<Channel>> => {
    const db = new Low(durable(join(folder, `${Number(channel)}.json`), Channel), EMPTY);
    await db.read();
    return db;
  };
  const of = (channel: string): Promise<Low<Channel>> => {
    const found = open.get(channel) ?? load(channel);
    open.set(channel, found);
    return found;
  };
  const edited = async (channel: string, edit: (known: Channel) => Channel): Promise<Low<Channel>> => {
    const db = await of(channel);
    db.data = kept(edit(db.data), now());
    return db;
  };
  const newName = (channel: string): string => moves.data[channel] ?? channel;

  return {
    open: async (channel) => (await of(channel)).data,
    change: async (channel, edit) => (await edited(channel, edit)).write(),
    note: async (channel, edit) => {
      const db = await edited(channel, edit);
      // What was read is only for context and for finding threads: nothing waits for the disk.
      const write = db.write().catch(() => undefined);
      writing.add(write);
      void write.then(() => writing.delete(write));
    },
    move: async (from, to) => {
      const channel = channelOf(moves.data, from);
      if (newName(channel) === to) return;
      moves.data = { ...moves.data, [channel]: to };
      // The numbers go first: without them cards stand anew; with them the messages of strangers would be taken for ours.
      await (await edited(channel, uncounted)).write();
      await moves.write();
    },
    era: (channel) => (channel in moves.data ? "s" : ""),
    chatId: newName,
    channel: (chatId) => channelOf(moves.data, chatId),
    idle: async () => {
      await Promise.all(writing);
    },
  };
}

const channelOf = (moves: Record<string, string>, chatId: string): string =>
  Object.entries(moves).find(([, to]) => to === chatId)?.[0] ?? chatId;

/** Words are kept for a day; the places of messages longer, so that replies find their thread. */
const kept = ({ mode, seats, cards, prompts, said }: Channel, now: number): Channel => ({
  mode,
  seats: seats.slice(-KEPT.seats),
  cards: cards.slice(-KEPT.cards),
  prompts: prompts.slice(-KEPT.prompts),
  said: said
    .slice(-KEPT.said)
    .map((one) => (one.text !== "" && one.at < now - DAY_MS ? { ...one, text: "", by: "" } : one)),
});

/** No message of the old chat can be answered, edited or found by its number in the new one. */
const uncounted = ({ seats, cards, said, ...known }: Channel): Channel => ({
  ...known,
  seats: seats.map((seat) => ({ ...seat, root: null })),
  cards: cards.map((card) => ({ ...card, at: -Math.abs(card.at), documents: [] })),
  prompts: [],
  said: said.map((one) => ({ ...one, id: -Math.abs(one.id) })),
});

export const patchCard =
  (id: string, part: (card: Shown) => Partial<Shown>) =>
  (known: Channel): Channel => ({
    ...known,
    cards: known.cards.map((card) => (card.id === id ? { ...card, ...part(card) } : card)),
  });
