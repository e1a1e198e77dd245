import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTelegram, type TelegramOrder } from "../../../src/chat/telegram/index.ts";
import type { Chat, Incoming, Message } from "../../../src/core/ports/chat.ts";
import type { View } from "../../../src/core/view.ts";
import { createTwin, type Person, type Place, type Message as Posted, type Twin } from "../../twin/telegram/index.ts";

export interface Stage {
  twin: Twin;
  chat: Chat;
  ana: Person;
  received: Incoming[];
  /** What was received last. */
  last(): Incoming;
  /** Ana writes it there; what comes of it. */
  asks(at: Place, text?: string): Promise<Incoming>;
  warnings: string[];
  /** While on, `receive` rejects. */
  fail(on: boolean): void;
  /** A new bot on the same folder. */
  restart(): Promise<Chat>;
  end(): Promise<void>;
}

/** oca's Telegram chat, before the twin; seconds of the limits last 2 ms. */
export async function stage(more: Partial<TelegramOrder> = {}): Promise<Stage> {
  const twin = await createTwin({ secondMs: 2 });
  const folder = await mkdtemp(join(tmpdir(), "oca-telegram-"));
  const received: Incoming[] = [];
  const warnings: string[] = [];
  let broken = false;
  const log = (what: object, message: string) => void warnings.push(`${message} ${JSON.stringify(what)}`);
  const open = async (): Promise<Chat> => {
    const chat = await createTelegram({
      token: twin.token,
      apiRoot: twin.url,
      folder,
      webhook: null,
      cards: "rich",
      remember: true,
      commands: [{ locale: "en", list: ["new", "stop"].map((name) => ({ name, about: `${name} what runs` })) }],
      diff: () => Promise.resolve(null),
      card: () => Promise.resolve(card("known")),
      now: twin.world.now,
      log: { warn: log, error: log },
      secondMs: 2,
      holdMs: 500,
      ...more,
    });
    await chat.start((incoming) => {
      received.push(incoming);
      return broken ? Promise.reject(new Error("disk full")) : Promise.resolve();
    });
    return chat;
  };
  const last = (): Incoming => {
    const incoming = received.at(-1);
    if (!incoming) throw new Error("nothing was received");
    return incoming;
  };
  const it: Stage = {
    twin,
    chat: await open(),
    ana: twin.person("Ana"),
    received,
    last,
    asks: async (at, text = "Let oca fix the login") => {
      if (!(await it.ana.says(text, { in: at }))) throw new Error("it was not taken");
      return last();
    },
    warnings,
    fail: (on) => {
      broken = on;
    },
    restart: async () => {
      await it.chat.stop();
      it.chat = await open();
      return it.chat;
    },
    end: async () => {
      await it.chat.stop();
      await twin.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return it;
}

export const shownAt = (at: Place, { id }: Pick<Message, "id">): Posted => {
  const found = at.messages.find((one) => `${one.message_id}` === id);
  if (!found) throw new Error(`there is no message ${id} in ${at.title}`);
  return found;
};

export const card = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "working",
  title: "",
  ...more,
});

type Maybe<T> = T | undefined | null | false;

/** Looks again and again for what must come. */
export async function until<T>(look: () => Maybe<T> | Promise<Maybe<T>>, what = "it"): Promise<T> {
  const end = Date.now() + 45_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address ? address.port : 0;
}
