import type { Proposal } from "../core/ports/forge.ts";
import type { Session } from "../core/session.ts";
import { oneLine } from "./format.ts";
import type { T } from "./i18n.ts";

const SUBJECTS = 30;
const TITLE = 200;

/** What a pull request says: the request, the plan, the commits and the checks. */
export function pitch(s: Session, subjects: readonly string[], t: T): Pick<Proposal, "title" | "body"> {
  const plan = s.plans.at(-1);
  const rest = subjects.length - SUBJECTS;
  return {
    title: oneLine(s.title, TITLE),
    body: [
      quote(s.request),
      plan && `### ${t("pitch.plan")}\n\n${quote(plan.markdown)}`,
      subjects.length > 0 && `### ${t("pitch.commits")}\n\n${subjects.slice(0, SUBJECTS).map(item).join("\n")}`,
      rest > 0 && t("pitch.more", { count: rest }),
      checks(s, t),
      t("pitch.by", { who: safe(oneLine(s.requester.name, 80)) }),
    ]
      .filter((part) => part !== undefined && part !== false && part !== null)
      .join("\n\n"),
  };
}

function checks(s: Session, t: T): string | null {
  if (!s.checks || s.phase.at === "closed") return null;
  const runs = s.checks.runs.map(({ command, ok }) => item(t(ok ? "pitch.passed" : "pitch.failed", { command })));
  return runs.length === 0 ? null : `### ${t("pitch.checks")}\n\n${runs.join("\n")}`;
}

const item = (text: string): string => `- ${safe(oneLine(text, TITLE))}`;
const quote = (text: string): string => safe(text.trim()).replace(/^/gm, "> ");

/**
 * Text of people and agents mentions nobody, closes no issue, and is no markup of a page: an invisible space stands
 * where GitHub would see a sign of its own.
 */
const safe = (text: string): string =>
  text
    .replace(/[@#](?=\w)/g, "$&\u200b")
    .replace(/\b(GH-)(?=\d)/gi, "$1\u200b")
    .replace(/\/(issues|pull)\/(?=\d)/gi, "/$1/\u200b")
    .replace(/</g, "&lt;");
