import type { Desk } from "../core/ports/agent.ts";
import { joined } from "../core/prompt.ts";

/** Words with the places of the files that came with them, for an agent that has to open them itself. */
export function withPaths(text: string, files: Desk["files"]): string {
  const list = files.map(({ name, path }) => `- ${name}: ${path}`).join("\n");
  return joined([text, list && `Files that came with these words:\n${list}`]);
}
