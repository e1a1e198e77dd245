import type { WebClient } from "@slack/web-api";
import type { Thread } from "../../core/parts.ts";
import type { Message } from "../../core/ports/chat.ts";
import type { Document, View } from "../../core/view.ts";
import { createBudget } from "./budget.ts";
import { createCalls, insist } from "./calls.ts";
import { createDrawn, faceOf } from "./drawn.ts";
import type { SlackLog } from "./log.ts";
import { createOrphans } from "./orphans.ts";
import { createPosts, keyOf } from "./posts.ts";
import { bare, type Card, type Features, render } from "./render.ts";
import { codeOf, isGone, isLost, isPassing, isRefused, waitMs } from "./trouble.ts";

export interface Sender {
  post(thread: Thread, view: View): Promise<Message>;
  /** A change of what people may do is made at once; mere progress when the budget allows, the newest wins. */
  edit(message: Message, view: View): Promise<void>;
  /** Words of one person in a channel, to begin a thread with. */
  say(channel: string, text: string): Promise<string>;
  attach(at: Pick<Thread, "channel" | "thread">, files: readonly Document[]): Promise<void>;
  stop(): void;
}

export interface SenderOrder {
  client: WebClient;
  features: () => Features;
  isKnown(message: Message): Promise<boolean>;
  /** Is a message younger than this process? */
  isYoung: (ts: string) => boolean;
  now: () => number;
  log: SlackLog;
  /** A channel takes a post a second. */
  postSpacingMs: number;
}

/** chat.update is tier 3, about 50 a minute for the whole workspace. */
const EDITS = { perMinute: 45, burst: 5 };

export function createSender(order: SenderOrder): Sender {
  const { client, now, log } = order;
  const calls = createCalls(order);
  const posts = createPosts({ ...order, calls });
  const drawn = createDrawn();
  const stale = (error: unknown, card: string) => log.warn({ error: codeOf(error), card }, "a card is not up to date");
  const budget = createBudget({ ...EDITS, now, onError: stale });
  const adopt = createOrphans(posts, order.isYoung);

  function post(thread: Thread, view: View): Promise<Message> {
    const key = keyOf(thread, view);
    return adopt(thread, key, async (lost) => {
      if (!lost) return first(thread, view, key);
      await redraw(lost, view);
      return lost;
    });
  }

  async function first(thread: Thread, view: View, key: string): Promise<Message> {
    const { card, result } = await shown(order, view, (made) => posts.post(thread, made, key));
    await attach(result, drawn.note(result.id, view, card.files));
    return result;
  }

  async function redraw(message: Message, view: View): Promise<void> {
    const update = ({ text, blocks }: Card) =>
      insist(() => client.chat.update({ channel: message.channel, ts: message.id, text, blocks }));
    try {
      const known = drawn.face(message.id) !== null;
      const { card } = await shown(order, view, update);
      const fresh = drawn.note(message.id, view, card.files);
      if (known) await attach(message, fresh);
    } catch (error) {
      if (!isGone(codeOf(error))) throw error;
      log.warn(
        { error: codeOf(error), card: message.id },
        "a card was taken away: its buttons are gone, words still count",
      );
    }
  }

  const attach = (at: Message, files: readonly Document[]): Promise<void> =>
    posts
      .attach(at, files)
      .catch((error: unknown) => log.warn({ error: codeOf(error) }, "a file could not be attached"));

  /** Of progress that could not be drawn the newest is tried again. */
  async function progress(message: Message, view: View): Promise<void> {
    const { channel, id: ts } = message;
    try {
      await shown(order, view, ({ text, blocks }) => client.chat.update({ channel, ts, text, blocks }));
    } catch (error) {
      if (isLost(codeOf(error))) throw error;
      if (!isPassing(codeOf(error))) return stale(error, ts);
      budget.pause(waitMs(error));
      budget.later(ts, () => progress(message, view));
    }
  }

  return {
    post,
    edit: async (message, view) => {
      const { id } = message;
      if (drawn.face(id) !== faceOf(view)) {
        budget.spend(id);
        return redraw(message, view);
      }
      if (budget.take(id)) return progress(message, view);
      budget.later(id, () => progress(message, view));
    },
    say: posts.say,
    attach: posts.attach,
    stop: budget.stop,
  };
}

/** As it is, else without what Slack refuses. */
async function shown<T>(
  { features, log }: SenderOrder,
  view: View,
  send: (card: Card) => Promise<T>,
): Promise<{ card: Card; result: T }> {
  const card = render(view, features());
  try {
    return { card, result: await send(card) };
  } catch (error) {
    if (!isRefused(codeOf(error))) throw error;
    log.warn(
      { error: codeOf(error), head: view.head },
      "Slack does not take a card: it is shown in short, with a file",
    );
    const plain = bare(view);
    return { card: plain, result: await send(plain) };
  }
}
