import { type Json, obj, objs, str, within } from "./json.ts";

/** What people read, press and are called by: blocks turned into what a client shows of them. */

/** The words of a message, block after block; its text when it has no blocks. */
export function reads(message: { text: string; blocks: Json[] }, names: ReadonlyMap<string, string>): string {
  const shown = message.blocks.length > 0 ? message.blocks.flatMap(wordsOf) : [mrkdwn(message.text)];
  return shown.join("\n").replace(MENTION, (_, id: string) => `@${names.get(id) ?? id}`);
}

const MENTION = /\uE000([UW][A-Z0-9]+)\uE000/g;

function wordsOf(block: Json): string[] {
  if (Object.keys(block).length === 0) return [];
  switch (block["type"]) {
    case "markdown":
      return [unescaped(str(block["text"]).replace(/\\([!-/:-@[-`{-~])/g, "$1"))];
    case "table":
      return objsOf(block["rows"]).map((row) => row.map((cell) => wordsOf(obj(cell)).join("")).join(" | "));
    case "plan":
      return [str(block["title"]), ...objs(block["tasks"]).flatMap(wordsOf)];
    case "task_card":
      return [
        `${str(block["status"])}: ${str(block["title"])}`,
        ...wordsOf(obj(block["details"])),
        ...wordsOf(obj(block["output"])),
      ];
    case "raw_text":
    case "raw_number":
      return [str(block["text"])];
    case "rich_text":
      return objs(block["elements"]).map(richWords);
    default:
      return plainly(block);
  }
}

/** Text objects wherever they stand, in the order in which they are shown. */
function plainly(block: Json): string[] {
  const own = [block["title"], block["subtitle"], block["text"], block["label"], block["body"]].map((it) =>
    textOf(obj(it)),
  );
  const fields = objs(block["fields"]).map(textOf);
  const inside = [...objs(block["elements"]), ...objs(block["child_blocks"]), ...objs(block["actions"])];
  const beside = [obj(block["accessory"]), obj(block["element"])];
  const parts = [...own, ...fields, ...inside.flatMap(inner), ...beside.flatMap(inner)];
  return parts.filter((words) => words !== "");
}

const inner = (it: Json): string[] =>
  it["type"] === "button" ? [`[${labelOf(it)}]`] : "text" in it ? [textOf(it)] : wordsOf(it);

function textOf(it: Json): string {
  if (typeof it["text"] !== "string") return textOf2(obj(it["text"]));
  return it["type"] === "mrkdwn" ? mrkdwn(it["text"]) : it["text"];
}
const textOf2 = (it: Json): string => (typeof it["text"] === "string" ? textOf(it) : "");

function richWords(it: Json): string {
  const inside = objs(it["elements"])
    .map(richWords)
    .join(it["type"] === "rich_text_list" ? "\n" : "");
  if (it["type"] === "user") return `\uE000${str(it["user_id"])}\uE000`;
  if (it["type"] === "broadcast") return `@${str(it["range"])}`;
  return inside || str(it["text"]) || str(it["url"]) || str(it["name"]);
}

const objsOf = (rows: unknown): unknown[][] => (Array.isArray(rows) ? rows.filter(Array.isArray) : []);

/** What Slack makes of its own markup: mentions by name, links by their words, escaped characters as themselves. */
function mrkdwn(text: string): string {
  return unescaped(
    text.replace(/<([^<>]*)>/g, (_, inside: string) => {
      const [target = "", label] = inside.split("|");
      if (target.startsWith("@")) return `\uE000${target.slice(1)}\uE000`;
      if (target.startsWith("!")) return `@${target.slice(1)}`;
      return label ?? target;
    }),
  );
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Whom a message calls: ids of people, and `here`, `channel`, `everyone`. */
export function calls(message: { text: string; blocks: Json[] }): string[] {
  const marked = [
    message.text,
    ...[...within(message.blocks)]
      .filter((it) => it["type"] === "mrkdwn" || it["type"] === "markdown")
      .map((it) => str(it["text"])),
  ].join("\n");
  const written = [...marked.matchAll(/<(?:@([UW][A-Z0-9]+)|!(here|channel|everyone))(?:\|[^>]*)?>/g)];
  const rich = [...within(message.blocks)].map((it) =>
    it["type"] === "user" ? str(it["user_id"]) : it["type"] === "broadcast" ? str(it["range"]) : "",
  );
  const all = [...written.map(([, user = "", group = ""]) => user || group), ...rich];
  return [...new Set(all.filter((id) => id !== ""))];
}

/** Something to press or to choose from, and the block it stands in. */
export interface Control {
  label: string;
  block: Json;
  element: Json;
}

const CHOICES = new Set([
  "button",
  "overflow",
  "checkboxes",
  "radio_buttons",
  "static_select",
  "multi_static_select",
  "users_select",
  "multi_users_select",
  "plain_text_input",
]);

/** Everything that can be pressed, chosen or filled in, top to bottom. */
export function controls(blocks: Json[]): Control[] {
  return blocks.flatMap((block) => {
    const inside = controls([
      ...objs(block["child_blocks"]),
      ...(block["type"] === "carousel" ? objs(block["elements"]) : []),
    ]);
    const own = [...objs(block["elements"]), obj(block["accessory"]), obj(block["element"]), ...objs(block["actions"])];
    const named = own
      .filter((element) => CHOICES.has(str(element["type"])))
      .map((element) => ({ label: nameOf(block, element), block, element }));
    return [...named, ...inside];
  });
}

/** By what a person would call it: the words on it, the label above it, the text beside it, or its placeholder. */
function nameOf(block: Json, element: Json): string {
  if (element["type"] === "button") return labelOf(element);
  const around = block["type"] === "input" ? block["label"] : block["text"];
  return textOf(obj(around)) || textOf(obj(element["placeholder"])) || str(element["action_id"]);
}

export const labelOf = (it: Json): string => textOf(obj(it["text"]));
