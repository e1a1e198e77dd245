import { describe, expect, test } from "vitest";
import { fc } from "../../property.ts";
import type { Json } from "./json.ts";
import { NEW_BLOCKS, type Surface } from "./kit/block.ts";
import { checkBlocks, checkView, isTooLong } from "./kit/check.ts";

const words = (length: number) => "x".repeat(length);
const plain = (length: number) => ({ type: "plain_text", text: words(length) });
const section = (length: number) => ({ type: "section", text: { type: "mrkdwn", text: words(length) } });
const button = (more: Json = {}) => ({ type: "button", text: plain(5), ...more });
const actions = (...elements: Json[]) => ({ type: "actions", elements });
const option = (n: number) => ({ text: plain(3), value: String(n) });
const options = (count: number) => Array.from({ length: count }, (_, n) => option(n));
const input = (element: Json) => ({ type: "input", label: plain(3), element });
const cell = (length: number) => ({ type: "raw_text", text: words(length) });
const table = (rows: number, columns: number, length = 1) => ({
  type: "table",
  rows: Array.from({ length: rows }, () => Array.from({ length: columns }, () => cell(length))),
});
const task = (id: string, more: Json = {}) => ({
  type: "task_card",
  task_id: id,
  title: "Fix",
  status: "pending",
  ...more,
});
const rich = (...elements: Json[]) => ({ type: "rich_text", elements });
const paragraph = (text: string) => ({ type: "rich_text_section", elements: [{ type: "text", text }] });
const container = (child_blocks: Json[], more: Json = {}) => ({
  type: "container",
  title: plain(3),
  child_blocks,
  ...more,
});

const NONE: ReadonlySet<string> = new Set();
const isTaken = (blocks: unknown, at: Surface = "message", lacks = NONE) => checkBlocks(blocks, at, lacks).length === 0;

/** The last thing that Slack takes, and the first that it does not. */
const LIMITS: [string, Json[], Json[]][] = [
  [
    "blocks of a message",
    Array.from({ length: 50 }, () => ({ type: "divider" })),
    Array.from({ length: 51 }, () => ({ type: "divider" })),
  ],
  ["a section", [section(3000)], [section(3001)]],
  ["a section without words", [{ type: "section", fields: [plain(3)] }], [{ type: "section" }]],
  ["a header", [{ type: "header", text: plain(150) }], [{ type: "header", text: plain(151) }]],
  [
    "a header is plain",
    [{ type: "header", text: plain(1) }],
    [{ type: "header", text: { type: "mrkdwn", text: "x" } }],
  ],
  ["Markdown", [{ type: "markdown", text: words(12_000) }], [{ type: "markdown", text: words(12_001) }]],
  ["a label", [actions(button({ text: plain(75) }))], [actions(button({ text: plain(76) }))]],
  ["no label", [actions(button())], [actions(button({ text: plain(0) }))]],
  ["a value", [actions(button({ value: words(2000) }))], [actions(button({ value: words(2001) }))]],
  ["an action", [actions(button({ action_id: words(255) }))], [actions(button({ action_id: words(256) }))]],
  ["buttons of a row", [actions(...options(25).map(() => button()))], [actions(...options(26).map(() => button()))]],
  [
    "the same action twice",
    [actions(button({ action_id: "a" }), button({ action_id: "b" }))],
    [actions(button({ action_id: "a" })), actions(button({ action_id: "a" }))],
  ],
  [
    "the same block twice",
    [{ type: "divider", block_id: "a" }],
    [
      { type: "divider", block_id: "a" },
      { type: "divider", block_id: "a" },
    ],
  ],
  ["a style", [actions(button({ style: "danger" }))], [actions(button({ style: "plain" }))]],
  ["a field that Slack does not know", [actions(button())], [actions(button({ color: "red" }))]],
  [
    "a menu",
    [actions({ type: "static_select", options: options(100) })],
    [actions({ type: "static_select", options: options(101) })],
  ],
  [
    "boxes",
    [actions({ type: "checkboxes", options: options(10) })],
    [actions({ type: "checkboxes", options: options(11) })],
  ],
  [
    "boxes ticked at first",
    [actions({ type: "checkboxes", options: options(2), initial_options: [option(1)] })],
    [actions({ type: "checkboxes", options: options(2), initial_options: [option(2)] })],
  ],
  ["rows of a table", [table(100, 1)], [table(101, 1)]],
  ["columns of a table", [table(1, 20)], [table(1, 21)]],
  ["a table with an empty cell", [table(1, 1)], [table(1, 1, 0)]],
  ["characters of a table", [table(10, 10, 100)], [table(10, 10, 101)]],
  ["tables of a message", [table(1, 1)], [table(1, 1), table(1, 1)]],
  [
    "a plan",
    [{ type: "plan", title: "Plan", tasks: [task("1"), task("2")] }],
    [{ type: "plan", title: "Plan", tasks: [task("1"), task("1")] }],
  ],
  ["a task's status", [task("1", { status: "complete" })], [task("1", { status: "done" })]],
  [
    "details of a task",
    [task("1", { details: rich(paragraph("a")) })],
    [task("1", { details: rich(paragraph("a"), paragraph("b")) })],
  ],
  ["rich text", [rich(paragraph("a"))], [rich(paragraph(""))]],
  ["what a container holds", [container([section(3)])], [container([rich(paragraph("a"))])]],
  ["how much it holds", [container(options(10).map(() => section(3)))], [container(options(11).map(() => section(3)))]],
  [
    "a closed container",
    [container([section(3)], { is_collapsible: true, default_collapsed: true })],
    [container([section(3)], { default_collapsed: true })],
  ],
  ["an alert stands in dialogs only", [section(3)], [{ type: "alert", text: plain(3) }]],
  [
    "a confirmation",
    [actions(button({ confirm: { title: plain(100), text: plain(300), confirm: plain(30), deny: plain(30) } }))],
    [actions(button({ confirm: { title: plain(3), text: plain(3), confirm: plain(31), deny: plain(3) } }))],
  ],
];

test.each(LIMITS)("%s: the last that is taken and the first that is not", (_, taken, refused) => {
  expect(checkBlocks(taken, "message", NONE)).toEqual([]);
  expect(isTaken(refused)).toBe(false);
});

test("what is wrong is said with its place", () => {
  expect(checkBlocks([section(3), section(3001)], "message", NONE)).toMatchObject([{ pointer: "/blocks/1/text/text" }]);
});

test("an old workspace refuses what is new, wherever it stands", () => {
  const lacks = new Set<string>(NEW_BLOCKS);
  expect(isTaken([section(3), actions(button()), rich(paragraph("a"))], "message", lacks)).toBe(true);
  for (const block of [
    table(1, 1),
    task("1"),
    { type: "plan", title: "Plan" },
    { type: "markdown", text: "a" },
    container([section(3)]),
  ])
    expect(isTaken([block], "message", lacks)).toBe(false);
});

test("plan, table, Markdown and containers are for messages only", () => {
  for (const block of [
    table(1, 1),
    task("1"),
    { type: "plan", title: "Plan" },
    { type: "markdown", text: "a" },
    container([section(3)]),
  ])
    expect([isTaken([block]), isTaken([block], "modal"), isTaken([block], "home")]).toEqual([true, false, false]);
});

test("a message can be too long although each part is not", () => {
  expect(isTooLong(Array.from({ length: 4 }, () => section(2900)))).toBe(false);
  expect(isTooLong(Array.from({ length: 5 }, () => section(2900)))).toBe(true);
  expect(
    isTooLong([
      { type: "markdown", text: words(6000) },
      { type: "markdown", text: words(6001) },
    ]),
  ).toBe(true);
});

describe("a dialog", () => {
  const modal = (more: Json = {}) => ({ type: "modal", title: plain(24), blocks: [section(3)], ...more });
  const text = { type: "plain_text_input", action_id: "words" };

  test.each<[string, Json, Json]>([
    ["title", modal(), modal({ title: plain(25) })],
    ["button", modal({ submit: plain(24) }), modal({ submit: plain(25) })],
    ["memory", modal({ private_metadata: words(3000) }), modal({ private_metadata: words(3001) })],
    [
      "blocks",
      modal({ blocks: options(100).map(() => section(3)) }),
      modal({ blocks: options(101).map(() => section(3)) }),
    ],
    ["input needs a button", modal({ blocks: [input(text)], submit: plain(3) }), modal({ blocks: [input(text)] })],
    [
      "text that is there",
      modal({ blocks: [input({ ...text, initial_value: words(3000) })], submit: plain(3) }),
      modal({ blocks: [input({ ...text, initial_value: words(3001) })], submit: plain(3) }),
    ],
    ["Home", { type: "home", blocks: [section(3)] }, { type: "home", blocks: [section(3)], title: plain(3) }],
  ])("%s: the last that is taken and the first that is not", (_, taken, refused) => {
    expect(checkView(taken, NONE)).toEqual([]);
    expect(checkView(refused, NONE)).not.toEqual([]);
  });
});

test("anything at all is judged, and nothing breaks the judge", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(Array.isArray(checkBlocks(value, "message", NONE))).toBe(true);
      expect(checkView(value, NONE)).not.toEqual([]);
    }),
  );
});
