import type { Api } from "grammy";
import type { Mood } from "../../core/view.ts";
import { clip, plain } from "../../lib/text.ts";
import { whyOf } from "./why.ts";

export interface Topic {
  chat: string;
  id: number;
}

/** Topics that oca makes for its sessions. */
export interface Topics {
  /** Null where oca may not: then a thread is a chain of replies. */
  create(chat: string, title: string): Promise<number | null>;
  show(topic: Topic, what: { title: string; mood: Mood; was: Mood | null }): Promise<void>;
  reopen(topic: Topic): Promise<boolean>;
  react(chat: string, message: number, mood: Mood): Promise<void>;
}

const NAME_CHARS = 100;
/** Reactions that bots may give, and icons that topics may have, per state; the first that Telegram has. */
const REACTIONS = { seen: "👀", working: "👨‍💻", waiting: "🤔", done: "🎉", failed: "😢", closed: "👌" } as const;
const ICONS: Readonly<Record<Mood, readonly string[]>> = {
  seen: ["👀", "💬"],
  working: ["⚡️", "⚡", "👀"],
  waiting: ["❓", "❗️"],
  done: ["✅", "🏆", "🏁"],
  failed: ["‼️", "❗️"],
  closed: ["📁", "🏁"],
};

export function createTopics(api: Api, log: { warn(what: object, message: string): void }): Topics {
  let stickers: Promise<Map<string, string>> | null = null;

  /** What only decorates must not fail what it decorates. */
  const sure = (call: Promise<unknown>): Promise<boolean> =>
    call.then(
      () => true,
      (error: unknown) => {
        if (whyOf(error).why === "same") return true;
        log.warn({ error: `${error}` }, "a reaction or a topic could not be shown");
        return false;
      },
    );
  const icon = async (mood: Mood): Promise<{ icon_custom_emoji_id?: string }> => {
    stickers ??= iconsOf(api);
    const known = await stickers;
    const id = ICONS[mood].map((emoji) => known.get(emoji)).find((one) => one !== undefined);
    return id === undefined ? {} : { icon_custom_emoji_id: id };
  };

  return {
    create: async (chat, title) => {
      try {
        return (await api.createForumTopic(chat, nameOf(title))).message_thread_id;
      } catch (error) {
        if (whyOf(error).why !== "content") throw error;
        log.warn({ chat, error: `${error}` }, "oca may not create topics here: it answers in the chat instead");
        return null;
      }
    },
    show: async ({ chat, id }, { title, mood, was }) => {
      if (was === "closed" && mood !== "closed") await sure(api.reopenForumTopic(chat, id));
      await sure(api.editForumTopic(chat, id, { name: nameOf(title), ...(await icon(mood)) }));
      // In a direct chat topics cannot be closed.
      if (mood === "closed" && Number(chat) < 0) await sure(api.closeForumTopic(chat, id));
    },
    reopen: ({ chat, id }) => sure(api.reopenForumTopic(chat, id)),
    react: async (chat, message, mood) => {
      await sure(api.setMessageReaction(chat, message, [{ type: "emoji", emoji: REACTIONS[mood] }]));
    },
  };
}

const nameOf = (title: string): string => clip(plain(title).replaceAll("\n", " ").trim(), NAME_CHARS) || "oca";

async function iconsOf(api: Api): Promise<Map<string, string>> {
  const stickers = await api.getForumTopicIconStickers().catch(() => []); // topics then keep the icon they have
  return new Map(stickers.flatMap(({ emoji, custom_emoji_id: id }) => (emoji && id ? [[emoji, id] as const] : [])));
}
