import type { Session } from "../core/session.ts";
import type { Part } from "../core/view.ts";
import { cost, span } from "./format.ts";
import type { T } from "./i18n.ts";
import { muted } from "./part.ts";

/** Time and money so far; nothing when no agent has worked. */
export function spent({ usage }: Session, t: T): Part | null {
  if (usage.workedMs <= 0) return null;
  return muted([t("live.worked", { span: span(usage.workedMs, t) }), cost(usage, t)].filter((word) => word).join(", "));
}
