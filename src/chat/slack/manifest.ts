import { COMMANDS, HAND_OVER } from "./command.ts";

/** What oca may do in a workspace, and why. */
export const SCOPES = {
  "app_mentions:read": "hear when somebody mentions oca",
  "channels:history": "hear words in public channels that oca is in, and read a thread before it answers",
  "channels:read": "hear that it was put into a channel",
  "chat:write": "post and edit cards",
  commands: "/oca, and the shortcut on messages",
  "files:read": "hand files that people attach to the agent",
  "files:write": "attach long plans and diffs",
  "groups:history": "the same in private channels that oca is in",
  "groups:read": "the same in private channels that oca is in",
  "im:history": "hear direct messages",
  "im:write": "send a file to one person",
  "reactions:read": "a cross stops the work",
  "reactions:write": "show how a request stands by one sign",
  "users:read": "names, languages and time zones of people",
} as const;

/** What Slack tells oca, and the scope without which it does not. */
export const EVENTS = {
  agent_session_stopped: null,
  app_home_opened: null,
  app_mention: "app_mentions:read",
  member_joined_channel: "channels:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  reaction_added: "reactions:read",
} as const satisfies Record<string, keyof typeof SCOPES | null>;

/** Every method of the Web API that oca calls, and the scope that it needs. */
export const METHODS = {
  "agents.sessions.setStatus": "chat:write",
  "apps.connections.open": null,
  "auth.test": null,
  "blocks.validate": null,
  "chat.postEphemeral": "chat:write",
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "conversations.open": "im:write",
  "conversations.replies": "channels:history",
  "files.info": "files:read",
  "files.uploadV2": "files:write",
  "reactions.add": "reactions:write",
  "reactions.get": "reactions:read",
  "reactions.remove": "reactions:write",
  "users.info": "users:read",
  "views.open": null,
  "views.publish": null,
  "views.update": null,
} as const satisfies Record<string, keyof typeof SCOPES | null>;

export interface ManifestWords {
  about: string;
  command: string;
  hint: string;
  shortcut: string;
  commands: string;
}

/** What Slack asks for when an app is made. `url`: where it sends requests to; null: oca opens a WebSocket. */
export const manifest = (words: ManifestWords, url: string | null): object => {
  const to = url === null ? {} : { url };
  const request = url === null ? {} : { request_url: url };
  return {
    display_information: { name: "oca", description: words.about },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: "oca", always_online: true },
      shortcuts: [
        { name: words.shortcut, type: "message", callback_id: HAND_OVER, description: words.about },
        { name: words.commands, type: "message", callback_id: COMMANDS, description: words.command },
      ],
      slash_commands: [
        { command: "/oca", description: words.command, usage_hint: words.hint, should_escape: true, ...to },
      ],
    },
    oauth_config: { scopes: { bot: Object.keys(SCOPES) } },
    settings: {
      event_subscriptions: { bot_events: Object.keys(EVENTS), ...request },
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: url === null,
      token_rotation_enabled: false,
    },
  };
};
