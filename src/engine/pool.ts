export interface Pool {
  /** Waits for a free slot; resolves to the way to free it again, or to null when `signal` aborts first. */
  enter(key: string, signal: AbortSignal): Promise<(() => void) | null>;
  /** Place in the queue from 1; null when it does not wait. */
  place(key: string): number | null;
}

/** Checkouts that sessions work in directly, one session at a time in each. */
export interface Lanes {
  /** Waits until the session may work there; it keeps the lane until it leaves it. False when `signal` aborts first. */
  enter(path: string, key: string, signal: AbortSignal): Promise<boolean>;
  leave(key: string): void;
  /** Place in the queue from 1, and who is in there; null when it does not wait. */
  waits(key: string): { place: number; behind: string } | null;
}

export function createLanes(moved: (key: string) => void): Lanes {
  const lanes = new Map<string, Pool>();
  const inside = new Map<string, { path: string; leave: () => void }>();
  return {
    async enter(path, key, signal) {
      if (inside.has(key)) return true;
      const lane = lanes.get(path) ?? createPool(1, moved);
      lanes.set(path, lane);
      const leave = await lane.enter(key, signal);
      if (leave) inside.set(key, { path, leave });
      return leave !== null;
    },
    leave(key) {
      inside.get(key)?.leave();
      inside.delete(key);
    },
    waits(key) {
      for (const [behind, { path }] of inside) {
        const place = lanes.get(path)?.place(key) ?? null;
        if (place !== null) return { place, behind };
      }
      return null;
    },
  };
}

/** At most `slots` at a time, first come first served. `moved` hears of everybody whose place changed. */
export function createPool(slots: number, moved: (key: string) => void): Pool {
  const queue: { key: string; go: (slot: boolean) => void }[] = [];
  let used = 0;

  const next = (): void => {
    const first = used < slots ? queue.shift() : undefined;
    if (!first) return;
    used++;
    first.go(true);
    for (const { key } of queue) moved(key);
  };

  const release = (): (() => void) => {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      used--;
      next();
    };
  };

  return {
    enter(key, signal) {
      if (signal.aborted) return Promise.resolve(null);
      return new Promise((resolve) => {
        const leave = (): void => {
          const at = queue.indexOf(waiting);
          queue.splice(at, 1);
          waiting.go(false);
          for (const { key } of queue.slice(at)) moved(key);
        };
        const waiting = {
          key,
          go: (slot: boolean) => {
            signal.removeEventListener("abort", leave);
            resolve(slot ? release() : null);
          },
        };
        signal.addEventListener("abort", leave);
        queue.push(waiting);
        next();
        if (queue.includes(waiting)) moved(key);
      });
    },
    place(key) {
      const at = queue.findIndex((waiting) => waiting.key === key);
      return at < 0 ? null : at + 1;
    },
  };
}
