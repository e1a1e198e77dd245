import { z } from "zod";
import { accessory, button, image, inActions, inInput } from "./element.ts";
import { id, mrkdwn, oneRichText, plain, richText, words } from "./text.ts";

/** The blocks themselves, with Slack's limits (docs.slack.dev, blocks; types of @slack/types 3.2). */

const own = { block_id: id.optional() };

const actions = z.strictObject({ type: z.literal("actions"), elements: z.array(inActions).min(1).max(25), ...own });
const divider = z.strictObject({ type: z.literal("divider"), ...own });
const header = z.strictObject({ type: z.literal("header"), text: plain(150), ...own });
const picture = image.extend({ title: plain(2000).optional(), ...own });
const context = z.strictObject({
  type: z.literal("context"),
  elements: z
    .array(z.union([plain(3000), mrkdwn(3000), image]))
    .min(1)
    .max(10),
  ...own,
});
const section = z
  .strictObject({
    type: z.literal("section"),
    text: words(3000).optional(),
    fields: z.array(words(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
    ...own,
  })
  .refine((it) => it.text !== undefined || it.fields !== undefined, "one of `text` or `fields` is required");
const input = z.strictObject({
  type: z.literal("input"),
  label: plain(2000),
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  element: inInput,
  ...own,
});
const markdown = z.strictObject({ type: z.literal("markdown"), text: z.string().min(1).max(12_000), ...own });
const cell = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("raw_text"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("raw_number"), value: z.number(), text: z.string().min(1) }),
  richText,
]);
const column = z.strictObject({
  align: z.enum(["left", "center", "right"]).optional(),
  is_wrapped: z.boolean().optional(),
});
const table = z.strictObject({
  type: z.literal("table"),
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z.array(column).max(20).optional(),
  ...own,
});
const task = z.strictObject({
  type: z.literal("task_card"),
  task_id: id,
  title: z.string().min(1),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
  details: oneRichText.optional(),
  output: oneRichText.optional(),
  sources: z.array(z.strictObject({ type: z.literal("url"), url: z.url(), text: z.string().min(1) })).optional(),
  ...own,
});
const plan = z.strictObject({
  type: z.literal("plan"),
  title: z.string().min(1),
  tasks: z.array(task).optional(),
  ...own,
});
const card = z.strictObject({
  type: z.literal("card"),
  hero_image: image.optional(),
  icon: image.optional(),
  title: mrkdwn(150).optional(),
  subtitle: mrkdwn(150).optional(),
  body: mrkdwn(200).optional(),
  actions: z.array(button).optional(),
  ...own,
});
/** Of the types documented as children only those that Slack's own validator is known to take (it refuses rich_text). */
const child = z.discriminatedUnion("type", [actions, context, divider, header, picture, section, table]);
const container = z
  .strictObject({
    type: z.literal("container"),
    title: plain(150),
    subtitle: words(150).optional(),
    child_blocks: z.array(child).min(1).max(10),
    width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
    icon: image.optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
    ...own,
  })
  .refine((it) => !it.default_collapsed || it.is_collapsible, "`default_collapsed` requires `is_collapsible`");
const alert = z.strictObject({
  type: z.literal("alert"),
  text: words(3000),
  level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
  ...own,
});
const carousel = z.strictObject({ type: z.literal("carousel"), elements: z.array(card).min(1).max(10), ...own });

const everywhere = [actions, card, context, divider, header, picture, input, richText, section] as const;
/** Where each block may stand, as docs.slack.dev/blocks.json says it. */
export const BLOCKS = {
  message: z.discriminatedUnion("type", [...everywhere, carousel, container, markdown, plan, table, task]),
  modal: z.discriminatedUnion("type", [...everywhere, alert]),
  home: z.discriminatedUnion("type", [...everywhere, carousel]),
};
export type Surface = keyof typeof BLOCKS;

/** Blocks that a workspace may not have yet. */
export const NEW_BLOCKS = ["alert", "card", "carousel", "container", "markdown", "plan", "table", "task_card"] as const;
