import { offered } from "../core/offer.ts";
import type { Checks, Person, Vote } from "../core/parts.ts";
import { type At, isActive } from "../core/phase.ts";
import type { Session } from "../core/session.ts";
import type { Button, Mood, Seen, View } from "../core/view.ts";
import { blockLine } from "./block.ts";
import { baseName, clock, names, oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, code, face, line, muted, placed, some, warn } from "./part.ts";
import { failing, failure } from "./preflight.ts";
import { progress } from "./progress.ts";
import { spent } from "./spent.ts";

/** The one card of a session that is edited in place: progress while the bot moves, a quiet line or two otherwise. */
export function living(s: Session, seen: Seen, t: T): View {
  const view = placed(body(s, seen, t), seen, t);
  if (seen.trouble === null) return view;
  return { ...view, parts: [warn(t("live.trouble", { why: oneLine(seen.trouble, 200) })), ...view.parts] };
}

function body(s: Session, seen: Seen, t: T): View {
  const { phase } = s;
  if (isActive(phase)) return progress(s, seen, t);
  if (phase.at === "closed") return closed(s, phase, { seen, t });
  return face(s, {
    head: t(`head.${phase.at}`, { title: titleOf(s) }),
    mood: MOODS[phase.at],
    parts: some(line(resting(s, t)), spent(s, t)),
    buttons: phase.at === "asking" ? [button(s, t("button.stop"), { verb: "stop", key: phase.offer })] : [],
  });
}

const MOODS = {
  asking: "waiting",
  deciding: "waiting",
  reviewing: "done",
  paused: "waiting",
} as const satisfies Record<string, Mood>;

function resting({ phase, plans }: Session, t: T): string {
  switch (phase.at) {
    case "asking":
    case "reviewing":
    case "paused":
      return t(`rest.${phase.at}`);
    default:
      return t("rest.deciding", { version: plans.at(-1)?.version ?? 1 });
  }
}

function closed(s: Session, phase: At<"closed">, { seen, t }: { seen: Seen; t: T }): View {
  const { outcome, blocked } = phase;
  const talk = outcome === "answered" || outcome === "no_change";
  return face(s, {
    head: t(`head.${outcome}`, { title: titleOf(s) }),
    mood: talk || outcome === "merged" || outcome === "pr_merged" ? "done" : "closed",
    parts: [
      ...some(blocked && warn(blockLine(s, blocked, { seen, t }))),
      ...(blocked?.why === "failed" ? code(blocked.error, "end") : []),
      ...(blocked?.why === "checks" ? failure(blocked.checks, t) : []),
      ...some(
        line(talk ? t("rest.answer") : (there(s, phase, { seen, t }) ?? ending(s, phase, { seen, t }))),
        outcome === "pr_merged" && muted(t("closed.prKept")),
        outcome === "merged" && s.landed.at(-1)?.checks === "waived" && warn(t("closed.waived")),
        outcome === "dismissed" && s.landed.at(-1)?.how === "discard" && muted(t("closed.kept")),
        spent(s, t),
        muted(t("closed.more")),
      ),
    ],
    buttons: undo(s, phase, { seen, t }),
  });
}

/** It was merged on the server, by whom it knows. */
const there = (
  { pull }: Session,
  { outcome, since }: At<"closed">,
  { seen, t }: { seen: Seen; t: T },
): string | null =>
  outcome === "pr_merged" && pull !== null && pull.is !== "branch"
    ? t("closed.pr_merged", { number: pull.number, at: clock(since, seen, t) })
    : null;

function ending(s: Session, { outcome, since }: At<"closed">, { seen, t }: { seen: Seen; t: T }): string {
  const base = baseName(s, t);
  const last = s.landed.at(-1);
  const at = (time: number) => clock(time, seen, t);
  if (outcome === "released") return t("closed.released", { base });
  if (outcome === "merged" && last?.how === "merge")
    return t(last.pushed ? "closed.pushed" : "closed.merged", {
      base,
      who: names(voters(last.by), t),
      at: at(last.at),
    });
  if (outcome === "dismissed" || outcome === "rejected") {
    const verdict = s.decided.findLast(({ verb }) => verb === (outcome === "rejected" ? "reject" : "discard"));
    const who = names(last && outcome === "dismissed" ? voters(last.by) : [verdict?.by ?? null], t);
    return t(`closed.${outcome}`, { who, at: at(verdict?.at ?? since) });
  }
  return t("closed.plain", { at: at(since) });
}

const voters = (votes: readonly Vote[]): (Person | null)[] => votes.map(({ by }) => by);

function undo(s: Session, { offer: key, blocked }: At<"closed">, { seen, t }: { seen: Seen; t: T }): Button[] {
  const verbs = offered(s, seen.now);
  const confirm = { text: reverting(s, t), yes: t("button.revert"), no: t("button.leave") };
  return [
    ...(verbs.includes("resolve") ? [button(s, t("button.takeBack"), { verb: "resolve", key, style: "primary" })] : []),
    ...(verbs.includes("undo") ? [button(s, t("button.undo"), { verb: "undo", key })] : []),
    ...(verbs.includes("revert") ? [button(s, t("button.revert"), { verb: "revert", key, confirm })] : []),
    ...(verbs.includes("force") && blocked?.why === "checks" ? [force(s, key, { checks: blocked.checks, t })] : []),
  ];
}

function force(s: Session, key: number, { checks, t }: { checks: Checks; t: T }): Button {
  const confirm = {
    text: t("closed.force", { command: failing(checks), base: baseName(s, t) }),
    yes: t("button.revertAnyway"),
    no: t("button.leave"),
  };
  return button(s, t("button.revertAnyway"), { verb: "force", key, style: "danger", confirm });
}

const reverting = (s: Session, t: T): string =>
  t(s.landed.at(-1)?.pushed ? "closed.revertPush" : "closed.revert", { base: baseName(s, t) });
