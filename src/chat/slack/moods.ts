import type { WebClient } from "@slack/web-api";
import type { Thread } from "../../core/parts.ts";
import type { Message } from "../../core/ports/chat.ts";
import type { Mood } from "../../core/view.ts";
import { createLatest } from "../../lib/latest.ts";
import type { SlackLog } from "./log.ts";
import { codeOf, isPassing, waitMs } from "./trouble.ts";

/** What became of a request, in one sign on its message and as the status of Slack's own agent session. */
export interface Moods {
  note(message: Message, mood: Mood): void;
  idle(): Promise<void>;
  stop(): void;
}

const SIGNS: Record<Mood, string | null> = {
  seen: "eyes",
  working: "eyes",
  waiting: "hand",
  done: "white_check_mark",
  failed: "warning",
  closed: null,
};
const OURS = new Set(Object.values(SIGNS));
const STATUSES: Record<Mood, "processing" | "suspended" | "closed"> = {
  seen: "processing",
  working: "processing",
  waiting: "suspended",
  done: "closed",
  failed: "closed",
  closed: "closed",
};

interface Sign {
  channel: string;
  thread: string;
  /** The message that asked; null: not looked up yet. */
  on: string | null;
  /** Of each card, oldest first. */
  moods: Map<string, Mood>;
  /** Undefined: not known in this process. */
  shown: string | null | undefined;
  status: string | null;
}

const KEPT = 500;
const SPACING_MS = 3000;

interface Deps {
  bot: () => string;
  requestIn: (thread: Thread) => Promise<string | null>;
  /** Is a message younger than this process? Then no sign of ours can be on it. */
  isYoung: (ts: string) => boolean;
  log: SlackLog;
}

export function createMoods(client: WebClient, { bot, requestIn, isYoung, log }: Deps): Moods {
  const signs = new Map<string, Sign>();
  let hasSessions = true;
  let stopped = false;
  const latest = createLatest(draw, {
    spacingMs: SPACING_MS,
    onError: (error, key) => {
      const code = codeOf(error);
      if (isPassing(code)) setTimeout(() => latest.run(key), waitMs(error)).unref();
      else log.warn({ error: code, thread: key }, "Slack does not take the sign of a request");
    },
  });

  async function draw(key: string): Promise<void> {
    const sign = signs.get(key);
    if (!sign || stopped) return;
    const mood = moodOf(sign);
    await react(sign, SIGNS[mood]);
    if (hasSessions && sign.status !== STATUSES[mood]) {
      await client.agents.sessions
        .setStatus({ channel_id: sign.channel, thread_ts: sign.thread, status: STATUSES[mood] })
        .catch((error: unknown) => {
          if (isPassing(codeOf(error))) throw error;
          hasSessions = false;
          log.info(
            { error: codeOf(error) },
            "this workspace has no agent sessions: the reaction alone shows the status",
          );
        });
      sign.status = STATUSES[mood];
    }
  }

  /** One at a time: ours that is there goes. */
  async function react(sign: Sign, wanted: string | null): Promise<void> {
    const { channel, thread } = sign;
    sign.on ??= (await requestIn({ chat: "slack", channel, thread })) ?? thread;
    const at = { channel, timestamp: sign.on };
    if (sign.shown === undefined && isYoung(sign.on)) sign.shown = null;
    const shown = sign.shown === undefined ? await look(at) : [sign.shown].filter((name) => name !== null);
    if (wanted !== null && !shown.includes(wanted))
      await client.reactions.add({ ...at, name: wanted }).catch(unless("already_reacted"));
    for (const name of shown.filter((one) => one !== wanted))
      await client.reactions.remove({ ...at, name }).catch(unless("no_reaction"));
    sign.shown = wanted;
  }

  const look = async (at: { channel: string; timestamp: string }): Promise<string[]> => {
    const { message } = await client.reactions.get({ ...at, full: true });
    return (message?.reactions ?? []).flatMap(({ name, users }) =>
      name !== undefined && OURS.has(name) && users?.includes(bot()) ? [name] : [],
    );
  };

  return {
    note: ({ channel, thread, id }, mood) => {
      if (thread === null) return;
      const key = `${channel}:${thread}`;
      const sign = signs.get(key) ?? { channel, thread, on: null, moods: new Map(), shown: undefined, status: null };
      signs.set(key, sign);
      sign.moods.set(id, mood);
      for (const oldest of signs.keys()) if (signs.size > KEPT) signs.delete(oldest);
      latest.run(key);
    },
    idle: () => latest.idle(),
    stop: () => {
      stopped = true;
    },
  };
}

/** A decided card says nothing of what goes on in another. */
const moodOf = ({ moods }: Sign): Mood => [...moods.values()].findLast((mood) => mood !== "closed") ?? "closed";

const unless =
  (code: string) =>
  (error: unknown): void => {
    if (codeOf(error) !== code) throw error;
  };
