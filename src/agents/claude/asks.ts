import type { Answer, What } from "../../core/ask.ts";
import type { Feed } from "../feed.ts";

export type Asked = Extract<What, { kind: "permission" | "question" }>;

/** What people are asked, and the requests of the process that wait for it. */
export interface Asks {
  /** Null: withdrawn, or nobody is asked any more. */
  ask(request: string, key: string, what: Asked): Promise<Answer | null>;
  /** Ids that nobody waits for are ignored. */
  answer(id: string, answer: Answer): void;
  withdraw(request: string): void;
  close(): void;
  readonly waiting: boolean;
}

export function createAsks(feed: Feed): Asks {
  const open = new Map<string, { request: string; resolve(answer: Answer | null): void }>();
  const gone = new Set<string>();
  let isClosed = false;
  let count = 0;

  function settle(id: string, answer: Answer | null): void {
    open.get(id)?.resolve(answer);
    open.delete(id);
  }

  return {
    ask: (request, key, what) => {
      if (isClosed || gone.has(request)) return Promise.resolve(null);
      const { promise, resolve } = Promise.withResolvers<Answer | null>();
      const id = `c${++count}`;
      open.set(id, { request, resolve });
      feed.put({ type: "asked", ask: { id, key, what } });
      return promise;
    },
    answer: settle,
    withdraw: (request) => {
      // Also what is yet to be asked: the rules are looked at first.
      gone.add(request);
      for (const [id, one] of [...open]) if (one.request === request) settle(id, null);
    },
    close: () => {
      isClosed = true;
      for (const id of [...open.keys()]) settle(id, null);
    },
    get waiting() {
      return open.size > 0;
    },
  };
}
