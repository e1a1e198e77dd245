import { type Json, obj, objs, str } from "./json.ts";
import { optionsOf } from "./kit/check.ts";
import { type Control, controls, labelOf } from "./look.ts";

/** What people put into a form, by the label above each part: text, or the words of the options they choose. */
export type Values = Readonly<Record<string, string | readonly string[]>>;

/** The state of a view as Slack sends it; throws where Slack's own client would not let the form go. */
export function fill(blocks: Json[], values: Values, strict: boolean): Json {
  const parts = controls(blocks).filter(({ element }) => element["type"] !== "button");
  const unknown = Object.keys(values).find((label) => !parts.some((part) => part.label === label));
  if (unknown !== undefined)
    throw new Error(`the form has no "${unknown}": it has ${parts.map(({ label }) => `"${label}"`).join(", ")}`);
  const state: Record<string, Json> = {};
  for (const part of parts) {
    const value = stateOf(part, values[part.label]);
    if (strict) demand(part, value);
    const block = str(part.block["block_id"]);
    state[block] = { ...state[block], [str(part.element["action_id"])]: value };
  }
  return state;
}

/** What one part is filled in with. */
export function stateOf({ element, label }: Control, value: string | readonly string[] | undefined): Json {
  const type = str(element["type"]);
  const chosen = () =>
    value === undefined ? undefined : [value].flat().map((words) => optionNamed(element, words, label));
  switch (type) {
    case "plain_text_input":
      return { type, value: value === undefined ? (element["initial_value"] ?? null) : String(value) || null };
    case "checkboxes":
    case "multi_static_select":
      return { type, selected_options: chosen() ?? objs(element["initial_options"]) };
    default:
      return { type, selected_option: chosen()?.[0] ?? element["initial_option"] ?? null };
  }
}

/** The option with these words on it. */
function optionNamed(element: Json, words: string, label: string): Json {
  const found = optionsOf(element).find((it) => labelOf(it) === words);
  if (found) return found;
  const offered = optionsOf(element).map((it) => `"${labelOf(it)}"`);
  throw new Error(`"${label}" has no option "${words}": it has ${offered.join(", ")}`);
}

function demand({ block, element, label }: Control, state: Json): void {
  const text = str(state["value"]);
  const isEmpty = text === "" && objs(state["selected_options"]).length === 0 && !state["selected_option"];
  if (block["type"] === "input" && block["optional"] !== true && isEmpty)
    throw new Error(`Slack does not send the form: "${label}" is required`);
  const { min_length: least = 0, max_length: most = 3000 } = element;
  if (text !== "" && (text.length < Number(least) || text.length > Number(most)))
    throw new Error(`Slack does not send the form: "${label}" takes ${Number(least)} to ${Number(most)} characters`);
}

/** The errors of a form by the labels of its parts, as the person reads them. */
export function errorsOf(blocks: Json[], errors: unknown): Record<string, string> {
  const byBlock = new Map(controls(blocks).map(({ block, label }) => [str(block["block_id"]), label]));
  return Object.fromEntries(
    Object.entries(obj(errors)).map(([block, words]) => [byBlock.get(block) ?? `no such block: ${block}`, str(words)]),
  );
}
