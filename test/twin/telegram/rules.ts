import { z } from "zod";

/** A refusal in the words and with the code of the Bot API. */
export class Refused extends Error {
  readonly code: number;
  readonly parameters: { retry_after?: number; migrate_to_chat_id?: number } | undefined;
  constructor(code: number, description: string, parameters?: Refused["parameters"]) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

export const bad = (why: string): Refused => new Refused(400, `Bad Request: ${why}`);

const TEXT = 4096;
const RICH = { characters: 32_768, blocks: 500, levels: 16, columns: 20 };
const ENTITIES = 100;

export const Entity = z.object({ type: z.string(), offset: z.int(), length: z.int() });
type Entity = z.infer<typeof Entity>;

/** Text of a message, with its entities or its markup. Resolves to what people read. */
export function text(given: {
  text: string;
  entities?: Entity[] | undefined;
  parse_mode?: string | undefined;
}): string {
  if (given.parse_mode !== undefined && given.parse_mode !== "HTML") throw bad("unsupported parse_mode");
  const shown = given.parse_mode === "HTML" ? html(given.text) : given.text;
  if (shown.trim() === "") throw bad("message text is empty");
  if (shown.length > TEXT) throw bad("message is too long");
  if (given.entities) checkEntities(shown, given.entities);
  return shown;
}

function checkEntities(shown: string, entities: Entity[]): void {
  if (entities.length > ENTITIES) throw bad("too many entities");
  const inPair = (at: number): boolean =>
    /[\udc00-\udfff]/.test(shown[at] ?? "") && /[\ud800-\udbff]/.test(shown[at - 1] ?? "");
  for (const [index, { type, offset, length }] of entities.entries()) {
    const end = offset + length;
    if (offset < 0 || length < 1 || end > shown.length) throw bad("ENTITY_BOUNDS_INVALID");
    if (inPair(offset))
      throw bad(`can't parse entities: Entity begins in a middle of a UTF-16 symbol at byte offset ${offset}`);
    if (inPair(end))
      throw bad(`can't parse entities: Entity ends in a middle of a UTF-16 symbol at byte offset ${end}`);
    for (const other of entities.slice(index + 1)) {
      const [a, b] =
        offset <= other.offset
          ? [{ type, offset, end }, other]
          : [
              { ...other, end: other.offset + other.length },
              { type, offset, length },
            ];
      const last = b.offset + b.length;
      if (b.offset >= a.end) continue;
      if (last > a.end && b.offset > a.offset) throw bad("can't parse entities: entities overlap");
      if (a.type === "pre" || a.type === "code") throw bad(`can't parse entities: ${b.type} inside ${a.type}`);
    }
  }
}

const TAGS = [
  "b",
  "strong",
  "i",
  "em",
  "u",
  "ins",
  "s",
  "strike",
  "del",
  "code",
  "pre",
  "a",
  "blockquote",
  "tg-spoiler",
  "span",
];

function html(source: string): string {
  const open: string[] = [];
  const shown = source.replace(
    /<(\/?)([^\s>/]*)[^>]*>|<|&(?:lt|gt|amp|quot|#\d+);|&/g,
    (found, slash: string | undefined, tag: string | undefined, at: number) => {
      if (found === "<") throw bad(`can't parse entities: Unexpected end tag at byte offset ${at}`);
      if (found.startsWith("&")) return { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' }[found] ?? found;
      if (!TAGS.includes(tag ?? ""))
        throw bad(`can't parse entities: Unsupported start tag "${tag}" at byte offset ${at}`);
      if (slash === "") open.push(tag ?? "");
      else if (open.pop() !== tag) throw bad(`can't parse entities: Unexpected end tag at byte offset ${at}`);
      return "";
    },
  );
  const left = open.pop();
  if (left !== undefined) throw bad(`can't parse entities: Can't find end tag corresponding to start tag "${left}"`);
  return shown;
}

type Words =
  | string
  | Words[]
  | { type: string; text: Words; url?: string | undefined; user?: { id: number } | undefined };
const Words: z.ZodType<Words> = z.lazy(() =>
  z.union([
    z.string(),
    z.array(Words),
    z.strictObject({
      type: z.enum(["bold", "italic", "underline", "strikethrough", "spoiler", "code", "marked"]),
      text: Words,
    }),
    z.strictObject({ type: z.literal("url"), text: Words, url: z.string().regex(/^(https?|mailto|tel|tg):/) }),
    z.strictObject({
      type: z.literal("text_mention"),
      text: Words,
      user: z.looseObject({ id: z.int(), is_bot: z.boolean(), first_name: z.string().min(1) }),
    }),
  ]),
);
interface Block {
  type: string;
  text?: Words | undefined;
  summary?: Words | undefined;
  blocks?: Block[] | undefined;
  items?: { blocks: Block[] }[] | undefined;
  cells?: { text?: Words | undefined }[][] | undefined;
}
const Block: z.ZodType<Block> = z.lazy(() =>
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.enum(["paragraph", "footer"]), text: Words }),
    z.strictObject({ type: z.literal("heading"), text: Words, size: z.int().min(1).max(6) }),
    z.strictObject({ type: z.literal("pre"), text: Words, language: z.string().min(1).optional() }),
    z.strictObject({ type: z.literal("divider") }),
    z.strictObject({ type: z.literal("expandable_blockquote"), text: Words }),
    z.strictObject({ type: z.literal("blockquote"), blocks: z.array(Block).min(1) }),
    z.strictObject({
      type: z.literal("details"),
      summary: Words,
      blocks: z.array(Block).min(1),
      is_open: z.literal(true).optional(),
    }),
    z.strictObject({
      type: z.literal("list"),
      items: z
        .array(
          z.strictObject({
            blocks: z.array(Block).min(1),
            has_checkbox: z.literal(true).optional(),
            is_checked: z.literal(true).optional(),
            value: z.int().optional(),
            type: z.enum(["a", "A", "i", "I", "1"]).optional(),
          }),
        )
        .min(1),
    }),
    z.strictObject({
      type: z.literal("table"),
      is_bordered: z.literal(true).optional(),
      is_striped: z.literal(true).optional(),
      is_compact: z.literal(true).optional(),
      cells: z
        .array(
          z
            .array(
              z.strictObject({
                text: Words.optional(),
                is_header: z.literal(true).optional(),
                align: z.enum(["left", "center", "right"]),
                valign: z.enum(["top", "middle", "bottom"]),
              }),
            )
            .min(1),
        )
        .min(1),
    }),
  ]),
);
const Rich = z.strictObject({ blocks: z.array(Block).min(1), skip_entity_detection: z.boolean().optional() });

/** A rich message by blocks (what oca sends). Resolves to what people read. */
export function rich(given: unknown): string {
  const read = Rich.safeParse(given);
  if (!read.success)
    throw bad(`can't parse rich message: ${read.error.issues[0]?.path.join(".")} ${read.error.issues[0]?.message}`);
  const count = { blocks: 0 };
  const shown = read.data.blocks.map((block) => blockText(block, 1, count)).join("\n");
  if (count.blocks > RICH.blocks) throw bad("RICH_MESSAGE_BLOCKS_TOO_MUCH");
  if (shown.length > RICH.characters) throw bad("RICH_MESSAGE_TOO_LONG");
  return shown;
}

function blockText(block: Block, level: number, count: { blocks: number }): string {
  count.blocks++;
  if (level > RICH.levels) throw bad("RICH_MESSAGE_NESTING_TOO_DEEP");
  const inner = (blocks: Block[]): string => blocks.map((one) => blockText(one, level + 1, count)).join("\n");
  const words = block.text === undefined ? "" : wordsText(block.text, level + 1);
  if ((block.type === "pre" || block.type === "paragraph" || block.type === "heading") && words.trim() === "")
    throw bad("RICH_MESSAGE_EMPTY_BLOCK");
  if (block.cells) {
    if (block.cells.some((row) => row.length > RICH.columns)) throw bad("RICH_MESSAGE_TABLE_TOO_WIDE");
    count.blocks += block.cells.length;
    return block.cells.map((row) => row.map((cell) => wordsText(cell.text ?? "", level + 2)).join(" | ")).join("\n");
  }
  if (block.items) {
    count.blocks += block.items.length;
    return block.items.map((item) => inner(item.blocks)).join("\n");
  }
  const summary = block.summary === undefined ? [] : [wordsText(block.summary, level + 1)];
  return [...summary, ...(block.blocks ? [inner(block.blocks)] : []), words].filter((one) => one !== "").join("\n");
}

function wordsText(words: Words, level: number): string {
  if (level > RICH.levels) throw bad("RICH_MESSAGE_NESTING_TOO_DEEP");
  if (typeof words === "string") return words;
  return Array.isArray(words) ? words.map((one) => wordsText(one, level)).join("") : wordsText(words.text, level + 1);
}

const Button = z
  .looseObject({
    text: z.string().min(1),
    style: z.enum(["danger", "success", "primary"]).optional(),
    callback_data: z.string().optional(),
    url: z.string().optional(),
    disabled: z.object({}).optional(),
  })
  .refine(
    (one) => [one.callback_data, one.url, one.disabled].filter((it) => it !== undefined).length === 1,
    "BUTTON_TYPE_INVALID",
  );
export const Markup = z.union([
  z.strictObject({ inline_keyboard: z.array(z.array(Button).max(8)), force_reply: z.boolean().optional() }),
  z.strictObject({
    force_reply: z.literal(true),
    selective: z.boolean().optional(),
    input_field_placeholder: z.string().min(1).max(64).optional(),
  }),
]);
export type Markup = z.infer<typeof Markup>;

export function markup(given: unknown): Markup | null {
  if (given === undefined) return null;
  const read = Markup.safeParse(given);
  if (!read.success) throw bad("can't parse reply keyboard markup JSON object");
  const buttons = "inline_keyboard" in read.data ? read.data.inline_keyboard.flat() : [];
  if (buttons.length > 100) throw bad("REPLY_MARKUP_TOO_LONG");
  for (const { callback_data: data, url } of buttons) {
    if (data !== undefined && (data === "" || Buffer.byteLength(data) > 64)) throw bad("BUTTON_DATA_INVALID");
    if (url !== undefined && !/^(https?|tg):\/\//.test(url))
      throw bad(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
  }
  return read.data;
}
