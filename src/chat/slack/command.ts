import { from, type Heard, type Of, type Who } from "./heard.ts";
import { readText } from "./text.ts";
import type { Body } from "./wire.ts";
import { filesOf, textOf } from "./words.ts";

export const HAND_OVER = "hand_to_oca";
export const COMMANDS = "oca_commands";

type Shortcut = Extract<Body, { type: "message_action" }>;

export function shortcut(it: Shortcut, who: Who): Heard {
  if (it.callback_id === HAND_OVER) return handed(it, who);
  if (it.callback_id !== COMMANDS) return { is: "nothing" };
  const { message: said, channel, user } = it;
  const id = `slack:command:${it.trigger_id}`;
  const delivery = from({ id, user: user.id, at: "", channel: channel.id, ts: said.thread_ts ?? said.ts }, who);
  return {
    is: "slash",
    incoming: commanded(delivery, { text: "/oca help", now: who.now }),
    answerAt: it.response_url ?? null,
  };
}

/** Words of somebody else are a quotation: they ask for something, and decide nothing. */
function handed(it: Shortcut, who: Who): Heard {
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

export function slash(it: Extract<Body, { type: "slash" }>, who: Who): Heard {
  const id = `slack:command:${it.trigger_id}`;
  const delivery = from({ id, user: it.user_id, at: "", channel: it.channel_id, ts: null }, who);
  const text = `${it.command} ${readText(it.text, who).trim()}`.trim();
  return { is: "slash", incoming: commanded(delivery, { text, now: who.now }), answerAt: it.response_url ?? null };
}

const commanded = (delivery: ReturnType<typeof from>, { text, now }: { text: string; now: number }): Of<"message"> => ({
  ...delivery,
  at: now,
  type: "message",
  message: delivery.id,
  text,
  files: [],
  replyTo: null,
  addressed: true,
});
