export interface Budget {
  /** Is it this key's turn now? Then it counts, and what waited for it is dropped. */
  take(key: string): boolean;
  /** Runs `job` when its turn comes. A newer one of the same key takes the place of the older. */
  later(key: string, job: () => Promise<void>): void;
  /** Something of this key was done at once: it counts, and what waited for it is dropped. */
  spend(key: string): void;
  /** Nothing runs for so long. */
  pause(ms: number): void;
  stop(): void;
}

export interface BudgetOptions {
  perMinute: number;
  /** How many may follow each other at once. */
  burst: number;
  now: () => number;
  onError: (error: unknown, key: string) => void;
}

/**
 * Shares what Slack allows a minute among all who want to edit: first come first served, and whoever was served goes to
 * the end of the line, so that fifty sessions have the same share each.
 */
export function createBudget({ perMinute, burst, now, onError }: BudgetOptions): Budget {
  const line = new Map<string, () => Promise<void>>();
  const msEach = 60_000 / perMinute;
  let left = burst;
  let at = now();
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const refill = (): void => {
    const time = now();
    left = Math.min(burst, left + Math.max(0, time - at) / msEach);
    at = Math.max(at, time);
  };

  const pump = (): void => {
    timer = null;
    refill();
    const [next] = line;
    if (stopped || !next) return;
    if (left >= 1) {
      const [key, job] = next;
      line.delete(key);
      left -= 1;
      job().catch((error: unknown) => onError(error, key));
    }
    plan();
  };

  const plan = (): void => {
    if (timer || stopped || line.size === 0) return;
    const ms = Math.max(0, (1 - left) * msEach + Math.max(0, at - now()));
    timer = setTimeout(pump, Math.ceil(ms));
  };

  return {
    take(key) {
      refill();
      const first = line.size === 0 || (line.size === 1 && line.has(key));
      if (left < 1 || !first) return false;
      line.delete(key);
      left -= 1;
      return true;
    },
    later(key, job) {
      line.set(key, job);
      refill();
      plan();
    },
    spend(key) {
      line.delete(key);
      refill();
      left = Math.max(left - 1, -burst);
    },
    pause(ms) {
      refill();
      left = Math.min(left, 0);
      at = Math.max(at, now() + ms);
      if (timer) clearTimeout(timer);
      timer = null;
      plan();
    },
    stop() {
      stopped = true;
      line.clear();
      if (timer) clearTimeout(timer);
    },
  };
}
