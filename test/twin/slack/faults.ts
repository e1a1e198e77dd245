/** What goes wrong with a call. `lost`: it is done, but nobody hears of it. `hang`: no answer ever. */
export type Fault =
  | { is: "error"; error: string }
  | { is: "status"; status: number; retryAfter: number | null }
  | { is: "cut" }
  | { is: "lost" }
  | { is: "hang" };

export interface Faults {
  /** The next calls of this method (`*`: of any) go wrong. */
  next(method: string, fault: Fault, times?: number): void;
  take(method: string, args: object): Fault | null;
  clear(): void;
}

/** `fails`: every call fails at first, and works when it is made again. */
export function createFaults(fails: () => boolean): Faults {
  const failed = new Set<string>();
  const first = (method: string, args: object): Fault | null => {
    const call = `${method} ${JSON.stringify(args)}`;
    if (!fails() || failed.delete(call)) return null;
    failed.add(call);
    return { is: "status", status: 503, retryAfter: null };
  };
  const waiting: { method: string; fault: Fault; times: number }[] = [];
  return {
    next: (method, fault, times = 1) => void waiting.push({ method, fault, times }),
    take: (method, args) => {
      const i = waiting.findIndex((it) => it.method === method || it.method === "*");
      const found = waiting[i];
      if (!found) return first(method, args);
      found.times--;
      if (found.times === 0) waiting.splice(i, 1);
      return found.fault;
    },
    clear: () => void waiting.splice(0),
  };
}
