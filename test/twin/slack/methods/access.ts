import { type Json, refuse, str } from "../json.ts";
import { type Channel, directOf, findChannel, type Post } from "../workspace.ts";
import type { World } from "../world.ts";

/** What the bot may get at: either it is there, or Slack's refusal. */
export type Found<T> = { ok: true; it: T } | { ok: false; refusal: Json };

const no = (error: string): { ok: false; refusal: Json } => ({ ok: false, refusal: refuse(error) });

/** A channel that the bot is in; a private one that it is not in does not exist for it. */
export function joined(name: unknown, world: World): Found<Channel> {
  const { workspace } = world;
  const wanted = str(name);
  const channel = workspace.members.has(wanted) ? directOf(workspace, wanted) : findChannel(workspace, wanted);
  if (!channel) return no("channel_not_found");
  if (channel.members.has(workspace.bot.user)) return { ok: true, it: channel };
  return no(channel.kind === "public" ? "not_in_channel" : "channel_not_found");
}

/** A channel that the bot is in and can still write to. */
export function writable(name: unknown, world: World): Found<Channel> {
  const found = joined(name, world);
  return found.ok && found.it.isArchived ? no("is_archived") : found;
}

/** A message that the bot wrote itself. */
export function ownPost(channel: Channel, ts: unknown, world: World, refusal: string): Found<Post> {
  const post = channel.posts.get(str(ts));
  if (!post || post.isGone) return no("message_not_found");
  return post.user === world.workspace.bot.user ? { ok: true, it: post } : no(refusal);
}

/** The root that an answer would stand below. */
export function rootFor(channel: Channel, thread: unknown): Found<string | null> {
  if (str(thread) === "") return { ok: true, it: null };
  const root = channel.posts.get(str(thread));
  return root ? { ok: true, it: root.thread ?? root.ts } : no("thread_not_found");
}

export const historyScope = ({ channel }: Json, { workspace }: World): string =>
  `${PREFIX[findChannel(workspace, str(channel))?.kind ?? "public"]}:history`;
export const readScope = ({ channel }: Json, { workspace }: World): string =>
  `${PREFIX[findChannel(workspace, str(channel))?.kind ?? "public"]}:read`;
const PREFIX = { public: "channels", private: "groups", im: "im" };
