import { randomBytes, randomInt } from "node:crypto";
import { type Json, obj, str } from "./json.ts";
import type { Control } from "./look.ts";
import { viewOf } from "./methods/views.ts";
import { messageOf } from "./wire.ts";
import { channelOf, type Member, type Post } from "./workspace.ts";
import type { View, World } from "./world.ts";

/** What Slack sends when people press, fill in and command. */

export const VERIFICATION = "twin-verification-token";

/** An event in its envelope; the same envelope when it comes again. */
export function enveloped({ workspace, now }: World, event: Json): Json {
  const { team, bot } = workspace;
  return {
    token: VERIFICATION,
    team_id: team.id,
    api_app_id: bot.appId,
    context_team_id: team.id,
    event,
    type: "event_callback",
    event_id: workspace.id("Ev"),
    event_time: Math.floor(now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: bot.user, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
}

const base = ({ workspace: { team, bot } }: World, by: Member): Json => ({
  user: { id: by.id, username: by.name, name: by.name, team_id: team.id },
  api_app_id: bot.appId,
  token: VERIFICATION,
  team: { id: team.id, domain: team.domain },
  enterprise: null,
  is_enterprise_install: false,
});

export function triggerOf(world: World, user: string, view: string | null): string {
  // Its numbers look like a time, and are none.
  const id = `13${randomInt(1e8, 1e9)}.${randomInt(1e8, 1e9)}.${randomBytes(16).toString("hex")}`;
  world.triggers.set(id, { user, at: world.now(), isUsed: false, view });
  return id;
}

/** An address for answers to what this person did. */
export function replyUrl(
  world: World,
  to: string,
  at: { channel: string; thread: string | null; on: Post | null },
): string {
  const key = world.workspace.id("R");
  world.replies.set(key, { ...at, to, at: world.now(), uses: 0 });
  return `${world.url()}/actions/${world.workspace.team.id}/${key}`;
}

const placeOf = (world: World, id: string): Json => {
  const { kind, name } = channelOf(world.workspace, id);
  return { id, name: { public: name, private: "privategroup", im: "directmessage" }[kind] };
};

/** What was done with a button or a choice, as the last part of `block_actions`. */
export const actionOf = ({ block, element }: Control, state: Json, at: string): Json => {
  const { type, action_id, text, value, style } = element;
  const button = { text, value, style };
  return { type, action_id, block_id: block["block_id"], ...(type === "button" ? button : state), action_ts: at };
};

export function pressedOn(world: World, by: Member, post: Post, whispered: boolean, action: Json): Json {
  const { channel, ts, thread } = post;
  const shown = world.workspace.channels.get(channel)?.posts.get(ts);
  return {
    type: "block_actions",
    ...base(world, by),
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channel,
      is_ephemeral: whispered,
      ...(thread !== null && { thread_ts: thread }),
    },
    trigger_id: triggerOf(world, by.id, null),
    channel: placeOf(world, channel),
    // An ephemeral message is not sent along.
    ...(!whispered && shown && { message: messageOf(world.workspace, shown) }),
    state: { values: {} },
    response_url: replyUrl(world, by.id, { channel, thread, on: whispered ? post : (shown ?? post) }),
    actions: [action],
  };
}

export const pressedIn = (world: World, by: Member, view: View, state: Json, action: Json): Json => ({
  type: "block_actions",
  ...base(world, by),
  container: { type: "view", view_id: view.id },
  trigger_id: triggerOf(world, by.id, view.id),
  view: viewOf(world, view, state),
  actions: [action],
});

export const submitted = (world: World, by: Member, view: View, state: Json): Json => ({
  type: "view_submission",
  ...base(world, by),
  trigger_id: triggerOf(world, by.id, view.id),
  view: viewOf(world, view, state),
  response_urls: [],
});

export const closed = (world: World, by: Member, view: View, isCleared: boolean): Json => ({
  type: "view_closed",
  ...base(world, by),
  view: viewOf(world, view),
  is_cleared: isCleared,
});

export const shortcut = (world: World, by: Member, post: Post, callback: string): Json => ({
  type: "message_action",
  ...base(world, by),
  callback_id: callback,
  action_ts: world.workspace.stamp(),
  trigger_id: triggerOf(world, by.id, null),
  response_url: replyUrl(world, by.id, { channel: post.channel, thread: post.thread, on: null }),
  message_ts: post.ts,
  channel: placeOf(world, post.channel),
  message: messageOf(world.workspace, post),
});

export function commanded(
  world: World,
  by: Member,
  channel: string,
  { command, text }: { command: string; text: string },
): Json {
  const { team, bot } = world.workspace;
  return {
    token: VERIFICATION,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel,
    channel_name: str(obj(placeOf(world, channel))["name"]),
    user_id: by.id,
    user_name: by.name,
    command,
    text,
    api_app_id: bot.appId,
    is_enterprise_install: "false",
    response_url: replyUrl(world, by.id, { channel, thread: null, on: null }),
    trigger_id: triggerOf(world, by.id, null),
  };
}
