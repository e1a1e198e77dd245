import { type Json, refuse, str } from "../json.ts";
import { CHANNEL_TYPE, messageOf, SUBSCRIPTION } from "../wire.ts";
import { addPost, type Channel, type Post, removePost } from "../workspace.ts";
import type { Methods, Told, World } from "../world.ts";
import { joined, ownPost, rootFor, writable } from "./access.ts";
import { bodyOf } from "./body.ts";

/** An edited text may be ten times shorter than a posted one. */
const EDITED_TEXT = 4000;

export const chat: Methods = {
  "chat.postMessage": {
    scope: "chat:write",
    tier: "post",
    run: (args, world) => {
      const channel = writable(args["channel"], world);
      if (!channel.ok) return channel.refusal;
      const body = bodyOf(args, world);
      if ("refusal" in body) return body.refusal;
      const root = rootFor(channel.it, args["thread_ts"]);
      if (!root.ok) return root.refusal;
      const { workspace } = world;
      const post = addPost(workspace, channel.it, { user: workspace.bot.user, thread: root.it, ...body });
      void tell(world, channel.it, messageOf(workspace, post));
      return { ok: true, channel: channel.it.id, ts: post.ts, message: messageOf(workspace, post) };
    },
  },
  "chat.update": {
    scope: "chat:write",
    tier: 3,
    run: (args, world) => {
      const channel = joined(args["channel"], world);
      if (!channel.ok) return channel.refusal;
      if (channel.it.isArchived) return refuse("is_inactive");
      const post = ownPost(channel.it, args["ts"], world, "cant_update_message");
      if (!post.ok) return post.refusal;
      // What is not mentioned stays as it was.
      const { text, blocks } = post.it;
      const body = bodyOf({ text, blocks, ...args }, world, EDITED_TEXT);
      if ("refusal" in body) return body.refusal;
      void edit(world, channel.it, post.it, { ...body, metadata: body.metadata ?? post.it.metadata });
      return {
        ok: true,
        channel: channel.it.id,
        ts: post.it.ts,
        text: body.text,
        message: messageOf(world.workspace, post.it),
      };
    },
  },
  "chat.delete": {
    scope: "chat:write",
    tier: 3,
    run: (args, world) => {
      const channel = joined(args["channel"], world);
      if (!channel.ok) return channel.refusal;
      const post = ownPost(channel.it, args["ts"], world, "cant_delete_message");
      if (!post.ok) return post.refusal;
      void erase(world, channel.it, post.it);
      return { ok: true, channel: channel.it.id, ts: post.it.ts };
    },
  },
  "chat.postEphemeral": {
    scope: "chat:write",
    tier: 4,
    run: (args, world) => {
      const channel = writable(args["channel"], world);
      if (!channel.ok) return channel.refusal;
      const user = str(args["user"]);
      if (!world.workspace.members.has(user)) return refuse("user_not_found");
      if (!channel.it.members.has(user)) return refuse("user_not_in_channel");
      const body = bodyOf(args, world);
      if ("refusal" in body) return body.refusal;
      const root = rootFor(channel.it, args["thread_ts"]);
      if (!root.ok) return root.refusal;
      const ts = whisper(world, { channel: channel.it.id, to: user, thread: root.it, ...body });
      return { ok: true, message_ts: ts };
    },
  },
  "chat.getPermalink": {
    scope: null,
    tier: "free",
    run: (args, world) => {
      const channel = joined(args["channel"], world);
      if (!channel.ok) return channel.refusal;
      const post = channel.it.posts.get(str(args["message_ts"]));
      if (!post) return refuse("message_not_found");
      const below = post.thread === null ? "" : `?thread_ts=${post.thread}&cid=${channel.it.id}`;
      const permalink = `https://acme.slack.com/archives/${channel.it.id}/p${post.ts.replace(".", "")}${below}`;
      return { ok: true, channel: channel.it.id, permalink };
    },
  },
};

/** Slack tells an app also of its own messages. */
export function tell(world: World, channel: Channel, event: Json): Promise<Told> {
  return world.emit(`message.${SUBSCRIPTION[channel.kind]}`, {
    channel: channel.id,
    channel_type: CHANNEL_TYPE[channel.kind],
    event_ts: event["ts"],
    ...event,
  });
}

export function edit(world: World, channel: Channel, post: Post, to: Partial<Post>): Promise<Told> {
  const { workspace } = world;
  const before = messageOf(workspace, post);
  const ts = workspace.stamp();
  Object.assign(post, { editedAt: ts, ...to });
  const message = messageOf(workspace, post);
  return tell(world, channel, {
    type: "message",
    subtype: "message_changed",
    hidden: true,
    ts,
    message,
    previous_message: before,
  });
}

export function erase(world: World, channel: Channel, post: Post): Promise<Told> {
  const { workspace } = world;
  const before = messageOf(workspace, post);
  const ts = workspace.stamp();
  removePost(channel, post);
  const event = { type: "message", hidden: true, ts, previous_message: before };
  if (!post.isGone) return tell(world, channel, { ...event, subtype: "message_deleted", deleted_ts: post.ts });
  return tell(world, channel, { ...event, subtype: "message_changed", message: messageOf(workspace, post) });
}

/** Shows something to one person only. */
export function whisper(
  world: World,
  made: Pick<Post, "channel" | "thread" | "text" | "blocks" | "metadata"> & { to: string },
): string {
  const ts = world.workspace.stamp();
  const rest = { files: [], reactions: [], editedAt: null, replies: 0, isGone: false };
  world.whispers.push({ ts, user: world.workspace.bot.user, ...rest, ...made });
  return ts;
}
