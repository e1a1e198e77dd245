import { describe, expect, test } from "vitest";
import { clip, firstLine, plain, slug } from "../../src/lib/text.ts";
import { fc } from "../property.ts";

const words = fc.string({ unit: "binary", maxLength: 80 });
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

describe("clip", () => {
  test("keeps what fits and marks what it cut", () => {
    expect(clip("hello", 5)).toBe("hello");
    expect(clip("hello!", 5)).toBe("hell…");
    expect(clip("hello", 0)).toBe("");
  });

  test("cuts a family or a flag as a whole", () => {
    expect(clip("ab👩‍👩‍👧‍👦cd", 8)).toBe("ab…");
    expect(clip("🇩🇪🇫🇷🇪🇸", 6)).toBe("🇩🇪…");
    expect(clip("e\u0301e\u0301e\u0301", 4)).toBe("e\u0301…");
  });

  test("never longer than asked, always a beginning on a border", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (text, max) => {
        const short = clip(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        if (short === text) return;
        const kept = short.slice(0, -1);
        const borders = [...graphemes.segment(text)].map(({ index }) => index);
        expect(short.endsWith("…") && text.startsWith(kept)).toBe(true);
        expect(borders).toContain(kept.length);
      }),
    );
  });
});

describe("plain", () => {
  test("takes out what could forge a line", () => {
    expect(plain("a\u202egnp.exe\u2066b\u0007\u001b[1mc\u0085")).toBe("agnp.exeb[1mc");
    expect(plain("one\r\ntwo\rthree\u2028four\tfive")).toBe("one\ntwo\nthree\nfour\tfive");
    expect(plain("مرحبا \u200fשלום 👩‍👧 한글")).toBe("مرحبا \u200fשלום 👩‍👧 한글");
  });

  test("nothing of it is left, a second time changes nothing", () => {
    fc.assert(
      fc.property(words, (text) => {
        const clean = plain(text);
        expect(clean).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
        expect(clean.isWellFormed()).toBe(true);
        expect(plain(clean)).toBe(clean);
      }),
    );
  });
});

describe("firstLine", () => {
  test("is the first that says something", () => {
    expect(firstLine("\n  \n  Fix the\tlogin  \nplease", 40)).toBe("Fix the login");
    expect(firstLine("Fix the login redirect", 10)).toBe("Fix the l…");
    expect(firstLine(" \n", 10)).toBe("");
  });

  test("is one line within its length", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (text, max) => {
        const line = firstLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(/[\n\t]/);
      }),
    );
  });
});

describe("slug", () => {
  test.each([
    ["Fix the login redirect!", "fix-the-login-redirect"],
    ["Fix the login redirect after expiry", "fix-the-login-redirect"],
    ["Größe ändern: café", "grosse-andern-cafe"],
    ["ログインを直す", "task"],
    ["Исправь вход", "task"],
    ["...", "task"],
    ["v1.2.", "v1-2"],
    ["a".repeat(40), "a".repeat(24)],
  ])("%s -> %s", (text, name) => {
    expect(slug(text)).toBe(name);
  });

  test("is always a name that git takes", () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: fc.constantFrom("a", "Z", "-", ".", " ", "ü") })), (text) => {
        expect(slug(text)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/);
      }),
    );
  });
});
