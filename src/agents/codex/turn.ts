import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { joined } from "../../core/prompt.ts";
import type { Hold } from "./launch.ts";

/** Codex keeps git's folder read-only: without these words it would ask to commit at the end of every turn. */
const RULES = `Git's own folder is read-only in this sandbox. Do not stage, commit or switch branches, whatever else you read:
leave your changes in the working tree, they are committed for you when you are done.`;

/** The call that opens the conversation: a new one, the same again, or one that begins there. */
export function opening({ cwd, memory, model }: Desk, hold: Hold): [method: string, params: object] {
  const params = {
    ...{ cwd, approvalPolicy: hold.approvalPolicy, approvalsReviewer: "user", permissions: hold.permissions },
    ...(hold.sandbox === "dangerFullAccess" ? {} : { developerInstructions: RULES }),
    ...(model === null ? {} : { model }),
  };
  if (!memory) return ["thread/start", params];
  const { token: threadId, point } = memory;
  if (!memory.fork) return ["thread/resume", { threadId, excludeTurns: true, ...params }];
  return ["thread/fork", { threadId, excludeTurns: true, ...params, ...(point === null ? {} : { lastTurnId: point }) }];
}

/** The call that starts the turn. What it says of sandbox, model and mode would hold for later turns, so it says all of it. */
export const beginning = (turn: Turn, desk: Desk, at: { threadId: string; model: string; hold: Hold }): object => ({
  threadId: at.threadId,
  input: inputs(turn, desk),
  ...{ cwd: desk.cwd, approvalPolicy: at.hold.approvalPolicy, approvalsReviewer: "user" },
  permissions: at.hold.permissions,
  collaborationMode: {
    mode: at.hold.mode,
    settings: { model: at.model, reasoning_effort: desk.effort, developer_instructions: null },
  },
});

export const say = (text: string): object => ({ type: "text", text, text_elements: [] });

/** Images are handed over, of other files it is told where they lie. */
function inputs({ prompt }: Turn, { files }: Desk): object[] {
  const isImage = ({ mime }: Desk["files"][number]): boolean => mime.startsWith("image/");
  const others = files.filter((file) => !isImage(file)).map(({ name, path }) => `- ${name}: ${path}`);
  const told = others.length > 0 ? `Files that came with this:\n${others.join("\n")}` : "";
  return [say(joined([prompt, told])), ...files.filter(isImage).map(({ path }) => ({ type: "localImage", path }))];
}
