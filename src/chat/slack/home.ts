import type { HomeView, KnownBlock } from "@slack/types";
import type { Board, Row } from "../../core/view.ts";
import { controls, plainText } from "./button.ts";
import type { DialogWords } from "./dialog.ts";

/** Block Kit, App Home: 100 blocks. */
const BLOCKS = 100;
const HEADER = 150;
/** Slack tells of a link, too, when it is pressed: nothing comes of it. */
export const LINK = "open:";
const ROW = 600;

const SIGNS: Record<Row["mood"], string> = {
  seen: "👀",
  working: "⏳",
  waiting: "✋",
  done: "✅",
  failed: "⚠️",
  closed: "·",
};

/** A person's overview; each row leads to its thread, and is decided about from here. `site` is the workspace's address, `https://acme.slack.com/`. */
export function homeView({ sections }: Board, site: string, words: DialogWords): HomeView {
  const blocks = sections.flatMap(({ title, rows }): KnownBlock[] => [
    { type: "header", text: plainText(title, HEADER) },
    ...rows.flatMap((row) => [line(row, site, words), ...decisions(row)]),
  ]);
  const empty: KnownBlock = { type: "section", text: plainText(words.nothing, ROW) };
  return { type: "home", blocks: blocks.length > 0 ? blocks.slice(0, BLOCKS) : [empty] };
}

/** As on its card. Of blocks in a view, too, no two have the same id. */
const decisions = ({ session, buttons }: Row): KnownBlock[] =>
  controls(buttons).map((block, n) => ({ ...block, block_id: `row-${session}-${n}` }));

function line({ session, title, text, mood, thread }: Row, site: string, words: DialogWords): KnownBlock {
  const url =
    thread.chat === "slack" && thread.thread
      ? `${site}archives/${thread.channel}/p${thread.thread.replace(".", "")}`
      : null;
  return {
    type: "section",
    text: plainText(`${SIGNS[mood]} ${title}\n${text}`, ROW),
    ...(url === null
      ? {}
      : { accessory: { type: "button", action_id: `${LINK}${session}`, text: plainText(words.open, 75), url } }),
  };
}
