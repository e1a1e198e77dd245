import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bare, type Card, type Features, PLAIN, render } from "../../../src/chat/slack/render.ts";
import type { Button, Part, View } from "../../../src/core/view.ts";
import { fc } from "../../property.ts";
import { checkBlocks, isTooLong } from "../../twin/slack/kit/check.ts";

const RICH: Features = { plan: true, table: true, container: true };
const NOTHING: ReadonlySet<string> = new Set();

const view = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "working",
  title: "Fix the login",
  ...more,
});
const press = (label: string, action: string, more: Partial<Button> = {}): Button => ({
  label,
  style: "plain",
  does: { action },
  confirm: null,
  form: null,
  ...more,
});

const nasty = fc.constantFrom(
  "<!channel> <@U1> <!here> @here <#C1> <https://evil|x> *b* _i_ `c` & &lt;!channel&gt;",
  "",
  " ",
  "\n\n\n",
  "x".repeat(5000),
  "```ts\nconst a = 1;\n```",
  "```\nnever closed",
  "| a | b |\n|---|---|\n| 1 | <@U2> |",
  "- one\n  - two\n    1. three\n\n> quoted\n> <!everyone>\n\n[go](javascript:alert(1)) ![p](http://x/y.png)",
  "# T\n\ntext **bold *both*** ~~gone~~ <b>html</b>\n\n---\n\n[^1]: note",
  "👩‍👩‍👧‍👦".repeat(900),
  "\u202eabc\u0000\ud800",
  `${"> ".repeat(60)}deep`,
  "word ".repeat(9000),
);
const text = fc.oneof(nasty, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    kind: fc.constant("line" as const),
    text,
    tone: fc.constantFrom("plain" as const, "muted" as const, "warn" as const),
  }),
  fc.record({ kind: fc.constant("markdown" as const), markdown: text, fold: fc.boolean() }),
  fc.record({
    kind: fc.constant("steps" as const),
    steps: fc.array(
      fc.record({ title: text, state: fc.constantFrom("open" as const, "doing" as const, "done" as const) }),
      { maxLength: 40 },
    ),
  }),
  fc.record({
    kind: fc.constant("files" as const),
    files: fc.array(fc.record({ path: text, added: fc.nat(), removed: fc.nat() }), { maxLength: 120 }),
    more: fc.option(text),
  }),
  fc.record({ kind: fc.constant("code" as const), text }),
);
const button: fc.Arbitrary<Button> = fc.record({
  label: text,
  style: fc.constantFrom("primary" as const, "danger" as const, "plain" as const),
  does: fc.oneof(
    fc.record({ action: fc.stringMatching(/^approve:[a-z2-7]{1,16}:[\w.-]{1,32}$/) }),
    fc.record({ page: fc.constant("/diff/k7m2p4") }),
  ),
  confirm: fc.option(fc.record({ text, yes: text, no: text })),
  form: fc.constant(null),
});
const someView: fc.Arbitrary<View> = fc.record({
  head: text,
  parts: fc.array(part, { maxLength: 60 }),
  buttons: fc.array(button, { maxLength: 130 }),
  documents: fc.constant([]),
  mentions: fc.array(
    fc.constantFrom(
      { id: "slack:U7", chat: "slack", user: "U7", name: "<!channel>" },
      { id: "web:ana", chat: "web", user: "ana", name: "Ana" },
    ),
    { maxLength: 3 },
  ),
  mood: fc.constant("working" as const),
  title: text,
});
const features = fc.constantFrom(PLAIN, RICH);

/** Everything in a card that Slack could take for a mention: elements of rich text, and signs in mrkdwn and in the text. */
function mentionsOf({ blocks, text: fallback }: Card): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && typeof value.type === "string") {
      if (["user", "usergroup", "broadcast", "channel", "team"].includes(value.type))
        found.push(`${value.type} ${"user_id" in value ? value.user_id : ""}`);
      if (value.type === "mrkdwn" || value.type === "markdown") found.push("words that Slack reads for markup");
    }
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(blocks);
  return [...found, ...(fallback.match(/<[^>]*>?/g) ?? []).map((sign) => `sign ${sign}`)];
}

describe("any card", () => {
  test("is one that Slack takes", () =>
    fc.assert(
      fc.property(someView, features, (some, has) => {
        for (const card of [render(some, has), bare(some)]) {
          expect(checkBlocks(card.blocks, "message", NOTHING)).toEqual([]);
          expect(card.blocks.length).toBeLessThanOrEqual(50);
          expect(isTooLong(z.array(z.record(z.string(), z.unknown())).parse(card.blocks))).toBe(false);
          expect(JSON.stringify(card.blocks).length).toBeLessThanOrEqual(12_000);
          expect(card.text.trim()).not.toBe("");
          expect(card.text.length).toBeLessThan(4000);
        }
      }),
      { numRuns: 150 },
    ));

  test("mentions those who must act, and nobody that a text names", () =>
    fc.assert(
      fc.property(someView, features, (some, has) => {
        const wanted = some.mentions.some(({ chat }) => chat === "slack") ? ["user U7", "sign <@U7>"] : [];
        for (const card of [render(some, has), bare(some)])
          expect([...new Set(mentionsOf(card))].toSorted()).toEqual(wanted.toSorted());
      }),
      { numRuns: 150 },
    ));

  test("keeps every button that its block can hold", () =>
    fc.assert(
      fc.property(fc.array(button, { maxLength: 60 }), (buttons) => {
        const shown = JSON.stringify(render(view("Plan", { buttons }), PLAIN).blocks);
        for (const { does } of buttons)
          expect(shown).toContain(JSON.stringify("action" in does ? does.action : does.page));
      }),
      { numRuns: 50 },
    ));
});

const long = `${"A sentence of a plan. ".repeat(20)}\n\n`.repeat(60);

test("a text that is too long is cut and comes along whole", () => {
  const card = render(view("Plan", { parts: [{ kind: "markdown", markdown: long, fold: false }] }), PLAIN);
  expect(card.files).toEqual([{ name: "text.md", mime: "text/markdown", text: long }]);
  expect(JSON.stringify(card.blocks)).toContain("A sentence of a plan.");
});

test("a text that is a document of the card already is no second file", () => {
  const documents: View["documents"] = [{ name: "plan.md", mime: "text/markdown", text: long }];
  const parts: Part[] = [{ kind: "markdown", markdown: long, fold: true }];
  expect(render(view("Plan", { parts, documents }), RICH).files).toEqual(documents);
});

test("long text is folded where Slack can", () => {
  const parts: Part[] = [{ kind: "markdown", markdown: `# Plan\n\n${"word ".repeat(400)}`, fold: true }];
  const [, block] = render(view("Plan", { parts }), RICH).blocks;
  expect(block).toMatchObject({ type: "container", is_collapsible: true, default_collapsed: true });
  expect(render(view("Plan", { parts }), PLAIN).blocks.map(({ type }) => type)).toEqual(["rich_text", "rich_text"]);
});

test("steps are a plan where Slack has it, and ticked lines elsewhere", () => {
  const parts: Part[] = [
    {
      kind: "steps",
      steps: [
        { title: "Read the code", state: "done" },
        { title: "Fix it", state: "doing" },
      ],
    },
  ];
  expect(render(view("Working", { parts }), RICH).blocks[1]).toMatchObject({
    type: "plan",
    title: "Fix the login",
    tasks: [{ status: "complete" }, { status: "in_progress" }],
  });
  expect(JSON.stringify(render(view("Working", { parts }), PLAIN).blocks[1])).toContain("☑ Read the code");
});

test("blocks keep their ids when words come and go", () => {
  const plan: Part = { kind: "steps", steps: [{ title: "Fix it", state: "doing" }] };
  const note: Part = { kind: "line", text: "note", tone: "muted" };
  const id = (parts: Part[]) =>
    render(view("Working", { parts }), RICH).blocks.find(({ type }) => type === "plan")?.block_id;
  expect(id([note, plan])).toBe(id([plan]));
});

test("a button carries its action, its style and its confirmation", () => {
  const confirm = { text: "This throws the work away.", yes: "Discard", no: "Keep" };
  const buttons = [
    press("Approve", "approve:k7m2p4:3", { style: "primary" }),
    press("Discard", "discard:k7m2p4:3", { style: "danger", confirm }),
    press("Review", "", { does: { page: "/diff/k7m2p4" } }),
    press("View pull request #7", "", { does: { page: "https://github.com/acme/shop/pull/7" } }),
  ];
  expect(render(view("Plan", { buttons }), PLAIN).blocks.at(-1)).toMatchObject({
    type: "actions",
    elements: [
      { action_id: "approve:k7m2p4:3", style: "primary", text: { text: "Approve" } },
      { style: "danger", confirm: { confirm: { text: "Discard" }, deny: { text: "Keep" }, style: "danger" } },
      { action_id: "/diff/k7m2p4" },
      { url: "https://github.com/acme/shop/pull/7" },
    ],
  });
});

test("the text that notifications show says who must act and what it is", () => {
  const card = render(
    view("Plan v1: fix <b>", {
      mentions: [{ id: "slack:U7", chat: "slack", user: "U7", name: "Ben" }],
      parts: [{ kind: "line", text: "Files: a.ts & b.ts", tone: "plain" }],
    }),
    PLAIN,
  );
  expect(card.text).toBe("<@U7> Plan v1: fix &lt;b&gt; · Files: a.ts &amp; b.ts");
});

test("what Slack refuses is shown as head and buttons, with all words in a file", () => {
  const card = bare(
    view("Plan", {
      parts: [{ kind: "line", text: "two steps", tone: "plain" }],
      buttons: [press("Approve", "approve:k7:3")],
    }),
  );
  expect(card.blocks.map(({ type }) => type)).toEqual(["rich_text", "actions"]);
  expect(card.files[0]?.text).toContain("two steps");
});
