import { z } from "zod";
import { type Json, obj, objs, str, within } from "../json.ts";
import { BLOCKS, type Surface } from "./block.ts";
import { id, plain } from "./text.ts";

/** What is wrong, and where, as `blocks.validate` names it. */
export interface Problem {
  pointer: string;
  code: string;
  message: string;
}

const MOST = { message: 50, modal: 100, home: 100 };
/** Observed (bolt-js#2509): 13,297 characters of Markdown still pass, and another block takes about 125 of them. */
const TOO_LONG = 13_297;
const PER_BLOCK = 125;
const ALL_MARKDOWN = 12_000;
const ALL_CELLS = 10_000;
const VIEW_BYTES = 250_000;
const NOT_SHOWN = new Set(["type", "block_id", "action_id", "task_id", "status", "style", "value", "url", "image_url"]);

/** Judges blocks as Slack does; `lacks` are types that the workspace does not know. */
export function checkBlocks(value: unknown, at: Surface, lacks: ReadonlySet<string>, root = "/blocks"): Problem[] {
  const blocks = z.array(z.unknown()).max(MOST[at]).safeParse(value);
  if (!blocks.success) return problems(blocks.error, root);
  const wrong = blocks.data.flatMap((block, i) => checkBlock(block, at, lacks, `${root}/${i}`));
  return wrong.length > 0 ? wrong : [...repeated(blocks.data, root), ...crowded(objs(blocks.data), root)];
}

function checkBlock(block: unknown, at: Surface, lacks: ReadonlySet<string>, pointer: string): Problem[] {
  const unknown = [...within(block)].map((it) => str(it["type"])).find((type) => lacks.has(type));
  if (unknown !== undefined) return [problem(`${pointer}/type`, `unsupported type: ${unknown}`)];
  const parsed = BLOCKS[at].safeParse(block);
  return parsed.success ? mismatched(obj(block), pointer) : problems(parsed.error, pointer);
}

/** What is chosen at first must be one of the options, to the letter. */
function mismatched(block: Json, pointer: string): Problem[] {
  return [...within(block)].flatMap((it) => {
    const first = "initial_option" in it ? [it["initial_option"]] : objs(it["initial_options"]);
    const offered = new Set(optionsOf(it).map((option) => JSON.stringify(option)));
    return first.every((option) => offered.has(JSON.stringify(option)))
      ? []
      : [problem(pointer, "initial options do not match the options")];
  });
}

export const optionsOf = (element: Json): Json[] => [
  ...objs(element["options"]),
  ...objs(element["option_groups"]).flatMap((group) => objs(group["options"])),
];

function repeated(blocks: unknown[], root: string): Problem[] {
  return ["block_id", "action_id", "task_id"].flatMap((key) => {
    const ids = [...within(blocks)].map((it) => str(it[key])).filter((id) => id !== "");
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    return twice === undefined ? [] : [problem(root, `\`${key}\` ${twice} is used twice`)];
  });
}

function crowded(blocks: Json[], root: string): Problem[] {
  const all = [...within(blocks)];
  const tables = all.filter((it) => it["type"] === "table");
  const cells = tables.reduce((sum, it) => sum + shown(it), 0);
  return [
    ...(tables.length > 1 ? [problem(root, "only_one_table_allowed")] : []),
    ...(cells > ALL_CELLS ? [problem(root, `cells of a table must be less than ${ALL_CELLS + 1} characters`)] : []),
  ];
}

/** A message whose parts are all right can still be too long as a whole. */
export function isTooLong(blocks: Json[]): boolean {
  const markdown = blocks
    .filter((it) => it["type"] === "markdown")
    .reduce((sum, it) => sum + str(it["text"]).length, 0);
  return markdown > ALL_MARKDOWN || shown(blocks) + PER_BLOCK * (blocks.length - 1) > TOO_LONG;
}

function shown(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + shown(item), 0);
  return Object.entries(obj(value)).reduce((sum, [key, item]) => sum + (NOT_SHOWN.has(key) ? 0 : shown(item)), 0);
}

const base = {
  blocks: z.unknown(),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: id.optional(),
};
const View = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("home"), ...base }),
  z.strictObject({
    type: z.literal("modal"),
    title: plain(24),
    submit: plain(24).optional(),
    close: plain(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...base,
  }),
]);

export function checkView(value: unknown, lacks: ReadonlySet<string>): Problem[] {
  const view = View.safeParse(value);
  if (!view.success) return problems(view.error, "/view");
  if (JSON.stringify(value).length > VIEW_BYTES) return [problem("/view", "view_too_large")];
  const wrong = checkBlocks(view.data.blocks, view.data.type, lacks, "/view/blocks");
  const asks = objs(view.data.blocks).some((block) => block["type"] === "input");
  if (asks && view.data.type === "modal" && !view.data.submit)
    wrong.push(problem("/view", "`submit` is required with input blocks"));
  return wrong;
}

const problem = (pointer: string, message: string): Problem => ({ pointer, code: "failed_constraint", message });

const problems = (error: z.ZodError, root: string): Problem[] =>
  error.issues.map(({ path, code, message }) => ({ pointer: [root, ...path].join("/"), code, message }));

export const messagesOf = (wrong: Problem[]): string[] =>
  wrong.map(({ pointer, message }) => `[ERROR] ${message} [json-pointer:${pointer}]`);
