import type { Block, Play, Told } from "../script.ts";

/** How one provider speaks: reads a request, frames an answer. */
export interface Wire {
  read(body: unknown): Told;
  /** A side request (a title, a classifier) and what it is answered with; null for the agent's own conversation. */
  side(body: unknown, told: Told): string | null;
  streams(body: unknown, path: string): boolean;
  /** Frames an answer as a stream; `put` takes what is written as it is. */
  speak(told: Told, play: Play, put: (chunk: string) => void): Voice;
  /** The answer in one piece. */
  whole(told: Told, play: Play, blocks: readonly Block[]): object;
  error(fail: Failure): { headers: Record<string, string>; body: object };
}

export type Failure = Extract<Block, { do: "fail" }>;

export interface Voice {
  begin(): void;
  /** `words` is one after another, `all` the whole. */
  text(all: string): { word(word: string): void; end(): void };
  think(text: string): void;
  tool(block: Extract<Block, { do: "tool" }>): void;
  end(): void;
}

/** What every request costs, so that a test can say what a turn costs. */
export const USAGE = { input: 1200, cached: 300, output: 80 };

export const event = (data: object, name?: string): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

let count = 0;
export const newId = (prefix: string): string => `${prefix}_${(++count).toString(36).padStart(8, "0")}`;

/** The text of a body's content: a string, or parts with text. */
export function plain(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (typeof part?.text === "string" ? part.text : "")).join("\n");
}

export const partsOf = (content: unknown): Record<string, unknown>[] =>
  Array.isArray(content) ? content : typeof content === "string" ? [{ type: "text", text: content }] : [];

export const inS = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
