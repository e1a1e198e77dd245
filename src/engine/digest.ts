import type { Logger } from "pino";
import type { Thread } from "../core/parts.ts";
import type { Chat } from "../core/ports/chat.ts";
import type { Session } from "../core/session.ts";
import { lastHour, type Weekday } from "../lib/zoned.ts";
import type { T } from "../view/i18n.ts";
import { digest } from "../view/worktrees.ts";

const MORNING = 9;
const DAY_MS = 24 * 60 * 60 * 1000;

/** When channels were told last, by `chat:channel`. */
interface Digests {
  digestAt(channel: string): number | null;
  /** Durable when it resolves. */
  digested(channel: string, at: number): Promise<void>;
}

export interface DigestDeps {
  chats: ReadonlyMap<string, Chat>;
  /** The day on which each wants one, by `chat:channel`. */
  channels: Readonly<Record<string, { digest: Weekday | null }>>;
  said: Digests;
  t: (thread: Thread) => T;
  timezone: string;
  now: () => number;
  log: Logger;
}

/**
 * Once a week, from nine o'clock on its day, a channel that wants it is told what is open there. Noted before it is said: a
 * channel would rather miss one than hear it twice.
 */
export function createDigest(deps: DigestDeps): (sessions: readonly Session[]) => Promise<void> {
  const { chats, channels, said, t, timezone, now, log } = deps;
  const begun = new Map<string, number>();

  async function say(channel: string, sessions: readonly Session[]): Promise<void> {
    const [name = ""] = channel.split(":");
    const thread: Thread = { chat: name, channel: channel.slice(name.length + 1), thread: null };
    await said.digested(channel, now());
    const open = sessions.filter((s) => isOpenIn(s, thread));
    if (open.length > 0) await chats.get(name)?.post(thread, digest(open, t(thread)));
  }

  return async (sessions) => {
    for (const [channel, { digest: weekday }] of Object.entries(channels)) {
      if (!weekday) continue;
      const due = lastHour(now(), timezone, { weekday, hour: MORNING });
      const last = begun.get(channel) ?? said.digestAt(channel) ?? 0;
      if (last >= due || now() - due > DAY_MS) continue;
      begun.set(channel, now());
      await say(channel, sessions).catch((error: unknown) => log.warn({ channel, error }, "no digest this week"));
    }
  };
}

const isOpenIn = ({ threads: [home], phase, workspace }: Session, { chat, channel }: Thread): boolean =>
  workspace !== null && phase.at !== "closed" && home?.chat === chat && home.channel === channel;
