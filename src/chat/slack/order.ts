import type { Person, Thread } from "../../core/parts.ts";
import type { Message } from "../../core/ports/chat.ts";
import type { Board, View } from "../../core/view.ts";
import type { DialogWords } from "./dialog.ts";
import type { LinkOrder } from "./link.ts";
import type { SlackLog } from "./log.ts";

/** What the Slack chat needs from the bot. */
export interface SlackOrder {
  link: LinkOrder;
  /** `xoxb-`. */
  token: string;
  /** Names of oca's commands: after `/oca`, anything else is a request. */
  commands: readonly string[];
  /** A card as it was last drawn; null when the message is none. */
  card(message: Message): Promise<View | null>;
  /** The thread of the work that a message asked for, or below which it is done; null when it is none of oca's business. */
  workOf(message: Thread): Promise<Thread | null>;
  /** The message that asked for the work of a thread: it may stand in the middle of it. */
  requestIn(thread: Thread): Promise<string | null>;
  home(person: Person, locale: string): Promise<Board>;
  /** The unified diff of a session; null when there is none. */
  diff(session: string): Promise<{ title: string; text: string } | null>;
  words(locale: string): DialogWords;
  now(): number;
  log: SlackLog;
  /** Another Slack, for tests. */
  apiUrl?: string;
  fetch?: typeof fetch;
  postSpacingMs?: number;
}
