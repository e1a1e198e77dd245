import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createTelegram } from "../../../src/chat/telegram/index.ts";
import type { Chat } from "../../../src/core/ports/chat.ts";
import { viewOf } from "../../../src/engine/cards.ts";
import { play, type Stage, until } from "../../story/stage.ts";
import { createTwin, type Message, type Person, type Place } from "../../twin/telegram/index.ts";

export type Where = "a topic" | "a group" | "a direct chat";

/** The whole bot on a real repository, with the real Telegram chat before the twin. */
export async function bot(where: Where) {
  const twin = await createTwin({ secondMs: 2 });
  onTestFinished(() => twin.close());
  const [ana, cleo] = [twin.person("Ana"), twin.person("Cleo")];
  const folder = await mkdtemp(join(tmpdir(), "oca-telegram-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const log = { warn: () => undefined, error: () => undefined };
  const chat: Chat = await createTelegram({
    ...{ token: twin.token, apiRoot: twin.url, folder, webhook: null, cards: "rich", remember: true },
    card: (message) => viewOf(oca.oca.store, message),
    ...{ commands: [], diff: () => Promise.resolve(null), now: twin.world.now, log, secondMs: 2, holdMs: 50 },
  });
  const everybody = "observer";
  const people = { [`telegram:${ana.id}`]: "owner", [`telegram:${cleo.id}`]: "requester" } as const;
  const oca: Stage = await play({
    parts: { chats: [chat], now: twin.world.now },
    config: { roles: { everybody, people, channels: {} } },
  });
  const at: Place = where === "a direct chat" ? ana.direct : twin.group("Team", { forum: where === "a topic" });
  return { twin, ana, cleo, at, oca, ...readers(at) };
}

/** What people read and press. */
function readers(at: Place) {
  const has = ({ markup }: Message, label: string): boolean => JSON.stringify(markup).includes(label);
  const card = async (words: string, label = ""): Promise<Message> => {
    const find = () => at.messages.findLast((one) => one.shown.includes(words) && (label === "" || has(one, label)));
    await until(
      () => find() !== undefined,
      () => `"${words}" with "${label}", but read:\n${at.messages.map(({ shown }) => shown).join("\n---\n")}`,
    );
    const found = find();
    if (!found) throw new Error(`${words} is gone again`);
    return found;
  };
  return {
    card,
    presses: async (by: Person, label: string, words = "") => by.clicks(await card(words, label), label, at),
  };
}
