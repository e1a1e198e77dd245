import type { Json } from "../json.ts";
import { obj, refuse, str } from "../json.ts";
import { checkBlocks, checkView, type Problem } from "../kit/check.ts";
import type { Methods, World } from "../world.ts";
import { joined } from "./access.ts";

export const app: Methods = {
  "auth.test": {
    scope: null,
    tier: "free",
    run: (_, { workspace: { team, bot } }) => ({
      ok: true,
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: "oca",
      team_id: team.id,
      user_id: bot.user,
      bot_id: bot.botId,
      is_enterprise_install: false,
    }),
  },
  "team.info": { scope: "team:read", tier: 3, run: (_, { workspace: { team } }) => ({ ok: true, team: { ...team } }) },
  "bots.info": {
    scope: "users:read",
    tier: 3,
    run: ({ bot }, { workspace }) =>
      bot === workspace.bot.botId
        ? {
            ok: true,
            bot: { id: bot, app_id: workspace.bot.appId, user_id: workspace.bot.user, name: "oca", deleted: false },
          }
        : refuse("bot_not_found"),
  },
  "blocks.validate": {
    scope: null,
    tier: "free",
    run: ({ blocks, message, view }, { lacks }) => {
      const given = [blocks, message, view].filter((it) => it !== undefined);
      if (given.length !== 1) return refuse("invalid_arguments");
      if (blocks !== undefined) return judged("invalid_blocks", checkBlocks(blocks, "message", lacks, ""));
      if (message !== undefined)
        return judged("invalid_message", checkBlocks(obj(message)["blocks"] ?? [], "message", lacks));
      return judged("invalid_view", checkView(view, lacks));
    },
  },
  "agents.sessions.setStatus": {
    scope: "chat:write",
    tier: 3,
    run: (args, world) => {
      if (!world.hasAgents) return refuse("unknown_method", { req_method: "agents.sessions.setStatus" });
      const status = str(args["status"]);
      if (!["active", "processing", "suspended", "closed"].includes(status)) return refuse("invalid_arguments");
      const channel = joined(args["channel_id"], world);
      if (!channel.ok) return channel.refusal;
      if (!channel.it.posts.has(str(args["thread_ts"]))) return refuse("thread_not_found");
      if (str(args["title"]).length > 200) return refuse("invalid_arguments");
      const key = `${channel.it.id}:${str(args["thread_ts"])}`;
      const before = world.statuses.get(key) ?? [];
      const title = before[0]?.title ?? str(args["title"]);
      world.statuses.set(key, [...before, { status, title }]);
      return { ok: true, status, agent_status: status, title, ...dead(world, status) };
    },
  },
  "agents.sessions.rename": {
    scope: "chat:write",
    tier: 3,
    run: ({ channel_id, thread_ts, title }, { hasAgents, statuses }) => {
      if (!hasAgents) return refuse("unknown_method", { req_method: "agents.sessions.rename" });
      const is = statuses.get(`${str(channel_id)}:${str(thread_ts)}`);
      if (!is) return refuse("session_not_found");
      if (str(title) === "" || str(title).length > 200) return refuse("invalid_arguments");
      for (const one of is) one.title = str(title);
      return { ok: true, title };
    },
  },
};

const judged = (error: string, errors: Problem[]): Json =>
  errors.length === 0 ? { ok: true } : refuse(error, { errors });

/** Without the subscription the Stop button would do nothing: Slack warns. */
const dead = ({ manifest }: World, status: string): Json =>
  status === "processing" && !manifest.events.has("agent_session_stopped")
    ? { warning: "missing_agent_session_stopped_subscription" }
    : {};
