import { expect, test } from "vitest";
import { hasBubblewrap } from "../../src/sandbox/bubblewrap.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";

test("a machine without it is known to be without it", async () => {
  expect(await hasBubblewrap(createHostSpawn(), { PATH: "/nowhere" })).toBe(false);
});
