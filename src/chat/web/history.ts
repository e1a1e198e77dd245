import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import { File } from "../../core/parts.ts";
import type { View } from "../../core/view.ts";
import { Broken, durable } from "../../lib/durable.ts";
import { createSerial } from "../../lib/serial.ts";
import { Guest } from "./access.ts";

export const Post = z.object({
  id: z.string(),
  at: z.number(),
  /** Null: oca itself. */
  by: Guest.nullable(),
  text: z.string(),
  files: z.array(File),
  /** What oca shows; null for the words of a person. Made by our own types, so it is not parsed again. */
  view: z.custom<View>((value) => typeof value === "object").nullable(),
  /** The bot has it. Until then nobody sees it, and its author sends it again. */
  heard: z.boolean(),
});
export type Post = z.infer<typeof Post>;

/** A thread with all its posts, oldest first. */
export const Talk = z.object({ channel: z.string(), thread: z.string(), posts: z.array(Post) });
export type Talk = z.infer<typeof Talk>;

/** Names of threads and messages: they become file names. */
export const Id = z.string().regex(/^[a-z0-9]{1,40}$/);

export interface History {
  talk(thread: string): Talk | undefined;
  /** Of one channel, the one with the newest words first. */
  talks(channel: string): Talk[];
  channels(): string[];
  /** Durable when it resolves; when it rejects, nothing has changed. Changes of one thread happen one after another. */
  change(at: { channel: string; thread: string }, edit: (posts: readonly Post[]) => Post[]): Promise<Talk>;
}

/** One file per thread: an edit costs the same however long the history is. A broken file is set aside and named. */
export async function openHistory(folder: string, broken: (error: Broken) => void): Promise<History> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const inOrder = createSerial();
  const open = new Map<string, Low<Talk>>();
  const load = async (at: { channel: string; thread: string }): Promise<Low<Talk>> => {
    const db = new Low(durable(join(folder, `${Id.parse(at.thread)}.json`), Talk), { ...at, posts: [] });
    await db.read();
    open.set(at.thread, db);
    return db;
  };

  for (const name of (await readdir(folder)).filter((name) => name.endsWith(".json"))) {
    await load({ channel: "", thread: name.slice(0, -".json".length) }).catch(async (error: unknown) => {
      if (!(error instanceof Broken)) throw error;
      broken(error);
      await rename(error.file, `${error.file}.broken`);
    });
  }

  const talks = (): Talk[] => [...open.values()].map((db) => db.data).filter((talk) => talk.posts.length > 0);
  return {
    talk: (thread) => open.get(thread)?.data,
    talks: (channel) =>
      talks()
        .filter((talk) => talk.channel === channel)
        .sort((a, b) => newest(b) - newest(a)),
    channels: () => [...new Set(talks().map((talk) => talk.channel))],
    change: (at, edit) =>
      inOrder(at.thread, async () => {
        const db = open.get(at.thread) ?? (await load({ channel: at.channel, thread: at.thread }));
        const before = db.data;
        db.data = { ...before, posts: edit(before.posts) };
        await db.write().catch((error: unknown) => {
          db.data = before;
          throw error;
        });
        return db.data;
      }),
  };
}

const newest = (talk: Talk): number => talk.posts.at(-1)?.at ?? 0;
