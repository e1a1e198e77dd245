import { GrammyError } from "grammy";
import { Gone } from "../../core/ports/chat.ts";

/** Why Telegram refused, as far as something can be done about it. */
export type Why =
  | { why: "same" }
  /** The message is deleted, or too old. */
  | { why: "gone" }
  /** The topic was deleted. */
  | { why: "topic" }
  | { why: "closed" }
  | { why: "moved"; to: string }
  /** The chat is not there, or not for oca: it was put out, or blocked, or may not write. */
  | { why: "shut" }
  | { why: "busy"; seconds: number }
  /** This server, or this chat, knows no rich messages. */
  | { why: "poor" }
  | { why: "content"; text: string }
  | { why: "other" };

export function whyOf(error: unknown): Why {
  if (!(error instanceof GrammyError)) return { why: "other" };
  const { error_code: code, description: text, parameters } = error;
  if (code === 429) return { why: "busy", seconds: parameters.retry_after ?? 5 };
  if (parameters.migrate_to_chat_id !== undefined) return { why: "moved", to: `${parameters.migrate_to_chat_id}` };
  if (code === 403) return { why: "shut" };
  if (code === 404) return { why: "poor" };
  return code === 400 ? badRequest(text) : { why: "other" };
}

/** A refusal, as `Gone` when nothing can be written there and only people can mend that. */
export function goneOr(error: unknown): unknown {
  const { why } = whyOf(error);
  const isGone = error instanceof GrammyError && (why === "shut" || why === "topic" || why === "closed");
  return isGone ? new Gone(`Telegram takes nothing there: ${error.description}`, { cause: error }) : error;
}

const SAID: readonly [RegExp, Why["why"]][] = [
  [/message is not modified|TOPIC_NOT_MODIFIED/i, "same"],
  [/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i, "gone"],
  [/message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i, "topic"],
  [/TOPIC_CLOSED/i, "closed"],
  [/chat not found|not enough rights to send|CHAT_\w+_FORBIDDEN|have no rights to send|PEER_ID_INVALID/i, "shut"],
  [/RICH_MESSAGE\w*_(?:NOT_ALLOWED|FORBIDDEN|UNSUPPORTED)/i, "poor"],
];

function badRequest(text: string): Why {
  const why = SAID.find(([words]) => words.test(text))?.[1];
  switch (why) {
    case "same":
    case "gone":
    case "topic":
    case "closed":
    case "poor":
    case "shut":
      return { why };
    default:
      return { why: "content", text };
  }
}
