import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { Answer } from "../../src/core/ask.ts";
import type { Event } from "../../src/core/event.ts";
import { isRefusal } from "../../src/core/event.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Agent, AgentEvent, Desk } from "../../src/core/ports/agent.ts";
import type { Git } from "../../src/core/ports/git.ts";
import type { Card, Entry, Store } from "../../src/core/ports/store.ts";
import { Race } from "../../src/core/ports/store.ts";
import type { Session } from "../../src/core/session.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { createLanes, createPool } from "../../src/engine/pool.ts";
import type { Screen } from "../../src/engine/screen.ts";
import type { Deps } from "../../src/engine/work.ts";
import { ben, cleo, DESK, NO_CHANGES, opened } from "../core/life.ts";

export const quiet = pino({ level: "silent" });

/** A store without a disk, that can be told to fail. */
export interface Memory extends Store {
  sessions: Map<string, Session>;
  entries: Entry[];
  /** What the disk says instead of saving. */
  broken: { put: Error | null; note: Error | null; cards: Error | null };
}

export function memory(): Memory {
  const sessions = new Map<string, Session>();
  const lines = new Map<string, { rev: number; event: Event }[]>();
  const cards = new Map<string, readonly Card[]>();
  const entries: Entry[] = [];
  const broken: Memory["broken"] = { put: null, note: null, cards: null };
  return {
    sessions,
    entries,
    broken,
    get: async (id) => sessions.get(id),
    all: async () => [...sessions.values()],
    put: async (session, event, rev) => {
      if (broken.put) throw broken.put;
      if ((sessions.get(session.id)?.rev ?? null) !== rev) throw new Race("too late");
      sessions.set(session.id, session);
      lines.set(session.id, [...(lines.get(session.id) ?? []), { rev: session.rev, event }]);
    },
    cards: async (id) => cards.get(id) ?? [],
    setCards: async (id, list) => {
      if (broken.cards) throw broken.cards;
      cards.set(id, structuredClone(list));
    },
    note: async (_, entry) => {
      if (broken.note) throw broken.note;
      entries.push(entry);
    },
    transcript: async () => entries,
    journal: async (id) => lines.get(id) ?? [],
  };
}

/** One turn of an agent that does nothing by itself: the test plays it. */
export interface Played {
  turn: Turn;
  desk: Desk;
  /** Resolves when the engine has taken it. */
  says(event: AgentEvent): Promise<void>;
  ends(outcome?: Partial<Extract<Outcome, { ok: true }>> | Extract<Outcome, { ok: false }>): Promise<void>;
  /** Ends without saying how. */
  vanishes(): void;
  answers: { id: string; answer: Answer }[];
}

/** An agent whose turns wait to be played. `alive` counts processes that have not ended. */
export function puppet() {
  const turns: Played[] = [];
  const seen = { alive: 0, most: 0 };
  const agent: Agent = {
    name: "demo",
    probe: () => Promise.reject(new Error("nobody probes a puppet")),
    run: (turn, desk) => {
      const waiting: { event: AgentEvent | null; taken: () => void }[] = [];
      let wake = (): void => {};
      const answers: Played["answers"] = [];
      const says = (event: AgentEvent | null): Promise<void> =>
        new Promise((taken) => {
          waiting.push({ event, taken });
          wake();
        });
      const ends: Played["ends"] = (outcome = {}) =>
        says({
          type: "ended",
          outcome: "ok" in outcome && outcome.ok === false ? outcome : { ok: true, answer: "", plan: null, ...outcome },
        });
      turns.push({ turn, desk, says, ends, vanishes: () => void says(null), answers });
      seen.most = Math.max(seen.most, ++seen.alive);
      async function* events(): AsyncGenerator<AgentEvent> {
        let taken = (): void => {};
        try {
          for (;;) {
            const next = waiting.shift();
            if (!next) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
              continue;
            }
            ({ taken } = next);
            if (next.event === null || next.event.type === "ended") seen.alive--;
            if (next.event === null) return;
            yield next.event;
            taken();
          }
        } finally {
          // The reader leaves at the end of a turn: then this, too, is taken.
          taken();
        }
      }
      return { [Symbol.asyncIterator]: events, answer: (id, answer) => void answers.push({ id, answer }) };
    },
  };
  return { agent, turns, seen };
}

export const INTERRUPTED = { ok: false, kind: "interrupted", error: "", resetAt: null } as const;

/** The git of a repository in which everything is already done. */
export function easyGit(over: Partial<Git> = {}): Git {
  return {
    path: ({ session, workspace }) => (workspace.kind === "repo" ? "/srv/shop" : `/work/${session}`),
    prepare: async () => ({ ok: true, target: "refs/heads/main", baseCommit: "b0", moved: null }),
    watch: async () => async () => [],
    watchShared: async () => async () => [],
    instructions: async () => [],
    changed: async () => [],
    compare: async () => ({ ...NO_CHANGES, commits: 1, files: [{ path: "a.ts", added: 1, removed: 0 }] }),
    check: async (_, { commit }) => ({ commit, ok: true, runs: [] }),
    standing: async () => [],
    expire: async () => undefined,
    remotes: async () => null,
    subjects: async () => [],
    tips: async () => new Map(),
    inspect: async () => ({ ...NO_CHANGES, commits: 1, files: [{ path: "a.ts", added: 1, removed: 0 }] }),
    land: async (_, order, aim) => {
      if (order.how !== "clean" && !order.aim)
        await aim({ ref: "refs/heads/main", onto: "b0", commit: "c1", checkout: null });
      return { ok: true, kept: "refs/oca/kept/1", pushed: false };
    },
    head: async () => "c1",
    diff: async () => "",
    ...over,
  };
}

/** A screen that only remembers what it was told. */
export function blank(): Screen & { troubles: (string | null)[]; shown: string[]; noted: string[] } {
  const [troubles, shown, noted]: [(string | null)[], string[], string[]] = [[], [], []];
  return {
    troubles,
    shown,
    noted,
    show: (id) => void shown.push(id),
    note: (id) => void noted.push(id),
    trouble: (_, why) => void troubles.push(why),
    spoke: () => {},
    heard: () => {},
    cards: async () => [],
    idle: async () => {},
  };
}

export function stage({ git, slots = 4, now = () => 1000 }: { git?: Git; slots?: number; now?: () => number } = {}) {
  const store = memory();
  const screen = blank();
  const actor = puppet();
  const deps: Deps = {
    store,
    git: git ?? easyGit(),
    agents: new Map([["demo", actor.agent]]),
    pool: createPool(slots, screen.note),
    lanes: createLanes(screen.note),
    forge: {
      propose: () => Promise.reject(new Error("nobody proposes here")),
      look: () => Promise.reject(new Error("nobody looks here")),
    },
    pitch: ({ title }) => ({ title, body: "" }),
    rules: { get: () => null, set: async () => undefined },
    desk: async () => PLACE,
    live: new Map(),
    screen,
    now,
    log: quiet,
  };
  const engine = createEngine(deps);
  onTestFinished(async () => {
    store.broken.put = null;
    let isOver = false;
    const stopping = engine.stop().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const turn of actor.turns) turn.vanishes();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await stopping;
  });
  const ID = opened(cleo).session;
  const session = (id = ID): Session => {
    const found = store.sessions.get(id);
    if (!found) throw new Error(`there is no session ${id}`);
    return found;
  };
  return {
    ...{ store, screen, deps, engine, session, seen: actor.seen, turns: actor.turns },
    /** A session whose plan turn has begun. */
    async open(over: Parameters<typeof opened>[1] = {}): Promise<Played> {
      const before = actor.turns.length;
      await take(engine, over.session ?? ID, opened(cleo, over));
      return nth(actor.turns, before);
    },
    /** The n-th turn, when it has begun. */
    turn: (n: number): Promise<Played> => nth(actor.turns, n),
    /** A session whose write turn has begun. */
    async writing(): Promise<Played> {
      await take(engine, ID, opened(ben, { skipPlan: true }));
      return nth(actor.turns, 0);
    },
    dispatch: (event: Event, id = ID) => engine.dispatch(id, event),
    rests: (at: Session["phase"]["at"], id = ID) =>
      eventually(
        () => session(id).phase.at === at,
        () => session(id).phase,
      ),
  };
}

const PLACE: Omit<Desk, "signal"> = {
  ...DESK,
  cwd: "/work",
  home: "/home",
  tmp: "/tmp",
  env: {},
  spawn: () => {
    throw new Error("a puppet starts no process");
  },
};

async function nth(turns: readonly Played[], n: number): Promise<Played> {
  await eventually(
    () => turns.length > n,
    () => `${turns.length} turns`,
  );
  const found = turns[n];
  if (!found) throw new Error(`there was no turn ${n}`);
  return found;
}

async function take(engine: Engine, id: string, event: Event): Promise<void> {
  const after = await engine.dispatch(id, event);
  if (isRefusal(after)) throw new Error(`refused: ${after.refused}`);
}

/** Waits until it holds; fails after half a minute with what was there instead. */
export async function eventually(holds: () => boolean, instead: () => unknown): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain; there is ${JSON.stringify(instead())}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
