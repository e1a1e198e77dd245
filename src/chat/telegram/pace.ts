/** A refusal that says how many seconds to wait. */
export interface Busy {
  seconds: number;
}

/** What one chat takes: posts in order and before edits, and of the edits of one message the newest only. */
export interface Lane {
  post<T>(job: () => Promise<T>): Promise<T>;
  /** Resolves when this edit or a newer one of the same key is done. */
  edit(key: string, job: () => Promise<void>): Promise<void>;
}

export interface PaceOptions {
  now: () => number;
  /** How long a second of the platform's limits is; tests shorten it. */
  secondMs: number;
  /** Null: no refusal of that kind. */
  busy: (error: unknown) => Busy | null;
}

/**
 * Telegram takes about one message a second in a chat, a few more at once, and 20 a minute in a group; edits count. Of
 * those 20 some are kept for posts: what a person waits for is never behind somebody's progress.
 */
const BURST = 3;
const A_MINUTE = { post: 20, edit: 15 };

export function createLane({ now, secondMs, busy }: PaceOptions, group: boolean): Lane {
  const posts: (() => Promise<"done" | Busy>)[] = [];
  const edits = new Map<string, { job: () => Promise<void>; done: PromiseWithResolvers<void> }>();
  let times: number[] = [];
  let until = 0;
  let wake = (): void => {};
  let running = false;

  const run = async (job: () => Promise<unknown>): Promise<"done" | Busy> => {
    times.push(now());
    try {
      await job();
      return "done";
    } catch (error) {
      const wait = busy(error);
      if (!wait) throw error;
      until = now() + wait.seconds * secondMs * 1.02;
      return wait;
    }
  };
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const next = async (): Promise<void> => {
    const at = now();
    times = times.filter((time) => time > at - 61 * secondMs);
    const most = group ? A_MINUTE[posts.length > 0 ? "post" : "edit"] : Number.POSITIVE_INFINITY;
    const wait = Math.max(until, freeAt(times, { secondMs, most })) - at;
    if (wait > 0) return pause(wait);
    const [post] = posts;
    if (!post) return nextEdit();
    if ((await post()) === "done") posts.shift();
  };
  const nextEdit = async (): Promise<void> => {
    const [first] = edits;
    if (!first) return;
    const [key, edit] = first;
    edits.delete(key);
    const result = await run(edit.job).catch(edit.done.reject);
    if (result === "done") edit.done.resolve();
    // A newer edit has the place already: whoever waits for this one waits for that.
    else if (result) edits.set(key, merge(edit, edits.get(key)));
  };
  const work = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (posts.length > 0 || edits.size > 0) await next();
    running = false;
  };

  return {
    post: (job) =>
      new Promise((resolve, reject) => {
        const once = async (): Promise<void> => resolve(await job());
        posts.push(() =>
          run(once).catch((error: unknown) => {
            reject(error);
            return "done";
          }),
        );
        wake();
        void work();
      }),
    edit: (key, job) => {
      const done = Promise.withResolvers<void>();
      edits.set(key, merge(edits.get(key), { job, done }));
      void work();
      return done.promise;
    },
  };
}

/** When the next message may go. A little later than they say: their clock is not ours. */
function freeAt(times: readonly number[], { secondMs, most }: { secondMs: number; most: number }): number {
  const burst = times.at(-BURST);
  const minute = times.at(-most);
  return Math.max(
    burst === undefined ? 0 : burst + BURST * secondMs * 1.05,
    minute === undefined ? 0 : minute + 60.5 * secondMs,
  );
}

type Edit = { job: () => Promise<void>; done: PromiseWithResolvers<void> };

/** The newer job; both who wait hear of its end. */
function merge(older: Edit | undefined, newer: Edit | undefined): Edit {
  if (!older || !newer) return older ?? newer ?? { job: () => Promise.resolve(), done: Promise.withResolvers<void>() };
  newer.done.promise.then(older.done.resolve, older.done.reject);
  return newer;
}
