import { type Json, refuse, str } from "../json.ts";
import type { Post } from "../workspace.ts";
import type { Methods, Told, World } from "../world.ts";
import { joined } from "./access.ts";

/** Slack takes 23 different ones of one app on a message. */
const MOST = 23;

export const reactions: Methods = {
  "reactions.add": {
    scope: "reactions:write",
    tier: 3,
    run: (args, world) => {
      const post = postAt(args, world);
      if ("refusal" in post) return post.refusal;
      const done = react(world, post, world.workspace.bot.user, str(args["name"]));
      return "error" in done ? refuse(done.error) : { ok: true };
    },
  },
  "reactions.remove": {
    scope: "reactions:write",
    tier: 2,
    run: (args, world) => {
      const post = postAt(args, world);
      if ("refusal" in post) return post.refusal;
      const done = unreact(world, post, world.workspace.bot.user, str(args["name"]));
      return "error" in done ? refuse(done.error) : { ok: true };
    },
  },
  "reactions.get": {
    scope: "reactions:read",
    tier: 3,
    run: (args, world) => {
      const post = postAt(args, world);
      if ("refusal" in post) return post.refusal;
      const all = post.reactions.map(({ name, users }) => ({ name, users, count: users.length }));
      return {
        ok: true,
        type: "message",
        channel: post.channel,
        message: { type: "message", ts: post.ts, reactions: all },
      };
    },
  },
};

function postAt({ channel, timestamp }: Json, world: World): Post | { refusal: Json } {
  const found = joined(channel, world);
  if (!found.ok) return { refusal: found.refusal };
  if (found.it.isArchived) return { refusal: refuse("is_archived") };
  const post = found.it.posts.get(str(timestamp));
  return post && !post.isGone ? post : { refusal: refuse("message_not_found") };
}

export function react(world: World, post: Post, user: string, name: string): Reacted {
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) return { error: "invalid_name" };
  const is = post.reactions.find((it) => it.name === name);
  if (is?.users.includes(user)) return { error: "already_reacted" };
  if (post.reactions.filter((it) => it.users.includes(user)).length >= MOST) return { error: "too_many_reactions" };
  if (is) is.users.push(user);
  else post.reactions.push({ name, users: [user] });
  return { told: world.emit("reaction_added", eventOf(world, post, user, "reaction_added", name)) };
}

export function unreact(world: World, post: Post, user: string, name: string): Reacted {
  const is = post.reactions.find((it) => it.name === name && it.users.includes(user));
  if (!is) return { error: "no_reaction" };
  is.users = is.users.filter((it) => it !== user);
  post.reactions = post.reactions.filter((it) => it.users.length > 0);
  return { told: world.emit("reaction_removed", eventOf(world, post, user, "reaction_removed", name)) };
}

type Reacted = { error: string } | { told: Promise<Told> };

const eventOf = ({ workspace }: World, post: Post, user: string, type: string, reaction: string): Json => ({
  type,
  user,
  reaction,
  item: { type: "message", channel: post.channel, ts: post.ts },
  item_user: post.user,
  event_ts: workspace.stamp(),
});
