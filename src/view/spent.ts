import type { Session } from "../core/session.ts";
import type { Part } from "../core/view.ts";
import { cost, span } from "./format.ts";
import type { T } from "./i18n.ts";
import { muted } from "./part.ts";

/** Less is not worth a line. */
const WORTH_MS = 60_000;

/** Time and money so far; nothing when an agent has hardly worked. */
export function spent({ usage }: Session, t: T): Part | null {
  const worked = usage.workedMs < WORTH_MS ? null : t("live.worked", { span: span(usage.workedMs, t) });
  const words = [worked, cost(usage, t)].filter((word) => word !== null);
  return words.length > 0 ? muted(words.join(", ")) : null;
}
