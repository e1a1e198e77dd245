import { createQueue } from "./queue.ts";
import { Refused } from "./rules.ts";
import { type Faults, serve } from "./server.ts";
import { asMessage, BOT, chatOf, type Limits, type Message, type Place, type User, type World } from "./world.ts";

export type { Message, Place } from "./world.ts";

interface At {
  in: Place;
  topic?: number;
  replyTo?: number;
}
type Sent = Promise<boolean>;

/** Somebody who uses Telegram. Everything they do resolves to whether the bot took it. */
export interface Person {
  id: number;
  name: string;
  user: User;
  /** The direct chat with the bot. */
  direct: Place;
  says(text: string, at: At): Sent;
  replies(to: Message, text: string, at: Place): Sent;
  edits(old: Message, text: string, at: Place): Sent;
  clicks(card: Message, label: string, at: Place): Sent;
  /** Presses what no button carries, as a changed client can. */
  forges(card: Message, data: string, at: Place): Sent;
  sends(
    file: {
      name: string;
      mime: string;
      bytes: Uint8Array<ArrayBuffer>;
      as?: "document" | "photo" | "voice";
      size?: number;
    },
    caption: string,
    at: At,
  ): Sent;
  sendsAlbum(names: string[], caption: string, at: At): Promise<boolean[]>;
  /** What only this person was shown, oldest first. */
  isTold(): string[];
  /** Stops the bot in the direct chat; whatever they say there starts it again. */
  blocks(): Sent;
}

export interface Twin {
  url: string;
  token: string;
  world: World;
  faults: Faults;
  person(name: string, language?: string): Person;
  group(title: string, how?: { forum?: boolean; topics?: boolean; basic?: boolean }): Place;
  topic(at: Place, name: string): number;
  /** With everything that was said in it. */
  deletesTopic(at: Place, id: number): void;
  /** The bot is put out of a group, or let in again by somebody. */
  kicks(at: Place): Sent;
  invites(at: Place, by: Person): Sent;
  /** A basic group becomes a supergroup; the old one answers with where it went. */
  upgrade(at: Place): Promise<Place>;
  redeliver(): Sent;
  refuse(method: string, code: number, description: string, more?: { retry_after?: number }): void;
  /** The clock of Telegram goes on. */
  later(seconds: number): void;
  allowed(): readonly string[] | null;
  webhook(): string | null;
  /** Telegram says so in getWebhookInfo. */
  webhookFails(why: string): void;
  close(): Promise<void>;
}

const GROUP_ADMIN: User = { id: 1, is_bot: false, first_name: "Telegram" };

/** A Bot API of our own, as strict as the real one where a bot can be wrong. */
export async function createTwin(limits: Partial<Limits> = {}): Promise<Twin> {
  const token = "7000001:test-token";
  const queue = createQueue();
  let ahead = 0;
  const world: World = {
    me: { ...BOT },
    limits: { secondMs: 1, burst: 3, groupPerMinute: 20, ...limits },
    places: new Map(),
    files: new Map(),
    calls: [],
    commands: [],
    queries: new Map(),
    now: () => Date.now() + ahead,
    seconds: () => Math.floor((Date.now() + ahead) / 1000),
  };
  const faults: Faults = { next: [], outage: false, revoked: false, watch: () => false };
  const server = await serve(token, { world, queue, faults });
  let ids = 500;

  const open = (of: Pick<Place, "type" | "title" | "forum" | "mayManageTopics"> & { id: number }): Place => {
    const at: Place = {
      ...of,
      shut: of.type === "private" ? "bot can't initiate conversation with a user" : null,
      movedTo: null,
      messages: [],
      next: 1,
      topics: new Map(),
      times: [],
      bucket: { left: world.limits.burst, at: Date.now() },
    };
    world.places.set(at.id, at);
    return at;
  };
  const add = (by: User, content: Record<string, unknown>, { in: at, topic, replyTo }: At): Message => {
    const shown = String(content["text"] ?? content["caption"] ?? "");
    const made = { message_id: at.next++, from: by, date: world.seconds(), shown, content, made: "", markup: null };
    const message: Message = {
      ...made,
      topic: topic ?? null,
      replyTo: replyTo ?? null,
      silent: false,
      reactions: [],
      to: null,
    };
    at.messages.push(message);
    return message;
  };
  const post = (by: User, content: Record<string, unknown>, at: At): Sent => {
    if (at.in.type === "private") at.in.shut = null;
    return queue.push({ message: asMessage(at.in, add(by, content, at)) });
  };
  /** The bot's place in a chat changes. */
  const member = (at: Place, from: User, [before, now]: [string, string]): Sent => {
    const user = world.me;
    const change = { chat: chatOf(at), from, date: world.seconds() };
    return queue.push({
      my_chat_member: { ...change, old_chat_member: { status: before, user }, new_chat_member: { status: now, user } },
    });
  };
  const entitiesOf = (text: string) =>
    [...text.matchAll(/@\w+|(?<=^)\/\w+(?:@\w+)?/g)].map(({ 0: found, index }) => ({
      type: found.startsWith("@") ? "mention" : "bot_command",
      offset: index,
      length: found.length,
    }));

  function person(name: string, language = "en"): Person {
    const id = ++ids;
    const user = { id, is_bot: false, first_name: name, language_code: language };
    const direct = open({ id, type: "private", title: name, forum: false, mayManageTopics: false });
    const press = (card: Message, data: string, at: Place): Sent => {
      const query = `q${world.queries.size + 1}`;
      world.queries.set(query, { answer: null, by: id });
      return queue.push({
        callback_query: { id: query, from: user, message: asMessage(at, card), chat_instance: "1", data },
      });
    };
    const upload: Person["sends"] = (
      { name: file, mime, bytes, as = "document", size = bytes.length },
      caption,
      at,
    ) => {
      const file_id = `file${world.files.size + 1}`;
      world.files.set(file_id, { path: `documents/${file_id}`, bytes, size });
      const one = { file_id, file_unique_id: file_id, file_size: size, file_name: file, mime_type: mime };
      const content =
        as === "photo"
          ? {
              photo: [
                { ...one, file_id: "small", width: 9, height: 9, file_size: 1 },
                { ...one, width: 90, height: 90 },
              ],
            }
          : { [as]: one };
      return post(user, { ...content, ...(caption === "" ? {} : { caption }) }, at);
    };
    return {
      id,
      name,
      user,
      direct,
      says: (text, at) => post(user, { text, entities: entitiesOf(text) }, at),
      replies: (to, text, at) =>
        post(
          user,
          { text, entities: entitiesOf(text) },
          { in: at, replyTo: to.message_id, ...(to.topic === null ? {} : { topic: to.topic }) },
        ),
      edits: (old, text, at) => {
        Object.assign(old, { shown: text, content: { ...old.content, text } });
        return queue.push({ edited_message: { ...asMessage(at, old), edit_date: world.seconds() } });
      },
      clicks: (card, label, at) => {
        const rows = card.markup && "inline_keyboard" in card.markup ? card.markup.inline_keyboard.flat() : [];
        const data = rows.find((one) => one.text.includes(label))?.callback_data;
        if (data === undefined)
          return Promise.reject(
            new Error(`no button "${label}" on: ${card.shown}\n${rows.map((one) => one.text).join(", ")}`),
          );
        return press(card, data, at);
      },
      forges: press,
      sends: upload,
      sendsAlbum: (names, caption, at) => {
        const group = `album${world.files.size}`;
        return Promise.all(
          names.map((name, n) => {
            const file_id = `file${world.files.size + 1}`;
            world.files.set(file_id, { path: `photos/${file_id}`, bytes: new Uint8Array([n]), size: 1 });
            const photo = [{ file_id, file_unique_id: name, width: 9, height: 9, file_size: 1 }];
            return post(user, { media_group_id: group, photo, ...(n === 0 && caption !== "" ? { caption } : {}) }, at);
          }),
        );
      },
      blocks: () => {
        direct.shut = "bot was blocked by the user";
        return member(direct, user, ["member", "kicked"]);
      },
      isTold: () => [
        ...[...world.places.values()].flatMap(({ messages }) =>
          messages.flatMap((one) => (one.to === id ? [one.shown] : [])),
        ),
        ...direct.messages.flatMap((one) => (one.from.id === BOT.id ? [one.shown] : [])),
        ...[...world.queries.values()].flatMap(({ by, answer }) => (by === id && answer?.text ? [answer.text] : [])),
      ],
    };
  }

  return {
    url: server.url,
    token,
    world,
    faults,
    person,
    group: (title, { forum = false, topics = true, basic = false } = {}) =>
      open({
        id: -(1_000_000_000_000 + ++ids),
        type: basic ? "group" : "supergroup",
        title,
        forum,
        mayManageTopics: forum && topics,
      }),
    topic: (at, name) => {
      const id = at.next++;
      at.topics.set(id, { name, icon: "", closed: false });
      return id;
    },
    deletesTopic: (at, id) => {
      at.topics.delete(id);
      at.messages = at.messages.filter((one) => one.topic !== id);
    },
    kicks: (at) => {
      at.shut = `bot was kicked from the ${at.type} chat`;
      return member(at, GROUP_ADMIN, ["member", "kicked"]);
    },
    invites: (at, by) => {
      at.shut = null;
      return member(at, by.user, ["kicked", "member"]);
    },
    upgrade: async (old) => {
      const fresh = open({
        id: -(1_000_000_000_000 + ++ids),
        type: "supergroup",
        title: old.title,
        forum: false,
        mayManageTopics: false,
      });
      old.movedTo = fresh.id;
      const about = (at: Place) => ({
        message_id: at.next++,
        from: GROUP_ADMIN,
        chat: chatOf(at),
        date: world.seconds(),
      });
      await Promise.all([
        queue.push({ message: { ...about(old), migrate_to_chat_id: fresh.id } }),
        queue.push({ message: { ...about(fresh), migrate_from_chat_id: old.id } }),
      ]);
      return fresh;
    },
    redeliver: () => queue.again(),
    refuse: (method, code, description, more) =>
      void faults.next.push({ method, how: new Refused(code, description, more) }),
    later: (seconds) => {
      ahead += seconds * 1000;
    },
    allowed: queue.allowed,
    webhook: queue.webhook,
    webhookFails: queue.fails,
    close: async () => {
      queue.close();
      await server.close();
    },
  };
}
