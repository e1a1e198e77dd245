import type { Changes, Checks } from "../core/parts.ts";
import type { Session } from "../core/session.ts";
import type { Part, Seen } from "../core/view.ts";
import { baseName, list, oneLine, repoName, span } from "./format.ts";
import type { T } from "./i18n.ts";
import { code, line, muted, some, warn } from "./part.ts";

const NAMED = 5;
const SHARING = 3;

/** What stands between the work and its base, and what one should know before the click. */
export function preflight(s: Session, changes: Changes, { seen, t }: { seen: Seen; t: T }): Part[] {
  const { behind, conflicts, released } = changes;
  const base = baseName(s, t);
  const clash = conflicts.length > 0;
  return [
    ...some(
      clash && warn(t("review.conflicts", { base, files: list(conflicts, NAMED, t) })),
      behind > 0 && !clash && muted(t("review.behind", { base, count: behind })),
      released && muted(t("review.released", { base })),
      edits(changes, t),
    ),
    ...checks(s, changes, t),
    ...doubts(changes, t),
    ...sharing(seen, t),
    ...some(ways(s, t)),
  ];
}

/** Who else is at these files. */
export const sharing = (seen: Seen, t: T): Part[] =>
  seen.sharing
    .slice(0, SHARING)
    .map(({ title, files }) => muted(t("review.sharing", { title: oneLine(title, 80), files: list(files, NAMED, t) })));

/** How it may get home, where that is not everybody's guess. */
function ways({ policy, workspace }: Session, t: T): Part | null {
  const branch = workspace?.branch ?? "";
  if (policy.rule === "manual") return line(t("review.ruleManual", { branch }));
  if (policy.land === "manual") return line(t("review.manual", { branch }));
  if (policy.rule === "pr-required") return line(t("review.ruleRequired"));
  return policy.land === "delegate" ? muted(t("review.delegate")) : null;
}

/** Bound to one commit: on another base they are run again before anything lands. */
function checks(s: Session, { candidate }: Changes, t: T): Part[] {
  if (candidate === null || !s.checks) return [];
  if (s.checks.commit !== candidate) return [muted(t("review.stale", { base: baseName(s, t) }))];
  const { runs } = s.checks;
  if (!s.checks.ok) return failure(s.checks, t);
  const ms = runs.reduce((sum, run) => sum + run.ms, 0);
  const commands = runs.map(({ command }) => command);
  return [muted(t("review.passed", { commands: list(commands, NAMED, t), span: span(ms, t) }))];
}

/** The check that failed, and the end of what it said. */
export const failure = (checks: Checks, t: T): Part[] => [
  warn(t("review.failed", { command: failing(checks) })),
  ...code(checks.runs.find(({ ok }) => !ok)?.log ?? "", "end"),
];

export const failing = ({ runs }: Checks): string => oneLine(runs.find(({ ok }) => !ok)?.command ?? "", 80);

function edits({ edits }: Changes, t: T): Part | null {
  if (!edits || edits.count + edits.inTheWay.length === 0) return null;
  const { count, inTheWay } = edits;
  const checkout = repoName(edits.checkout);
  if (inTheWay.length === 0) return muted(t("review.edits", { checkout, count }));
  return warn(t("review.overlap", { checkout, files: list(inTheWay, NAMED, t) }));
}

function doubts({ doubts }: Changes, t: T): Part[] {
  const paths = (kind: Changes["doubts"][number]["why"]) =>
    doubts.flatMap(({ why, path }) => (why === kind ? [path] : []));
  const [planning, secret, check] = [paths("planning"), paths("secret"), paths("check")];
  return some(
    secret.length > 0 && warn(t("review.secret", { files: list(secret, NAMED, t) })),
    check.length > 0 && warn(t("review.check", { files: list(check, NAMED, t) })),
    planning.length > 0 && warn(t("review.planning", { files: list(planning, NAMED, t) })),
  );
}
