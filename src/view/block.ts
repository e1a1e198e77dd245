import type { Block } from "../core/parts.ts";
import { mayMerge } from "../core/policy.ts";
import type { Session } from "../core/session.ts";
import type { Seen } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { baseName, coming, list, oneLine, repoName, span } from "./format.ts";
import type { T } from "./i18n.ts";

const FILES = 5;

/** Why a landing, or taking one back, stopped before it moved anything, and the way out. */
export function blockLine(s: Session, block: Block, { seen, t }: { seen: Seen; t: T }): string {
  const base = baseName(s, t);
  const way = s.phase.at === "closed" ? "undone" : "blocked";
  switch (block.why) {
    case "conflict":
      return t(`${way}.conflict`, { files: list(block.files, FILES, t) });
    case "overlap":
      return t(`${way}.overlap`, { checkout: repoName(block.checkout), files: list(block.files, FILES, t) });
    case "locked":
      return t(`${way}.locked`, { file: oneLine(block.file, 200), span: span(block.ageMs, t) });
    case "moving":
      return t(`${way}.moving`, { base });
    case "moved_on":
      return t(`undone.${staying(s)}`, { base });
    case "checks":
      return t(`${way}.checks`, { base });
    case "pull":
      return pulls(s, block, { seen, t });
    case "failed":
      return t("blocked.failed");
    default:
      return never(block);
  }
}

/** Why it stays as it is for now. */
function staying({ landed, policy }: Session): "reopened" | "forbidden" | "pushed" | "movedOn" {
  const last = landed.at(-1);
  if (last?.how === "discard") return "reopened";
  if (!mayMerge(policy)) return "forbidden";
  return last?.pushed ? "pushed" : "movedOn";
}

function pulls(
  s: Session,
  { reason, error, until }: Extract<Block, { why: "pull" }>,
  { seen, t }: { seen: Seen; t: T },
): string {
  const words = { base: baseName(s, t), branch: s.workspace?.branch ?? "", count: Number(error) || 0 };
  if (reason !== "limited" || until === null) return t(`blocked.pull.${reason}`, words);
  return t("blocked.pull.limitedUntil", { at: coming(until, seen, t) });
}
