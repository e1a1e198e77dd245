export interface Batches<T> {
  /** Resolves when the item is written, at the latest a pace after it came; rejects when its batch could not be. */
  add(key: string, item: T): Promise<void>;
  /** Writes now what waits, of one key or of all. Never rejects: whoever added hears of it. */
  flush(key?: string): Promise<void>;
}

/** Puts what comes within `paceMs` into one write per key. Writes of one key may overlap: `write` orders them. */
export function createBatches<T>(write: (key: string, items: T[]) => Promise<void>, paceMs: number): Batches<T> {
  const open = new Map<string, { items: T[]; done: Promise<void>; go: () => void }>();

  const begin = (key: string) => {
    const items: T[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, paceMs);
    const done = promise.then(() => {
      clearTimeout(timer);
      open.delete(key);
      return write(key, items);
    });
    const batch = { items, done, go: resolve };
    open.set(key, batch);
    return batch;
  };

  return {
    add: (key, item) => {
      const batch = open.get(key) ?? begin(key);
      batch.items.push(item);
      return batch.done;
    },
    flush: async (key) => {
      const batches = [...open].flatMap(([one, batch]) => (key === undefined || one === key ? [batch] : []));
      for (const { go } of batches) go();
      await Promise.allSettled(batches.map(({ done }) => done));
    },
  };
}
