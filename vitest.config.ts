import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** The whole bot, from its first word on. */
const WHOLE = ["test/story/**/*.test.ts", "test/{start,cli,demo}.test.ts"];
/** Tests with needs of their own: a browser, minutes of time, real agents, hundreds of processes. */
const APART = ["test/browser/**", "test/kill/**", "test/agents/**", "test/wire/**", "test/landing/**", "test/agents-demo/**", "test/chats/**", ...WHOLE];
/** Most tests wait for processes and for the disk: one more than there are cores. */
const maxWorkers = availableParallelism() + 1;

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: APART, testTimeout: 30_000, maxWorkers } },
      { test: { name: "story", include: WHOLE, testTimeout: 60_000, maxWorkers } },
      { test: { name: "wire", include: ["test/{wire,agents-demo}/*.test.ts"], testTimeout: 60_000, maxWorkers } },
      { test: { name: "landing", include: ["test/landing/**/*.test.ts"], testTimeout: 120_000, maxWorkers } },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 60_000, maxWorkers: 2 } },
      { test: { name: "kill", include: ["test/kill/**/*.test.ts"], testTimeout: 280_000, hookTimeout: 120_000 } },
      { test: { name: "chats", include: ["test/chats/**/*.test.ts"], testTimeout: 120_000, maxWorkers } },
      {
        test: {
          name: "agents",
          include: ["test/agents/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 30_000,
          // Each of them starts programs of its own.
          maxWorkers: 2,
        },
      },
    ],
  },
});
