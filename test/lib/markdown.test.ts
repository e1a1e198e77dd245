import { describe, expect, test } from "vitest";
import { type Leaf, readMarkdown, safeHref } from "../../src/lib/markdown.ts";
import { fc } from "../property.ts";

const branches = (leaf: Leaf): Exclude<Leaf, string>[] =>
  typeof leaf === "string" ? [] : [leaf, ...leaf.children.flatMap(branches)];
const text = (leaf: Leaf): string => (typeof leaf === "string" ? leaf : leaf.children.map(text).join(""));

test("what people know of Markdown becomes elements", () => {
  expect(readMarkdown("# Plan\n\n1. **fix** `a.ts`\n2. [docs](https://example.com/a?b=1)\n\n- [x] done")).toEqual([
    { tag: "h3", children: ["Plan"] },
    {
      tag: "ol",
      start: 1,
      children: [
        {
          tag: "li",
          children: [
            { tag: "p", children: [{ tag: "strong", children: ["fix"] }, " ", { tag: "code", children: ["a.ts"] }] },
          ],
        },
        {
          tag: "li",
          children: [{ tag: "p", children: [{ tag: "a", href: "https://example.com/a?b=1", children: ["docs"] }] }],
        },
      ],
    },
    { tag: "ul", children: [{ tag: "li", checked: true, children: [{ tag: "p", children: ["done"] }] }] },
  ]);
  expect(readMarkdown("| a | b |\n|---|---|\n| 1 | 2 |")[0]).toMatchObject({
    tag: "table",
    children: [{ children: [{ tag: "th" }, { tag: "th" }] }, { children: [{ tag: "td" }, { tag: "td" }] }],
  });
});

describe("links", () => {
  test("lead to the web or to a mail, and nowhere else", () => {
    expect(safeHref("https://example.com/ä b")).toBe("https://example.com/%C3%A4%20b");
    expect(safeHref("mailto:ana@example.com")).toBe("mailto:ana@example.com");
    const evil = [
      "javascript:alert(1)",
      " javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "java\nscript:alert(1)",
      "data:text/html,x",
    ];
    for (const url of [...evil, "vbscript:x", "file:///etc/passwd", "//evil.example", "/api/me", "#/x", "blob:x", ""]) {
      expect(safeHref(url)).toBeNull();
    }
  });

  test("of other kinds, pictures and HTML stay as words", () => {
    const evil =
      '[x](javascript:alert(1)) [y][z] ![p](data:x) <a href="javascript:alert(1)">k</a> <img src=x onerror=alert(1)>\n\n[z]: javascript:alert(1)';
    const all = readMarkdown(evil).flatMap(branches);
    expect(all.filter((branch) => branch.href !== undefined)).toEqual([]);
    expect(readMarkdown(evil).map(text).join("")).toContain("<img src=x onerror=alert(1)>");
    expect(readMarkdown("<!channel> <script>alert(1)</script>")).toEqual([
      { tag: "p", children: ["<!channel> <script>alert(1)</script>"] },
    ]);
  });
});

test("whatever is written, it ends, in known elements and safe links", () => {
  const piece = fc.constantFrom(
    "[",
    "](",
    ")",
    "<",
    ">",
    "javascript:",
    "http://a.b",
    "`",
    "```\n",
    "|",
    "\n",
    "> ",
    "- ",
    "**",
    "_",
    "![",
    "<script>",
    "&lt;",
    "a",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      for (const branch of readMarkdown(pieces.join("")).flatMap(branches)) {
        expect(branch.tag).not.toMatch(/script|img|iframe|style|svg|form/);
        if (branch.href !== undefined) expect(branch.href).toMatch(/^(https?:|mailto:)/);
        expect(Object.keys(branch).every((key) => ["tag", "href", "start", "checked", "children"].includes(key))).toBe(
          true,
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("very long and very deep text is shown as it is", () => {
  const deep = "> ".repeat(15_000);
  expect(readMarkdown(`${deep}end`)).toEqual([{ tag: "pre", children: [`${deep}end`] }]);
  const long = "**a** ".repeat(20_000);
  expect(readMarkdown(long)).toEqual([{ tag: "pre", children: [long] }]);
});
