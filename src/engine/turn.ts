import { createHash } from "node:crypto";
import type { Outcome } from "../core/outcome.ts";
import type { Turn } from "../core/parts.ts";
import type { At } from "../core/phase.ts";
import { readPlan } from "../core/plan.ts";
import type { AgentEvent } from "../core/ports/agent.ts";
import type { Entry } from "../core/ports/store.ts";
import { prompt } from "../core/prompt.ts";
import { isOwn, type Session } from "../core/session.ts";
import type { Live } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { type Doing, headOf, type Job, placeOf } from "./work.ts";

/** Steps and usage are saved this often while a turn runs: what a kill may cost. */
const SAVE_MS = 5000;
const ACTIVITIES = 5;

/** One turn of an agent, from a free slot to its end. Activity goes to the card and the transcript, not into the session. */
export async function runTurn(s: Session, phase: At<"running">, job: Job, deps: Doing): Promise<void> {
  const leave = await deps.pool.enter(s.id, job.abort.signal);
  if (!leave) return;
  const now = deps.now();
  const live: Live = { since: now, lastAt: now, activities: [], steps: s.steps, usage: null };
  deps.live.set(s.id, live);
  deps.screen.show(s.id);
  try {
    const outcome = await guarded(s, phase.turn, deps, () => follow(s, phase, { job, live, deps }));
    await close(s, job, { outcome, live, deps });
  } finally {
    deps.live.delete(s.id);
    leave();
  }
}

interface Following {
  job: Job;
  live: Live;
  deps: Doing;
}

/** Whatever the agent's own read-only mode lets through in a plan turn is found, taken back, and fails the turn. */
async function guarded(s: Session, turn: Turn, { git }: Doing, run: () => Promise<Outcome>): Promise<Outcome> {
  const changed = await git.watchShared(placeOf(s));
  const restore = turn.kind === "write" ? null : await git.watch(placeOf(s));
  const outcome = await run();
  const wrote = restore ? await restore() : [];
  const shared = await changed();
  if (shared.length > 0) return { ok: false, kind: "shared", error: shared.join("\n"), resetAt: null };
  if (wrote.length > 0) return { ok: false, kind: "wrote", error: wrote.join("\n"), resetAt: null };
  return outcome;
}

async function follow(s: Session, { turn }: At<"running">, { job, live, deps }: Following): Promise<Outcome> {
  const agent = deps.agents.get(turn.agent);
  if (!agent) throw new Error(`no agent is named ${turn.agent}: there are ${[...deps.agents.keys()].join(", ")}`);
  const memory = s.memory?.agent === turn.agent ? { token: s.memory.token, fork: s.memory.fork, point: null } : null;
  // An agent that cannot fork starts anew: then it knows at least this.
  const ruled = prompt.ruled(turn.kind, turn.prompt, isOwn(s));
  const words = memory && !memory.fork ? ruled : await introduced(s, ruled, deps);
  const run = agent.run(
    { ...turn, prompt: words },
    { ...(await deps.desk(s, turn)), memory, signal: job.abort.signal },
  );
  job.run = run;
  let savedAt = deps.now();
  for await (const event of run) {
    live.lastAt = deps.now();
    if (event.type === "ended") return event.outcome;
    await take(s, event, { job, live, deps });
    // A token is saved at once: without it the conversation could not go on after a kill.
    if (event.type !== "token" && deps.now() - savedAt < SAVE_MS) continue;
    savedAt = deps.now();
    await note(job, live, deps);
  }
  return {
    ok: false,
    kind: "crashed",
    error: `${turn.agent} stopped without saying how its turn ended`,
    resetAt: null,
  };
}

/** The first words to an agent: the project's own instructions, and what happened before it came. */
async function introduced(s: Session, words: string, { git }: Doing): Promise<string> {
  const place = placeOf(s);
  // Whoever has worked before and has no memory has lost it.
  const isFirst = s.memory === null && s.plans.length === 0 && s.usage.workedMs === 0;
  const known = isFirst
    ? words
    : prompt.handed(words, {
        request: s.request,
        plan: s.plans.at(-1)?.markdown ?? null,
        changed: await git.changed(place),
        diff: await git.diff(place, null),
      });
  return prompt.instructed(known, await git.instructions(place));
}

async function take(
  s: Session,
  event: Exclude<AgentEvent, { type: "ended" }>,
  { job, live, deps }: Following,
): Promise<void> {
  if (event.type === "token") job.token = event.token;
  else if (event.type === "spent") live.usage = job.usage = event.usage;
  else record(s, event, { job, deps });
  switch (event.type) {
    case "activity": {
      const others = live.activities.filter(({ id }) => id !== event.activity.id);
      live.activities = [...others, event.activity].slice(-ACTIVITIES);
      break;
    }
    case "steps":
      live.steps = event.steps;
      break;
    case "asked":
      return ask(event.ask, job, deps);
    case "heard":
      await deps.emit({ ...headOf(job, "heard", deps.now()), type: "heard", messages: event.messages });
      break;
    case "token":
    case "spent":
    case "text":
      break;
    default:
      never(event);
  }
  deps.screen.note(s.id);
}

/** What a person granted before is answered at once; equal asks wait together. */
async function ask(asked: Extract<AgentEvent, { type: "asked" }>["ask"], job: Job, deps: Doing): Promise<void> {
  const id = `${job.work}-${++job.asked}`;
  job.open.push({ id, agentId: asked.id, key: asked.key });
  const after = await deps.emit({
    ...headOf(job, `asked:${id}`, deps.now()),
    type: "asked",
    ask: { id, key: asked.key, what: asked.what, picked: [], dueAt: null },
  });
  // A turn that is being ended asks nobody, and is granted nothing.
  if (after?.phase.at !== "running" || after.phase.work !== job.work) return;
  if (after.phase.asks.some(({ key }) => key === asked.key)) return;
  job.open = job.open.filter((open) => open.id !== id);
  job.run?.answer(asked.id, { is: "allowed", scope: "session" });
}

/** Nothing depends on the transcript: the turn does not wait for it, and a full disk is no reason to end it. */
function record(s: Session, event: Entry["event"], { job, deps }: { job: Job; deps: Doing }): void {
  deps.store
    .note(s.id, { at: deps.now(), work: job.work, event })
    .catch((error: unknown) => deps.log.warn({ session: s.id, error }, "cannot write the transcript"));
}

const note = (job: Job, live: Live, deps: Doing) =>
  deps.emit({
    ...headOf(job, "noted", deps.now()),
    type: "noted",
    token: job.token,
    steps: live.steps,
    usage: live.usage,
  });

async function close(
  s: Session,
  job: Job,
  { outcome, live, deps }: { outcome: Outcome; live: Live; deps: Doing },
): Promise<void> {
  record(s, { type: "ended", outcome }, { job, deps });
  await note(job, live, deps);
  const markdown = outcome.ok ? outcome.plan : null;
  const plan = markdown === null ? null : { markdown, digest: digest(markdown), ...readPlan(markdown) };
  await deps.emit({
    ...headOf(job, "ended", deps.now()),
    type: "ended",
    outcome,
    plan,
    token: job.token,
    usage: live.usage,
  });
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
