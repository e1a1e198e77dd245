import { type ChatStage, chatContract, historyContract } from "../../contract/chat.ts";
import type { Place } from "../../twin/telegram/index.ts";
import { freePort, shownAt, stage, until } from "./stage.ts";

type Where = "a group" | "topics" | "a direct chat" | "a group by webhook";

/** One person in one kind of chat; everything is said by the twin and heard by the real adapter. */
const open = (where: Where) => async (): Promise<ChatStage> => {
  const port = where === "a group by webhook" ? await freePort() : 0;
  const webhook = port === 0 ? null : { url: `http://127.0.0.1:${port}/telegram`, port };
  const it = await stage({ webhook });
  const { twin, ana, received } = it;
  const at: Place = where === "a direct chat" ? ana.direct : twin.group("Team", { forum: where === "topics" });
  const root = (thread: string | null) => (thread?.startsWith("m") ? Number(thread.slice(1)) : undefined);
  const topicOf = (thread: string | null): number | undefined =>
    at.messages.findLast((one) => one.topic !== null && threads(one.message_id) === thread)?.topic ?? undefined;
  /** Where the bot itself said that a message belongs. */
  const threads = (id: number): string | null =>
    received.findLast((one) => "message" in one && one.type === "message" && one.message === `${id}`)?.thread.thread ??
    posted.get(id) ??
    null;
  const posted = new Map<number, string | null>();
  const post = it.chat.post;
  it.chat.post = async (thread, view) => {
    const message = await post(thread, where === "topics" ? { ...view, title: "fix the login" } : view);
    posted.set(Number(message.id), message.thread);
    return message;
  };
  return {
    chat: it.chat,
    received,
    fail: it.fail,
    say: (text, thread, file) => {
      const answered = root(thread?.thread ?? null);
      const topic = topicOf(thread?.thread ?? null);
      const first = {
        in: at,
        ...(topic === undefined ? (answered === undefined ? {} : { replyTo: answered }) : { topic }),
      };
      if (file) return ana.sends(file, text, first);
      return ana.says(text, first);
    },
    click: (message, action) => ana.forges(shownAt(at, message), action, at),
    redeliver: async () => {
      // What is not confirmed comes again by itself; what is confirmed comes again only when an answer was lost.
      const last = received.at(-1);
      const count = received.length;
      const again = twin.redeliver();
      await until(() => received.length > count, "the delivery to come again");
      if (!last) throw new Error("nothing was received");
      return again;
    },
    reads: async (thread) =>
      at.messages
        .filter((one) => one.to === null && (threads(one.message_id) ?? posted.get(one.message_id)) === thread.thread)
        .map((one) => one.shown),
    isTold: async (words) => {
      await until(() => ana.isTold().some((text) => text.includes(words)), words);
    },
    end: it.end,
  };
};

for (const where of ["a group", "topics", "a direct chat", "a group by webhook"] as const) {
  chatContract(`Telegram in ${where}`, open(where));
  historyContract(`Telegram in ${where}`, open(where));
}
