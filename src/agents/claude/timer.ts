export interface Timer {
  /** Instead of what was set before. */
  set(ms: number, then: () => void): void;
  /** Begins to count anew. */
  again(): void;
  clear(): void;
}

export function createTimer(): Timer {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (ms, then) => {
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    },
    again: () => void timer?.refresh(),
    clear: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
