import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { obj } from "../../twin/slack/json.ts";
import { checkBlocks, checkView, isTooLong } from "../../twin/slack/kit/check.ts";
import { gallery, type Shown, STORY } from "./gallery.ts";

/** Where the cards can be looked at as Slack gets them, for example in Slack's Block Kit Builder. */
const FILE = join(import.meta.dirname, "../../../artifacts/slack-cards.json");

test("every card, dialog and Home of the story is what Slack takes, in old and new workspaces, and calls nobody by itself", async () => {
  const all = [...gallery()];
  await mkdir(join(FILE, ".."), { recursive: true });
  await writeFile(FILE, JSON.stringify(all, null, 2));
  expect(new Set(all.map(({ moment }) => moment)).size).toBe(Object.keys(STORY).length + 1);
  expect(all.map((it) => ({ ...it, wrong: wrong(it) })).filter((it) => it.wrong.length > 0)).toEqual([]);
  // Text calls people in one way only: by an element that is made from who must act.
  const called = all.flatMap(({ json }) => [...JSON.stringify(json).matchAll(/"type":"(user|broadcast|usergroup)"/g)]);
  expect(called).toEqual([]);
  const spoken = all.flatMap(({ json }) => ("text" in json ? [String(json.text)] : []));
  expect(spoken.filter((text) => /<[!@]/.test(text))).toEqual([]);
  const [long] = all.filter(({ moment }) => moment === "a plan of 40,000 characters");
  expect(long?.json).toMatchObject({ files: [expect.stringMatching(/\.md$/)] });
});

function wrong({ as, json, lacks }: Shown): unknown[] {
  if (as !== "message") return checkView(json, lacks);
  const { text, blocks } = obj(json);
  return [
    ...checkBlocks(blocks, "message", lacks),
    ...(isTooLong(JSON.parse(JSON.stringify(blocks))) ? ["too long"] : []),
    ...(text === "" ? ["a notification says nothing"] : []),
  ];
}
