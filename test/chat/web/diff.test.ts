import { afterEach, expect, test } from "vitest";
import { drawDiff } from "../../../src/chat/web/diff.ts";
import { ANA, BEN, type Stage, stage } from "./stage.ts";

const file = (name: string, lines: readonly string[]): string =>
  `diff --git a/${name} b/${name}\nindex 1..2 100644\n--- a/${name}\n+++ b/${name}\n@@ -1,1 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;

let it: Stage | null = null;
afterEach(() => it?.end());

test("nothing in a diff becomes markup: not its lines, not its names", () => {
  const evil = `<script>alert(1)</script><img src=x onerror="alert(1)"> </span></td> &lt; ' "`;
  const names = ["<img src=x onerror=alert(1)>.ts", 'a."><script>alert(1)</script>', "b.x' onclick='alert(1)"];
  for (const split of [false, true]) {
    const { files } = drawDiff(names.map((name) => file(name, [evil, "plain"])).join(""), split);
    const html = files.map((file) => file.html).join("");
    expect(html).toContain("&lt;script&gt;");
    const tags = new Set([...html.matchAll(/<([^\s>/]+)/g)].map(([, tag = ""]) => tag));
    const known = ["div", "span", "svg", "path", "label", "input", "table", "tbody", "tr", "td", "ins", "del", "br"];
    expect([...tags].filter((tag) => !known.includes(tag))).toEqual([]);
    const attributes = new Set(
      [...html.matchAll(/<[a-z]+((?:\s+[\w-]+="[^"]*")*)\s*>/g)].flatMap(([, all = ""]) =>
        [...all.matchAll(/([\w-]+)="[^"]*"/g)].map(([, name]) => name),
      ),
    );
    for (const name of attributes) expect(name).not.toMatch(/^on|style|href|src/);
    expect(html.replaceAll(/<[a-z]+(?:\s+[\w-]+="[^"]*")*\s*>|<\/[a-z]+>/g, "")).not.toMatch(/[<>]/);
  }
});

test("each file has its name, its counts and what became of it", () => {
  const text = `${file("src/a.ts", ["one", "two"])}diff --git a/old.ts b/new.ts
similarity index 90%
rename from old.ts
rename to new.ts
--- a/old.ts
+++ b/new.ts
@@ -1 +1 @@
-x
+y
diff --git a/gone.ts b/gone.ts
deleted file mode 100644
--- a/gone.ts
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/logo.png b/logo.png
new file mode 100644
Binary files /dev/null and b/logo.png differ
`;
  expect(drawDiff(text, false).files.map(({ html, ...rest }) => ({ ...rest, drawn: html !== null }))).toEqual([
    { path: "src/a.ts", added: 2, removed: 0, state: "changed", drawn: true },
    { path: "old.ts → new.ts", added: 1, removed: 1, state: "renamed", drawn: true },
    { path: "gone.ts", added: 0, removed: 1, state: "deleted", drawn: true },
    { path: "logo.png", added: 0, removed: 0, state: "added", drawn: false },
  ]);
});

test("a huge diff is drawn as far as a page can bear, and counted to the end", () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `line ${n}`);
  const { files, cut } = drawDiff(["a", "b", "c"].map((name) => file(name, lines)).join(""), false);
  expect(files.map(({ path, added, html }) => [path, added, html !== null])).toEqual([
    ["a", 3000, true],
    ["b", 3000, false],
    ["c", 3000, false],
  ]);
  expect(cut).toBe(false);
  const minified = drawDiff(file("min.js", ["x".repeat(2_000_000)]), false);
  expect(minified.files).toMatchObject([{ added: 1, html: null }]);
  const endless = drawDiff(Array.from({ length: 12 }, (_, n) => file(`f${n}`, ["y".repeat(900_000)])).join(""), false);
  expect(endless.cut).toBe(true);
  expect(endless.files).toHaveLength(8);
});

test("an empty diff is no error, and one long first file is cut rather than lost", () => {
  expect(drawDiff("", false)).toEqual({ files: [], cut: false });
  const one = drawDiff(
    file(
      "one",
      Array.from({ length: 100_000 }, () => "z".repeat(100)),
    ),
    false,
  );
  expect(one).toMatchObject({ cut: true, files: [{ path: "one", html: null }] });
});

test("the page gets the diff of a session, whole as text, and only who may see it", async () => {
  const text = file("hello.txt", ["Hello"]);
  it = await stage({
    diff: (session, person) =>
      Promise.resolve(session === "k7m2p4" && person.id === "web:ana" ? { title: "Greet", text } : null),
  });
  const [ana, ben] = [await it.enter(ANA), await it.enter(BEN)];
  expect((await ana.call("/diff/k7m2p4")).body).toMatchObject({
    title: "Greet",
    files: [{ path: "hello.txt", added: 1 }],
  });
  expect((await ana.call("/diff/k7m2p4/text")).text).toBe(text);
  expect((await ben.call("/diff/k7m2p4")).status).toBe(404);
  expect((await ben.call("/diff/k7m2p4/text")).status).toBe(404);
  expect((await ana.call("/diff/other")).status).toBe(404);
});
