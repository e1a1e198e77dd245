import type { Activity, Step } from "../core/parts.ts";
import { type Active, isActive } from "../core/phase.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { Button, Live, Part, Seen, View, Waits } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { baseName, clock, cost, label, list, oneLine, repoName, span, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, face, line, muted, some, warn } from "./part.ts";

const ROWS = { quiet: 0, normal: 6, verbose: 20 };
/** Five are kept. */
const ACTIVITIES = { quiet: 0, normal: 3, verbose: 5 };
const WORDS = 3;
const STALL_MS = 90_000;

/** The living card while the bot moves. */
export function progress(s: Session, seen: Seen, t: T): View {
  const title = titleOf(s);
  const asks = asksOf(s).length > 0;
  return face(s, {
    head: t(`head.${seen.waits ? WAITING[seen.waits.for] : doing(s)}`, { title }),
    mood: seen.waits ? "seen" : asks ? "waiting" : "working",
    parts: [
      muted(place(s, t)),
      ...some(seen.waits && line(queued(seen.waits, t)), moved(s, t), asks && line(t("live.asks"))),
      ...shown(s, seen, t),
      ...words(s, t),
    ],
    buttons: stop(s, t),
  });
}

const WAITING = { slot: "queued", checkout: "behind" } as const;

const queued = (waits: Waits, t: T): string =>
  waits.for === "slot"
    ? t("live.queue", { place: waits.place })
    : t("live.behind", { place: waits.place, title: label(waits.behind, 80) });

/** What the bot does now, as a word of the locales. */
function doing({
  phase,
}: Session):
  | "plan"
  | "write"
  | "preparing"
  | "stopping"
  | "inspecting"
  | "checking"
  | "merge"
  | "pr"
  | "discard"
  | "undo"
  | "revert"
  | "clean" {
  if (!isActive(phase)) throw new Error(`phase ${phase.at} makes no progress`);
  switch (phase.at) {
    case "running":
      return phase.turn.kind;
    case "landing":
      return phase.how;
    case "preparing":
    case "stopping":
    case "inspecting":
    case "checking":
      return phase.at;
    default:
      return never(phase);
  }
}

/** Where the work happens and where each guess came from: a wrong one can be corrected before anything is written. */
export function place(s: Session, t: T): string {
  const { workspace, from, warrant, policy } = s;
  const guess = (what: string, source: Session["from"]["repo"]) => t("place.from", { what, from: t(`from.${source}`) });
  const unplanned = policy.plan === "off" || (warrant !== null && warrant.digest === null);
  return [
    workspace ? guess(repoName(workspace.repo), from.repo) : null,
    workspace ? t("place.base", { base: baseName(s, t) }) : null,
    guess(oneLine(s.agent, 40), from.agent),
    guess(t(unplanned ? "place.unplanned" : "place.planned"), from.plan),
  ]
    .filter((word) => word !== null)
    .join(", ");
}

function moved(s: Session, t: T): Part | null {
  if (s.phase.at !== "running" || !s.phase.moved) return null;
  const { commits, named } = s.phase.moved;
  const base = baseName(s, t);
  if (named.length === 0) return muted(t("live.moved", { base, count: commits }));
  return warn(t("plan.moved", { base, count: commits, files: list(named, 3, t) }));
}

/** Quiet: only that it works, and silence that needs a reason. */
function shown(s: Session, seen: Seen, t: T): Part[] {
  const { live, verbosity } = seen;
  if (verbosity === "quiet") return live ? some(stall(s, live, { seen, t })) : [];
  return live ? life(s, live, { seen, t }) : checklist(s.steps, { rows: ROWS[verbosity], t });
}

function life(s: Session, live: Live, { seen, t }: { seen: Seen; t: T }): Part[] {
  const rows = ROWS[seen.verbosity];
  return [
    ...checklist(live.steps.length > 0 ? live.steps : s.steps, { rows, t }),
    ...live.activities.slice(-ACTIVITIES[seen.verbosity]).map((activity) => muted(told(activity, t))),
    ...some(
      stall(s, live, { seen, t }),
      muted(
        [t("live.since", { span: span(seen.now - live.since, t), at: clock(seen.now, seen, t) }), price(s, live, t)]
          .filter((word) => word)
          .join(", "),
      ),
    ),
  ];
}

/** So many rows around the current step; the rest is counted. */
function checklist(steps: readonly Step[], { rows, t }: { rows: number; t: T }): Part[] {
  if (steps.length === 0) return [];
  const current = steps.findIndex(({ state }) => state === "doing");
  const open = current >= 0 ? current : steps.findIndex(({ state }) => state === "open");
  const focus = open >= 0 ? open : steps.length - 1;
  const start = Math.max(0, Math.min(focus - 2, steps.length - rows));
  const shown = steps.slice(start, start + rows).map((step) => ({ ...step, title: label(step.title, 120) }));
  const below = steps.length - start - shown.length;
  return [
    ...some(start > 0 && muted(t("live.above", { count: start }))),
    { kind: "steps", steps: shown },
    ...some(below > 0 && muted(t("live.below", { count: below }))),
  ];
}

const SIGNS = { open: "›", ok: "✓", failed: "✗" } as const;

function told({ kind, title, state }: Activity, t: T): string {
  const word = kind === "command" ? "run" : kind;
  return `${SIGNS[state]} ${t(`live.${word}`, { title: label(title, 120) })}`;
}

/** Silence needs a reason: it is named from 90 s on, unless the agent waits for a person. */
function stall({ phase }: Session, live: Live, { seen, t }: { seen: Seen; t: T }): Part | null {
  const silent = seen.now - live.lastAt;
  if (silent <= STALL_MS || phase.at !== "running" || phase.asks.length > 0) return null;
  const open = live.activities.findLast(({ state }) => state === "open");
  const quiet = span(silent, t);
  if (!open) return warn(t("live.silent", { span: quiet }));
  return warn(t("live.silentDuring", { span: quiet, title: label(open.title, 120) }));
}

/** What the session has cost, the running turn included. */
function price({ phase, usage }: Session, live: Live, t: T): string | null {
  const turn = live.usage ?? (phase.at === "running" ? phase.spent : null);
  if (!turn) return cost(usage, t);
  return cost({ costUsd: usage.costUsd + turn.costUsd, estimated: usage.estimated || turn.estimated }, t);
}

function words({ queue }: Session, t: T): Part[] {
  if (queue.length === 0) return [];
  const shown = queue.slice(0, WORDS);
  return [
    muted(t("live.waiting", { count: queue.length })),
    ...shown.map(({ by, text }) => muted(t("live.word", { name: oneLine(by.name, 40), text: oneLine(text, 120) }))),
    ...some(queue.length > WORDS && muted(t("live.more", { count: queue.length - WORDS }))),
  ];
}

/** Stop counts until the process is being stopped, or a ref is about to move. */
function stop(s: Session, t: T): Button[] {
  const { phase } = s;
  if (!isActive(phase) || !stoppable(phase)) return [];
  return [button(s, t("button.stop"), { verb: "stop", key: phase.work })];
}

function stoppable(phase: Active): boolean {
  if (phase.at === "landing") return phase.aim === null && phase.how !== "clean";
  return phase.at !== "stopping";
}
