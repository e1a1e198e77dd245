import { obj } from "./json.ts";
import { EVENT_SCOPES, type Manifest } from "./manifest.ts";
import { edit, erase } from "./methods/chat.ts";
import { channelOf, type Post } from "./workspace.ts";
import type { World } from "./world.ts";

/** What happens in a workspace that nobody does to the bot on purpose. Each resolves to whether the app acknowledged it. */
export interface Happenings {
  /** Slack adds a preview to a message: an edit that nobody made. */
  unfurls(on: Pick<Post, "channel" | "ts">): Promise<boolean>;
  invites(channel: string): Promise<boolean>;
  kicks(channel: string): Promise<boolean>;
  archives(channel: string): Promise<boolean>;
  /** An administrator takes a message away. */
  removes(on: Pick<Post, "channel" | "ts">): Promise<boolean>;
  deactivates(person: string): void;
}

export function createHappenings(world: World): Happenings {
  const { workspace } = world;
  const told = async (subscription: string, event: object): Promise<boolean> =>
    (await world.emit(subscription, { ...event, event_ts: workspace.stamp() })).acked.ok;
  const postOf = ({ channel, ts }: Pick<Post, "channel" | "ts">): Post => {
    const post = channelOf(workspace, channel).posts.get(ts);
    if (!post) throw new Error(`there is no message ${ts}`);
    return post;
  };
  return {
    unfurls: async (on) => {
      const post = postOf(on);
      return (await edit(world, channelOf(workspace, on.channel), post, { editedAt: post.editedAt })).acked.ok;
    },
    removes: async (on) => (await erase(world, channelOf(workspace, on.channel), postOf(on))).acked.ok,
    invites: (name) => {
      const channel = channelOf(workspace, name);
      const inviter = [...channel.members].find((id) => id !== workspace.bot.user);
      channel.members.add(workspace.bot.user);
      const event = { type: "member_joined_channel", user: workspace.bot.user, channel: channel.id, channel_type: "C" };
      return told("member_joined_channel", { ...event, team: workspace.team.id, inviter });
    },
    kicks: (name) => {
      const channel = channelOf(workspace, name);
      channel.members.delete(workspace.bot.user);
      return told("channel_left", { type: "channel_left", channel: channel.id });
    },
    archives: (name) => {
      const channel = channelOf(workspace, name);
      channel.isArchived = true;
      return told("channel_archive", { type: "channel_archive", channel: channel.id, user: "" });
    },
    deactivates: (name) => {
      const member = [...workspace.members.values()].find((it) => it.realName === name);
      if (!member) throw new Error(`there is nobody called ${name}`);
      member.isDeactivated = true;
    },
  };
}

export const mayKnow = ({ events, scopes }: Manifest, subscription: string): boolean => {
  const scope = EVENT_SCOPES[subscription];
  return events.has(subscription) && (scope === undefined || scopes.has(scope));
};

/** The app hears only of channels that it is in, and that it had to leave one. */
export function isThere({ workspace }: World, event: Record<string, unknown>): boolean {
  const id = event["channel"] ?? obj(event["item"])["channel"];
  const channel = typeof id === "string" ? workspace.channels.get(id) : undefined;
  return channel === undefined || channel.members.has(workspace.bot.user) || event["type"] === "channel_left";
}
