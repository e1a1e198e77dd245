import { defineConfig } from "vitest/config";

const APART = ["test/browser/**", "test/kill/**"];

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: APART, testTimeout: 30_000 } },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false } },
      { test: { name: "kill", include: ["test/kill/**/*.test.ts"], testTimeout: 280_000 } },
    ],
  },
});
