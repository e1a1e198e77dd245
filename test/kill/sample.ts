/** What the whole of a kill suite may take. */
export const FULL_MS = 4 * 60 * 60_000;

/** The first few of this order are spread over all, however many they are. */
export function spread<T>(items: readonly T[]): T[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  return items
    .map((item, i) => ({ item, place: (i * golden) % 1 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Does jobs side by side, as many as fit into the time and never fewer than `atLeast`, and gives the results in their order. */
export async function atOnce<T, R>(
  items: readonly T[],
  { ms, workers, atLeast = 1 }: { ms: number; workers: number; atLeast?: number },
  job: (item: T) => Promise<R>,
): Promise<R[]> {
  const end = performance.now() + ms;
  const results: R[] = [];
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of left) {
      if (performance.now() > end && i >= atLeast) return;
      results[i] = await job(item);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}
