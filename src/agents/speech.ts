import type { Feed } from "./feed.ts";

/** The words of an agent, which come in small pieces and are told in larger ones. */
export interface Speech {
  say(text: string): void;
  /** Something else is done: what is said next is a new block. */
  pause(): void;
  /** Tells what was not told yet. */
  flush(): void;
  /** The last block that says something. */
  last(): string;
  /** Says how much was left out, if anything was. */
  close(): void;
}

/** Words are gathered until something else happens, but no longer than this: a card shows that the agent is alive. */
const PIECE_MS = 1000;
const PIECE_CHARS = 20_000;
/** Of one turn. What an agent says beyond is counted, not kept. */
const SAID_CHARS = 1_000_000;
/** A word that is longer is cut. */
const LAST_CHARS = 101;
const BLOCK_CHARS = 200_000;

export function createSpeech(feed: Feed): Speech {
  let piece = "";
  let since = 0;
  let block = "";
  let before = "";
  let room = SAID_CHARS;
  let left = 0;

  function put(text: string): void {
    const words = text.trim();
    const told = words.slice(0, room);
    room -= told.length;
    left += words.length - told.length;
    if (told !== "") feed.put({ type: "text", text: told });
  }

  function flush(): void {
    put(piece);
    piece = "";
  }

  return {
    flush,
    say: (text) => {
      if (piece === "") since = performance.now();
      block = (block + text).slice(-BLOCK_CHARS);
      if (room === 0) {
        left += text.length;
        return;
      }
      piece += text;
      if (performance.now() - since < PIECE_MS && piece.length < PIECE_CHARS) return;
      const space = lastSpace(piece);
      const end = space > 0 || piece.length < PIECE_CHARS ? space : piece.length;
      if (end <= 0) return;
      put(piece.slice(0, end));
      piece = piece.slice(end);
      since = performance.now();
    },
    pause: () => {
      flush();
      if (block.trim() !== "") before = block;
      block = "";
    },
    last: () => (block.trim() === "" ? before : block).trim(),
    close: () => {
      flush();
      if (left > 0) feed.put({ type: "text", text: `(${left} more characters are left out)` });
      left = 0;
    },
  };
}

/** Where the last word begins; -1 where it is too long to wait for its end. */
function lastSpace(text: string): number {
  const from = Math.max(0, text.length - LAST_CHARS);
  const found = text.slice(from).search(/\s\S*$/);
  return found < 0 ? found : from + found;
}
