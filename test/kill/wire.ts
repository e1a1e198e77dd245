import type { Turn } from "../../src/core/parts.ts";
import type { Incoming, Message, Posted, Said } from "../../src/core/ports/chat.ts";
import type { View } from "../../src/core/view.ts";
import type { Real } from "../agents/bin.ts";

/** What bot and people say to each other: two processes, and only the bot's dies. */

/** A moment in the life of a bot: before or after the `n`-th call of a kind, from 1; or within it, so long after its start. */
export interface Point {
  kind: string;
  n: number;
  /** `within`: what runs in the bot's process group dies too, which is git in the middle of a command. */
  when: "before" | "after" | "within";
  ms: number;
}

export interface Order {
  data: string;
  repo: string;
  home: string;
  /** A command that must pass before anything lands. */
  check: string | null;
  /** The server that the repository is pushed to; the bot looks there when it is told to. */
  github: { url: string; token: string } | null;
  /** The real agent that works, and the model that it asks; else the demo agent. */
  real?: { name: Real; url: string };
  /** Where the bot kills itself. */
  kill: Point | null;
}

/** What the bot asks of the platform and waits for. */
export interface Asked {
  post: { args: { thread: Omit<Message, "id">; view: View }; gives: Posted };
  edit: { args: { message: Message; view: View }; gives: null };
  reply: { args: { delivery: string; view: View }; gives: null };
  context: { args: null; gives: Said[] };
  /** What waits for the bot: new, or not acknowledged by the one before. */
  pending: { args: null; gives: Incoming[] };
  /** The write turn has come to its middle, and goes on when this is answered. */
  middle: { args: null; gives: null };
}

export type FromBot =
  | { [K in keyof Asked]: { is: "asks"; call: number; what: K; args: Asked[K]["args"] } }[keyof Asked]
  | { is: "ready" }
  /** The delivery is saved, or could not be. */
  | { is: "took"; delivery: string; ok: boolean }
  | { is: "turn"; turn: Turn; ended: boolean }
  /** All calls of this life by kind, each with a word of what it was about. */
  | { is: "over"; calls: Record<string, string[]> };

export type ToBot =
  | { is: "answer"; call: number; value: unknown }
  | { is: "delivery"; incoming: Incoming }
  /** A minute and a half has passed: how do pull requests stand? */
  | { is: "look" }
  | { is: "stop" };
