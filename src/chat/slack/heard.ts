import type { Person, Thread } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports/chat.ts";
import type { Names } from "./text.ts";
import { msOf } from "./wire.ts";

/** What a delivery of Slack comes to. */
export type Heard =
  | { is: "nothing" }
  | { is: "words"; incoming: Of<"message"> }
  | { is: "news"; incoming: Of<"edited"> | Of<"joined"> }
  /** `mine`: the message is the bot's own. */
  | { is: "crossed"; incoming: Of<"message">; mine: boolean }
  /** `answerAt`: of a button that only one person sees, where its message can be changed. */
  | { is: "click"; incoming: Of<"click">; trigger: string; answerAt: string | null }
  /** A decision in the Home. */
  | { is: "decided"; incoming: Of<"click">; trigger: string }
  /** A button in a dialog. */
  | { is: "turned"; action: string; view: string; meta: string; locale: string }
  | { is: "form"; incoming: Of<"click"> }
  | { is: "slash"; incoming: Of<"message">; answerAt: string | null }
  | { is: "home"; person: Person; locale: string };

export type Of<K extends Incoming["type"]> = Extract<Incoming, { type: K }>;

export interface Who extends Names {
  /** For what Slack gives no time: dialogs and commands. Epoch ms. */
  now: number;
  locale(user: string): string;
  timezone(user: string): string | null;
}

export interface Place {
  id: string;
  user: string;
  /** A timestamp of Slack. */
  at: string;
  channel: string;
  ts: string | null;
}

export function from({ id, user, at, channel, ts }: Place, who: Who) {
  const thread: Thread = { chat: "slack", channel, thread: ts };
  const timezone = who.timezone(user);
  return {
    id,
    at: msOf(at),
    by: personOf(user, who),
    thread,
    locale: who.locale(user),
    ...(timezone === null ? {} : { timezone }),
  };
}

export const personOf = (user: string, { name }: Who): Person => ({
  id: `slack:${user}`,
  chat: "slack",
  user,
  name: name(user),
});
