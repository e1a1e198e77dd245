import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Chat, Incoming, Message } from "../../core/ports/chat.ts";
import type { View } from "../../core/view.ts";
import { type Guest, openAccess } from "./access.ts";
import { createCrowd } from "./crowd.ts";
import { createDesk, type WebOrder } from "./desk.ts";
import { openFiles } from "./files.ts";
import { openHistory, type Post } from "./history.ts";
import { card } from "./render.ts";
import { createServer } from "./server.ts";

export type { Guest } from "./access.ts";
export type { WebOrder } from "./desk.ts";

/** The chat of this machine: it is its own platform, so it also keeps what is written in it. */
export interface Web extends Chat {
  /** Where the page is, without a way in: `http://127.0.0.1:<port>`. Throws before `start`. */
  url(): string;
  /** A link that lets this person in, once, within 24 hours. A secret: show it only to that person. */
  enter(guest: Guest): Promise<string>;
}

/** Loads what was said before; the door opens with `start`. */
export async function createWeb(order: WebOrder): Promise<Web> {
  await mkdir(order.folder, { recursive: true, mode: 0o700 });
  const { now, log } = order;
  const history = await openHistory(join(order.folder, "threads"), (error) =>
    log.warn({ file: error.file }, `a thread of the web chat cannot be read and is set aside: ${error.reason}`),
  );
  const access = await openAccess(join(order.folder, "web.json"), now);
  const files = await openFiles(join(order.folder, "files"));
  const crowd = createCrowd();
  let receive = (_: Incoming): Promise<void> => Promise.reject(new Error("the web chat has not been started"));
  const desk = createDesk(order, { access, history, files, crowd }, (incoming) => receive(incoming));
  const server = await createServer(desk, log);

  return {
    name: "web",
    start: async (listener) => {
      receive = listener;
      await server.listen(order.port);
    },
    stop: async () => {
      crowd.close();
      await server.close();
    },
    url: server.url,
    enter: async (guest) => `${server.url()}/#enter=${await access.invite(guest)}`,
    post: async ({ channel, thread }, view) => {
      const id = `m${randomBytes(12).toString("hex")}`;
      const post: Post = { id, at: now(), by: null, text: "", files: [], view, heard: true };
      const talk = await history.change({ channel, thread: thread ?? id }, (posts) => [...posts, post]);
      desk.show(talk, post);
      return { chat: "web", channel, thread: talk.thread, id, at: post.at };
    },
    edit: async ({ channel, thread, id }, view) => {
      const old = post({ thread, id });
      if (!old || thread === null) throw new Error(`there is no message ${id} in thread ${thread} of the web chat`);
      const next: Post = { ...old, view };
      const talk = await history.change({ channel, thread }, (posts) => posts.map((it) => (it.id === id ? next : it)));
      desk.show(talk, next);
    },
    reply: (incoming, view) => {
      crowd.tell({ key: randomBytes(8).toString("hex"), to: incoming.by.user, data: () => note(incoming, view) });
      return Promise.resolve();
    },
    context: ({ thread }, before) => {
      const posts = history.talk(thread ?? "")?.posts ?? [];
      const end = posts.findIndex((post) => post.id === before);
      const earlier = end < 0 ? posts : posts.slice(0, end);
      return Promise.resolve(
        earlier.flatMap(({ by, at, text, heard }) => (by && heard ? [{ by: by.name, at, text }] : [])),
      );
    },
    fetch: async (file) => {
      if ((await files.bytes(file.id)) === null) throw new Error(`the web chat has no file ${file.id} (${file.name})`);
      return files.read(file.id);
    },
  };

  function post({ thread, id }: Pick<Message, "thread" | "id">): Post | undefined {
    return history.talk(thread ?? "")?.posts.find((post) => post.id === id);
  }
}

const note = (incoming: Incoming, view: View): object => ({
  type: "note",
  thread: incoming.thread.thread,
  message: "message" in incoming ? incoming.message : null,
  // Kept nowhere, so its documents come along whole.
  card: { ...card(view), documents: view.documents },
});
