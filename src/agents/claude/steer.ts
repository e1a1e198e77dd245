import { randomUUID } from "node:crypto";
import type { Feed } from "../feed.ts";
import { asWords } from "./order.ts";

/** Words that people put into a running turn. */
export interface Steer {
  say(words: readonly { message: string; text: string }[]): void;
  /** From here on words can be sent; what was said before goes first. */
  start(send: (line: object) => void): void;
  /** What became of words that were sent: only when the agent has taken them up they are heard. */
  take(uuid: string, state: string): void;
  /** Words were sent that the agent has not taken up yet. */
  readonly open: boolean;
}

export function createSteer(feed: Feed): Steer {
  const sent = new Map<string, string>();
  const early: object[] = [];
  let send = (line: object): void => void early.push(line);

  return {
    say: (words) => {
      for (const { message, text } of words) {
        const uuid = randomUUID();
        sent.set(uuid, message);
        send(userLine(asWords(text), uuid));
      }
    },
    start: (out) => {
      send = out;
      for (const line of early) out(line);
    },
    take: (uuid, state) => {
      const message = sent.get(uuid);
      if (message === undefined || state === "queued") return;
      sent.delete(uuid);
      if (state === "started" || state === "completed") feed.put({ type: "heard", messages: [message] });
    },
    get open() {
      return sent.size > 0;
    },
  };
}

/** The CLI answers a uuid only once in a conversation: each line has a new one. */
export const userLine = (content: unknown, uuid: string = randomUUID()): object => ({
  type: "user",
  message: { role: "user", content },
  parent_tool_use_id: null,
  uuid,
});
