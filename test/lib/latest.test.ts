import { expect, test } from "vitest";
import { createLatest } from "../../src/lib/latest.ts";
import { fc } from "../property.ts";

/** A clock that stands still until it is told, and jobs that end when they are told. */
function stage(spacingMs = 0) {
  let time = 0;
  const timers = new Set<{ at: number; then: () => void }>();
  const started: { key: string; at: number }[] = [];
  const running: { key: string; end: (error?: Error) => void }[] = [];
  const errors: string[] = [];
  const latest = createLatest(
    (key) =>
      new Promise((done, fail) => {
        started.push({ key, at: time });
        running.push({ key, end: (error) => (error ? fail(error) : done()) });
      }),
    {
      spacingMs,
      onError: (error, key) => errors.push(`${key}: ${error}`),
      now: () => time,
      after: (ms, then) => {
        const timer = { at: time + ms, then };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
  );
  const pass = async (ms: number): Promise<void> => {
    time += ms;
    for (const timer of [...timers].filter(({ at }) => at <= time)) {
      timers.delete(timer);
      timer.then();
    }
    await turns();
  };
  const end = async (error?: Error): Promise<void> => {
    running.shift()?.end(error);
    await turns();
  };
  return { latest, started, running, errors, timers, pass, end };
}

/** Lets what is already decided happen: promises only, no time. */
async function turns(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

test("calls during a run become one more run", async () => {
  const s = stage();
  for (let n = 0; n < 5; n++) s.latest.run("a");
  expect(s.started).toHaveLength(1);
  await s.end();
  expect(s.started).toHaveLength(2);
  await s.end();
  expect(s.started).toHaveLength(2);
});

test("keys do not wait for each other", () => {
  const s = stage(1_000);
  s.latest.run("a");
  s.latest.run("b");
  expect(s.started.map(({ key }) => key)).toEqual(["a", "b"]);
});

test("the next run of a key keeps its distance, an urgent one does not wait", async () => {
  const s = stage(1_000);
  s.latest.run("a");
  await s.pass(200);
  await s.end();
  s.latest.run("a");
  await s.pass(799);
  expect(s.started).toHaveLength(1);
  await s.pass(1);
  expect(s.started).toEqual([
    { key: "a", at: 0 },
    { key: "a", at: 1_000 },
  ]);
  await s.end();
  s.latest.run("a");
  s.latest.run("a", { urgent: true });
  expect(s.started).toHaveLength(3);
  await s.end();
  await s.pass(1_000);
  expect(s.started).toHaveLength(3);
});

test("an urgent call during a run follows at once", async () => {
  const s = stage(1_000);
  s.latest.run("a");
  s.latest.run("a", { urgent: true });
  s.latest.run("a");
  await s.end();
  expect(s.started).toHaveLength(2);
});

test("a failed run is reported and the key goes on", async () => {
  const s = stage();
  s.latest.run("a");
  s.latest.run("a");
  await s.end(new Error("no network"));
  expect(s.errors).toEqual(["a: Error: no network"]);
  expect(s.started).toHaveLength(2);
});

test("idle waits for what runs and what waits, and for nothing else", async () => {
  const s = stage(1_000);
  let idle = false;
  s.latest.run("a");
  s.latest.run("a");
  void s.latest.idle().then(() => {
    idle = true;
  });
  await s.end();
  expect(idle).toBe(false);
  await s.pass(1_000);
  await s.end();
  expect(idle).toBe(true);
  await s.latest.idle();
});

test("whatever happens: never two at a time, and the last call is answered", async () => {
  const happening = fc.oneof(
    fc.record({ do: fc.constant("run" as const), key: fc.constantFrom("a", "b"), urgent: fc.boolean() }),
    fc.record({ do: fc.constant("end" as const), fails: fc.boolean() }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.nat(1_500) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (story) => {
      const s = stage(1_000);
      const starts = (key: string): number => s.started.filter((job) => job.key === key).length;
      const owed = new Map<string, number>();
      for (const it of story) {
        if (it.do === "run") {
          const before = starts(it.key);
          s.latest.run(it.key, { urgent: it.urgent });
          if (starts(it.key) === before) owed.set(it.key, before + 1);
        }
        if (it.do === "end") await s.end(it.fails ? new Error("no") : undefined);
        if (it.do === "pass") await s.pass(it.ms);
        for (const { key } of s.running) expect(s.running.filter((job) => job.key === key)).toHaveLength(1);
      }
      for (let n = 0; n < 6; n++) {
        await s.end();
        await s.pass(1_000);
      }
      expect(s.running).toHaveLength(0);
      expect(s.timers.size).toBe(0);
      await s.latest.idle();
      for (const [key, least] of owed) expect(starts(key)).toBeGreaterThanOrEqual(least);
    }),
  );
});

test("without urgency two starts of a key are never closer than the spacing", async () => {
  const happening = fc.oneof(fc.constant("run" as const), fc.constant("end" as const), fc.nat(700));
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 80 }), async (story) => {
      const s = stage(1_000);
      for (const it of story) {
        if (it === "run") s.latest.run("a");
        else if (it === "end") await s.end();
        else await s.pass(it);
      }
      const gaps = s.started.slice(1).map(({ at }, n) => at - (s.started[n]?.at ?? 0));
      expect(gaps.filter((gap) => gap < 1_000)).toEqual([]);
    }),
  );
});
