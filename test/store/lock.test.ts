import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lock } from "../../src/store/lock.ts";
import { emptyFolder } from "./folders.ts";

test("one process has the data folder, until it lets go", async () => {
  const folder = await emptyFolder();
  const first = await lock(folder);
  await expect(lock(folder)).rejects.toThrow(`${folder} is in use by another oca: stop that one, or`);
  first.release();
  const second = await lock(folder);
  second.release();
});

test("another process is kept out, and a killed one leaves nothing behind", async () => {
  const folder = await emptyFolder();
  const child = spawn(process.execPath, [fileURLToPath(new URL("locker.ts", import.meta.url)), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(lock(folder)).rejects.toThrow("in use by another oca");
  child.kill("SIGKILL");
  await once(child, "close");
  const mine = await lock(folder);
  expect(await readdir(folder)).toEqual(["lock"]);
  mine.release();
});

test("folder and lock are for their owner only", async () => {
  const folder = join(await emptyFolder(), "data");
  const { release } = await lock(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "lock"))).mode & 0o777).toBe(0o600);
  release();
});
