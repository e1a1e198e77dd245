import { limitOf, offered } from "../core/offer.ts";
import type { At } from "../core/phase.ts";
import { isOwn, type Session } from "../core/session.ts";
import type { Mood, Part, Seen, View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { clock, coming, names, oneLine, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, code, face, line, muted, some, warn } from "./part.ts";
import { discard } from "./review.ts";
import { spent } from "./spent.ts";

interface Around {
  seen: Seen;
  t: T;
}

/** What happened, what is safe, what comes next. */
export function paused(s: Session, phase: At<"paused">, { seen, t }: Around): View {
  const { offer: key, why, retry } = phase;
  const verbs = offered(s, seen.now);
  const going = t(why.why === "failed" ? "button.retry" : "button.resume");
  return face(s, {
    head: t(`head.${headOf(phase)}`, { title: titleOf(s) }),
    mood: MOODS[why.why],
    parts: [
      ...cause(s, phase, { seen, t }),
      ...some(
        line(safe(phase, t)),
        phase.resumeAt !== null && line(t("paused.waits", { at: coming(phase.resumeAt, seen, t) })),
        spent(s, t),
        (retry.at === "preparing" || retry.at === "inspecting") && muted(t("paused.hint")),
      ),
    ],
    buttons: [
      ...(verbs.includes("resume") ? [button(s, going, { verb: "resume", key, style: "primary" })] : []),
      ...(verbs.includes("later") && phase.resumeAt === null
        ? [button(s, t("button.resumeAt", { at: coming(limitOf(phase) ?? seen.now, seen, t) }), { verb: "later", key })]
        : []),
      ...(verbs.includes("discard") ? [discard(s, key, { notKept: [], t, empty: phase.files === 0 })] : []),
    ],
  });
}

const MOODS = { stopped: "waiting", restarts: "failed", failed: "failed" } as const satisfies Record<string, Mood>;

function headOf({ why }: At<"paused">): "stopped" | "paused" | "failed" | "auth" | "limited" {
  if (why.why === "stopped") return "stopped";
  if (why.why === "restarts") return "paused";
  const { kind } = why.outcome;
  return kind === "auth" || kind === "limited" ? kind : "failed";
}

function cause(s: Session, { why, retry }: At<"paused">, { seen, t }: Around): Part[] {
  switch (why.why) {
    case "stopped":
      return [line(t("paused.stopped", { who: names([why.by], t), at: clock(s.updatedAt, seen, t) }))];
    case "restarts":
      return [line(t("paused.restarts"))];
    case "failed": {
      const { kind, error, resetAt } = why.outcome;
      const about = kind === "wrote" && isOwn(s) ? "wroteOwn" : kind;
      const what =
        retry.at === "preparing" ? t(`paused.${about}`, { agent: oneLine(s.agent, 40) }) : t(`paused.${retry.at}`);
      const reset = kind === "limited" && resetAt !== null;
      return [
        warn(what),
        ...some(reset && line(t("paused.resets", { at: coming(resetAt, seen, t) }))),
        ...code(error, "end"),
      ];
    }
    default:
      return never(why);
  }
}

function safe({ retry, files }: At<"paused">, t: T): string {
  if (retry.at === "landing" && retry.aim) return t("paused.aimed");
  return files > 0 ? t("paused.files", { count: files }) : t("paused.untouched");
}
