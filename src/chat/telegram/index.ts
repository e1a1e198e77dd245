import { join } from "node:path";
import { type Api, GrammyError } from "grammy";
import { z } from "zod";
import type { File, Thread } from "../../core/parts.ts";
import type { Chat, Incoming, Said } from "../../core/ports/chat.ts";
import { type Address, createVoice, rootOf } from "./api.ts";
import { createAttach } from "./attach.ts";
import { createBox } from "./box.ts";
import { type CardsDeps, createCards } from "./cards.ts";
import { createHearing } from "./hear.ts";
import { openHolds } from "./holds.ts";
import { connect, type LineDeps, type Me } from "./line.ts";
import { type Memory, openMemory } from "./memory.ts";
import { createLane, type Lane } from "./pace.ts";
import { createReview, type ReviewDeps } from "./review.ts";
import { createSeats } from "./seats.ts";
import { createSend } from "./send.ts";
import { createTeller } from "./teller.ts";
import { createTopics } from "./topics.ts";
import { whyOf } from "./why.ts";

/** What the Telegram chat needs from the bot. */
export interface TelegramOrder extends Address {
  /** Absolute; everything that is remembered lies in it. */
  folder: string;
  webhook: LineDeps["webhook"];
  /** "text": clients in use do not show rich messages yet. */
  cards: "rich" | "text";
  /** What is said is kept for a day, as context of a request. */
  remember: boolean;
  /** Per language, for the menu of the client; the first is everybody's. */
  commands: readonly { locale: string; list: readonly { name: string; about: string }[] }[];
  diff: ReviewDeps["diff"];
  /** What a message shows, if it is a card that the bot knows. */
  card: CardsDeps["saved"];
  now: () => number;
  log: LineDeps["log"];
  /** How long a second of Telegram's limits is. */
  secondMs?: number;
  /** How long the parts of an album or a long paste are waited for. */
  holdMs?: number;
}

const HOLD_MS = 1500;

/** Loads what is remembered; the bot is on line with `start`. */
export async function createTelegram(order: TelegramOrder): Promise<Chat> {
  const { now, log, secondMs = 1000 } = order;
  const api = createVoice(order);
  const memory = await openMemory(order.folder, now);
  const forums = new Set<string>();
  let me: Me = { id: 0, username: "", topics: false };
  let receive = (_: Incoming): Promise<void> => Promise.reject(new Error("the Telegram chat has not been started"));
  let line: { stop(): Promise<void> } | null = null;

  const forum = (channel: string): boolean => (Number(channel) > 0 ? me.topics : forums.has(channel));
  const lane = createLanes(secondMs);
  const seats = createSeats({ memory, topics: createTopics(api, log), lane, forum });
  const around = { api, memory, seats, log, lane, poor: order.cards === "text" };
  const send = createSend(around);
  const cards = createCards({ ...around, send, attach: createAttach({ ...around, send }), saved: order.card, now });
  const teller = createTeller({ api, memory, send, box: createBox({ api, memory, send }), log });
  const review = createReview({ api, memory, send, diff: order.diff });
  const hearing = createHearing({
    ...{ memory, teller, review, log, now, remember: order.remember },
    me: () => me,
    commands: order.commands[0]?.list.map(({ name }) => name) ?? [],
    forum: (channel, is) => void (is ? forums.add(channel) : forums.delete(channel)),
    receive: (incoming) => receive(incoming),
  });
  const { deliver } = hearing;
  const holds = await openHolds({
    file: join(order.folder, "held.json"),
    waitMs: order.holdMs ?? HOLD_MS,
    deliver,
    log,
  });
  const take = (update: unknown): Promise<void> => hearing.take(update, holds);

  return {
    name: "telegram",
    start: async (listener) => {
      receive = listener;
      line = await connect({ api, address: order, webhook: order.webhook, take, secondMs, log }, (it) => {
        me = it;
      });
      void holds.release();
      void menu(api, order.commands).catch((error: unknown) => log.warn({ error: `${error}` }, "the menu is not set"));
    },
    stop: async () => {
      holds.stop();
      await line?.stop();
      await memory.idle();
    },
    ...cards,
    reply: (incoming, view) => {
      teller.reply(incoming, view);
      return Promise.resolve();
    },
    context: (thread, before) => earlier(memory, thread, before),
    fetch: (file) => fetchFile(api, order, file),
  };
}

function createLanes(secondMs: number): (channel: string) => Lane {
  const lanes = new Map<string, Lane>();
  const busy = (error: unknown) => {
    const why = whyOf(error);
    return why.why === "busy" ? why : null;
  };
  return (channel) => {
    const lane = lanes.get(channel) ?? createLane({ now: Date.now, secondMs, busy }, Number(channel) < 0);
    lanes.set(channel, lane);
    return lane;
  };
}

/** What oca could read: Telegram has no history to ask. */
async function earlier(memory: Memory, { channel, thread }: Thread, before: string): Promise<Said[]> {
  const { said } = await memory.open(channel);
  const era = memory.era(channel);
  const end = said.findIndex(({ id }) => `${era}${id}` === before);
  return said
    .slice(0, end < 0 ? said.length : end)
    .flatMap((one) => (one.thread === thread && one.text !== "" ? [{ by: one.by, at: one.at, text: one.text }] : []));
}

/** Telegram knows languages by two letters. */
const Language = z.enum(["de", "es", "fr", "ja", "pt", "ru", "zh"]);
const ABOUT_CHARS = 256;

/** What can be given in a direct chat only. */
const DIRECT = "new";

async function menu(api: Api, all: TelegramOrder["commands"]): Promise<void> {
  for (const [index, { locale, list }] of all.entries()) {
    const commands = list.map(({ name, about }) => ({ command: name, description: about.slice(0, ABOUT_CHARS) }));
    const language = index === 0 ? {} : { language_code: Language.parse(locale) };
    const inGroups = commands.filter(({ command }) => command !== DIRECT);
    await api.setMyCommands(commands, { scope: { type: "all_private_chats" }, ...language });
    await api.setMyCommands(inGroups, { scope: { type: "all_group_chats" }, ...language });
  }
}

const FILE_MS = 120_000;

/** From the Bot API only; an error never names the address, for the token is in it. */
async function fetchFile(api: Api, address: Address, { id, name }: File): Promise<AsyncIterable<Uint8Array>> {
  const { file_path: path } = await api.getFile(id).catch((error: unknown) => {
    if (error instanceof GrammyError && error.description.includes("too big"))
      throw new Error(`${name} is larger than the 20 MB that Telegram hands to bots: give it another way`);
    throw error;
  });
  const signal = AbortSignal.timeout(FILE_MS);
  const response = await fetch(`${rootOf(address)}/file/bot${address.token}/${path}`, { redirect: "error", signal });
  if (!response.ok || !response.body) throw new Error(`Telegram does not hand out ${name}: ${response.status}`);
  return response.body;
}
