import { expect, onTestFinished, test } from "vitest";
import { TIMES } from "../../src/core/due.ts";
import { createPreflight } from "../../src/engine/preflight.ts";
import { createSweep } from "../../src/engine/sweep.ts";
import { ana, ben, cleo, keyOf, opened, POLICY, pressed, run, take } from "../core/life.ts";
import { easyGit, INTERRUPTED, stage } from "./stage.ts";

function clocked(parts: Parameters<typeof stage>[0] = {}) {
  const clock = { now: 1000 };
  const oca = stage({ ...parts, now: () => clock.now });
  const sweep = createSweep(oca.deps, oca.engine, async () => undefined);
  onTestFinished(() => sweep.stop());
  return Object.assign(oca, { clock, sweep });
}

test("a plan that nobody decided in two hours is brought up once more, and only once", async () => {
  const oca = clocked();
  await (await oca.open()).ends({ plan: "# Plan" });
  await oca.rests("deciding");
  const { offer } = oca.session();
  oca.clock.now += TIMES.decide - 1;
  await oca.sweep.look();
  expect(oca.session().offer).toBe(offer);
  oca.clock.now += 2;
  await oca.sweep.look();
  // A new offer is a new message, which notifies; the old card's button is not the newest any more.
  expect(oca.session().offer).toBe(offer + 1);
  oca.clock.now += 10 * TIMES.decide;
  await oca.sweep.look();
  expect(oca.session().offer).toBe(offer + 1);
  await oca.dispatch(pressed(ben, "approve", keyOf(oca.session())));
  expect(oca.session().warrant).not.toBeNull();
});

test("a question is held open for ten minutes, then its process is let go and the question stays", async () => {
  const oca = clocked();
  const turn = await oca.writing();
  const what = { kind: "question" as const, text: "Which?", options: [], multi: false, free: true, recommended: null };
  await turn.says({ type: "asked", ask: { id: "q1", key: "which", what } });
  oca.clock.now += TIMES.ask - 1;
  await oca.sweep.look();
  expect(turn.desk.signal.aborted).toBe(false);
  oca.clock.now += 2;
  await oca.sweep.look();
  expect(turn.desk.signal.aborted).toBe(true);
  await turn.ends(INTERRUPTED);
  await oca.rests("asking");
  expect(oca.session().phase).toMatchObject({ asks: [{ key: "which", dueAt: null }] });
});

test("the cards of what runs get their clock wound, those of what rests do not", async () => {
  const oca = clocked();
  const turn = await oca.open();
  oca.screen.noted.length = 0;
  await oca.sweep.look();
  expect(oca.screen.noted).toEqual([oca.session().id]);
  await turn.ends({ plan: "# Plan" });
  await oca.rests("deciding");
  oca.screen.noted.length = 0;
  await oca.sweep.look();
  expect(oca.screen.noted).toEqual([]);
});

test("one session that cannot be saved does not keep the others from their time", async () => {
  const oca = clocked();
  for (const session of ["aaaaaaaaaa", "bbbbbbbbbb"]) {
    await (await oca.open({ session })).ends({ plan: "# Plan" });
    await oca.rests("deciding", session);
  }
  const { put } = oca.store;
  oca.store.put = (session, event, rev) =>
    session.id === "aaaaaaaaaa" ? Promise.reject(new Error("EIO")) : put(session, event, rev);
  const { offer } = oca.session("bbbbbbbbbb");
  oca.clock.now += TIMES.decide + 1;
  await oca.sweep.look();
  expect(oca.session("bbbbbbbbbb").offer).toBe(offer + 1);
});

test("what was kept for undo is let go after thirty days, looked at once a day", async () => {
  const asked: string[][] = [];
  const oca = clocked({
    git: easyGit({ expire: async (places) => void asked.push(places.map(({ session }) => session)) }),
  });
  const turn = await oca.writing();
  await turn.ends();
  await oca.rests("reviewing");
  await oca.dispatch(pressed(ana, "discard", keyOf(oca.session())));
  await oca.rests("closed");
  await oca.sweep.look();
  await oca.sweep.look();
  oca.clock.now += TIMES.undo + 10_000;
  await oca.sweep.look();
  expect(asked).toEqual([[], [oca.session().id]]);
});

test("no base is asked about for work in a checkout: it has none that could move", async () => {
  const asked: number[] = [];
  const tips = async (places: readonly unknown[]) => {
    asked.push(places.length);
    return new Map<string, string>();
  };
  const oca = stage({ git: easyGit({ tips }) });
  const look = createPreflight(oca.deps, oca.engine);
  const review = (isolation: "off" | "worktree") => {
    const policy = { ...POLICY, isolation };
    const planned = run(take(null, opened(cleo, { policy })), "deciding");
    return run(take(planned, pressed(ben, "approve", keyOf(planned))), "reviewing");
  };
  await look([review("off"), review("worktree")]);
  expect(asked).toEqual([1]);
});
