import type { Logger } from "pino";
import type { Event } from "../core/event.ts";
import type { Turn, Usage } from "../core/parts.ts";
import type { Rule } from "../core/policy.ts";
import type { Agent, Desk, Run } from "../core/ports/agent.ts";
import type { Forge, Proposal } from "../core/ports/forge.ts";
import type { Git, Place } from "../core/ports/git.ts";
import type { Store } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import type { Live } from "../core/view.ts";
import type { Lanes, Pool } from "./pool.ts";
import type { Screen } from "./screen.ts";

/** What repositories allow, as far as anybody has said. */
export interface Rules {
  get(repo: string): Rule | null;
  /** Durable when it resolves. */
  set(repo: string, rule: Rule): Promise<void>;
}

/** What work is done with. */
export interface Deps {
  store: Store;
  git: Git;
  agents: ReadonlyMap<string, Agent>;
  pool: Pool;
  lanes: Lanes;
  rules: Rules;
  forge: Forge;
  /** What a pull request says of a session. */
  pitch: (s: Session, subjects: readonly string[]) => Pick<Proposal, "title" | "body">;
  /** What a turn is given beside its memory. */
  desk: (s: Session, turn: Turn) => Promise<Omit<Desk, "memory" | "signal">>;
  /** What is known of running work, by session. */
  live: Map<string, Live>;
  screen: Screen;
  now: () => number;
  log: Logger;
}

/** One piece of work that runs, and what its end needs to know. */
export interface Job {
  work: number;
  abort: AbortController;
  run: Run | null;
  /** Asks that the agent waits for: ours, the agent's own id, and the key that equal ones share. */
  open: { id: string; agentId: string; key: string }[];
  /** How often the agent has asked: an ask's number is never given twice, or an old button would answer a new question. */
  asked: number;
  token: string | null;
  usage: Usage | null;
  /** The work it replaces: over before this one starts. */
  before: Job | null;
}

/** Saves an event of the work; null when oca is stopping. */
export type Emit = (event: Event) => Promise<Session | null>;
export type Doing = Deps & { emit: Emit };

export function placeOf(s: Session): Place {
  if (!s.workspace) throw new Error(`session ${s.id} has no repository yet`);
  return { session: s.id, workspace: s.workspace };
}

/** What every event of a piece of work begins with. `name` tells events of one work apart. */
export const headOf = (job: Job, name: string, now: number) =>
  ({ id: `work:${job.work}:${name}`, at: now, by: null, work: job.work }) as const;
