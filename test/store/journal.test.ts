import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { append, mend, readLines } from "../../src/store/journal.ts";
import { fc } from "../property.ts";
import { emptyFolder } from "./folders.ts";
import { said } from "./stories.ts";

test("whatever is said, and wherever it is torn: the whole lines are found, the rest is cut off", async () => {
  const file = join(await emptyFolder(), "journal.jsonl");
  const words = fc.string({ unit: "binary", maxLength: 6_000, size: "max" }).map((text) => text.toWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.array(words, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 1 }),
      async (texts, cut) => {
        await writeFile(file, "");
        let bytes = 0;
        const ends: number[] = [];
        for (const [n, text] of texts.entries()) {
          bytes = await append(file, bytes, { rev: n + 1, event: said(`m${n}`, text) });
          ends.push(bytes);
        }
        const whole = await readFile(file);
        expect(whole.length).toBe(bytes);
        const torn = Math.floor(bytes * (Number.isNaN(cut) ? 0.5 : cut));
        await writeFile(file, whole.subarray(0, torn));
        const kept = ends.filter((end) => end <= torn);
        expect(await mend(file)).toEqual({ rev: kept.length, bytes: kept.at(-1) ?? 0 });
        const lines = await readLines(file);
        expect(lines.map(({ event }) => (event.type === "said" ? event.text : ""))).toEqual(
          texts.slice(0, kept.length),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("any bytes at all are a tail, or are named as broken", async () => {
  const file = join(await emptyFolder(), "journal.jsonl");
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ maxLength: 300 }).map((s) => Buffer.from(`${s}\n`)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (rubbish) => {
      await writeFile(file, rubbish);
      const tail = await mend(file).catch((error: unknown) => error);
      if (tail instanceof Error) expect(tail.name).toBe("Broken");
      else expect(tail).toMatchObject({ bytes: (await readFile(file)).length });
    }),
    { numRuns: 200 },
  );
});

test("what a failed put left behind is cut off by the next", async () => {
  const file = join(await emptyFolder(), "journal.jsonl");
  const first = await append(file, 0, { rev: 1, event: said("m1", "one") });
  await append(file, first, { rev: 2, event: said("m2", "did not happen") });
  const second = await append(file, first, { rev: 2, event: said("m3", "two") });
  expect((await readLines(file)).map(({ event }) => event.id)).toEqual(["web:m1", "web:m3"]);
  expect((await readFile(file)).length).toBe(second);
});

test("a line in the middle that is none is named by its number", async () => {
  const file = join(await emptyFolder(), "journal.jsonl");
  const first = await append(file, 0, { rev: 1, event: said("m1", "one") });
  await writeFile(file, `${await readFile(file, "utf8")}{"rev":2}\n`);
  await append(file, first + 10, { rev: 3, event: said("m3", "three") });
  await expect(readLines(file)).rejects.toThrow(`${file}:2`);
});
