import type { Thread } from "../../core/parts.ts";
import type { Message } from "../../core/ports/chat.ts";
import type { Orphan, Posts } from "./posts.ts";

/** Posts in the place of one that arrived although nobody learnt of it, if there is one with this key. */
export type Adopt = (thread: Thread, key: string, post: (lost: Message | null) => Promise<Message>) => Promise<Message>;

/** Looks through a thread once, and again when a post may have got lost. */
export function createOrphans(posts: Pick<Posts, "orphans">, isYoung: (ts: string) => boolean): Adopt {
  /** What is left in a thread; null: it must be looked through again. */
  const known = new Map<string, readonly Orphan[] | null>();
  /** No other process can have posted in a thread that began after this one did: the look would cost a call each. */
  const isOurs = ({ thread }: Thread): boolean => thread === null || isYoung(thread);

  return async (thread, key, post) => {
    const place = `${thread.channel}:${thread.thread}`;
    const before = known.get(place);
    const all = before ?? (before === undefined && isOurs(thread) ? [] : await posts.orphans(thread));
    const lost = all.find(({ marks }) => marks.includes(key))?.message ?? null;
    known.set(place, null);
    const message = await post(lost);
    known.set(
      place,
      all.filter((one) => one.message !== lost),
    );
    return message;
  };
}
