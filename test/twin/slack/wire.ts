import type { Json } from "./json.ts";
import { type Channel, type Member, type Post, postsOf, type Stored, type Workspace } from "./workspace.ts";

/** How Slack writes down what there is. */

export const FILE_HOST = "https://files.slack.com";

export function messageOf(it: Workspace, post: Post): Json {
  const isBot = post.user === it.bot.user;
  return {
    type: "message",
    ...(post.isGone && { subtype: "tombstone", hidden: true }),
    user: post.isGone ? "USLACKBOT" : post.user,
    ...(isBot && { bot_id: it.bot.botId, app_id: it.bot.appId }),
    ...(!isBot && { client_msg_id: `client-${post.ts}` }),
    text: post.text,
    ts: post.ts,
    team: it.team.id,
    ...(post.blocks.length > 0 && { blocks: post.blocks }),
    ...(post.files.length > 0 && { files: post.files.map((file) => fileOf(it, file)), upload: false }),
    ...(post.thread !== null && { thread_ts: post.thread, parent_user_id: rootOf(it, post)?.user }),
    ...(post.replies > 0 && { thread_ts: post.ts, reply_count: post.replies }),
    ...(post.reactions.length > 0 && {
      reactions: post.reactions.map(({ name, users }) => ({ name, users, count: users.length })),
    }),
    ...(post.editedAt !== null && { edited: { user: post.user, ts: post.editedAt } }),
    ...(post.metadata !== null && { metadata: post.metadata }),
  };
}

const rootOf = (it: Workspace, post: Post): Post | undefined =>
  it.channels.get(post.channel)?.posts.get(post.thread ?? "");

/** As `conversations.history` and `.replies` say it: metadata only for who asks for it. */
export function historyOf(it: Workspace, channel: Channel, thread: string | null, withMetadata: boolean): Json[] {
  return postsOf(channel, thread).map((post) => {
    const { metadata, ...rest } = messageOf(it, post);
    return withMetadata && metadata !== undefined ? { ...rest, metadata } : rest;
  });
}

export function fileOf(it: Workspace, file: Stored): Json {
  const path = `${FILE_HOST}/files-pri/${it.team.id}-${file.id}`;
  const own = {
    url_private: `${path}/${encodeURIComponent(file.name)}`,
    url_private_download: `${path}/download/${encodeURIComponent(file.name)}`,
  };
  return {
    id: file.id,
    name: file.name,
    title: file.name,
    mimetype: file.mime,
    filetype: file.name.split(".").at(-1) ?? "",
    user: file.user,
    size: file.bytes.length,
    mode: file.external === null ? "hosted" : "external",
    is_external: file.external !== null,
    external_type: file.external === null ? "" : "gdrive",
    is_public: true,
    permalink: `https://${it.team.domain}.slack.com/files/${file.user}/${file.id}`,
    ...(file.external === null ? own : { url_private: file.external }),
  };
}

export function channelInfo(it: Workspace, channel: Channel): Json {
  const im = channel.kind === "im";
  return {
    id: channel.id,
    ...(!im && { name: channel.name, name_normalized: channel.name }),
    is_channel: channel.kind === "public",
    is_group: channel.kind === "private",
    is_im: im,
    is_mpim: false,
    is_private: channel.kind !== "public",
    is_archived: channel.isArchived,
    is_member: channel.members.has(it.bot.user),
    ...(im && { user: [...channel.members].find((id) => id !== it.bot.user) }),
    num_members: channel.members.size,
  };
}

export function memberOf(it: Workspace, member: Member, withLocale: boolean): Json {
  return {
    id: member.id,
    team_id: it.team.id,
    name: member.name,
    real_name: member.realName,
    deleted: member.isDeactivated,
    is_bot: member.isBot,
    is_admin: false,
    is_app_user: false,
    profile: { real_name: member.realName, display_name: member.realName, team: it.team.id },
    ...(!member.isDeactivated && { tz: member.timezone, tz_label: member.timezone, tz_offset: 0 }),
    ...(withLocale && { locale: member.locale }),
  };
}

/** The type of the events of a channel, as a subscription names it. */
export const SUBSCRIPTION = { public: "channels", private: "groups", im: "im" } as const;
export const CHANNEL_TYPE = { public: "channel", private: "group", im: "im" } as const;
