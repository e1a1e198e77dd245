import { createHash } from "node:crypto";
import { type Api, InputFile } from "grammy";
import type { Document } from "../../core/view.ts";
import { createSerial } from "../../lib/serial.ts";
import { type Memory, patchCard, type Shown } from "./memory.ts";
import type { Seats } from "./seats.ts";
import type { Send } from "./send.ts";

export interface AttachDeps {
  api: Api;
  memory: Memory;
  seats: Seats;
  send: Send;
  log: { warn(what: object, message: string): void };
}

/** What comes after a card, and never in its way: the state of its thread, its files, and that oca is at work. */
export type Attach = (channel: string, card: string, what: { title: string; documents: readonly Document[] }) => void;

export function createAttach(deps: AttachDeps): Attach {
  const { memory, seats, log } = deps;
  const inOrder = createSerial();
  return (channel, id, { title, documents }) => {
    const job = async (): Promise<void> => {
      const card = (await memory.open(channel)).cards.find((one) => one.id === id);
      if (!card) return;
      if (card.mood === "working") await typing(deps, channel, card.thread);
      // The sign may have to wait for the edits of others, and must not go missing with a file that is not taken.
      const files = bringAll(deps, channel, { id, documents });
      await Promise.all([files, files.catch(() => undefined).then(() => seats.sign(channel, card.thread, title))]);
    };
    void inOrder(channel, job).catch((error: unknown) =>
      log.warn({ channel, error: `${error}` }, "a card lacks its files or its reaction"),
    );
  };
}

async function typing({ api, memory }: AttachDeps, channel: string, thread: string): Promise<void> {
  const topic = (await memory.open(channel)).seats.find((one) => one.thread === thread)?.topic ?? null;
  const how = topic === null ? {} : { message_thread_id: topic };
  await api.sendChatAction(memory.chatId(channel), "typing", how).catch(() => undefined); // a nicety
}

async function bringAll(
  deps: AttachDeps,
  channel: string,
  { id, documents }: { id: string; documents: readonly Document[] },
): Promise<void> {
  for (const document of documents) await bring(deps, channel, { id, document });
}

/** A file that is there already is not sent again; one of the same name takes its place. */
async function bring(
  { api, memory, send }: AttachDeps,
  channel: string,
  { id, document: { name, text } }: { id: string; document: Document },
): Promise<void> {
  const known = await memory.open(channel);
  const card = known.cards.find((one) => one.id === id);
  const digest = createHash("sha256").update(text).digest("base64url").slice(0, 16);
  if (!card || text === "" || has(card, name, digest)) return;
  const seat = known.seats.find(({ thread }) => thread === card.thread) ?? null;
  const at = await send(channel, seat, async ({ chat, at: place }) => {
    const file = new InputFile(Buffer.from(text), name);
    return (await api.sendDocument(chat, file, { ...place, disable_notification: true })).message_id;
  });
  const older = card.documents.filter((one) => one.name === name);
  const documents = [...card.documents.filter((one) => one.name !== name), { name, digest, at }];
  await memory.change(
    channel,
    patchCard(id, () => ({ documents })),
  );
  for (const one of older) await api.deleteMessage(memory.chatId(channel), one.at).catch(() => undefined); // gone already
}

const has = ({ documents }: Shown, name: string, digest: string): boolean =>
  documents.some((one) => one.name === name && one.digest === digest);
