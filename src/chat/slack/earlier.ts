import type { WebClient } from "@slack/web-api";
import type { Thread } from "../../core/parts.ts";
import type { Said } from "../../core/ports/chat.ts";
import type { SlackLog } from "./log.ts";
import type { People } from "./people.ts";
import { readText } from "./text.ts";
import { codeOf } from "./trouble.ts";
import { msOf } from "./wire.ts";

interface Deps {
  /** Gives up quickly: a message waits for it. */
  client: WebClient;
  people: People;
  bot: () => string;
  log: SlackLog;
}

const MOST = 200;

/** What was said in a thread before a message, without oca's own words; nothing when Slack does not tell in time. */
export async function earlier({ channel, thread }: Thread, before: string, deps: Deps): Promise<Said[]> {
  const { client, people, bot, log } = deps;
  if (thread === null || thread === before) return [];
  const { messages = [] } = await client.conversations
    .replies({ channel, ts: thread, latest: before, limit: MOST })
    .catch((error: unknown) => {
      log.warn({ error: codeOf(error), thread }, "what was said before in a thread cannot be read");
      return { messages: [] };
    });
  const words = messages.filter(({ ts, user, text }) => ts !== before && user !== bot() && (text ?? "") !== "");
  await people.meet(words.flatMap(({ user }) => user ?? []));
  return words.map(({ user, ts, text = "" }) => ({
    by: user === undefined ? "bot" : people.name(user),
    at: msOf(ts ?? ""),
    text: readText(text, { bot: bot(), name: people.name }),
  }));
}
