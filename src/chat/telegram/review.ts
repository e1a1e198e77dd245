import { type Api, InputFile } from "grammy";
import type { Memory, Shown } from "./memory.ts";
import { type Print, printTree } from "./render.ts";
import type { Send } from "./send.ts";
import type { Branch } from "./tree.ts";

/** A button with a page of the bot's own carries this address; what is behind it is shown in the chat. */
const PAGE = "/diff/";

export const sessionOf = (action: string): string | null =>
  action.startsWith(PAGE) ? action.slice(PAGE.length) : null;

export interface ReviewDeps {
  api: Api;
  memory: Memory;
  send: Send;
  /** The unified diff of a session; null when there is none. */
  diff: (session: string) => Promise<{ title: string; text: string } | null>;
}

/** Shows what was changed below the card: each file closed, with its sums, and the whole as a file. */
export type Review = (channel: string, card: Shown, session: string) => Promise<void>;

export function createReview({ api, memory, send, diff }: ReviewDeps): Review {
  return async (channel, card, session) => {
    const found = await diff(session);
    if (!found || found.text.trim() === "") return;
    const { seats } = await memory.open(channel);
    const seat = seats.find(({ thread }) => thread === card.thread) ?? null;
    const tree = [...heading(found.title), ...filesOf(found.text).map(folded)];
    await send(channel, seat, async ({ chat, at }, mode) => {
      const printed = printTree(tree, mode, []);
      return post(api, chat, { printed, how: { ...at, disable_notification: true } });
    });
    await send(channel, seat, async ({ chat, at }) => {
      const file = new InputFile(Buffer.from(found.text), `${session}.diff`);
      return (await api.sendDocument(chat, file, { ...at, disable_notification: true })).message_id;
    });
  };
}

const heading = (title: string): Branch[] => [{ tag: "p", children: [{ tag: "strong", children: [title] }] }];

interface Changed {
  path: string;
  added: number;
  removed: number;
  text: string;
}

/** The files of a unified diff, in its order. */
export function filesOf(diff: string): Changed[] {
  const parts = diff.split(/^(?=diff --git )/m).filter((part) => part.trim() !== "");
  return parts.map((text) => {
    const [header = "", ...hunks] = text.split(/^(?=@@ )/m);
    const lines = hunks.flatMap((hunk) => hunk.split("\n"));
    const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
    return { path: pathOf(header), added: count("+"), removed: count("-"), text: hunks.join("") || header };
  });
}

/** Where it is now; where it was, if it is gone. */
function pathOf(header: string): string {
  const named = [/^\+\+\+ "?b\/(.*?)"?\t?$/m, /^rename to (.*)$/m, /^--- "?a\/(.*?)"?\t?$/m, /^diff --git (.*)$/m];
  for (const one of named) {
    const path = one.exec(header)?.[1];
    if (path !== undefined) return path;
  }
  return "…";
}

const folded = ({ path, added, removed, text }: Changed): Branch => ({
  tag: "details",
  summary: `${path} +${added} −${removed}`,
  children: [{ tag: "pre", language: "diff", children: [text.replace(/\n$/, "")] }],
});

async function post(api: Api, chat: string, { printed, how }: { printed: Print; how: object }): Promise<number> {
  const sent =
    printed.is === "rich"
      ? await api.raw.sendRichMessage({ chat_id: chat, rich_message: printed.rich_message, ...how })
      : await api.sendMessage(chat, printed.text, { ...how, entities: printed.entities });
  return sent.message_id;
}
