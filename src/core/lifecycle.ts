import { never } from "../lib/never.ts";
import { type Closing, isActive } from "./phase.ts";
import { isOpen } from "./pull.ts";
import type { Session } from "./session.ts";

/** What became of a workspace, in one word. */
export type Lifecycle = "active" | "pending_decision" | "pr_open" | "merged" | "released" | "dismissed" | "no_change";

export function lifecycle({ phase, pull }: Session): Lifecycle {
  if (isActive(phase)) return "active";
  if (phase.at === "closed") return ended(phase.outcome);
  if (isOpen(pull)) return "pr_open";
  return phase.at === "reviewing" && phase.changes.released ? "released" : "pending_decision";
}

function ended(outcome: Closing): Lifecycle {
  switch (outcome) {
    case "rejected":
      return "dismissed";
    case "answered":
      return "no_change";
    case "pr_merged":
      return "merged";
    case "merged":
    case "released":
    case "dismissed":
    case "no_change":
      return outcome;
    default:
      return never(outcome);
  }
}

/** Whether a clean-up may take a workspace: only where everything in it is known to be elsewhere. */
export type Disposition =
  | { is: "safe"; why: "released" }
  | { is: "preserve"; why: "commits" | "files"; count: number }
  /** Nobody knows what is in it, and unknown means that there is work. */
  | { is: "preserve"; why: "undecided" }
  | { is: "blocked"; why: "active" };

export function disposition(s: Session): Disposition {
  const { phase } = s;
  if (isActive(phase)) return { is: "blocked", why: "active" };
  if (phase.at === "paused" && phase.files > 0) return { is: "preserve", why: "files", count: phase.files };
  if (phase.at !== "reviewing") return { is: "preserve", why: "undecided" };
  if (phase.changes.released) return { is: "safe", why: "released" };
  return { is: "preserve", why: "commits", count: phase.changes.commits };
}
