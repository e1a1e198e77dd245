import type { Memory, Seat } from "./memory.ts";
import type { Lane } from "./pace.ts";
import type { Mode } from "./render.ts";
import type { Seats } from "./seats.ts";
import { type Why, whyOf } from "./why.ts";

export interface SendDeps {
  memory: Memory;
  seats: Seats;
  lane: (channel: string) => Lane;
  /** Why oca may not speak in a chat. */
  shut: Map<string, string>;
  /** The owner's choice: no rich messages anywhere. */
  poor: boolean;
  log: { warn(what: object, message: string): void };
}

/** Where a message goes, as the Bot API takes it. */
export interface Where {
  chat: string;
  at: { message_thread_id?: number; reply_parameters?: { message_id: number; allow_sending_without_reply: true } };
}

/** Sends something new into a thread, in the best form that the chat takes; resolves to the number of its message. */
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
      assertOpen(channel, deps.shut);
      return await lane(channel).post(() => what(where, mode));
    } catch (error) {
      const why = whyOf(error);
      if (left === 0 || !(await mend(deps, channel, { seat: now, why, mode }))) throw error;
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

export function assertOpen(channel: string, shut: ReadonlyMap<string, string>): void {
  const why = shut.get(channel);
  if (why !== undefined)
    throw new Error(`oca may not write in telegram:${channel} (${why}): let it in again, then the cards follow`);
}

/** Does what can be done about a refusal; false: nothing can. */
async function mend(
  { memory, seats, shut, log }: SendDeps,
  channel: string,
  { seat, why, mode }: { seat: Seat | null; why: Why; mode: Mode },
): Promise<boolean> {
  switch (why.why) {
    case "moved":
      await memory.move(memory.chatId(channel), why.to);
      return true;
    case "topic":
    case "closed":
      if (seat) await seats.lost(channel, seat, why.why);
      return seat !== null;
    case "poor":
      await memory.change(channel, (known) => ({ ...known, mode: poorer(mode) }));
      return mode !== "plain";
    case "content":
      log.warn({ channel, why: why.text }, "Telegram refused a message: it is sent in a simpler form");
      return mode !== "plain";
    case "shut":
      shut.set(channel, why.text);
      return false;
    default:
      return false;
  }
}

function whereOf(chat: string, seat: Seat | null): Where {
  if (seat?.topic) return { chat, at: { message_thread_id: seat.topic } };
  if (!seat?.root) return { chat, at: {} };
  return { chat, at: { reply_parameters: { message_id: seat.root, allow_sending_without_reply: true } } };
}
