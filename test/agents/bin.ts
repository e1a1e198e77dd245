import { existsSync } from "node:fs";
import { join } from "node:path";

const NAMES = ["claude", "codex", "opencode", "gemini"] as const;

/** The real agents this package pins. */
export type Real = (typeof NAMES)[number];

const FOLDER = join(import.meta.dirname, "cli", "node_modules", ".bin");

/** The installed program of a real agent, as a user would find it on the PATH; without it, an error that says what to run. */
export const bin = (name: Real): string => {
  const path = join(FOLDER, name);
  if (!existsSync(path)) {
    throw new Error(`${name} is not installed in test/agents/cli: run \`npm run test:agents\`, which installs it`);
  }
  return path;
};
