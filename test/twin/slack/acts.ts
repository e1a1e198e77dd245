import type { Json } from "./json.ts";
import type { Acked, Delivery } from "./link/link.ts";
import { calls, controls, reads } from "./look.ts";
import { edit, erase, tell } from "./methods/chat.ts";
import { react, unreact } from "./methods/reactions.ts";
import { viewOf } from "./methods/views.ts";
import { messageOf } from "./wire.ts";
import { typed } from "./words.ts";
import { addPost, type Channel, channelOf, directOf, type Member, type Post, type Stored } from "./workspace.ts";
import type { Told, View, World } from "./world.ts";

/** A message as it looked at one moment. */
export interface Seen extends Post {
  /** What people read. */
  words: string;
  /** The words on its buttons. */
  buttons: string[];
  /** Whom it calls: ids of people, `here`, `channel`, `everyone`. */
  calls: string[];
}

/** A dialog or a Home as it looked at one moment. */
export interface SeenView {
  id: string;
  title: string;
  words: string;
  buttons: string[];
  blocks: Json[];
  given: Json;
}

/** What became of something that a person did. `answer`: what the app said when it acknowledged. */
export interface Done {
  /** Of the message that came of it. */
  ts: string;
  acked: boolean;
  answer?: Json;
}

export interface Sending {
  thread?: string | null;
  files?: readonly { name: string; mime: string; bytes: Uint8Array<ArrayBuffer>; external?: string }[];
}

/** What everybody can do without buttons, and what one sees. */
export interface Acts {
  readonly id: string;
  readonly name: string;
  /** The direct conversation with the bot. */
  readonly direct: string;
  says(channel: string, text: string, sending?: Sending): Promise<Done>;
  edits(on: Pick<Post, "channel" | "ts">, text: string): Promise<Done>;
  deletes(on: Pick<Post, "channel" | "ts">): Promise<Done>;
  reacts(on: Pick<Post, "channel" | "ts">, name: string): Promise<Done>;
  unreacts(on: Pick<Post, "channel" | "ts">, name: string): Promise<Done>;
  opensHome(): Promise<Done>;
  /** Presses Slack's own Stop button of an agent session. */
  stops(on: { channel: string; thread: string }): Promise<Done>;
  /** What only this person was shown in channels, oldest first. */
  whispers(): Seen[];
  /** The uppermost dialog; null when none is open. */
  dialog(): SeenView | null;
  home(): SeenView | null;
}

export function createActs(world: World, me: Member, remember: (deliveries: Delivery[]) => void) {
  const { workspace } = world;
  const done = async (told: Promise<Told>[], ts = ""): Promise<Done> => {
    const all = await Promise.all(told);
    remember(all.flatMap(({ delivery }) => delivery ?? []));
    return { ts, acked: all.every(({ acked }) => acked.ok), answer: answerOf(all.map(({ acked }) => acked)) };
  };
  const place = (name: string): Channel => {
    const channel = channelOf(workspace, name);
    if (!channel.members.has(me.id)) throw new Error(`${me.realName} is not in ${channel.name}`);
    if (channel.isArchived) throw new Error(`${channel.name} is archived: nobody can write there`);
    return channel;
  };
  const postOf = ({ channel, ts }: Pick<Post, "channel" | "ts">): Post => {
    const post = channelOf(workspace, channel).posts.get(ts);
    if (!post) throw new Error(`the message ${ts} is not there any more`);
    return post;
  };
  const reacted = (result: ReturnType<typeof react>): Promise<Done> => {
    if ("error" in result) throw new Error(`the reaction was refused: ${result.error}`);
    return done([result.told]);
  };
  const own = (type: View["type"]) =>
    [...world.views.values()].filter((it) => it.type === type && it.user === me.id).at(-1);

  const acts: Acts = {
    id: me.id,
    name: me.realName,
    direct: directOf(workspace, me.id).id,
    says: async (name, text, { thread = null, files = [] } = {}) => {
      const channel = place(name);
      if (channel.kind === "im" && !world.manifest.hasMessages) throw new Error("the app takes no direct messages");
      const stored = files.map((file) => upload(world, me, file));
      const post = addPost(workspace, channel, { user: me.id, thread, files: stored, ...typed(workspace, text) });
      const message = { ...messageOf(workspace, post), ...(stored.length > 0 && { subtype: "file_share" }) };
      const mentions = channel.kind !== "im" && calls(post).includes(workspace.bot.user);
      const mention = { ...message, subtype: undefined, type: "app_mention", channel: channel.id, event_ts: post.ts };
      return done([tell(world, channel, message), ...(mentions ? [world.emit("app_mention", mention)] : [])], post.ts);
    },
    edits: (on, text) => {
      const post = postOf(on);
      return done([edit(world, channelOf(workspace, on.channel), post, typed(workspace, text))], on.ts);
    },
    deletes: (on) => done([erase(world, channelOf(workspace, on.channel), postOf(on))], on.ts),
    reacts: (on, name) => reacted(react(world, postOf(on), me.id, name)),
    unreacts: (on, name) => reacted(unreact(world, postOf(on), me.id, name)),
    opensHome: () => {
      const is = own("home");
      const view = is ? { view: viewOf(world, is) } : {};
      const event = {
        type: "app_home_opened",
        user: me.id,
        channel: acts.direct,
        tab: "home",
        event_ts: workspace.stamp(),
      };
      return done([world.emit("app_home_opened", { ...event, ...view })]);
    },
    stops: ({ channel, thread }) => {
      const status = world.statuses.get(`${channel}:${thread}`)?.at(-1)?.status;
      if (status !== "processing") throw new Error(`there is no Stop button: the session is ${status ?? "not there"}`);
      const event = {
        type: "agent_session_stopped",
        channel,
        thread_ts: thread,
        user: me.id,
        streaming_message_ts: [],
      };
      return done([world.emit("agent_session_stopped", { ...event, event_ts: workspace.stamp() })]);
    },
    whispers: () => world.whispers.filter((it) => it.to === me.id).map((it) => seen(world, it)),
    dialog: () => seenView(world, own("modal")),
    home: () => seenView(world, own("home")),
  };
  return { ...acts, done, place };
}

const answerOf = (all: Acked[]): Json => Object.assign({}, ...all.map((acked) => (acked.ok ? acked.payload : {})));

function upload({ workspace }: World, me: Member, file: NonNullable<Sending["files"]>[number]): Stored {
  const stored = { ...file, id: workspace.id("F"), user: me.id, external: file.external ?? null };
  workspace.files.set(stored.id, stored);
  return stored;
}

export const seen = (world: World, post: Post): Seen => ({
  ...structuredClone(post),
  words: reads(post, namesOf(world)),
  buttons: buttonsOf(post.blocks),
  calls: calls(post),
});

function seenView(world: World, view: View | undefined): SeenView | null {
  if (!view) return null;
  const { id, given } = structuredClone(view);
  const blocks = Array.isArray(given["blocks"]) ? given["blocks"] : [];
  const words = reads({ text: "", blocks }, namesOf(world));
  const title = reads({ text: "", blocks: [{ text: given["title"] }] }, namesOf(world));
  return { id, given, blocks, words, title, buttons: buttonsOf(blocks) };
}

const namesOf = ({ workspace }: World) => new Map([...workspace.members.values()].map((it) => [it.id, it.realName]));
const buttonsOf = (blocks: Json[]): string[] =>
  controls(blocks).flatMap(({ element, label }) => (element["type"] === "button" ? label : []));
