import { answerOf } from "../core/answer.ts";
import type { Event } from "../core/event.ts";
import { pressIn } from "../core/hear.ts";
import { type Active, isActive } from "../core/phase.ts";
import { asksOf, isOwn, type Session, works } from "../core/session.ts";
import { createSerial } from "../lib/serial.ts";
import { perform } from "./perform.ts";
import { type Deps, type Emit, headOf, type Job, placeOf } from "./work.ts";

export interface Jobs {
  /** Keeps exactly the work running that the session stands for. */
  reconcile(session: Session): void;
  /** Hands an answer to the turn that waits for it. */
  forward(before: Session, event: Event, after: Session): void;
  /** Ends all work; resolves when its processes are gone. */
  stop(): Promise<void>;
}

export function createJobs(deps: Deps, emitFor: (id: string) => Emit): Jobs {
  const oneAtATime = createSerial();
  const jobs = new Map<string, Job>();
  const running = new Set<Promise<void>>();
  let isStopping = false;

  return {
    reconcile(session) {
      const [work] = works(session);
      const current = jobs.get(session.id);
      if (current?.work === work) return;
      current?.abort.abort();
      // What is saved while oca stops goes on at the next start.
      if (work === undefined || isStopping) return;
      const job = create(work, current ?? null);
      jobs.set(session.id, job);
      // Starts only when the work it replaces is over, so that two processes never share a workspace.
      const done = oneAtATime(session.id, () => start(session.id, job, { ...deps, emit: emitFor(session.id) })).finally(
        () => {
          if (jobs.get(session.id) === job) jobs.delete(session.id);
          running.delete(done);
        },
      );
      running.add(done);
    },
    forward(before, event, after) {
      const job = jobs.get(before.id);
      if (job) answer(job, before, { event, after });
    },
    async stop() {
      isStopping = true;
      for (const job of jobs.values()) job.abort.abort();
      await Promise.allSettled(running);
    },
  };
}

const create = (work: number, before: Job | null): Job => ({
  work,
  abort: new AbortController(),
  run: null,
  open: [],
  asked: 0,
  token: null,
  usage: null,
  before,
});

async function start(id: string, job: Job, deps: Deps & { emit: Emit }): Promise<void> {
  try {
    const session = await deps.store.get(id);
    if (!session || job.abort.signal.aborted || !isActive(session.phase) || session.phase.work !== job.work) return;
    if (await mayEnter(session, session.phase, { job, deps })) await perform(session, session.phase, { job, deps });
  } catch (error) {
    deps.log.warn({ session: id, work: job.work, error }, "work failed");
    const text = error instanceof Error ? error.message : String(error);
    await deps.emit({ ...headOf(job, "failed", deps.now()), type: "failed", error: text });
  } finally {
    job.before = null;
    const now = await deps.store.get(id);
    if (!now || !isActive(now.phase)) deps.lanes.leave(id);
  }
}

/** In a checkout one session works at a time, from its preparation until it rests. What only ends work does not wait. */
async function mayEnter(s: Session, { at }: Active, { job, deps }: { job: Job; deps: Deps }): Promise<boolean> {
  if (!isOwn(s) || at === "stopping" || at === "landing") return true;
  return deps.lanes.enter(deps.git.path(placeOf(s)), s.id, job.abort.signal);
}

/** Equal asks wait together and are answered together. */
function answer(job: Job, before: Session, { event, after }: { event: Event; after: Session }): void {
  const pressed = event.type === "said" ? pressIn(before, event) : event;
  const given = pressed?.type === "pressed" ? answerOf(before, pressed) : null;
  if (!given || asksOf(after).some(({ id }) => id === given.ask.id)) return;
  const [waiting, others] = [
    job.open.filter(({ key }) => key === given.ask.key),
    job.open.filter(({ key }) => key !== given.ask.key),
  ];
  job.open = others;
  for (const { agentId } of waiting) job.run?.answer(agentId, given.answer);
}
