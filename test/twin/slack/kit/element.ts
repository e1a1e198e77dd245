import { z } from "zod";
import { confirm, id, option, plain } from "./text.ts";

/** What people press, tick, choose and fill in, with Slack's limits (docs.slack.dev, block elements). */

const acts = { action_id: id.optional(), confirm: confirm.optional() };
const fills = { ...acts, focus_on_load: z.boolean().optional(), placeholder: plain(150).optional() };
const ticks = { ...acts, focus_on_load: z.boolean().optional(), options: z.array(option).min(1).max(10) };
const groups = z.array(z.strictObject({ label: plain(75), options: z.array(option).min(1).max(100) }));
const chooses = {
  ...fills,
  options: z.array(option).min(1).max(100).optional(),
  option_groups: groups.min(1).max(100).optional(),
};
const dispatch = z
  .strictObject({
    trigger_actions_on: z.array(z.enum(["on_enter_pressed", "on_character_entered"])).min(1),
  })
  .optional();

export const button = z.strictObject({
  type: z.literal("button"),
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: z.url().max(3000).optional(),
  style: z.enum(["primary", "danger"]).optional(),
  accessibility_label: z.string().max(75).optional(),
  ...acts,
});

export const image = z.strictObject({
  type: z.literal("image"),
  image_url: z.url().max(3000),
  alt_text: z.string().min(1).max(2000),
});

const overflow = z.strictObject({ type: z.literal("overflow"), options: z.array(option).min(1).max(5), ...acts });
const checkboxes = z.strictObject({
  type: z.literal("checkboxes"),
  initial_options: z.array(option).min(1).optional(),
  ...ticks,
});
const radio = z.strictObject({ type: z.literal("radio_buttons"), initial_option: option.optional(), ...ticks });
const select = z.strictObject({ type: z.literal("static_select"), initial_option: option.optional(), ...chooses });
const multi = z.strictObject({
  type: z.literal("multi_static_select"),
  initial_options: z.array(option).min(1).optional(),
  max_selected_items: z.int().min(1).optional(),
  ...chooses,
});
const users = z.strictObject({ type: z.literal("users_select"), initial_user: z.string().optional(), ...fills });
const manyUsers = z.strictObject({
  type: z.literal("multi_users_select"),
  initial_users: z.array(z.string()).optional(),
  max_selected_items: z.int().min(1).optional(),
  ...fills,
});
const input = z.strictObject({
  type: z.literal("plain_text_input"),
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
  dispatch_action_config: dispatch,
  ...fills,
});

export const inActions = z.discriminatedUnion("type", [
  button,
  overflow,
  checkboxes,
  radio,
  select,
  multi,
  users,
  manyUsers,
]);
export const accessory = z.discriminatedUnion("type", [
  button,
  overflow,
  checkboxes,
  radio,
  select,
  multi,
  users,
  manyUsers,
  image,
]);
export const inInput = z.discriminatedUnion("type", [input, checkboxes, radio, select, multi, users, manyUsers]);
