import { z } from "zod";

/** What Slack sends, as far as oca looks at it. Everything else in it is left alone. */

/** Epoch ms of a timestamp of Slack; 0 when it is none. */
export const msOf = (ts: string): number => Math.round(Number(ts) * 1000) || 0;

export const WireFile = z.object({
  id: z.string(),
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  mode: z.string().nullish(),
  is_external: z.boolean().nullish(),
  url_private: z.string().nullish(),
  permalink: z.string().nullish(),
});
export type WireFile = z.infer<typeof WireFile>;

const files = z.array(WireFile.or(z.null()).catch(null)).nullish();

const Words = z.object({
  ts: z.string(),
  thread_ts: z.string().nullish(),
  user: z.string().nullish(),
  bot_id: z.string().nullish(),
  subtype: z.string().nullish(),
  text: z.string().nullish(),
  files,
});
export type Words = z.infer<typeof Words>;

const Message = Words.extend({
  type: z.enum(["message", "app_mention"]),
  channel: z.string(),
  channel_type: z.string().nullish(),
  event_ts: z.string().nullish(),
  message: Words.extend({ edited: z.object({ ts: z.string() }).nullish() }).nullish(),
  previous_message: Words.nullish(),
  deleted_ts: z.string().nullish(),
});
export type Message = z.infer<typeof Message>;

const Reaction = z.object({
  type: z.literal("reaction_added"),
  user: z.string(),
  reaction: z.string(),
  item_user: z.string().nullish(),
  item: z.object({ channel: z.string(), ts: z.string() }),
  event_ts: z.string(),
});
const Stopped = z.object({
  type: z.literal("agent_session_stopped"),
  channel: z.string(),
  thread_ts: z.string(),
  user: z.string(),
  event_ts: z.string(),
});
const Home = z.object({ type: z.literal("app_home_opened"), user: z.string(), tab: z.string().nullish() });
const Joined = z.object({
  type: z.literal("member_joined_channel"),
  user: z.string(),
  channel: z.string(),
  inviter: z.string().nullish(),
  event_ts: z.string(),
});

const Callback = z.object({
  type: z.literal("event_callback"),
  event: z.discriminatedUnion("type", [Message, Reaction, Stopped, Home, Joined]),
});

const person = z.object({ id: z.string() });

const Press = z.object({
  type: z.literal("block_actions"),
  user: person,
  trigger_id: z.string(),
  response_url: z.string().nullish(),
  channel: person.nullish(),
  message: z.object({ ts: z.string(), thread_ts: z.string().nullish() }).nullish(),
  view: z.object({ id: z.string(), type: z.string().nullish(), private_metadata: z.string().catch("") }).nullish(),
  /** Of what one person sees, Slack sends the place and not the message. */
  container: z
    .object({ message_ts: z.string(), thread_ts: z.string().nullish(), is_ephemeral: z.literal(true) })
    .nullish()
    .catch(null),
  actions: z.array(z.object({ action_id: z.string(), action_ts: z.string() })).min(1),
});

const Value = z.object({
  value: z.string().nullish(),
  selected_options: z
    .array(
      z.object({
        value: z.string(),
        text: z.object({ text: z.string() }),
        description: z.object({ text: z.string() }).nullish(),
      }),
    )
    .nullish(),
});
const Submission = z.object({
  type: z.literal("view_submission"),
  user: person,
  view: z.object({
    id: z.string(),
    callback_id: z.string(),
    private_metadata: z.string().catch(""),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), Value)) }),
  }),
});

const Shortcut = z.object({
  type: z.literal("message_action"),
  callback_id: z.string(),
  user: person,
  channel: person,
  message: Words,
  action_ts: z.string().nullish(),
  trigger_id: z.string(),
  response_url: z.string().nullish(),
});

const Slash = z.object({
  /** Not Slack's: the others have a type of their own. */
  type: z.literal("slash").default("slash"),
  command: z.string(),
  text: z.string().catch(""),
  user_id: z.string(),
  channel_id: z.string(),
  trigger_id: z.string(),
  response_url: z.string().nullish(),
});

export const Body = z.union([Callback, Press, Submission, Shortcut, Slash]);
export type Body = z.infer<typeof Body>;
export type Submission = z.infer<typeof Submission>;
