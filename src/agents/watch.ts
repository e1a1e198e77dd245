/** How long an agent may take; milliseconds. */
export interface Times {
  /** From the start of the process until it takes the prompt. */
  startMs: number;
  /** Without a sign of life, while no tool is at work and nobody is asked. */
  stallMs: number;
  /** From the interrupt to the end of the turn; then the process is ended. */
  interruptMs: number;
  /** From the end of its input to the end of the process; then it is ended. */
  closeMs: number;
}

export const TIMES: Times = { startMs: 30_000, stallMs: 600_000, interruptMs: 10_000, closeMs: 250 };

export interface Watch {
  /** The agent gave a sign of life. */
  touch(): void;
  /** Milliseconds since the last one. */
  quiet(): number;
  stop(): void;
}

/** Calls `onStall` once when the agent has been silent for `stallMs` and was not `excused` meanwhile. */
export function watchStall({
  stallMs,
  excused,
  onStall,
}: {
  stallMs: number;
  excused(): boolean;
  onStall(): void;
}): Watch {
  let lastAt = performance.now();
  const quiet = (): number => performance.now() - lastAt;
  const look = (): void => {
    if (excused()) lastAt = performance.now();
    const left = stallMs - quiet();
    if (left <= 0) onStall();
    else timer = setTimeout(look, left);
  };
  let timer = setTimeout(look, stallMs);
  return {
    touch: () => {
      lastAt = performance.now();
    },
    quiet,
    stop: () => clearTimeout(timer),
  };
}

/** Something did not happen in time; the message is for a person. */
export class Late extends Error {}

/** Rejects with `error` when the work has not come to an end in time. */
export async function within<T>(ms: number, work: Promise<T>, error: () => Error): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(error()), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
