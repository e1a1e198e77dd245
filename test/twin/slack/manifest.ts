import { z } from "zod";

/** What the app was installed with: Slack gives it nothing else. */
export interface Manifest {
  scopes: ReadonlySet<string>;
  events: ReadonlySet<string>;
  commands: ReadonlyMap<string, { escapes: boolean }>;
  /** Message shortcuts: their callback ids by name. */
  shortcuts: ReadonlyMap<string, string>;
  hasHome: boolean;
  hasMessages: boolean;
  isInteractive: boolean;
}

const Wire = z.object({
  features: z
    .object({
      app_home: z
        .object({ home_tab_enabled: z.boolean().default(false), messages_tab_enabled: z.boolean().default(false) })
        .prefault({}),
      slash_commands: z
        .array(z.object({ command: z.string().startsWith("/"), should_escape: z.boolean().default(false) }))
        .max(25)
        .default([]),
      shortcuts: z
        .array(
          z.object({
            name: z.string().max(24),
            type: z.enum(["message", "global"]),
            callback_id: z.string().max(255),
            description: z.string().max(150),
          }),
        )
        .max(10)
        .default([]),
    })
    .prefault({}),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z
    .object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).prefault({}),
      interactivity: z.object({ is_enabled: z.boolean() }).default({ is_enabled: false }),
    })
    .prefault({}),
});

/** Reads a manifest as it would be pasted into Slack. */
export function readManifest(value: unknown): Manifest {
  const { features, oauth_config, settings } = Wire.parse(value);
  const messages = features.shortcuts.filter(({ type }) => type === "message");
  return {
    scopes: new Set(oauth_config.scopes.bot),
    events: new Set(settings.event_subscriptions.bot_events),
    commands: new Map(features.slash_commands.map((it) => [it.command, { escapes: it.should_escape }])),
    shortcuts: new Map(messages.map((it) => [it.name, it.callback_id])),
    hasHome: features.app_home.home_tab_enabled,
    hasMessages: features.app_home.messages_tab_enabled,
    isInteractive: settings.interactivity.is_enabled,
  };
}

/** Every scope and event that the twin knows: for tests that are not about them. */
export const EVERYTHING = {
  features: {
    app_home: { home_tab_enabled: true, messages_tab_enabled: true },
    slash_commands: [{ command: "/oca", should_escape: true }],
    shortcuts: [
      { name: "Hand to oca", type: "message", callback_id: "hand_to_oca", description: "Starts a session" },
      { name: "Commands of oca", type: "message", callback_id: "oca_commands", description: "Shows what oca takes" },
    ],
  },
  oauth_config: {
    scopes: {
      bot: [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
      ],
    },
  },
  settings: {
    event_subscriptions: {
      bot_events: [
        "agent_session_stopped",
        "app_home_opened",
        "app_mention",
        "channel_archive",
        "channel_left",
        "member_joined_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "reaction_added",
        "reaction_removed",
      ],
    },
    interactivity: { is_enabled: true },
  },
};

/** The scope without which Slack never sends an event. */
export const EVENT_SCOPES: Readonly<Record<string, string>> = {
  app_mention: "app_mentions:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  reaction_added: "reactions:read",
  reaction_removed: "reactions:read",
  member_joined_channel: "channels:read",
  channel_archive: "channels:read",
};
