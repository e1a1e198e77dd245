import { join } from "node:path";
import type { Logger } from "pino";
import type { Slack, SlackOrder } from "./chat/slack/index.ts";
import type { TelegramOrder } from "./chat/telegram/index.ts";
import { createWeb, type Web } from "./chat/web/index.ts";
import { commands } from "./commands/list.ts";
import type { Config } from "./config.ts";
import type { Thread } from "./core/parts.ts";
import type { Chat } from "./core/ports/chat.ts";
import type { Store } from "./core/ports/store.ts";
import type { Desks } from "./desk.ts";
import { sameThread, viewOf } from "./engine/cards.ts";
import { sessionId } from "./engine/reading.ts";
import type { Parts } from "./main.ts";
import { createTranslator, LOCALES } from "./view/i18n.ts";
import { about } from "./view/listing.ts";
import { pageWords } from "./view/page.ts";
import { slackWords } from "./view/slack.ts";

/** Chats whose people are not those of this machine. */
export const platforms = ({ slack, telegram }: Config): string[] => [
  ...(slack ? ["slack"] : []),
  ...(telegram.token === null ? [] : ["telegram"]),
];

export const guests = ({ web }: Config): { user: string; name: string }[] =>
  web === "off" ? [] : Object.entries(web.people).map(([user, name]) => ({ user, name }));

/** Slack, by what is saved: a click works after a restart as before. A bot without Slack does not load Slack's library. */
export async function openSlack(
  settings: Config["slack"],
  { desks, store, ...more }: Pick<SlackOrder, "now" | "log"> & { desks: Desks; store: Store } & Parts["slack"],
): Promise<Slack | null> {
  if (!settings) return null;
  const { createSlack } = await import("./chat/slack/index.ts");
  const inThread = async (thread: Thread) =>
    (await store.all()).filter(({ threads }) => threads.some((one) => sameThread(one, thread)));
  return createSlack({
    ...settings,
    commands: commands.map(({ name }) => name),
    card: (message) => viewOf(store, message),
    workOf: async (at) => {
      const [session = at.thread === null ? undefined : await store.get(sessionId(at, at.thread))] = await inThread(at);
      return session?.threads[0] ?? null;
    },
    requestIn: async (thread) => {
      const [session] = await inThread(thread);
      const opened = session && (await store.journal(session.id))[0]?.event;
      return opened?.type === "opened" && sameThread(opened.thread, thread) ? opened.message : null;
    },
    home: desks.home,
    diff: desks.diff,
    words: slackWords,
    ...more,
  });
}

interface Around {
  desks: Desks;
  demo: { user: string; name: string }[] | null;
  now: () => number;
  log: Logger;
}

export async function openWeb(config: Config, { desks, demo, now, log }: Around): Promise<Web | null> {
  if (config.web === "off") return null;
  return createWeb({
    folder: join(config.data, "web"),
    port: config.web.port,
    channels: ["general"],
    demo: demo && { people: demo },
    words: pageWords,
    home: desks.home,
    diff: desks.diff,
    now,
    log,
  });
}

export async function openTelegram(
  { telegram, data }: Config,
  { store, ...around }: Pick<TelegramOrder, "diff" | "now" | "log"> & { store: Store } & Parts["telegram"],
): Promise<Chat | null> {
  const { token } = telegram;
  if (token === null) return null;
  const { createTelegram } = await import("./chat/telegram/index.ts");
  const menu = LOCALES.map((locale) => {
    const t = createTranslator()(locale);
    const first = (["oca", "new"] as const).map((name) => ({ name, about: t(`command:menu.${name}`) }));
    return { locale, list: [...first, ...commands.map(({ name }) => ({ name, about: about(name, t) }))] };
  });
  const card: TelegramOrder["card"] = (message) => viewOf(store, message);
  return createTelegram({ ...telegram, token, folder: join(data, "telegram"), commands: menu, card, ...around });
}
