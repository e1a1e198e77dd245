import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** The whole bot, from its first word on. */
const WHOLE = ["test/story/**/*.test.ts", "test/{start,cli,demo}.test.ts"];
/** Tests with needs of their own: a browser, minutes of time, real agents, hundreds of processes. */
const APART = [
  "test/browser/**",
  "test/kill/**",
  "test/agents/**",
  "test/wire/**",
  "test/landing/**",
  "test/agents-demo/**",
  "test/chats/**",
  ...WHOLE,
];
/** Most tests wait for processes and for the disk: one more than there are cores. */
const maxWorkers = availableParallelism() + 1;
/** Limits are for what hangs, never for what is slow: a machine may have other things to do. */
const PATIENT = {
  testTimeout: 180_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 45_000, interval: 20 } },
  maxWorkers,
};

export default defineConfig({
  test: {
    projects: [
      { test: { ...PATIENT, name: "unit", include: ["test/**/*.test.ts"], exclude: APART } },
      { test: { ...PATIENT, name: "story", include: WHOLE } },
      { test: { ...PATIENT, name: "wire", include: ["test/{wire,agents-demo}/*.test.ts"] } },
      { test: { ...PATIENT, name: "landing", include: ["test/landing/**/*.test.ts"] } },
      { test: { ...PATIENT, name: "browser", include: ["test/browser/**/*.test.ts"], maxWorkers: 2 } },
      { test: { ...PATIENT, name: "kill", include: ["test/kill/**/*.test.ts"], testTimeout: 280_000 } },
      { test: { ...PATIENT, name: "chats", include: ["test/chats/**/*.test.ts"] } },
      // Each of them starts programs of its own.
      { test: { ...PATIENT, name: "agents", include: ["test/agents/*.test.ts"], maxWorkers: 2 } },
    ],
  },
});
