export interface Latest {
  /** Asks for a run of this key soon. Asked again before it starts, it still runs once. `urgent` skips the spacing. */
  run(key: string, how?: { urgent: boolean }): void;
  /** Resolves when no key runs or waits; until then nothing waits for its spacing. */
  idle(): Promise<void>;
}

interface LatestOptions {
  /** A failed run is over: it is not repeated by itself. */
  onError: (error: unknown, key: string) => void;
  /** From the start of one run of a key to the start of its next. */
  spacingMs?: number;
  now?: () => number;
  /** Calls `then` once after `ms`; returns the way to call it off. */
  after?: (ms: number, then: () => void) => () => void;
}

/** Runs a job per key, one at a time and latest-wins: calls during a run or its spacing collapse into one more run. */
export function createLatest(job: (key: string) => Promise<void>, options: LatestOptions): Latest {
  const { onError, spacingMs = 0, now = Date.now, after = timer } = options;
  const keys = new Map<string, State>();
  let waiters: (() => void)[] = [];

  const start = async (key: string): Promise<void> => {
    const startedAt = now();
    const state: State = { at: "running", wanted: "no" };
    keys.set(key, state);
    try {
      await job(key);
    } catch (error) {
      onError(error, key);
    }
    rest(key, state.wanted, startedAt + spacingMs - now());
  };

  /** After a run: the next one at once, or what is left of the spacing. */
  const rest = (key: string, wanted: Wanted, ms: number): void => {
    const isDue = ms <= 0 || waiters.length > 0;
    if (wanted === "urgent" || (wanted === "yes" && isDue)) return void start(key);
    keys.delete(key);
    if (ms > 0) keys.set(key, { at: "resting", wanted, cancel: after(ms, () => wake(key)) });
    settle();
  };

  const wake = (key: string): void => {
    if (keys.get(key)?.wanted !== "no") return void start(key);
    keys.delete(key);
  };

  const hurry = (key: string, { cancel }: Resting): void => {
    cancel();
    void start(key);
  };

  const settle = (): void => {
    if ([...keys.values()].some(isBusy)) return;
    for (const done of waiters) done();
    waiters = [];
  };

  return {
    run: (key, how) => {
      const state = keys.get(key);
      if (!state) return void start(key);
      if (state.wanted !== "urgent") state.wanted = how?.urgent ? "urgent" : "yes";
      if (state.at === "resting" && how?.urgent) hurry(key, state);
    },
    idle: () =>
      new Promise((done) => {
        waiters.push(done);
        for (const [key, state] of keys) if (state.at === "resting" && state.wanted !== "no") hurry(key, state);
        settle();
      }),
  };
}

type Wanted = "no" | "yes" | "urgent";
type Resting = { at: "resting"; wanted: Wanted; cancel: () => void };
type State = { at: "running"; wanted: Wanted } | Resting;

const isBusy = (state: State): boolean => state.at === "running" || state.wanted !== "no";

function timer(ms: number, then: () => void): () => void {
  const id = setTimeout(then, ms);
  return () => clearTimeout(id);
}
