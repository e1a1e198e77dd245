import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { Hono } from "hono";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The files of the page, read once: nothing else on the disk can be asked for. */
export async function openPage(): Promise<Hono> {
  const folder = join(import.meta.dirname, "page");
  const app = new Hono();
  const serve = async (path: string, file: string): Promise<void> => {
    const body = await readFile(file, "utf8");
    const type = TYPES[extname(file)] ?? "text/plain; charset=utf-8";
    app.get(path, (c) => c.body(body, 200, { "content-type": type }));
  };
  for (const name of await readdir(folder)) await serve(name === "index.html" ? "/" : `/${name}`, join(folder, name));
  await serve("/diff2html.css", createRequire(import.meta.url).resolve("diff2html/bundles/css/diff2html.min.css"));
  return app;
}
