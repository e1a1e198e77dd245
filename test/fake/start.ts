import { join } from "node:path";

/** The arguments with which Node starts a program of this folder: faster each time after the first. */
export const starting = (name: string): string[] => [
  "--require",
  join(import.meta.dirname, "cached.cjs"),
  join(import.meta.dirname, name),
];
