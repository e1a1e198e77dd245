import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { EVENTS, METHODS, manifest, SCOPES } from "../../../src/chat/slack/manifest.ts";
import { LOCALES } from "../../../src/view/i18n.ts";
import { slackWords } from "../../../src/view/slack.ts";
import { readManifest } from "../../twin/slack/manifest.ts";

async function sources(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob("src/chat/slack/*.ts")) files.push(file);
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

test("every method that is called is listed, and none that is not", async () => {
  const calls = [...(await sources()).matchAll(/\bclient((?:\s*\.\s*\w+){2,3})\(/g)];
  const called = new Set(calls.map(([, path = ""]) => path.replaceAll(/\s/g, "").slice(1)));
  expect([...called].sort((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(METHODS).sort((a, b) => a.localeCompare(b)),
  );
});

test("every event that is read is subscribed to", async () => {
  const wire = await readFile("src/chat/slack/wire.ts", "utf8");
  const [, list = ""] = /event: z\.discriminatedUnion\("type", \[([^\]]*)\]/.exec(wire) ?? [];
  expect(list.split(",")).toHaveLength(5);
  const types = [...wire.matchAll(/type: z\.(?:literal|enum)\(\[?((?:"\w+"(?:, )?)+)/g)].flatMap(([, names = ""]) =>
    [...names.matchAll(/"(\w+)"/g)].flatMap(([, name]) => name ?? []),
  );
  const known = Object.keys(EVENTS).map((name) => name.split(".")[0]);
  const others = ["event_callback", "block_actions", "view_submission", "message_action", "slash"];
  expect([...new Set(types)].filter((type) => !others.includes(type) && !known.includes(type))).toEqual([]);
});

test("every scope is there for a reason", () => {
  const needed = new Set<string | null>([...Object.values(METHODS), ...Object.values(EVENTS)]);
  // Commands, and private channels beside public ones: neither is a method of its own.
  for (const scope of ["commands", "groups:read"]) needed.add(scope);
  expect(Object.keys(SCOPES).filter((scope) => !needed.has(scope))).toEqual([]);
});

test.each(LOCALES)("Slack takes the manifest in %s, and as YAML it says the same", (locale) => {
  const made = manifest(slackWords(locale), null);
  expect(parse(stringify(made))).toEqual(made);
  const read = readManifest(made);
  expect([...read.scopes]).toEqual(Object.keys(SCOPES));
  expect([...read.commands.keys()]).toEqual(["/oca"]);
  expect([...read.shortcuts.values()]).toEqual(["hand_to_oca", "oca_commands"]);
  expect(read).toMatchObject({ hasHome: true, hasMessages: true, isInteractive: true });
});

test("for HTTP it names where the requests go", () => {
  const url = "https://oca.example.org/slack/events";
  const text = JSON.stringify(manifest(slackWords("en"), url));
  expect(text.split(url)).toHaveLength(4);
  expect(text).toContain('"socket_mode_enabled":false');
});
