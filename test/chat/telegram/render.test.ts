import { describe, expect, test } from "vitest";
import { textWithEntities } from "../../../src/chat/telegram/entities.ts";
import { keyboard, keysOf, readPress } from "../../../src/chat/telegram/keyboard.ts";
import { MODES, type Print, print } from "../../../src/chat/telegram/render.ts";
import { richBlocks } from "../../../src/chat/telegram/rich.ts";
import { split } from "../../../src/chat/telegram/split.ts";
import { type Leaf, textOf, treeOf } from "../../../src/chat/telegram/tree.ts";
import type { View } from "../../../src/core/view.ts";
import { fc } from "../../property.ts";
import * as twin from "../../twin/telegram/rules.ts";
import { card } from "./stage.ts";

const said = (markdown: string, fold = false): View => card("Plan", { parts: [{ kind: "markdown", markdown, fold }] });

/** What people read, or the twin's refusal. */
const accepted = (printed: Print): string =>
  printed.is === "rich"
    ? twin.rich(printed.rich_message)
    : twin.text({ text: printed.text, entities: printed.entities });

/** Every text of a tree. */
const texts = (leaf: Leaf): string[] => (typeof leaf === "string" ? [leaf] : leaf.children.flatMap(texts));

/** Pieces of Markdown as agents write it, whole and broken. */
const scrap = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "# Head",
    "- a\n  - b\n    - c",
    "1. one\n2. two",
    "- [x] done\n- [ ] open",
    "> quote\n> > deeper",
    "```ts\nconst a = `1`;",
    "~~~\n<b>\n~~~",
    "| a | b |\n|---|---|\n| 1 | `2` |",
    "**bold _both_**",
    "***",
    "~~no~~",
    "[x](https://example.org)",
    "[x](javascript:alert(1))",
    "![i](https://example.org/i.png)",
    "<script>alert(1)</script>",
    "@channel @ana_b",
    "tg://user?id=1",
    "\u202eevil",
    "👨‍👩‍👧‍👦😀",
    "\ud83d",
    "a\u0000b",
    "مرحبا **بالعالم**",
    "[^1]\n\n[^1]: note",
    "<details><summary>x</summary>",
    "`",
    "```",
    "\\*",
    "&amp;&lt;",
    "   ",
    "\n\n",
  ),
);
const markdown = fc.array(scrap, { maxLength: 12 }).map((parts) => parts.join("\n\n"));
const view = fc.record({
  head: fc.string({ unit: "grapheme", maxLength: 60 }),
  parts: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("line" as const),
        text: scrap,
        tone: fc.constantFrom("plain" as const, "muted" as const, "warn" as const),
      }),
      fc.record({ kind: fc.constant("markdown" as const), markdown, fold: fc.boolean() }),
      fc.record({ kind: fc.constant("code" as const), text: scrap }),
      fc.record({
        kind: fc.constant("steps" as const),
        steps: fc.array(
          fc.record({ title: scrap, state: fc.constantFrom("open" as const, "doing" as const, "done" as const) }),
          { maxLength: 4 },
        ),
      }),
      fc.record({
        kind: fc.constant("files" as const),
        files: fc.array(fc.record({ path: scrap, added: fc.nat(), removed: fc.nat() }), { maxLength: 4 }),
        more: fc.option(scrap),
      }),
    ),
    { maxLength: 6 },
  ),
});

describe("a card is never refused", () => {
  test.each(MODES)("as %s, whatever agents and people write", (mode) => {
    fc.assert(
      fc.property(view, (one) => {
        accepted(print(card(one.head, { parts: one.parts }), mode));
      }),
      { numRuns: 300 },
    );
  });

  test.each(MODES)("as %s, however long or deep it is", (mode) => {
    const long = [
      "word ".repeat(20_000),
      "x".repeat(100_000),
      "😀".repeat(40_000),
      `\`\`\`ts\n${"line of code\n".repeat(5_000)}`,
      `| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(900)}`,
      "- item\n".repeat(2_000),
      `${">".repeat(60)} deep`,
      Array.from({ length: 40 }, (_, n) => `${"  ".repeat(n)}- level`).join("\n"),
      `|${" a |".repeat(30)}\n|${"---|".repeat(30)}\n|${" b |".repeat(30)}`,
      "**b** `c` _i_ ".repeat(200),
      "e\u0301".repeat(30_000),
      "\n\n# head".repeat(700),
    ];
    for (const text of long) {
      const printed = print(said(text), mode);
      expect(accepted(printed)).toContain("Plan");
      // What is cut off is in the file.
      if (accepted(printed).endsWith("…")) expect(printed.documents[0]?.text.length).toBeGreaterThan(1000);
    }
  });
});

describe("nothing is lost", () => {
  const letters = (text: string): string => text.replace(/[\s\u2060]/g, "");
  const room = fc.record({ characters: fc.integer({ min: 200, max: 1500 }), block: fc.constantFrom(4, 20) });

  test("by splitting: all pieces together are the whole, and each fits", () => {
    fc.assert(
      fc.property(fc.array(markdown, { minLength: 1, maxLength: 8 }), room, (texts, size) => {
        const tree = treeOf(said(texts.join("\n\n"))).filter(({ tag }) => tag !== "table");
        const pieces = split(tree, size);
        expect(letters(pieces.flat().map(textOf).join(""))).toBe(letters(tree.map(textOf).join("")));
        for (const piece of pieces) expect(piece.map(textOf).join("").length).toBeLessThanOrEqual(size.characters);
      }),
      { numRuns: 200 },
    );
  });

  test("a cut fence is closed and opened again, a list goes on counting, a table repeats its head", () => {
    const size = { characters: 400, block: 4 };
    const fences = split(treeOf(said(`\`\`\`ts\n${"const a = 1;\n".repeat(200)}`)), size).flat();
    expect(fences.slice(1).every(({ tag, language }) => tag === "pre" && language === "ts")).toBe(true);
    const starts = split(
      treeOf(said(Array.from({ length: 60 }, (_, n) => `${n + 1}. the step ${n + 1}`).join("\n"))),
      size,
    ).map((piece) => piece.at(-1));
    for (const list of starts) expect(textOf(list?.children[0] ?? "")).toBe(`the step ${list?.start}`);
    const tables = split(treeOf(said(`| file | lines |\n|---|---|\n${"| a.ts | 1 |\n".repeat(90)}`)), size).map(
      (piece) => piece.at(-1),
    );
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables) expect(textOf(table?.children[0] ?? "none")).toBe("filelines");
  });

  test("by printing: rich blocks and text say the same as the card", () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const tree = treeOf(said(text));
        const words = tree.flatMap(texts).map(letters);
        const rich = letters(twin.rich({ blocks: richBlocks(tree) }));
        const shown = letters(textWithEntities(tree).text);
        for (const word of words.flatMap((one) => one.match(/[\p{L}\p{N}]{2,}/gu) ?? [])) {
          expect(shown).toContain(word);
          expect(rich).toContain(word);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("text is only text", () => {
  test("nobody is mentioned by an agent, only by authority", () => {
    const evil = said("@everyone [x](tg://user?id=7) <a href='tg://user?id=7'>y</a> hello @ana_b");
    const text = print(evil, "entities");
    expect(JSON.stringify(text)).not.toContain("mention");
    expect(text.is === "text" && /@\w/.test(text.text)).toBe(false);
    const rich = print(evil, "rich");
    expect(rich.is === "rich" && rich.rich_message.skip_entity_detection).toBe(true);
    expect(JSON.stringify(rich)).not.toContain('"url"');
    const Ana = { id: "telegram:7", chat: "telegram", user: "7", name: "Ana 😀" };
    const Ben = { id: "slack:U1", chat: "slack", user: "U1", name: "Ben" };
    const named = print(card("Plan", { mentions: [Ana, Ben] }), "entities");
    expect(named.is === "text" && named.entities).toContainEqual(
      expect.objectContaining({ type: "text_mention", offset: 5, length: 6, user: expect.objectContaining({ id: 7 }) }),
    );
  });

  test("marks stand where they belong, in UTF-16", () => {
    const printed = print(
      card("😀 head", { parts: [{ kind: "markdown", markdown: "👨‍👩‍👧 **fett** und `code`", fold: false }] }),
      "entities",
    );
    if (printed.is !== "text") throw new Error("it is rich");
    const marked = printed.entities.map(({ type, offset, length }) => [
      type,
      printed.text.slice(offset, offset + length),
    ]);
    expect(marked).toEqual([
      ["bold", "😀 head"],
      ["bold", "fett"],
      ["code", "code"],
    ]);
  });
});

describe("buttons", () => {
  test("to a page of another server open it; an address that nobody else reaches would be refused", () => {
    const to = (page: string) => keyboard(keysOf([button("View", "", { does: { page } })])).inline_keyboard.flat();
    expect(to("https://github.com/acme/shop/pull/7")).toEqual([
      { text: "View", url: "https://github.com/acme/shop/pull/7" },
    ]);
    for (const page of ["http://127.0.0.1:3000/acme", "https://git/acme/shop"]) expect(to(page)).toEqual([]);
    // A page of oca's own comes into the chat instead.
    expect(to("/diff/k7m2p4")).toEqual([{ text: "View", callback_data: "/diff/k7m2p4" }]);
  });

  const button = (
    label: string,
    action: string,
    more: Partial<View["buttons"][number]> = {},
  ): View["buttons"][number] => ({
    label,
    style: "plain",
    does: { action },
    confirm: null,
    form: null,
    ...more,
  });

  test("carry at most 64 bytes, and find back what they decide", () => {
    const longest = `approve:${"k".repeat(16)}:${"7".repeat(32)}`;
    const keys = keysOf([
      button("Approve", longest, { style: "primary" }),
      button("Discard", "discard:k7m2p4:3", {
        style: "danger",
        confirm: { text: "Sure?", yes: "Discard", no: "Keep" },
      }),
      button("Diff", "", { does: { page: "/diff/k7m2p4" } }),
    ]);
    const all = keyboard(keys).inline_keyboard.flat();
    twin.markup(keyboard(keys));
    expect(all.map(({ text, style }) => [text, style])).toEqual([
      ["Approve", "success"],
      ["Discard", "danger"],
      ["Diff", undefined],
    ]);
    const [approve = "", discard = "", diff = ""] = all.map((one) => ("callback_data" in one ? one.callback_data : ""));
    expect(readPress(approve, keys)).toEqual({ does: "act", action: longest });
    expect(readPress(discard, keys)).toMatchObject({ does: "ask", key: { action: "discard:k7m2p4:3" } });
    expect(readPress(discard, [])).toBeNull();
    expect(diff).toBe("/diff/k7m2p4");
  });
});
