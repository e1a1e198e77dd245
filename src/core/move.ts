import { atLeast } from "./authority.ts";
import type { Actor } from "./event.ts";
import { offered } from "./offer.ts";
import type { Block, Person, Turn, Usage, Vote } from "./parts.ts";
import type { At, Phase } from "./phase.ts";
import { isActive } from "./phase.ts";
import { joined, prompt } from "./prompt.ts";
import { isMerged } from "./pull.ts";
import { type Queued, SERVER, type Session, type Workspace } from "./session.ts";

/** The moves that the parts of `step` share. All are pure: a session in, a session out. */

/** Every entry into an active phase takes the next work number, every entry into a resting one the next offer. */
export function enter(s: Session, phase: Phase): Session {
  if (isActive(phase)) return { ...s, work: s.work + 1, phase: { ...phase, work: s.work + 1 } };
  return { ...s, offer: s.offer + 1, phase: { ...phase, offer: s.offer + 1 } };
}

/** Starts the next turn by preparing for it. A plan turn voids the warrant: what it proposes is not approved yet. */
export function begin(s: Session, kind: Turn["kind"], words: Pick<Turn, "prompt" | "files" | "took">): Session {
  const turn: Turn = { kind, agent: s.agent, ...words };
  const next: Session = { ...s, warrant: kind === "plan" ? null : s.warrant, steps: kind === "plan" ? [] : s.steps };
  if (kind === "write" && !next.warrant) throw new Error(`session ${s.id}: a write turn without a warrant`);
  return enter(next, { at: "preparing", work: 0, turn, setup: "auto", merge: false });
}

/**
 * Goes at the conflicts of a review, in a write turn on the merge of the base. `vote` null: the warrant that stands is
 * enough, because nothing beyond the approved work is asked for.
 */
export function resolving(s: Session, files: readonly string[], vote: Vote | null): Session {
  const after = begin(votedFor(s, vote), "write", { prompt: prompt.resolve(files), files: [], took: [] });
  return after.phase.at === "preparing" ? { ...after, phase: { ...after.phase, merge: true } } : after;
}

/** The warrant with one more vote: goes on writing on the word of somebody who may approve. */
export const votedFor = (s: Session, vote: Vote | null): Session => ({
  ...s,
  warrant: { digest: s.warrant?.digest ?? null, votes: [...(s.warrant?.votes ?? []), ...(vote ? [vote] : [])] },
});

/** Words of people as a turn's content. With several authors each is named. */
export function wordsOf(words: readonly Pick<Queued, "id" | "by" | "text" | "files">[]): {
  text: string;
  files: Turn["files"];
  took: string[];
} {
  const authors = new Set(words.map(({ by }) => by.id));
  const text = joined(words.map(({ by, text }) => (authors.size > 1 ? `${by.name}: ${text}` : text)));
  return { text, files: words.flatMap(({ files }) => files), took: words.map(({ id }) => id) };
}

/** Puts waiting words into a turn that is about to start; into a write turn only those whose author may approve. */
export function absorb(s: Session, turn: Turn): { session: Session; turn: Turn } {
  const fits = (word: Queued) => turn.kind === "plan" || word.vote;
  const taken = s.queue.filter(fits);
  if (taken.length === 0) return { session: s, turn };
  const { text, files, took } = wordsOf(taken);
  const warrant =
    turn.kind === "write" && s.warrant
      ? { ...s.warrant, votes: [...s.warrant.votes, ...taken.map(wordVote)] }
      : s.warrant;
  return {
    session: { ...s, warrant, queue: s.queue.filter((word) => !fits(word)) },
    turn: {
      ...turn,
      prompt: joined([turn.prompt, text]),
      files: [...turn.files, ...files],
      took: [...turn.took, ...took],
    },
  };
}

/** Goes on with what was said meanwhile: writing if every word is a vote and there is something to go on with. */
export function resume(s: Session, mayWrite: boolean): Session {
  const kind = mayWrite && s.queue.every((word) => word.vote) ? "write" : "plan";
  const { text, files, took } = wordsOf(s.queue);
  const votes = s.queue.map(wordVote);
  const warrant =
    kind === "write" ? { digest: s.warrant?.digest ?? null, votes: [...(s.warrant?.votes ?? []), ...votes] } : null;
  return begin({ ...s, queue: [], warrant }, kind, { prompt: text, files, took });
}

/** A new generation of the workspace: same conversation, same path, new branch from the current base. */
export function reopened(s: Session): Session {
  const { workspace } = s;
  if (!workspace) return s;
  const next = { ...generation(workspace, s.pull), baseCommit: null, ready: false };
  return { ...s, warrant: null, pull: null, workspace: next };
}

/** What is asked for in a closed thread: by a plan, unless the policy wants none. */
export function anew(s: Session, words: Pick<Turn, "prompt" | "files" | "took">, at: number): Session {
  const session = reopened(s);
  if (s.policy.plan !== "off") return begin(session, "plan", words);
  return begin({ ...session, warrant: { digest: null, votes: [{ by: null, via: "policy", at }] } }, "write", words);
}

/** What was to be taken back stays as it is. Words that came meanwhile open the next generation of the workspace. */
export function staying(s: Session, { answer, next }: At<"landing">, { blocked, at }: Staying): Session {
  if (s.queue.length > 0) return resume(reopened(s), next === "merged");
  return enter(s, { at: "closed", offer: 0, outcome: next, answer, blocked, since: at });
}

interface Staying {
  blocked: Block | null;
  at: number;
}

/** Another branch at the same path. What a pull request brought home is in the server's base: work goes on from there. */
export function generation(workspace: Workspace, pull: Session["pull"]): Workspace {
  const n = workspace.n + 1;
  const branch = `${workspace.branch.replace(/-\d+$/, (end) => (workspace.n > 1 ? "" : end))}-${n}`;
  const there = workspace.target?.replace(/^refs\/heads\//, SERVER) ?? null;
  return { ...workspace, n, branch, start: null, target: isMerged(pull) ? there : workspace.target };
}

/** A turn that was cut off, as a new turn that says so. */
export const continued = (turn: Turn): At<"preparing"> => ({
  at: "preparing",
  work: 0,
  turn: { ...turn, prompt: prompt.cut(turn.prompt) },
  setup: "auto",
  merge: false,
});

/** A review with other buttons than before is another offer, which is posted anew. */
export function shown(before: Session, after: Session, at: number): Session {
  if (after.phase.at !== "reviewing" || offered(after, at).join() === offered(before, at).join()) return after;
  return enter(after, { ...after.phase, votes: [] });
}

/** A person moves next, and nothing is lost; the files are counted when the process is gone. */
export const pause = (why: At<"paused">["why"], retry: At<"paused">["retry"]): At<"paused"> => ({
  at: "paused",
  offer: 0,
  why,
  retry,
  files: 0,
  resumeAt: null,
});

/** What may go on after a pause. */
export function retryOf(
  phase: At<"preparing" | "running" | "inspecting" | "checking" | "landing">,
): At<"paused">["retry"] {
  if (phase.at === "running") return continued(phase.turn);
  if (phase.at !== "checking") return phase;
  return { at: "inspecting", work: 0, answer: phase.answer, empty: "no_change", blocked: phase.blocked };
}

export const decided = (
  s: Session,
  key: string,
  verb: string,
  by: Person | null,
  at: number,
  answer: string | null = null,
): Session => ({
  ...s,
  decided: [...s.decided, { key, verb, by, at, answer }].slice(-50),
});

export const personOf = ({ id, chat, user, name }: Person): Person => ({ id, chat, user, name });

/** Where one approval is enough, the words of somebody who may approve are a vote. */
export const isVote = (s: Session, by: Actor): boolean => s.policy.votes === 1 && atLeast(by.role, "approver");

export const wordVote = ({ by, at }: Pick<Queued, "by" | "at">): Vote => ({ by, via: "words", at });

export const NOTHING: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: false, workedMs: 0 };

export const plus = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  costUsd: a.costUsd + b.costUsd,
  estimated: a.estimated || b.estimated,
  workedMs: a.workedMs + b.workedMs,
});
