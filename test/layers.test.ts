import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

/** Who may import whom; a folder may always import itself. Files beside the folders compose and may import all. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: [],
  core: ["lib"],
  view: ["core", "lib", "locales"],
  commands: ["view", "core", "lib"],
  engine: ["commands", "view", "core", "lib"],
  agents: ["core", "lib"],
  git: ["core", "lib"],
  forge: ["core", "lib"],
  sandbox: ["core", "lib"],
  store: ["core", "lib"],
  config: ["core", "lib"],
  "chat/slack": ["core", "lib"],
  "chat/telegram": ["core", "lib"],
  "chat/web": ["core", "lib"],
  "chat/text": ["core", "lib"],
};
/** Nothing here knows the clock, the process, a log or a promise of the platform. */
const PURE: Record<string, readonly string[]> = { core: ["zod"], view: ["i18next", "zod"] };

const IMPORTS = /^(?:import\b(?:[^";]*?\bfrom)?|export\b[^";=]*?\bfrom)\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;

const folderOf = (path: string): string => {
  const parts = path.split("/");
  if (parts[0] === "locales") return "locales";
  if (parts[1] === "chat") return `chat/${parts[2]}`;
  return parts.length > 2 ? (parts[1] ?? "") : "";
};

test("every folder imports only what the picture in docs/architecture.md allows", async () => {
  const wrong: string[] = [];
  let files = 0;
  for await (const file of glob("src/**/*.ts")) {
    files++;
    const own = folderOf(file);
    const allowed = ALLOWED[own];
    if (own !== "" && !allowed) wrong.push(`${file}: the folder ${own} is not in the picture`);
    for (const [, named, called] of (await readFile(file, "utf8")).matchAll(IMPORTS)) {
      const spec = named ?? called ?? "";
      if (!spec.startsWith(".")) {
        if (PURE[own] && !PURE[own].includes(spec)) wrong.push(`${file} imports ${spec}, but ${own} is pure`);
        continue;
      }
      const target = folderOf(new URL(spec, `file:///${file}`).pathname.slice(1));
      if (own !== "" && target !== own && !allowed?.includes(target)) wrong.push(`${file} imports ${spec}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(files).toBeGreaterThan(50);
});

test("nothing waits synchronously, and only the edges know the clock", async () => {
  const wrong: string[] = [];
  for await (const file of glob("src/{core,view,engine,commands}/**/*.ts")) {
    const text = (await readFile(file, "utf8")).replace(COMMENTS, "");
    if (/\b\w+Sync\(/.test(text)) wrong.push(`${file} waits synchronously`);
    if (/src\/(core|view)\//.test(file) && /Date\.now|new Date\(\)|\bprocess\.|\bconsole\.|\bawait\b/.test(text))
      wrong.push(`${file} is not pure`);
  }
  expect(wrong).toEqual([]);
});
