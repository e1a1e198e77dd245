import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, ok, type World, world } from "../git/repo.ts";
import { tried } from "./history.ts";

/** A filter of the user's, which git runs for each file that it writes into a checkout: there it is killed. */
async function deadly(w: World) {
  const [script, count, at] = ["smudge", "count", "at"].map((name) => join(w.home, name)) as [string, string, string];
  const kill = `if [ -e ${at} ]; then echo >> ${count}; [ "$(wc -l < ${count})" -ne "$(cat ${at})" ] || kill -9 $PPID; fi`;
  await writeFile(script, `#!/bin/sh\n${kill}\nexec cat\n`, { mode: 0o755 });
  await w.git(w.root, "config", "filter.deadly.smudge", script);
  await w.commit(w.root, { ".gitattributes": "*.txt filter=deadly\n" });
  return {
    /** From now on git dies at the n-th file. */
    armed: (n: number) => writeFile(at, `${n}\n`),
    disarmed: () => rm(at),
  };
}

async function worked(w: World) {
  // What a killed git has left is not waited for here: nobody takes it away.
  const s = w.session({}, { git: w.oca({ waitMs: 300 }) });
  ok(await s.prepare());
  const long = lines("b", { 5: "a longer line" }).repeat(100);
  await w.write(s.path, {
    "a.txt": lines("a", { 3: "three" }),
    "b.txt": long,
    "c/new.txt": "new\n",
    "README.md": null,
  });
  await s.inspect();
  await w.write(w.root, { "mine.txt": "mine\n" });
  return s;
}

const statusOf = (w: World): Promise<string> => w.git(w.root, "status", "--porcelain", "--untracked-files=all");
const lock = (w: World): string => join(w.root, ".git/index.lock");

test.each([1, 2, 3])(
  "git is killed at file %i of the user's checkout: that is put back, and it lands later",
  async (n) => {
    await using w = await world();
    const filter = await deadly(w);
    const s = await worked(w);
    const before = await w.git(w.root, "rev-parse", "main");
    await filter.armed(n);
    expect(await s.land()).toMatchObject({ ok: false, block: { why: "failed", error: "git was killed" } });
    await filter.disarmed();
    expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
    expect(await statusOf(w)).toBe("?? mine.txt");
    expect(await s.land()).toMatchObject({ ok: false, block: { why: "locked", file: lock(w) } });
    await rm(lock(w));
    ok(await s.land());
    expect(await statusOf(w)).toBe("?? mine.txt");
    await w.git(w.root, "fsck", "--strict", "--no-dangling");
  },
);

test.each([1, 2, 3])("git and oca are killed at file %i: the next start finishes the move", async (n) => {
  await using w = await world();
  const filter = await deadly(w);
  const s = await worked(w);
  await s.land({}, () => Promise.reject(new Error("killed"))).catch(() => undefined);
  const aim = s.aims.at(-1) ?? null;
  await filter.armed(n);
  expect(await tried(w, w.root, "merge", "--ff-only", aim?.commit ?? "")).toBe(false);
  await filter.disarmed();
  await rm(lock(w));
  ok(await s.land({ aim }));
  expect(await w.git(w.root, "rev-parse", "main")).toBe(aim?.commit);
  expect(await statusOf(w)).toBe("?? mine.txt");
  await w.git(w.root, "fsck", "--strict", "--no-dangling");
});

test.each([1, 2])(
  "git is killed at file %i of an undo: the checkout is put back, and it is undone later",
  async (n) => {
    await using w = await world();
    const filter = await deadly(w);
    const s = await worked(w);
    const before = await w.git(w.root, "rev-parse", "main");
    const landed = s.landed("merge", ok(await s.land()));
    const after = await w.git(w.root, "rev-parse", "main");
    ok(await s.land({ how: "clean" }));
    await filter.armed(n);
    expect(await s.land({ how: "undo", undo: landed })).toMatchObject({ ok: false, block: { why: "failed" } });
    await filter.disarmed();
    await rm(lock(w));
    expect([await w.git(w.root, "rev-parse", "main"), await statusOf(w)]).toEqual([after, "?? mine.txt"]);
    ok(await s.land({ how: "undo", undo: landed }));
    expect([await w.git(w.root, "rev-parse", "main"), await statusOf(w)]).toEqual([before, "?? mine.txt"]);
  },
);
