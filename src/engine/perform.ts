import type { What } from "../core/ask.ts";
import { type Person, takesBack } from "../core/parts.ts";
import type { Active, At } from "../core/phase.ts";
import type { Author, LandingOrder, Since } from "../core/ports/git.ts";
import { isOwn, type Session } from "../core/session.ts";
import { never } from "../lib/never.ts";
import { isStill, propose } from "./propose.ts";
import { runTurn } from "./turn.ts";
import { type Doing, headOf, type Job, placeOf } from "./work.ts";

/** Does the work that a phase stands for and reports it as events. Anything thrown becomes `failed`. */
export async function perform(s: Session, phase: Active, { job, deps }: { job: Job; deps: Doing }): Promise<void> {
  const { emit, git, now } = deps;
  switch (phase.at) {
    case "preparing":
      return prepare(s, phase, job, deps);
    case "running":
      return runTurn(s, phase, job, deps);
    case "stopping": {
      const files = s.workspace?.baseCommit ? (await git.changed(placeOf(s))).length : 0;
      const { token = null, usage = null } = job.before ?? {};
      await emit({ ...headOf(job, "stopped", now()), type: "stopped", files, token, usage });
      return;
    }
    case "inspecting":
      await emit({
        ...headOf(job, "inspected", now()),
        type: "inspected",
        changes: await git.inspect(placeOf(s), authorOf(s), sinceOf(s, job)),
      });
      return;
    case "checking":
      return check(s, phase, job, deps);
    case "landing":
      return land(s, phase, job, deps);
    default:
      never(phase);
  }
}

async function prepare(
  s: Session,
  { turn, setup, merge }: At<"preparing">,
  job: Job,
  { git, emit, now, rules }: Doing,
): Promise<void> {
  const what = await unruled(s, { git, emit, now, rules });
  if (what) return ask(what, job, { emit, now });
  const named = s.plans.at(-1)?.files ?? [];
  const how = {
    push: s.policy.push || s.policy.rule === "pr-required",
    pulls: s.policy.rule === "pr-required",
    write: turn.kind === "write",
    setup,
    merge,
    named,
    signal: job.abort.signal,
  };
  const prepared = await git.prepare(placeOf(s), how);
  if (prepared.ok) {
    const { target, baseCommit, moved } = prepared;
    await emit({ ...headOf(job, "prepared", now()), type: "prepared", target, baseCommit, moved });
    return;
  }
  await ask(prepared.ask, job, { emit, now });
}

async function ask(what: What, job: Job, { emit, now }: Pick<Doing, "emit" | "now">): Promise<void> {
  const ask = { id: `o${job.work}`, key: what.kind, what, picked: [], dueAt: null };
  await emit({ ...headOf(job, "asked", now()), type: "asked", ask });
}

/** A repository that others can see is asked about once; what was said is remembered, whoever was asked. */
async function unruled(
  s: Session,
  { git, emit, now, rules }: Pick<Doing, "git" | "emit" | "now" | "rules">,
): Promise<What | null> {
  // Nothing lands from the user's own checkout, so nothing has to be allowed.
  if (isOwn(s)) return null;
  const place = placeOf(s);
  const { repo } = place.workspace;
  const known = rules.get(repo);
  if (s.policy.rule !== null) {
    if (known === null) await rules.set(repo, s.policy.rule);
    return null;
  }
  if (known === null) return (await git.remotes(place)) && { kind: "policy", repo };
  await emit({ type: "ruled", id: `work:${s.work}:ruled`, at: now(), by: null, rule: known });
  return null;
}

async function check(s: Session, { changes }: At<"checking">, job: Job, deps: Doing): Promise<void> {
  const { signal } = job.abort;
  const leave = await deps.pool.enter(s.id, signal);
  if (!leave) return;
  try {
    const order = { commit: changes.candidate, signal, said: saying(s, job, deps) };
    const checks = await deps.git.check(placeOf(s), order);
    await deps.emit({ ...headOf(job, "checked", deps.now()), type: "checked", checks });
  } finally {
    leave();
  }
}

/** What checks say is kept in the transcript. */
const saying =
  (s: Session, { work }: Job, { store, now, log }: Doing) =>
  (command: string, text: string): void =>
    void store
      .note(s.id, { at: now(), work, event: { type: "text", text: `$ ${command}\n${text}` } })
      .catch((error: unknown) => log.warn({ session: s.id, error }, "cannot keep what a check said"));

async function land(s: Session, phase: At<"landing">, job: Job, deps: Doing): Promise<void> {
  const { git, emit, now } = deps;
  // Stopped before its first preparation: there is nothing to remove.
  if (!s.workspace?.baseCommit && !takesBack(phase.how)) {
    await emit({ ...headOf(job, "landed", now()), type: "landed", kept: "", pushed: false });
    return;
  }
  if (phase.how === "pr" && !(await isStill(s, job, deps))) return;
  const result = await git.land(placeOf(s), orderOf(s, phase, job, deps), async (aim) => {
    const after = await emit({ ...headOf(job, "aimed", now()), type: "aimed", aim });
    // Somebody stopped it in the same moment: what was not saved must not be done.
    if (after?.phase.at !== "landing" || after.phase.work !== job.work)
      throw new Error("the landing was called off before it began");
  });
  if (result.ok && phase.how === "pr") return propose(s, job, deps);
  if (result.ok)
    await emit({ ...headOf(job, "landed", now()), type: "landed", kept: result.kept, pushed: result.pushed });
  else await emit({ ...headOf(job, "blocked", now()), type: "blocked", block: result.block });
}

/** What git needs to know of a landing. */
function orderOf(s: Session, phase: At<"landing">, job: Job, deps: Doing): LandingOrder {
  return {
    ...authorOf(s),
    // The branch has landed elsewhere, as commits that nobody knows here: what is removed is kept for a while.
    how: phase.next === "pr_merged" && phase.how === "clean" ? ("discard" as const) : phase.how,
    style: s.policy.style,
    push: s.policy.push,
    checked: phase.waived ? ("waived" as const) : s.checks?.ok ? s.checks.commit : null,
    said: saying(s, job, deps),
    aim: phase.aim,
    undo: takesBack(phase.how) ? (s.landed.at(-1) ?? null) : null,
    work: job.work,
    signal: job.abort.signal,
  };
}

/** The branch that a merged pull request has left behind. */
const sinceOf = ({ pull }: Session, { work }: Job): Since | null =>
  pull?.is === "merged" ? { branch: pull.branch, commit: pull.head, work } : null;

/** Whom the commits name: who asked for them, and who said yes to the plan and to the landing. A revert is nobody's of them. */
function authorOf(s: Session): Author {
  const landing = s.phase.at === "landing" ? s.phase : null;
  const votes = [...(landing?.how === "revert" ? [] : (s.warrant?.votes ?? [])), ...(landing?.by ?? [])];
  const people = new Map<string, Person>(votes.flatMap(({ by }) => (by ? [[by.id, by]] : [])));
  return { title: s.title, requestedBy: s.requester, approvedBy: [...people.values()] };
}
