import { readFile, realpath, stat } from "node:fs/promises";
import { planIn } from "../proposal.ts";
import type { Quirks } from "../quirks.ts";
import type { Call } from "../wire/acp.ts";

const PLAN_BYTES = 1024 * 1024;

/** Does this call ask to leave a mode? */
export const isModeSwitch = ({ kind, toolCallId, name }: Call, { planTool }: Quirks): boolean =>
  kind === "switch_mode" || (planTool !== null && (toolCallId.startsWith(planTool) || name === planTool));

/** The plan that a request to leave the plan mode carries, or the file that it names. */
export async function proposed(call: Call, { proposes }: Quirks, home: string): Promise<string | null> {
  const plan = call.rawInput?.["plan"];
  if (typeof plan === "string" && plan.trim() !== "") return plan;
  if (proposes === "file") {
    const path = call.locations?.[0]?.path ?? /\/.*\.md$/.exec(call.title ?? "")?.[0];
    return path === undefined ? null : readOwn(path, home);
  }
  return planIn((call.content ?? []).map((part) => (part && "text" in part ? part.text : "")).join("\n"));
}

/** A file that really lies in the agent's own folder: its path comes from the agent. */
async function readOwn(path: string, home: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    if (!real.startsWith(`${await realpath(home)}/`) || (await stat(real)).size > PLAN_BYTES) return null;
    return (await readFile(real, "utf8")).trim() || null;
  } catch {
    return null; // without a file there is no plan, and the agent is told so
  }
}
