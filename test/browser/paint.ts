import { html, raw } from "hono/html";
import { type Json, obj, objs, str } from "../twin/slack/json.ts";

type Markup = ReturnType<typeof html>;

/** A page that shows what Slack gets about as Slack shows it: messages, dialogs and Home by their blocks. */
export function paint(shown: readonly object[]): Markup {
  return html`<!doctype html><meta charset="utf-8"><style>${raw(STYLE)}</style>
    ${shown.map((json) => surface(obj(json)))}`;
}

function surface(json: Json): Markup {
  const inside = blocks(json["blocks"]);
  switch (json["type"]) {
    case "modal":
      return html`<article class="modal"><h2>${words(json["title"])}</h2>${inside}
        <footer><span class="button">${words(json["close"])}</span><span class="button primary">${words(json["submit"])}</span></footer></article>`;
    case "home":
      return html`<article class="home">${inside}</article>`;
    default:
      return html`<article class="message"><span class="face">oca</span><div><b>oca</b> <small>APP</small>${inside}</div></article>`;
  }
}

const blocks = (value: unknown): Markup[] => objs(value).map(block);
const words = (value: unknown): string => str(obj(value)["text"]);

function block(it: Json): Markup {
  switch (it["type"]) {
    case "header":
      return html`<h3>${words(it["text"])}</h3>`;
    case "section":
      return html`<p class="lines">${words(it["text"])}${objs(it["fields"]).map(words).join("  ")}</p>${element(obj(it["accessory"]))}`;
    case "context":
      return html`<p class="context">${objs(it["elements"])
        .map((part) => str(part["text"]))
        .join("  ")}</p>`;
    case "divider":
      return html`<hr>`;
    case "actions":
      return html`<p>${objs(it["elements"]).map(element)}</p>`;
    case "input":
      return html`<label>${words(it["label"])}</label>${element(obj(it["element"]))}`;
    case "rich_text":
      return html`${objs(it["elements"]).map(rich)}`;
    case "plan":
      return html`<section><b>${str(it["title"])}</b>${objs(it["tasks"]).map(task)}</section>`;
    case "table":
      return html`<table>${rows(it["rows"])}</table>`;
    case "container":
      return html`<details><summary>${words(it["title"])}</summary>${blocks(it["child_blocks"])}</details>`;
    default:
      throw new Error(`no picture of a block ${str(it["type"])}`);
  }
}

const MARKS = { complete: "✓", in_progress: "●", pending: "○", error: "✕" };
const task = (it: Json): Markup =>
  html`<p>${Object.entries(MARKS).find(([status]) => status === it["status"])?.[1] ?? ""} ${str(it["title"])}</p>`;

const rows = (value: unknown): Markup[] =>
  (Array.isArray(value) ? value : []).map(
    (row) =>
      html`<tr>${objs(row).map((cell) => html`<td>${cell["type"] === "rich_text" ? block(cell) : str(cell["text"])}</td>`)}</tr>`,
  );

function rich(it: Json): Markup {
  const parts = objs(it["elements"]);
  switch (it["type"]) {
    case "rich_text_list": {
      const items = parts.map((part) => html`<li>${rich(part)}</li>`);
      const margin = `${Number(it["indent"] ?? 0) * 1.5}em`;
      return it["style"] === "ordered"
        ? html`<ol start="${Number(it["offset"] ?? 0) + 1}" style="margin-left:${margin}">${items}</ol>`
        : html`<ul style="margin-left:${margin}">${items}</ul>`;
    }
    case "rich_text_preformatted":
      return html`<pre>${parts.map(text)}</pre>`;
    case "rich_text_quote":
      return html`<blockquote class="lines">${parts.map(text)}</blockquote>`;
    default:
      return html`<p class="lines">${parts.map(text)}</p>`;
  }
}

function text(it: Json): Markup {
  const style = obj(it["style"]);
  const of = Object.keys(style).filter((key) => style[key] === true);
  const said = it["type"] === "user" ? `@${str(it["user_id"])}` : str(it["text"]) || str(it["url"]);
  return html`<span class="${[str(it["type"]), ...of].join(" ")}">${said}</span>`;
}

function element(it: Json): Markup {
  const label = words(it["text"]) || words(it["placeholder"]);
  switch (it["type"]) {
    case undefined:
      return html``;
    case "button":
      return html`<span class="button ${str(it["style"])}">${label}</span>`;
    case "checkboxes":
    case "radio_buttons":
      return html`${objs(it["options"]).map((option) => html`<p>☐ ${words(option["text"])}</p>`)}`;
    case "plain_text_input":
      return html`<p class="input">${label}</p>`;
    default:
      return html`<span class="button">${label} ▾</span>`;
  }
}

const STYLE = `
  body { margin: 0; padding: 16px; width: 620px; font: 15px/1.46 Lato, "Noto Sans", "DejaVu Sans", sans-serif; color: #1d1c1d; background: #fff }
  article { margin-bottom: 16px } p { margin: 4px 0 } .lines { white-space: pre-wrap } small { background: #ddd; border-radius: 2px; padding: 0 3px; font-size: 10px }
  .message { display: flex; gap: 8px } .message > div { flex: 1; min-width: 0 }
  .face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #4a154b; color: #fff; font: bold 12px/36px sans-serif; text-align: center }
  .modal, .home { border: 1px solid #ccc; border-radius: 8px; padding: 16px; width: 480px } footer { text-align: right; margin-top: 16px }
  .button { display: inline-block; border: 1px solid #bbb; border-radius: 8px; padding: 3px 12px; margin: 2px 6px 2px 0; font-weight: bold; font-size: 13px }
  .primary { background: #007a5a; border-color: #007a5a; color: #fff } .danger { background: #e01e5a; border-color: #e01e5a; color: #fff }
  .context { color: #616061; font-size: 13px } .bold { font-weight: bold } .italic { font-style: italic } .strike { text-decoration: line-through }
  .code, pre { font-family: monospace; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; font-size: 12px } .code { color: #c01343 }
  pre { padding: 8px; white-space: pre-wrap; overflow-wrap: anywhere } ol, ul { margin: 4px 0; padding-left: 26px } li p { margin: 0 } .link, .user { color: #1264a3 }
  blockquote { margin: 4px 0; border-left: 4px solid #ddd; padding-left: 8px } table { border-collapse: collapse } td { border: 1px solid #ddd; padding: 3px 8px }
  section, details { border: 1px solid #ddd; border-radius: 8px; padding: 8px 12px; margin: 6px 0 } label { display: block; font-weight: bold; margin-top: 12px }
  .input { border: 1px solid #bbb; border-radius: 4px; height: 60px; color: #888; padding: 6px } hr { border: 0; border-top: 1px solid #ddd }
`;
