import { z } from "zod";
import type { Person, Thread } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports.ts";
import { never } from "../../lib/never.ts";
import { mentioned, type Names, readText } from "./text.ts";
import { Body, type Message, type Submission, type Words } from "./wire.ts";
import { filesOf, textOf } from "./words.ts";

export const HAND_OVER = "hand_to_oca";
export const FORM = "form";

/** What a delivery of Slack comes to. */
export type Heard =
  | { is: "nothing" }
  | { is: "words"; incoming: Of<"message"> }
  | { is: "news"; incoming: Of<"edited"> | Of<"joined"> }
  /** `mine`: the message is the bot's own. */
  | { is: "crossed"; incoming: Of<"message">; mine: boolean }
  | { is: "click"; incoming: Of<"click">; trigger: string }
  /** A button in a dialog or in the Home. */
  | { is: "turned"; action: string; view: string; meta: string; locale: string }
  | { is: "form"; incoming: Of<"click"> }
  | { is: "slash"; incoming: Of<"message">; answerAt: string | null }
  | { is: "home"; person: Person; locale: string };

type Of<K extends Incoming["type"]> = Extract<Incoming, { type: K }>;

/** What a dialog remembers: which button of which message opened it. */
export const Meta = z.object({
  action: z.string(),
  channel: z.string(),
  thread: z.string().nullable(),
  message: z.string(),
});
export type Meta = z.infer<typeof Meta>;

export interface Who extends Names {
  /** For what Slack gives no time: dialogs and commands. Epoch ms. */
  now: number;
  locale(user: string): string;
}

/** Whom a delivery is from and whom it mentions: their names are wanted before it is read. */
export function peopleIn(body: unknown, bot: string): string[] {
  const asked = new Set<string>();
  const ask = (user: string): string => {
    asked.add(user);
    return user;
  };
  read(body, { bot, now: 0, name: ask, locale: ask });
  return [...asked];
}

/** Reads a delivery. What oca does not know, and what bots say, is nothing. */
export function read(body: unknown, who: Who): Heard {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return { is: "nothing" };
  const { data } = parsed;
  switch (data.type) {
    case "event_callback":
      return event(data.event, who);
    case "block_actions":
      return press(data, who);
    case "view_submission":
      return submitted(data, who);
    case "message_action":
      return data.callback_id === HAND_OVER ? handed(data, who) : { is: "nothing" };
    case "slash":
      return slash(data, who);
    default:
      return never(data);
  }
}

type Event = Extract<Body, { type: "event_callback" }>["event"];

function event(it: Event, who: Who): Heard {
  switch (it.type) {
    case "message":
    case "app_mention":
      return message(it, who);
    case "reaction_added": {
      if (it.reaction !== "x") return { is: "nothing" };
      const { channel, ts } = it.item;
      const id = `slack:${channel}:${ts}:x:${it.user}:${it.event_ts}`;
      const incoming = stop({ id, user: it.user, at: it.event_ts, channel, ts }, who);
      return { is: "crossed", incoming, mine: it.item_user === who.bot };
    }
    case "agent_session_stopped": {
      const { channel, thread_ts: ts, user, event_ts: at } = it;
      return {
        is: "words",
        incoming: stop({ id: `slack:${channel}:${ts}:stopped:${at}`, user, at, channel, ts }, who),
      };
    }
    case "app_home_opened":
      if (it.tab === "messages") return { is: "nothing" };
      return { is: "home", person: personOf(it.user, who), locale: who.locale(it.user) };
    case "member_joined_channel": {
      if (it.user !== who.bot) return { is: "nothing" };
      const by = it.inviter ?? it.user;
      const id = `slack:${it.channel}:joined:${it.event_ts}`;
      const incoming = {
        ...from({ id, user: by, at: it.event_ts, channel: it.channel, ts: null }, who),
        type: "joined" as const,
      };
      return { is: "news", incoming };
    }
    default:
      return never(it);
  }
}

const SAID = new Set([undefined, null, "", "file_share", "thread_broadcast", "me_message"]);

function message(it: Message, who: Who): Heard {
  if (it.subtype === "message_changed" || it.subtype === "message_deleted") return changed(it, who);
  const { user, bot_id: bot, subtype, channel, ts } = it;
  if (!user || bot || user === who.bot || !SAID.has(subtype)) return { is: "nothing" };
  const text = textOf(it, who);
  const attached = filesOf(it);
  if (text === "" && attached.length === 0) return { is: "nothing" };
  const addressed = it.type === "app_mention" || channel.startsWith("D") || mentioned(it.text ?? "").includes(who.bot);
  const at = from({ id: `slack:${channel}:${ts}`, user, at: ts, channel, ts: it.thread_ts ?? ts }, who);
  const words = { type: "message" as const, message: ts, text, files: attached, replyTo: null, addressed };
  return { is: "words", incoming: { ...at, ...words } };
}

function changed(it: Message, who: Who): Heard {
  // Below a deleted request whose thread goes on, Slack leaves a gravestone.
  const edit = it.subtype === "message_changed" && it.message?.subtype !== "tombstone" ? (it.message ?? null) : null;
  const said = edit ?? it.previous_message;
  const ts = edit?.ts ?? it.deleted_ts ?? it.message?.ts;
  if (!said?.user || !ts || said.bot_id || said.user === who.bot) return { is: "nothing" };
  if (edit && !isOwnEdit(it.previous_message, edit)) return { is: "nothing" };
  const when = edit?.edited?.ts ?? it.event_ts ?? it.ts;
  const id = `slack:${it.channel}:${ts}:edited:${when}`;
  const at = from({ id, user: said.user, at: when, channel: it.channel, ts: said.thread_ts ?? ts }, who);
  return { is: "news", incoming: { ...at, type: "edited", message: ts, text: edit ? textOf(edit, who) : null } };
}

/** Link previews and our own edits change messages too: it counts when the author changed the words. */
const isOwnEdit = (before: Words | null | undefined, after: Words): boolean =>
  before !== null && before !== undefined && before.text !== after.text && before.user === after.user;

function press(it: Extract<Body, { type: "block_actions" }>, who: Who): Heard {
  const [action] = it.actions;
  if (!action) return { is: "nothing" };
  const { action_id: does, action_ts: at } = action;
  const { user, trigger_id: trigger, channel, message: on, view } = it;
  if (view)
    return { is: "turned", action: does, view: view.id, meta: view.private_metadata, locale: who.locale(user.id) };
  if (!channel || !on) return { is: "nothing" };
  const id = `slack:${channel.id}:${on.ts}:${user.id}:${at}`;
  const delivery = from({ id, user: user.id, at, channel: channel.id, ts: on.thread_ts ?? on.ts }, who);
  return { is: "click", trigger, incoming: { ...delivery, type: "click", message: on.ts, action: does, text: null } };
}

/** Slack closes a dialog when its submission is acknowledged: the same dialog is never submitted twice. */
function submitted(it: Submission, who: Who): Heard {
  const meta = parseMeta(it.view.private_metadata);
  if (it.view.callback_id !== FORM || !meta) return { is: "nothing" };
  const { action, channel, thread, message: on } = meta;
  const delivery = from({ id: `slack:view:${it.view.id}`, user: it.user.id, at: on, channel, ts: thread }, who);
  return { is: "form", incoming: { ...delivery, at: who.now, type: "click", message: on, action, text: filled(it) } };
}

export function parseMeta(text: string): Meta | null {
  try {
    return Meta.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // a dialog of somebody else's, or of an older oca
  }
}

/** Ticked lines as a quotation, then the words. */
function filled({ view }: Submission): string {
  const values = Object.values(view.state.values).flatMap((block) => Object.values(block));
  const ticked = values.flatMap(({ selected_options: options }) => options ?? []);
  const quoted = ticked.map(({ text, description }) => `> ${text.text}${description?.text ?? ""}`);
  const words = values.flatMap(({ value }) => value?.trim() || []);
  return [quoted.join("\n"), ...words].filter((part) => part !== "").join("\n\n");
}

/** Words of somebody else are a quotation: they ask for something, and decide nothing. */
function handed(it: Extract<Body, { type: "message_action" }>, who: Who): Heard {
  const { message: said, channel, user } = it;
  const words = textOf(said, who);
  const text = said.user === user.id || !said.user ? words : `${who.name(said.user)}: ${words}`;
  const id = `slack:${channel.id}:${said.ts}:handed`;
  const delivery = from(
    { id, user: user.id, at: it.action_ts ?? said.ts, channel: channel.id, ts: said.thread_ts ?? said.ts },
    who,
  );
  const more = { message: said.ts, text, files: filesOf(said), replyTo: null, addressed: true };
  return { is: "words", incoming: { ...delivery, type: "message", ...more } };
}

function slash(it: Extract<Body, { type: "slash" }>, who: Who): Heard {
  const id = `slack:command:${it.trigger_id}`;
  const delivery = from({ id, user: it.user_id, at: "", channel: it.channel_id, ts: null }, who);
  const text = `${it.command} ${readText(it.text, who).trim()}`.trim();
  const incoming: Of<"message"> = {
    ...delivery,
    at: who.now,
    type: "message",
    message: id,
    text,
    files: [],
    replyTo: null,
    addressed: true,
  };
  return { is: "slash", incoming, answerAt: it.response_url ?? null };
}

interface Place {
  id: string;
  user: string;
  /** A timestamp of Slack. */
  at: string;
  channel: string;
  ts: string | null;
}

function from({ id, user, at, channel, ts }: Place, who: Who) {
  const thread: Thread = { chat: "slack", channel, thread: ts };
  return { id, at: Math.round(Number(at) * 1000) || 0, by: personOf(user, who), thread, locale: who.locale(user) };
}

const personOf = (user: string, { name }: Who): Person => ({
  id: `slack:${user}`,
  chat: "slack",
  user,
  name: name(user),
});

/** Stop by a sign is the command: it is judged by the same authority. */
const stop = (place: Place, who: Who): Of<"message"> => ({
  ...from(place, who),
  type: "message",
  message: place.id,
  text: "/oca stop",
  files: [],
  replyTo: place.ts,
  addressed: true,
});
