import type { Block } from "../core/parts.ts";
import type { Session } from "../core/session.ts";
import { never } from "../lib/never.ts";
import { baseName, list, oneLine, repoName, span } from "./format.ts";
import type { T } from "./i18n.ts";

const FILES = 5;

/** Why a landing stopped before it moved anything, and the way out. */
export function blockLine(s: Session, block: Block, t: T): string {
  const base = baseName(s, t);
  switch (block.why) {
    case "conflict":
      return t("blocked.conflict", { files: list(block.files, FILES, t) });
    case "overlap":
      return t("blocked.overlap", { checkout: repoName(block.checkout), files: list(block.files, FILES, t) });
    case "locked":
      return t("blocked.locked", { file: oneLine(block.file, 200), span: span(block.ageMs, t) });
    case "moving":
      return t("blocked.moving", { base });
    case "moved_on":
      return t("blocked.movedOn", { base });
    case "checks":
      return t("blocked.checks", { base });
    case "pull":
      return pulls(s, block, t);
    case "failed":
      return t("blocked.failed");
    default:
      return never(block);
  }
}

function pulls(s: Session, { reason, error, until }: Extract<Block, { why: "pull" }>, t: T): string {
  const words = { base: baseName(s, t), branch: s.workspace?.branch ?? "", count: Number(error) || 0 };
  if (reason !== "limited" || until === null) return t(`blocked.pull.${reason}`, words);
  return t("blocked.pull.limitedUntil", { at: new Date(until).toISOString().slice(11, 16) });
}
