import type { Memory, Seat } from "./memory.ts";
import type { Lane } from "./pace.ts";
import type { Mode } from "./render.ts";
import type { Seats } from "./seats.ts";
import { goneOr, type Why, whyOf } from "./why.ts";

export interface SendDeps {
  memory: Memory;
  seats: Seats;
  lane: (channel: string) => Lane;
  /** The owner's choice: no rich messages anywhere. */
  poor: boolean;
  log: { warn(what: object, message: string): void };
}

/** Where a message goes, as the Bot API takes it. */
export interface Where {
  chat: string;
  at: { message_thread_id?: number; reply_parameters?: { message_id: number; allow_sending_without_reply: true } };
}

/**
 * Sends something new into a thread, in the best form that the chat takes; resolves to the number of its message. Throws
 * `Gone` when the chat or the topic takes nothing.
 */
export type Send = (
  channel: string,
  seat: Seat | null,
  what: (where: Where, mode: Mode) => Promise<number>,
) => Promise<number>;

const TRIES = 5;

export function createSend(deps: SendDeps): Send {
  const { memory, lane } = deps;
  const attempt = async (job: Job, mode: Mode, left: number): Promise<number> => {
    const { channel, seat, what } = job;
    const { seats } = await memory.open(channel);
    const now = seats.find(({ thread }) => thread === seat?.thread) ?? seat;
    const where = whereOf(memory.chatId(channel), now);
    try {
      return await lane(channel).post(() => what(where, mode));
    } catch (error) {
      const why = whyOf(error);
      if (left === 0 || !(await mend(deps, channel, { seat: now, why, mode }))) throw goneOr(error);
      return attempt(job, why.why === "content" || why.why === "poor" ? poorer(mode) : mode, left - 1);
    }
  };
  return async (channel, seat, what) => attempt({ channel, seat, what }, await modeIn(channel, deps), TRIES);
}

interface Job {
  channel: string;
  seat: Seat | null;
  what: Parameters<Send>[2];
}

export const modeIn = async (channel: string, { poor, memory }: Pick<SendDeps, "poor" | "memory">): Promise<Mode> =>
  poor ? "entities" : (await memory.open(channel)).mode;

export const poorer = (mode: Mode): Mode => (mode === "rich" ? "entities" : "plain");

/** Does what can be done about a refusal; false: nothing can. */
async function mend(
  { memory, seats, log }: SendDeps,
  channel: string,
  { seat, why, mode }: { seat: Seat | null; why: Why; mode: Mode },
): Promise<boolean> {
  switch (why.why) {
    case "moved":
      await memory.move(memory.chatId(channel), why.to);
      return true;
    case "closed":
      return seat !== null && seats.reopen(channel, seat);
    case "poor":
      await memory.change(channel, (known) => ({ ...known, mode: poorer(mode) }));
      return mode !== "plain";
    case "content":
      log.warn({ channel, why: why.text }, "Telegram refused a message: it is sent in a simpler form");
      return mode !== "plain";
    default:
      return false;
  }
}

function whereOf(chat: string, seat: Seat | null): Where {
  if (seat?.topic) return { chat, at: { message_thread_id: seat.topic } };
  if (!seat?.root) return { chat, at: {} };
  return { chat, at: { reply_parameters: { message_id: seat.root, allow_sending_without_reply: true } } };
}
