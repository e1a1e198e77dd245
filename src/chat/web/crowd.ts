/** Something that open pages are told; `key` names the thing it is about, so that only its newest state is sent. */
export interface News {
  key: string;
  /** One person's only, or everybody's. */
  to: string | null;
  /** Made only when somebody takes it: of fifty edits in a row mostly one is drawn. */
  data: () => object;
}

/** An open page: what it has not been told yet. Bounded by the number of things that can change. */
export interface Visitor {
  /** Takes what is new, oldest first; waits up to `ms` for it. */
  take(ms: number): Promise<object[]>;
  leave(): void;
}

export interface Crowd {
  join(user: string): Visitor;
  tell(news: News): void;
  /** Lets every waiting page go. */
  close(): void;
  readonly closed: boolean;
}

/** How many words for one person are kept while that person has no page open. */
const KEPT = 20;

export function createCrowd(): Crowd {
  const seats = new Map<Seat, string>();
  const missed = new Map<string, News[]>();
  let closed = false;
  return {
    join: (user) => {
      const seat = createSeat();
      seats.set(seat, user);
      for (const news of missed.get(user) ?? []) seat.put(news);
      missed.delete(user);
      return { take: seat.take, leave: () => void seats.delete(seat) };
    },
    tell: (news) => {
      const heard = [...seats].filter(([, user]) => news.to === null || news.to === user);
      for (const [seat] of heard) seat.put(news);
      if (news.to === null || heard.length > 0) return;
      missed.set(news.to, [...(missed.get(news.to) ?? []), news].slice(-KEPT));
    },
    close: () => {
      closed = true;
      for (const seat of seats.keys()) seat.wake();
    },
    get closed() {
      return closed;
    },
  };
}

interface Seat {
  put(news: News): void;
  take(ms: number): Promise<object[]>;
  wake(): void;
}

function createSeat(): Seat {
  const waiting = new Map<string, News["data"]>();
  let wake = (): void => undefined;
  return {
    put: ({ key, data }) => {
      waiting.delete(key);
      waiting.set(key, data);
      wake();
    },
    take: async (ms) => {
      if (waiting.size === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const all = [...waiting.values()];
      waiting.clear();
      return all.map((data) => data());
    },
    wake: () => wake(),
  };
}
