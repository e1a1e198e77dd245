import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Role } from "./core/authority.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import { output } from "./lib/output.ts";

/** The people of the demo: one for each role that decides something. `user` is the name in the web chat. */
export const DEMO_PEOPLE: readonly { id: string; user: string; name: string; role: Role }[] = [
  { id: "web:ana", user: "ana", name: "Ana", role: "owner" },
  { id: "web:ben", user: "ben", name: "Ben", role: "approver" },
  { id: "web:cleo", user: "cleo", name: "Cleo", role: "requester" },
];

/**
 * Makes a small repository to try oca on: three commits on `main`, which is checked out. A folder that has something in
 * it already is left as it is.
 */
export async function makeSample(
  folder: string,
  { spawn, env }: { spawn: Spawn; env: Record<string, string> },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) return;
  const git = async (...args: string[]): Promise<void> => {
    const order = { command: "git", args: [...QUIET, ...args], cwd: folder, env, signal: new AbortController().signal };
    const { code, err } = await output(spawn(order));
    if (code !== 0) throw new Error(`git ${args.join(" ")} in ${folder} failed: ${err.trim() || code}`);
  };
  await git("init", "--initial-branch=main");
  await git("config", "user.name", "Demo");
  await git("config", "user.email", "demo@example.invalid");
  await git("config", "commit.gpgSign", "false");
  for (const { message, files } of HISTORY) {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await git("add", "--all");
    await git("commit", "--message", message);
  }
}

const QUIET = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

const HISTORY: readonly { message: string; files: Record<string, string> }[] = [
  {
    message: "Say hello",
    files: {
      "README.md": "# Sample\n\nA small program that greets. It is here so that you can try oca without risk.\n",
      "hello.txt": "Hello, world!\nThis file is for greetings.\n",
    },
  },
  {
    message: "Read the greeting from a file",
    files: {
      "src/greet.js":
        'import { readFile } from "node:fs/promises";\n\nexport const greet = () => readFile(new URL("../hello.txt", import.meta.url), "utf8");\n',
      "package.json": '{ "name": "sample", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
    },
  },
  {
    message: "Test the greeting",
    files: {
      "test/greet.test.js":
        'import assert from "node:assert/strict";\nimport test from "node:test";\nimport { greet } from "../src/greet.js";\n\ntest("greets", async () => assert.match(await greet(), /Hello/));\n',
    },
  },
];
