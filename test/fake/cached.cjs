// Loaded with `--require` before a program in TypeScript: what Node made of its sources is kept for the next start.
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

enableCompileCache(join(__dirname, "../../node_modules/.cache/compile"));
