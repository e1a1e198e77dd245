import { type Json, refuse, str } from "../json.ts";
import { channelInfo, historyOf, memberOf } from "../wire.ts";
import { directOf, findChannel } from "../workspace.ts";
import type { Methods, World } from "../world.ts";
import { historyScope, joined, readScope } from "./access.ts";

export const channels: Methods = {
  "conversations.info": {
    scope: readScope,
    tier: 3,
    run: ({ channel }, world) => {
      const found = findChannel(world.workspace, str(channel));
      const isHidden = found?.kind !== "public" && !found?.members.has(world.workspace.bot.user);
      if (!found || isHidden) return refuse("channel_not_found");
      return { ok: true, channel: channelInfo(world.workspace, found) };
    },
  },
  "conversations.members": {
    scope: readScope,
    tier: 4,
    run: ({ channel, ...args }, world) => {
      const found = joined(channel, world);
      return found.ok ? page("members", [...found.it.members], args) : found.refusal;
    },
  },
  "conversations.list": {
    scope: "channels:read",
    tier: 2,
    run: (args, world) => page("channels", seen(args, world, false), args),
  },
  "users.conversations": {
    scope: "channels:read",
    tier: 3,
    run: (args, world) => page("channels", seen(args, world, true), args),
  },
  "conversations.open": {
    scope: "im:write",
    tier: 3,
    run: ({ users }, { workspace }) =>
      workspace.members.has(str(users))
        ? { ok: true, channel: { id: directOf(workspace, str(users)).id } }
        : refuse("user_not_found"),
  },
  "conversations.join": {
    scope: "channels:join",
    tier: 3,
    run: ({ channel }, { workspace }) => {
      const found = findChannel(workspace, str(channel));
      if (found?.kind !== "public") return refuse("channel_not_found");
      if (found.isArchived) return refuse("is_archived");
      found.members.add(workspace.bot.user);
      return { ok: true, channel: channelInfo(workspace, found) };
    },
  },
  "conversations.history": { scope: historyScope, tier: 3, run: (args, world) => history(args, world, null) },
  "conversations.replies": {
    scope: historyScope,
    tier: 3,
    run: (args, world) => {
      const found = joined(args["channel"], world);
      if (!found.ok) return found.refusal;
      const post = found.it.posts.get(str(args["ts"]));
      if (!post) return refuse("thread_not_found");
      return history(args, world, post.thread ?? post.ts);
    },
  },
  "users.info": {
    scope: "users:read",
    tier: 4,
    run: ({ user, include_locale }, { workspace }) => {
      const found = workspace.members.get(str(user));
      return found ? { ok: true, user: memberOf(workspace, found, isTrue(include_locale)) } : refuse("user_not_found");
    },
  },
  "users.list": {
    scope: "users:read",
    tier: 2,
    run: (args, { workspace }) => {
      const all = [...workspace.members.values()];
      return page(
        "members",
        all.map((it) => memberOf(workspace, it, isTrue(args["include_locale"]))),
        args,
      );
    },
  },
};

export const isTrue = (value: unknown): boolean => value === true || value === "true" || value === "1" || value === 1;

function seen({ types = "public_channel", exclude_archived }: Json, { workspace }: World, own: boolean): Json[] {
  const wanted = str(types)
    .split(",")
    .map((type) => type.trim());
  return [...workspace.channels.values()]
    .filter((it) => wanted.includes(it.kind === "im" ? "im" : `${it.kind}_channel`))
    .filter((it) => !isTrue(exclude_archived) || !it.isArchived)
    .filter((it) => it.members.has(workspace.bot.user) || (!own && it.kind === "public"))
    .map((it) => channelInfo(workspace, it));
}

/** A channel newest first, a thread oldest first with its root always in front. */
function history(args: Json, world: World, thread: string | null): Json {
  const found = joined(args["channel"], world);
  if (!found.ok) return found.refusal;
  const { oldest = "0", latest = "9", inclusive } = args;
  const includes = isTrue(inclusive) || args["latest"] === undefined;
  const fits = ({ ts }: Json): boolean =>
    ts === thread || (str(ts) > str(oldest) && str(ts) < str(latest)) || (includes && (ts === oldest || ts === latest));
  const all = historyOf(world.workspace, found.it, thread, isTrue(args["include_all_metadata"])).filter(fits);
  return page("messages", thread === null ? all.reverse() : all, args);
}

/** Part of a list, and where the next begins. */
function page(key: string, all: unknown[], { limit, cursor }: Json): Json {
  const from = cursor === undefined || cursor === "" ? 0 : Number(Buffer.from(str(cursor), "base64").toString());
  if (!Number.isInteger(from)) return refuse("invalid_cursor");
  const most = Math.min(Number(limit) || 100, 1000);
  const rest = from + most < all.length;
  const next = rest ? Buffer.from(String(from + most)).toString("base64") : "";
  return { ok: true, [key]: all.slice(from, from + most), has_more: rest, response_metadata: { next_cursor: next } };
}
