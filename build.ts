import { execFile } from "node:child_process";
import { chmod, cp, rm } from "node:fs/promises";
import { promisify } from "node:util";

// Makes the package: dist/src is what npm ships, with the page of the web chat and the locales beside it.
const run = promisify(execFile);
await rm("dist", { recursive: true, force: true });
await run("tsc", ["-p", "tsconfig.build.json"]);
await cp("src/chat/web/page", "dist/src/chat/web/page", { recursive: true });
await chmod("dist/src/cli.js", 0o755);
