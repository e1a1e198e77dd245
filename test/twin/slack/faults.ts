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
  take(method: string): Fault | null;
  clear(): void;
}

export function createFaults(): Faults {
  const waiting: { method: string; fault: Fault; times: number }[] = [];
  return {
    next: (method, fault, times = 1) => void waiting.push({ method, fault, times }),
    take: (method) => {
      const i = waiting.findIndex((it) => it.method === method || it.method === "*");
      const found = waiting[i];
      if (!found) return null;
      found.times--;
      if (found.times === 0) waiting.splice(i, 1);
      return found.fault;
    },
    clear: () => void waiting.splice(0),
  };
}
