// Runs every benchmark of this folder, one after another, and prints their tables.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

const here = import.meta.dirname;
const files = (await readdir(here)).filter((file) => file.endsWith(".ts") && file !== basename(import.meta.filename));
const failed: string[] = [];
for (const file of files.toSorted()) {
  console.log(`\n${file}`);
  const child = spawn(process.execPath, ["--expose-gc", join(here, file)], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) failed.push(file);
}
if (failed.length > 0) throw new Error(`not measured: ${failed.join(", ")}`);
