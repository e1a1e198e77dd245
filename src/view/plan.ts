import type { Vote } from "../core/parts.ts";
import type { At } from "../core/phase.ts";
import type { Plan, Session } from "../core/session.ts";
import type { Button, Form, Part, View } from "../core/view.ts";
import { baseName, label, list, names, oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, code, face, isLong, line, markdown, muted, some, warn } from "./part.ts";
import { spent } from "./spent.ts";

const FILES = 8;
const CHANGED = 6;

/** The newest plan, with the buttons that decide about it. */
export function deciding(s: Session, phase: At<"deciding">, t: T): View {
  const plan = s.plans.at(-1);
  const version = plan?.version ?? 1;
  const text = plan?.markdown ?? "";
  return face(s, {
    head: t("head.planned", { version, title: titleOf(s) }),
    mood: "waiting",
    parts: [
      ...moved(s, phase, t),
      ...markdown(text),
      ...(plan ? [...reach(plan, t), ...changed(s, plan, t)] : []),
      ...some(votes(phase.votes, s.policy.votes, t), spent(s, t), muted(t("plan.hint"))),
    ],
    buttons: controls(s, phase, { version, steps: plan?.steps ?? [], t }),
    documents: isLong(text) ? [{ name: "plan.md", mime: "text/markdown", text }] : [],
  });
}

function moved(s: Session, { moved: note }: At<"deciding">, t: T): Part[] {
  if (!note) return [];
  const base = baseName(s, t);
  const { commits: count, named } = note;
  if (named.length === 0) return [muted(t("plan.movedFree", { base, count }))];
  return [warn(t("plan.moved", { base, count, files: list(named, 3, t) }))];
}

/** What an approval allows without further questions. */
function reach({ files, commands }: Plan, t: T): Part[] {
  return [
    ...some(files.length > 0 && line(t("plan.files", { files: list(files, FILES, t) }))),
    ...(commands.length > 0 ? [line(t("plan.commands")), ...code(commands.join("\n"))] : []),
  ];
}

/** What a revision changed in the steps. A plan for new work is compared with nothing. */
function changed(s: Session, plan: Plan, t: T): Part[] {
  const before = s.plans.at(-2);
  if (!before || s.decided.findLast(({ verb }) => verb !== "answer")?.verb !== "revise") return [];
  const { version } = before;
  const added = plan.steps.filter((step) => !before.steps.includes(step));
  const removed = before.steps.filter((step) => !plan.steps.includes(step));
  if (added.length + removed.length === 0) return [muted(t("plan.same", { version }))];
  const lines = [
    ...added.map((step) => t("plan.added", { version, step: oneLine(step, 200) })),
    ...removed.map((step) => t("plan.removed", { version, step: oneLine(step, 200) })),
  ];
  const more = lines.length - CHANGED;
  return [...lines.slice(0, CHANGED).map(muted), ...some(more > 0 && muted(t("live.more", { count: more })))];
}

/** Where several people must agree: who did, and how many are missing. */
export function votes(given: readonly Vote[], need: number, t: T): Part | null {
  if (need < 2) return null;
  if (given.length === 0) return line(t("plan.approvalsNone", { need }));
  const who = names(
    given.map(({ by }) => by),
    t,
  );
  return line(t("plan.approvals", { have: given.length, need, who }));
}

function controls(
  s: Session,
  { offer: key, moved: note }: At<"deciding">,
  { version, steps, t }: { version: number; steps: string[]; t: T },
): Button[] {
  const form: Form = {
    title: t("plan.reviseTitle", { version }),
    ticks: steps.map((step) => label(step, 150)),
    label: t("plan.reviseLabel"),
    submit: t("plan.reviseSubmit"),
    required: true,
  };
  const approve = note && note.named.length > 0 ? t("button.approveAnyway") : t("button.approve");
  return [
    button(s, approve, { verb: "approve", key, style: "primary" }),
    button(s, t("button.revise"), { verb: "revise", key, form }),
    button(s, t("button.reject"), { verb: "reject", key, style: "danger" }),
  ];
}
