import { z } from "zod";

const User = z.object({
  id: z.number(),
  is_bot: z.boolean().catch(false),
  first_name: z.string().catch(""),
  last_name: z.string().optional(),
  language_code: z.string().optional(),
});
const Chat = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().optional(),
  is_forum: z.boolean().optional(),
});
const Blob = z.object({
  file_id: z.string(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
});
const Entity = z.object({ type: z.string(), offset: z.number(), length: z.number() });

const Plain = z.object({
  message_id: z.number(),
  from: User.optional(),
  sender_chat: Chat.optional(),
  chat: Chat,
  date: z.number(),
  edit_date: z.number().optional(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  media_group_id: z.string().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: z.array(Entity).optional(),
  caption_entities: z.array(Entity).optional(),
  photo: z.array(Blob).optional(),
  document: Blob.optional(),
  voice: Blob.optional(),
  audio: Blob.optional(),
  video: Blob.optional(),
  video_note: Blob.optional(),
  animation: Blob.optional(),
  migrate_to_chat_id: z.number().optional(),
  migrate_from_chat_id: z.number().optional(),
});
/** As much of a message as oca reads; what it does not know is passed over. */
export const Message = Plain.extend({
  reply_to_message: Plain.optional(),
  /** Ours: files of the other messages that were sent together with this one. */
  more: z.array(Blob).optional(),
});
export type Message = z.infer<typeof Message>;
export type Quoted = z.infer<typeof Plain>;

const Query = z.object({
  id: z.string(),
  from: User,
  message: z.object({ message_id: z.number(), chat: Chat }).optional(),
  data: z.string().optional(),
});
export type Query = z.infer<typeof Query>;

const Member = z.object({ status: z.string() });
/** oca's own place in a chat changed. */
const Change = z.object({
  chat: Chat,
  from: User,
  date: z.number(),
  old_chat_member: Member,
  new_chat_member: Member,
});
export type Change = z.infer<typeof Change>;

export const Update = z.object({
  update_id: z.number(),
  message: Message.optional(),
  edited_message: Message.optional(),
  callback_query: Query.optional(),
  my_chat_member: Change.optional(),
});
export type Update = z.infer<typeof Update>;

/** What oca asks for: anything else is not sent. */
export const ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"] as const;
