import { expect, test } from "vitest";
import { renew, wrap } from "../../src/forge/body.ts";
import { fc } from "../property.ts";

const human = fc.string({ unit: "binary" }).filter((text) => !text.includes("<!-- oca:"));

test("what people write around oca's part stays to the letter, and oca's part becomes the newer one", () => {
  fc.assert(
    fc.property(human, human, fc.string(), fc.string(), (above, below, old, text) => {
      const [before, after] = [above, below].map((part) => part.replaceAll("\r\n", "\n"));
      expect(renew(`${before}${wrap(old)}${after}`, text)).toBe(`${before}${wrap(text)}${after}`);
    }),
  );
});

test("a text without oca's part, or with a part that somebody has edited, is never touched", () => {
  fc.assert(
    fc.property(human, fc.string(), (whole, text) => {
      expect(renew(whole, text)).toBe(whole);
    }),
  );
  const edited = wrap("Written by oca.").replace("by oca", "by me");
  expect(renew(edited, "newer")).toBe(edited);
  const cut = wrap("Written by oca.").replace("<!-- oca:end -->", "");
  expect(renew(cut, "newer")).toBe(cut);
});

test("the line breaks of GitHub's editor are no edit", () => {
  expect(renew(`Mine.\r\n\r\n${wrap("one\n\ntwo").replaceAll("\n", "\r\n")}`, "three")).toBe(
    `Mine.\n\n${wrap("three")}`,
  );
});
