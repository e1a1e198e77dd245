import { expect, test } from "vitest";
import { split } from "../../src/lib/split.ts";
import { fc } from "../property.ts";

const line = fc.oneof(
  fc.constantFrom("```", "```ts", "````", "~~~", "  ```js", "", "# Title", "| a | b |", "`".repeat(60)),
  fc.string({ unit: "grapheme", maxLength: 120 }).map((text) => text.replaceAll("\n", " ")),
  fc.constant("x".repeat(300)),
  fc.constant("word ".repeat(60)),
);
const markdown = fc.array(line, { maxLength: 40 }).map((lines) => lines.join("\n"));

/** Is a fence open at the end? */
function open(text: string): boolean {
  let mark = "";
  for (const one of text.split("\n")) {
    const [, marks = "", info = ""] = /^\s*(`{3,}|~{3,})([^`]*)$/.exec(one) ?? [];
    if (marks === "") continue;
    if (mark === "") mark = marks;
    else if (marks.startsWith(mark) && info.trim() === "") mark = "";
  }
  return mark !== "";
}

const letters = (text: string) => text.replace(/[\s`~]/g, "");

test("every part fits", () =>
  fc.assert(
    fc.property(markdown, fc.integer({ min: 40, max: 500 }), (text, max) => {
      for (const part of split(text, max)) expect(part.length).toBeLessThanOrEqual(max);
    }),
  ));

test("nothing is lost but fences, and what fits stays whole", () =>
  fc.assert(
    fc.property(markdown, fc.integer({ min: 40, max: 500 }), (text, max) => {
      const plain = text.replaceAll(/^\s*(`{3,}|~{3,}).*$/gm, "");
      expect(letters(split(plain, max).join("\n"))).toBe(letters(plain));
      if (plain.length <= max && plain.trim() !== "") expect(split(plain, max)).toEqual([plain]);
    }),
  ));

test("no part ends inside a code block", () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a line of code", "x".repeat(100), ""), { maxLength: 30 }), (lines) => {
      const parts = split(["before", "```ts", ...lines, "```", "after"].join("\n"), 80);
      for (const part of parts) expect({ part, open: open(part) }).toEqual({ part, open: false });
    }),
  ));

test("a code block that is cut goes on as one of the same language", () => {
  const parts = split("Look:\n```ts\nconst a = 1;\nconst b = 2;\nconst c = 3;\nconst d = 4;\n```\nThat is all.", 44);
  expect(parts).toEqual([
    "Look:\n```ts\nconst a = 1;\nconst b = 2;\n```",
    "```ts\nconst c = 3;\nconst d = 4;\n```",
    "That is all.",
  ]);
});

test("a fence that was never closed is closed", () => expect(split("```\ncode", 50)).toEqual(["```\ncode\n```"]));

test("a log of 200,000 lines is cut in one go", () => {
  const text = "a line of words\n".repeat(200_000);
  expect(split(text, 4000).length).toBeGreaterThan(700);
});
