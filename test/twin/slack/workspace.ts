import type { Json } from "./json.ts";

/** What there is in the workspace: people, channels, messages, files. Nothing here knows HTTP or the bot. */
export interface Workspace {
  team: { id: string; name: string; domain: string };
  bot: { user: string; botId: string; appId: string };
  members: Map<string, Member>;
  channels: Map<string, Channel>;
  files: Map<string, Stored>;
  /** A new timestamp, later than all before: the id of a message. */
  stamp(): string;
  /** A new id that begins with this letter. */
  id(letter: string): string;
}

export interface Member {
  id: string;
  /** Handle, in lower case. */
  name: string;
  realName: string;
  locale: string;
  timezone: string;
  isBot: boolean;
  isDeactivated: boolean;
}

export interface Channel {
  id: string;
  name: string;
  kind: "public" | "private" | "im";
  members: Set<string>;
  isArchived: boolean;
  posts: Map<string, Post>;
}

/** A message as everybody in the channel sees it. */
export interface Post {
  channel: string;
  ts: string;
  /** The root it answers; null at top level. */
  thread: string | null;
  user: string;
  text: string;
  blocks: Json[];
  files: Stored[];
  reactions: { name: string; users: string[] }[];
  metadata: Json | null;
  editedAt: string | null;
  /** How many messages answer it. */
  replies: number;
  /** Deleted, but with replies below it: a gravestone keeps the place. */
  isGone: boolean;
}

export interface Stored {
  id: string;
  name: string;
  mime: string;
  bytes: Uint8Array<ArrayBuffer>;
  user: string;
  /** Not with Slack but somewhere else, at this address. */
  external: string | null;
}

export interface Seed {
  people: readonly (string | { name: string; locale?: string; timezone?: string })[];
  channels: readonly (string | { name: string; private?: boolean; members?: readonly string[] })[];
}

export function createWorkspace(seed: Seed, now: () => number): Workspace {
  let last = 0;
  let ids = 0;
  const id = (letter: string): string => `${letter}0TWIN${(++ids).toString(36).toUpperCase().padStart(4, "0")}`;
  const it: Workspace = {
    team: { id: "T0TWIN", name: "Acme", domain: "acme" },
    bot: { user: id("U"), botId: id("B"), appId: id("A") },
    members: new Map(),
    channels: new Map(),
    files: new Map(),
    stamp: () => {
      last = Math.max(last + 1, now() * 1000);
      return `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, "0")}`;
    },
    id,
  };
  const join = (member: Omit<Member, "isDeactivated">) =>
    it.members.set(member.id, { ...member, isDeactivated: false });
  join({ id: it.bot.user, name: "oca", realName: "oca", locale: "en-US", timezone: "UTC", isBot: true });
  for (const person of seed.people) {
    const {
      name,
      locale = "en-US",
      timezone = "Europe/Berlin",
    } = typeof person === "string" ? { name: person } : person;
    join({ id: id("U"), name: name.toLowerCase(), realName: name, locale, timezone, isBot: false });
  }
  for (const channel of seed.channels) {
    const { name, private: hidden = false, members } = typeof channel === "string" ? { name: channel } : channel;
    const inside = [...it.members.values()].filter((one) => members?.includes(one.name) ?? true).map((one) => one.id);
    addChannel(it, name, hidden ? "private" : "public", inside);
  }
  return it;
}

export function addChannel(it: Workspace, name: string, kind: Channel["kind"], members: string[]): Channel {
  const id = it.id(kind === "im" ? "D" : "C");
  const channel = { id, name, kind, members: new Set(members), isArchived: false, posts: new Map() };
  it.channels.set(id, channel);
  return channel;
}

/** By id, or by name with or without its sign; null when there is none. */
export function findChannel(it: Workspace, name: string): Channel | null {
  const plain = name.replace(/^#/, "");
  return (
    it.channels.get(name) ?? [...it.channels.values()].find((one) => one.kind !== "im" && one.name === plain) ?? null
  );
}

export function channelOf(it: Workspace, name: string): Channel {
  const channel = findChannel(it, name);
  if (!channel) throw new Error(`the workspace has no channel ${name}`);
  return channel;
}

/** The direct conversation of somebody with the bot; opened at the first look. */
export function directOf(it: Workspace, user: string): Channel {
  const open = [...it.channels.values()].find((one) => one.kind === "im" && one.members.has(user));
  return open ?? addChannel(it, it.members.get(user)?.name ?? user, "im", [user, it.bot.user]);
}

type New = Pick<Post, "user" | "text"> & Partial<Pick<Post, "thread" | "blocks" | "files" | "metadata">>;

export function addPost(it: Workspace, channel: Channel, made: New): Post {
  const post: Post = {
    channel: channel.id,
    ts: it.stamp(),
    thread: null,
    blocks: [],
    files: [],
    reactions: [],
    metadata: null,
    editedAt: null,
    replies: 0,
    isGone: false,
    ...made,
  };
  channel.posts.set(post.ts, post);
  const root = channel.posts.get(post.thread ?? "");
  if (root) root.replies++;
  return post;
}

/** A thread with its root, or what stands at top level; oldest first. */
export function postsOf(channel: Channel, thread: string | null): Post[] {
  const all = [...channel.posts.values()];
  return thread === null ? all.filter((it) => it.thread === null) : all.filter((it) => (it.thread ?? it.ts) === thread);
}

/** Takes a message away; with replies below it a gravestone stays. */
export function removePost(channel: Channel, post: Post): void {
  const root = channel.posts.get(post.thread ?? "");
  if (root) root.replies--;
  if (post.replies === 0) channel.posts.delete(post.ts);
  else Object.assign(post, { isGone: true, text: "This message was deleted.", blocks: [], files: [], reactions: [] });
}
