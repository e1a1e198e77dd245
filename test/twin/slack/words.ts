import type { Json } from "./json.ts";
import { escaped } from "./look.ts";
import type { Workspace } from "./workspace.ts";

/** What Slack's composer makes of what people type: mentions, links, and escaped characters. */
export function typed(it: Workspace, text: string): { text: string; blocks: Json[] } {
  const pieces = [...text.matchAll(PIECE)].map(([piece]) => pieceOf(it, piece));
  const elements = pieces.map(({ rich }) => rich);
  const section = { type: "rich_text_section", elements };
  return {
    text: pieces.map(({ plain }) => plain).join(""),
    blocks: text === "" ? [] : [{ type: "rich_text", block_id: it.id("k"), elements: [section] }],
  };
}

/** A link, a name after its sign, or what stands between them. */
const PIECE = /https?:\/\/[^\s<>]+|(?<![\w@])[@#][\w-]+|(?:(?!https?:\/\/|(?<![\w@])[@#][\w-]+)[\s\S])+/g;

function pieceOf(it: Workspace, piece: string): { plain: string; rich: Json } {
  const name = piece.slice(1).toLowerCase();
  if (/^https?:\/\//.test(piece)) return { plain: `<${escaped(piece)}>`, rich: { type: "link", url: piece } };
  if (/^@(here|channel|everyone)$/.test(piece))
    return { plain: `<!${name}>`, rich: { type: "broadcast", range: name } };
  const member = [...it.members.values()].find((one) => one.name === name);
  if (piece.startsWith("@") && member) return { plain: `<@${member.id}>`, rich: { type: "user", user_id: member.id } };
  const channel = [...it.channels.values()].find((one) => one.name === name && one.kind !== "im");
  if (piece.startsWith("#") && channel)
    return { plain: `<#${channel.id}|${channel.name}>`, rich: { type: "channel", channel_id: channel.id } };
  return { plain: escaped(piece), rich: { type: "text", text: piece } };
}
