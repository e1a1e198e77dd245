import { laterKey, type Morning } from "../core/later.ts";
import { offered } from "../core/offer.ts";
import type { Changes } from "../core/parts.ts";
import type { At } from "../core/phase.ts";
import { isOpen } from "../core/pull.ts";
import { isOwn, type Session } from "../core/session.ts";
import type { Button, Part, Seen, View } from "../core/view.ts";
import { untilMonday } from "../lib/zoned.ts";
import { blockLine } from "./block.ts";
import { coming, label, list, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, code, face, line, markdown, muted, some, warn } from "./part.ts";
import { votes } from "./plan.ts";
import { failing, preflight, sharing } from "./preflight.ts";
import { pullButton, pullParts } from "./pull.ts";
import { spent } from "./spent.ts";

const FILES = 12;
const NAMED = 5;

interface Around {
  seen: Seen;
  t: T;
}

/** What was done, with everything one should know before the click. */
export function reviewing(s: Session, phase: At<"reviewing">, { seen, t }: Around): View {
  const { changes, blocked, remindAt } = phase;
  return face(s, {
    head: t("head.reviewing", { title: titleOf(s) }),
    mood: "done",
    parts: [
      ...some(blocked && warn(blockLine(s, blocked, { seen, t }))),
      ...(blocked?.why === "failed" || (blocked?.why === "pull" && blocked.reason !== "private")
        ? code(blocked.error, "end")
        : []),
      ...markdown(phase.answer),
      ...files(changes, t),
      ...pullParts(s, changes, t),
      ...(isOwn(s) ? [...sharing(seen, t), muted(t("review.own"))] : preflight(s, changes, { seen, t })),
      ...some(
        votes(phase.votes, s.policy.votes, t),
        remindAt !== null && muted(t("review.later", { at: coming(remindAt, seen, t) })),
        spent(s, t),
      ),
    ],
    buttons: controls(s, phase, { seen, t }),
  });
}

function files({ files: all, commits }: Changes, t: T): Part[] {
  const sum = (side: "added" | "removed") => all.reduce((total, file) => total + file[side], 0);
  const size = t("review.size", {
    commits: t("review.commits", { count: commits }),
    files: t("review.files", { count: all.length }),
    added: sum("added"),
    removed: sum("removed"),
  });
  const rest = all.length - FILES;
  const shown = all.slice(0, FILES).map((file) => ({ ...file, path: label(file.path, 200) }));
  const more = rest > 0 ? t("review.moreFiles", { count: rest }) : null;
  return shown.length > 0 ? [line(size), { kind: "files", files: shown, more }] : [line(size)];
}

function controls(s: Session, phase: At<"reviewing">, { seen, t }: Around): Button[] {
  const { offer: key, changes, blocked } = phase;
  const verbs = offered(s, seen.now);
  const merge = verbs.includes("merge") && blocked?.why !== "conflict";
  const page: Button = {
    label: t("button.review"),
    style: "plain",
    does: { page: `/diff/${s.id}` },
    confirm: null,
    form: null,
  };
  return [
    ...(merge
      ? [button(s, t(s.policy.push ? "button.mergePush" : "button.merge"), { verb: "merge", key, style: "primary" })]
      : []),
    ...(verbs.includes("address") ? [button(s, t("button.address"), { verb: "address", key, style: "primary" })] : []),
    ...(verbs.includes("pr") ? [button(s, t(proposing(s)), { verb: "pr", key })] : []),
    ...pullButton(s, t),
    ...(verbs.includes("tidy") ? [button(s, t("button.tidy"), { verb: "tidy", key, style: "primary" })] : []),
    ...(verbs.includes("force") ? [force(s, key, t)] : []),
    ...(verbs.includes("resolve") ? [button(s, t("button.resolve"), { verb: "resolve", key, style: "primary" })] : []),
    ...(seen.pages ? [page] : []),
    ...(verbs.includes("later") ? later(s, phase, { seen, t }) : []),
    ...(verbs.includes("discard") ? [discard(s, key, { notKept: changes.notKept, t })] : []),
  ];
}

/** What a click on the button of a pull request would do. */
function proposing({ pull }: Session): "button.pr" | "button.prAgain" | "button.prSync" | "button.push" {
  if (pull?.is === "branch") return "button.push";
  if (pull?.is !== "request" || pull.state === "merged") return "button.pr";
  return pull.state === "open" ? "button.prSync" : "button.prAgain";
}

/** One click puts it off by three hours; then mornings are offered: nine o'clock where the clicker is. */
function later(s: Session, { offer, remindAt }: At<"reviewing">, { seen, t }: Around): Button[] {
  if (remindAt === null) return [button(s, t("button.later"), { verb: "later", key: offer })];
  const mornings: Morning[] = untilMonday(seen.now, seen.timezone) === 1 ? ["tomorrow"] : ["tomorrow", "monday"];
  const until = (one: Morning) => button(s, t(`button.${one}`), { verb: "later", key: laterKey(offer, one) });
  return [button(s, t("button.threeHours"), { verb: "later", key: offer }), ...mornings.map(until)];
}

function force(s: Session, key: number, t: T): Button {
  const command = s.checks ? failing(s.checks) : "";
  const confirm = { text: t("review.force", { command }), yes: t("button.force"), no: t("button.keep") };
  return button(s, t("button.force"), { verb: "force", key, style: "danger", confirm });
}

interface Discard {
  notKept: readonly string[];
  t: T;
  /** Nothing was changed: there is nothing to keep, and nothing to take back. */
  empty?: boolean;
}

/** Asks once, and says before the click what becomes of an open pull request, and what will not be kept. */
export function discard(s: Session, key: number, { notKept, t, empty = false }: Discard): Button {
  const { pull } = s;
  const open =
    pull?.is === "request" && isOpen(pull) ? t("review.discardPull", { number: pull.number, url: pull.url }) : null;
  const lost = notKept.length > 0 ? t("review.notKept", { files: list(notKept, NAMED, t) }) : null;
  const text = [t(empty ? "review.discardEmpty" : "review.discard"), open, lost]
    .filter((one) => one !== null)
    .join(" ");
  const confirm = { text, yes: t("button.discard"), no: t("button.keep") };
  return button(s, t("button.discard"), { verb: "discard", key, style: "danger", confirm });
}
