import { type Action, readAction } from "../../core/action.ts";
import type { Person, Thread } from "../../core/parts.ts";
import type { Chat, Incoming, Message, Said } from "../../core/ports/chat.ts";
import type { Button, View } from "../../core/view.ts";

/** A message of the thread: words of a person, or a card. */
export interface Line {
  at: Message;
  by: Person | null;
  text: string;
  view: View | null;
}

/** A chat without a platform, in memory: for a story that plays by itself, in a terminal or in a test. */
export interface TextChat extends Chat {
  lines: readonly Line[];
  /** Every answer that only one person saw, oldest first. */
  replies: readonly { to: Person; view: View }[];
  /** Resolves to the thread when the words are saved. Without a thread they start one. */
  say(by: Person, text: string, thread?: Thread): Promise<Thread>;
  /** Presses the newest button that fits; `text` is what its form was filled in with. */
  press(by: Person, which: (button: Button, action: Action | null) => boolean, text?: string): Promise<void>;
  /** Delivers something once more, or something forged. */
  deliver(incoming: Incoming): Promise<void>;
  /** Resolves to the first card that fits, now or later. */
  sees(fits: (view: View) => boolean, signal: AbortSignal): Promise<View>;
}

export interface TextOptions {
  name?: string;
  now?: () => number;
  /** Hears of every new or changed line. */
  show?: (line: Line, how: "new" | "edited") => void;
  /** Hears what one person is answered. */
  whisper?: (to: Person, view: View) => void;
}

export function createText({
  name = "text",
  now = Date.now,
  show = () => {},
  whisper = () => {},
}: TextOptions): TextChat {
  const lines: Line[] = [];
  const replies: { to: Person; view: View }[] = [];
  const waiters = new Set<() => void>();
  let receive: (incoming: Incoming) => Promise<void> = () => Promise.reject(new Error("the chat has not been started"));
  let count = 0;

  const nextId = () => `${name}${++count}`;
  const head = (by: Person, thread: Thread) => ({ id: `${name}:${nextId()}`, at: now(), by, thread, locale: "en" });
  const wake = (): void => {
    for (const waiter of waiters) waiter();
  };
  const add = (line: Line): void => {
    lines.push(line);
    show(line, "new");
    wake();
  };

  return {
    name,
    lines,
    replies,
    start: (listener) => {
      receive = listener;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    post: (thread, view) => {
      const at = { ...thread, id: nextId() };
      const posted = { ...at, at: now() };
      add({ at, by: null, text: "", view });
      return Promise.resolve(posted);
    },
    edit: async (message, view) => {
      const line = lines.find(({ at }) => at.id === message.id);
      if (!line) throw new Error(`there is no message ${message.id}`);
      line.view = view;
      show(line, "edited");
      wake();
    },
    reply: ({ by }, view) => {
      replies.push({ to: by, view });
      whisper(by, view);
      return Promise.resolve();
    },
    context: (thread, before) => Promise.resolve(earlier(lines, thread, before)),
    fetch: (file) => Promise.reject(new Error(`this chat keeps no files, also not ${file.name}`)),
    say: async (by, text, thread) => {
      const message = nextId();
      const where = thread ?? { chat: name, channel: "general", thread: message };
      add({ at: { ...where, id: message }, by, text, view: null });
      const addressed = text.includes("@oca");
      await receive({ ...head(by, where), type: "message", message, text, files: [], replyTo: null, addressed });
      return where;
    },
    press: (by, which, text) => {
      const found = newest(lines, which);
      if (!found) return Promise.reject(new Error("no card has such a button"));
      const { at, action } = found;
      const thread = { chat: at.chat, channel: at.channel, thread: at.thread };
      return receive({ ...head(by, thread), type: "click", message: at.id, action, text: text ?? null });
    },
    deliver: (incoming) => receive(incoming),
    sees: (fits, signal) =>
      waitFor(waiters, signal, () => lines.findLast(({ view }) => view !== null && fits(view))?.view ?? null),
  };
}

const earlier = (lines: readonly Line[], thread: Thread, before: string): Said[] =>
  lines
    .slice(
      0,
      Math.max(
        0,
        lines.findIndex(({ at }) => at.id === before),
      ),
    )
    .flatMap(({ at, by, text }) => (by && at.thread === thread.thread ? [{ by: by.name, at: 0, text }] : []));

function newest(
  lines: readonly Line[],
  which: (button: Button, action: Action | null) => boolean,
): { at: Message; action: string } | null {
  for (const { at, view } of lines.toReversed())
    for (const button of view?.buttons ?? []) {
      const action = "action" in button.does ? button.does.action : "";
      if (which(button, readAction(action))) return { at, action };
    }
  return null;
}

function waitFor<T>(waiters: Set<() => void>, signal: AbortSignal, look: () => T | null): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const found = look();
      if (found === null && !signal.aborted) return;
      waiters.delete(check);
      signal.removeEventListener("abort", check);
      if (found === null) reject(signal.reason);
      else resolve(found);
    };
    waiters.add(check);
    signal.addEventListener("abort", check);
    check();
  });
}
