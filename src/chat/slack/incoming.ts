import { z } from "zod";
import { never } from "../../lib/never.ts";
import { isAway } from "./button.ts";
import { shortcut, slash } from "./command.ts";
import { from, type Heard, type Of, type Place, personOf, type Who } from "./heard.ts";
import { LINK } from "./home.ts";
import { mentioned } from "./text.ts";
import { Body, type Message, type Submission, type Words } from "./wire.ts";
import { filesOf, textOf } from "./words.ts";

export const FORM = "form";

/** What a dialog remembers: which button of which message opened it. */
export const Meta = z.object({
  action: z.string(),
  channel: z.string(),
  thread: z.string().nullable(),
  /** Null: it was opened from the Home. */
  message: z.string().nullable(),
});
export type Meta = z.infer<typeof Meta>;

/** Whom a delivery is from and whom it mentions: their names are wanted before it is read. */
export function peopleIn(body: unknown, bot: string): string[] {
  const asked = new Set<string>();
  const ask = (user: string): string => {
    asked.add(user);
    return user;
  };
  read(body, { bot, now: 0, name: ask, locale: ask, timezone: ask });
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
      return shortcut(data, who);
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

type Press = Extract<Body, { type: "block_actions" }>;

function press(it: Press, who: Who): Heard {
  const [action] = it.actions;
  if (!action) return { is: "nothing" };
  if (it.view) return inView(it, it.view, who);
  const { action_id: does, action_ts: at } = action;
  // Slack has opened the page already.
  if (isAway(does)) return { is: "nothing" };
  const { user, trigger_id: trigger, channel, message, container: whisper } = it;
  const on = message?.ts ?? whisper?.message_ts;
  if (!channel || on === undefined) return { is: "nothing" };
  const id = `slack:${channel.id}:${on}:${user.id}:${at}`;
  const ts = whisper ? (whisper.thread_ts ?? null) : (message?.thread_ts ?? on);
  const delivery = from({ id, user: user.id, at, channel: channel.id, ts }, who);
  const incoming = { ...delivery, type: "click" as const, message: on, action: does, text: null };
  return { is: "click", trigger, answerAt: whisper ? (it.response_url ?? null) : null, incoming };
}

function inView(
  { user, trigger_id: trigger, actions: [action] }: Press,
  view: NonNullable<Press["view"]>,
  who: Who,
): Heard {
  const { action_id: does = LINK, action_ts: at = "" } = action ?? {};
  if (does.startsWith(LINK)) return { is: "nothing" };
  const { id: shown, private_metadata: meta } = view;
  if (view.type !== "home") return { is: "turned", action: does, view: shown, meta, locale: who.locale(user.id) };
  const delivery = from({ id: `slack:home:${user.id}:${at}`, user: user.id, at, channel: user.id, ts: null }, who);
  return { is: "decided", trigger, incoming: { ...delivery, type: "click", message: null, action: does, text: null } };
}

/** Slack closes a dialog when its submission is acknowledged: the same dialog is never submitted twice. */
function submitted(it: Submission, who: Who): Heard {
  const meta = parseMeta(it.view.private_metadata);
  if (it.view.callback_id !== FORM || !meta) return { is: "nothing" };
  const { action, channel, thread, message: on } = meta;
  const delivery = from({ id: `slack:view:${it.view.id}`, user: it.user.id, at: "", channel, ts: thread }, who);
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
