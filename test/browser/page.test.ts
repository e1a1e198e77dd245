import { mkdir } from "node:fs/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Thread } from "../../src/core/parts.ts";
import type { Incoming } from "../../src/core/ports/chat.ts";
import type { Board, Button, View } from "../../src/core/view.ts";
import { ANA, BEN, type Stage, stage, view } from "../chat/web/stage.ts";
import { launch, SIZES } from "./chromium.ts";

const SHOTS = "artifacts";

let browser: Browser;
let it: Stage;
let board: Board = { sections: [] };
let problems: string[] = [];

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  board = { sections: [] };
  problems = [];
  it = await stage({
    channels: ["hello", "web-shop"],
    demo: { people: [ANA, BEN] },
    now: Date.now,
    home: () => Promise.resolve(board),
    diff: (session) =>
      Promise.resolve(session === "k7m2p4" ? { title: "Greet the world in hello.txt", text: DIFF } : null),
  });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await it.end();
  expect(problems).toEqual([]);
});

const button = (label: string, more: Partial<Button> = {}): Button => ({
  label,
  style: "plain",
  does: { action: `approve:k7m2p4:${label.toLowerCase()}` },
  confirm: null,
  form: null,
  ...more,
});

async function come(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZES.desktop, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (line) => {
    if (line.type() === "error" && !line.text().includes("503")) problems.push(line.text());
  });
  await page.goto(await it.web.enter(ANA));
  await page.locator(".begin").waitFor();
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SHOTS}/${name}-${size}-${colorScheme}.png`, animations: "disabled" });
    }
  }
  await page.setViewportSize(SIZES.desktop);
}

const isMessage = (incoming: Incoming) => incoming.type === "message";

/** The bot of this test: shows one card for the first message and does what the test says with clicks. */
function bot(first: View) {
  const shown: { thread: Thread | null; id: string } = { thread: null, id: "" };
  it.receive = async (incoming) => {
    if (!isMessage(incoming) || shown.thread) return;
    shown.thread = incoming.thread;
    shown.id = (await it.web.post(incoming.thread, first)).id;
  };
  return {
    edit: (next: View) =>
      it.web.edit({ ...(shown.thread ?? { chat: "web", channel: "", thread: null }), id: shown.id }, next),
    post: (next: View) => it.web.post(shown.thread ?? { chat: "web", channel: "", thread: null }, next),
    thread: () => shown.thread?.thread ?? null,
  };
}

const PLAN = `Add a friendly greeting to \`hello.txt\` and cover it with a test.

1. Write **Hello, world!** into \`hello.txt\`
2. Read the file in \`test/hello.test.ts\` and compare
3. Run \`npm test\`

| risk | why |
|---|---|
| low | one new file, one new test |

Open question: should the greeting end with a newline? See [the style guide](https://example.com/style).`;

const planCard = (): View =>
  view("Plan v1: greet the world in hello.txt", {
    mood: "waiting",
    title: "Greet the world in hello.txt",
    mentions: [{ id: "web:ana", chat: "web", user: "ana", name: "Ana" }],
    parts: [
      {
        kind: "line",
        text: "shop · branch oca/greet-k7m2p4 from main · agent claude (channel default)",
        tone: "muted",
      },
      { kind: "markdown", markdown: PLAN, fold: false },
      { kind: "line", text: "The base moved since this plan was made: 2 commits.", tone: "warn" },
    ],
    buttons: [
      button("Approve", { style: "primary" }),
      button("Revise", {
        form: {
          title: "Revise the plan",
          ticks: ["Write Hello, world! into hello.txt", "Compare in a test"],
          label: "What should change?",
          submit: "Ask for a new plan",
          required: true,
        },
      }),
      button("Reject", {
        style: "danger",
        confirm: { text: "Reject this plan? The thread stays readable.", yes: "Reject", no: "Keep it" },
      }),
    ],
    documents: [{ name: "plan.md", mime: "text/markdown", text: PLAN }],
  });

const DIFF = `diff --git a/hello.txt b/hello.txt
new file mode 100644
index 0000000..af5626b
--- /dev/null
+++ b/hello.txt
@@ -0,0 +1 @@
+Hello, world! <script>document.title = "broken in"</script><img src=x onerror="document.title='broken in'">
diff --git a/src/greeting/format.ts b/src/greeting/format.ts
index 1111111..2222222 100644
--- a/src/greeting/format.ts
+++ b/src/greeting/format.ts
@@ -1,7 +1,9 @@
 /** Greets somebody by name, in the language the caller asks for, and never with an empty greeting at all. */
-export function greet(name: string): string {
-  return "Hello " + name;
+export function greet(name: string, language: Language = "en"): string {
+  const hello = GREETINGS[language] ?? GREETINGS.en;
+  return \`\${hello}, \${name}!\`;
 }
 
 export const LANGUAGES = ["en", "de"] as const;
-type Language = string;
+type Language = (typeof LANGUAGES)[number];
`;

test("a first visit says what to write, and the words become a thread with a plan", async () => {
  const page = await come();
  await page.getByRole("heading", { name: "What should oca do?" }).waitFor();
  await shoot(page, "1-start");
  await page.setViewportSize(SIZES.phone);
  await page.getByRole("link", { name: "New request" }).first().click();
  await page.getByRole("heading", { name: "What should oca do?" }).waitFor();
  await page.screenshot({ path: `${SHOTS}/1-start-phone-new.png` });
  await page.setViewportSize(SIZES.desktop);

  bot(planCard());
  await page.getByRole("textbox").fill("Let oca add a greeting to hello.txt\nand keep it short");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Approve" }).waitFor();
  expect(it.received[0]).toMatchObject({
    type: "message",
    text: "Let oca add a greeting to hello.txt\nand keep it short",
  });
  expect(page.url()).not.toContain("enter");
  board = {
    sections: [
      {
        title: "Waiting on you",
        rows: [
          {
            session: "k7m2p4",
            title: "Greet the world in hello.txt",
            text: "plan · shop · 2 min",
            mood: "waiting",
            thread: it.received[0]?.thread ?? { chat: "web", channel: "hello", thread: null },
            buttons: [],
          },
        ],
      },
      {
        title: "Running",
        rows: [
          {
            session: "aa",
            title: "Speed up the image import",
            text: "step 3 of 5 · shop",
            mood: "working",
            thread: { chat: "slack", channel: "C1", thread: "1" },
            buttons: [],
          },
        ],
      },
      {
        title: "This week",
        rows: [
          {
            session: "bb",
            title: "Fix the login redirect",
            text: "merged · $0.42",
            mood: "done",
            thread: { chat: "slack", channel: "C1", thread: "1" },
            buttons: [],
          },
        ],
      },
    ],
  };
  await it.web.post(
    { chat: "web", channel: "hello", thread: null },
    view("Which repository is this channel about?", { mood: "waiting", title: "Set up #hello" }),
  );
  await page.getByText("Set up #hello").waitFor();
  await expect.poll(() => page.title()).toBe("(1) oca");
  await shoot(page, "2-plan");
  await page.setViewportSize(SIZES.phone);
  for (const pane of ["list", "side"]) {
    await page.getByRole("link", { name: "Back" }).locator("visible=true").click();
    await page.locator(`#${pane}`).waitFor();
    await page.screenshot({ path: `${SHOTS}/2-${pane}-phone.png` });
  }
});

test("buttons ask before they act: a confirmation, a form, and a note for one person", async () => {
  const page = await come();
  const oca = bot(planCard());
  await page.getByRole("textbox").fill("Let oca add a greeting");
  await page.keyboard.press("Enter");

  await page.getByRole("button", { name: "Reject" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revise" }).click();
  await expect.poll(() => page.getByRole("button", { name: "Ask for a new plan" }).isDisabled()).toBe(true);
  await page.getByLabel("Compare in a test").check();
  await page.getByLabel("What should change?").fill("Use the fixture folder");
  await shoot(page, "3-form");
  await page.getByRole("button", { name: "Ask for a new plan" }).click();
  await expect.poll(() => it.received.length).toBe(2);
  expect(it.received[1]).toMatchObject({
    type: "click",
    action: "approve:k7m2p4:revise",
    text: "> Compare in a test\n\nUse the fixture folder",
  });

  const clicked = it.received[1];
  if (!clicked) throw new Error("no click");
  expect(await page.getByRole("button", { name: "Approve" }).isDisabled()).toBe(true);
  await it.web.reply(
    clicked,
    view("Superseded by plan v2", {
      mood: "failed",
      parts: [{ kind: "line", text: "Look at the newest card below.", tone: "plain" }],
    }),
  );
  await page.getByText("Superseded by plan v2").waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Approve" }).isDisabled()).toBe(false);
  await shoot(page, "3-note");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect.poll(() => page.getByText("Superseded by plan v2").count()).toBe(0);

  await oca.edit(view("Approved by Ana · working", { title: "Greet the world in hello.txt" }));
  await page.getByText("Approved by Ana").waitFor();
  expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);
});

test("work, a question and the result are shown in one thread; the diff opens beside it", async () => {
  const page = await come();
  const oca = bot(
    view("Working: step 2 of 3", {
      parts: [
        {
          kind: "steps",
          steps: [
            { title: "Write Hello, world! into hello.txt", state: "done" },
            { title: "Compare in test/hello.test.ts", state: "doing" },
            { title: "Run npm test", state: "open" },
          ],
        },
        { kind: "code", text: "$ npm test\n✓ greets the world (12 ms)" },
        { kind: "line", text: "4 min · ≈ $0.08", tone: "muted" },
      ],
      buttons: [button("Stop", { style: "danger" })],
      title: "Greet the world",
    }),
  );
  await page.getByRole("textbox").fill("Let oca add a greeting");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await oca.post(
    view("Which language should the greeting use?", {
      mood: "waiting",
      mentions: [{ id: "web:ben", chat: "web", user: "ben", name: "Ben" }],
      parts: [{ kind: "markdown", markdown: "The file has **no** other text, so I cannot tell.", fold: true }],
      buttons: [button("English (recommended)", { style: "primary" }), button("German"), button("Other…")],
    }),
  );
  await oca.post(
    view("Done: hello.txt greets the world", {
      mood: "done",
      parts: [
        { kind: "markdown", markdown: "Added the greeting, and a test that reads it. `npm test` passes.", fold: false },
        {
          kind: "files",
          files: [
            { path: "hello.txt", added: 1, removed: 0 },
            { path: "src/greeting/format.ts", added: 4, removed: 3 },
            {
              path: "test/fixtures/greetings/very/long/folder/name/that/does/not/end/expected.txt",
              added: 0,
              removed: 12,
            },
          ],
          more: "and 3 more files",
        },
        { kind: "line", text: "2 commits · checks passed · 6 min · ≈ $0.21", tone: "muted" },
      ],
      buttons: [
        button("Merge", { style: "primary" }),
        button("Review diff", { does: { page: "/diff/k7m2p4" } }),
        button("Later"),
        button("Discard", { style: "danger" }),
      ],
      documents: [{ name: "k7m2p4.diff", mime: "text/x-diff", text: DIFF }],
    }),
  );
  await page.getByRole("button", { name: "Merge" }).waitFor();
  await shoot(page, "4-work");
  await page.getByRole("button", { name: "Review diff" }).click();
  await page.getByText("Hello, world! <script>").waitFor();
  await shoot(page, "5-diff");
  await page.getByRole("button", { name: "Side by side" }).click();
  await page.locator(".d2h-file-side-diff").first().waitFor();
  await page.screenshot({ path: `${SHOTS}/5-diff-split.png` });
  expect(await page.title()).not.toContain("broken in");
  await page.getByRole("link", { name: "Back" }).locator("visible=true").click();
  await page.getByRole("button", { name: "Merge" }).waitFor();
});

test("what cannot be saved stays in the box, and sent again it is one message", async () => {
  const page = await come();
  it.receive = () => Promise.reject(new Error("disk full"));
  await page.getByRole("textbox").fill("Let oca add a greeting");
  await page.keyboard.press("Enter");
  await page.getByText("oca could not save this").waitFor();
  expect(await page.getByRole("textbox").inputValue()).toBe("Let oca add a greeting");
  it.receive = () => Promise.resolve();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  await page.reload();
  await expect.poll(() => page.locator(".post").count()).toBe(1);
});

test("a page that was open while the bot restarted catches up by itself", async () => {
  const page = await come();
  bot(view("Working", { title: "Greet the world" }));
  await page.getByRole("textbox").fill("Let oca add a greeting");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Working" }).waitFor();
  const thread = it.received[0]?.thread ?? { chat: "web", channel: "hello", thread: null };

  const port = Number(new URL(it.web.url()).port);
  await it.web.stop();
  await page.locator("body.offline").waitFor();
  const after = await stage({ folder: it.folder, port, channels: ["hello"], demo: { people: [ANA, BEN] } });
  try {
    await after.web.post(thread, view("Restarted, continued at step 2"));
    await page.getByRole("heading", { name: "Restarted, continued at step 2" }).waitFor();
    await page.locator("body:not(.offline)").waitFor();
    expect(await page.locator(".post").count()).toBe(3);
  } finally {
    await page.close();
    await after.web.stop();
  }
  problems = problems.filter(
    (problem) => !/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED|EMPTY_RESPONSE|CONNECTION_RESET)/.test(problem),
  );
});

test("everything can be done from the keyboard", async () => {
  const page = await come();
  bot(planCard());
  await page.keyboard.type("Let oca add a greeting");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("to hello.txt");
  await page.keyboard.press("Enter");
  const approve = page.getByRole("button", { name: "Approve" });
  await approve.waitFor();
  for (let n = 0; n < 20 && !(await approve.evaluate((node) => node.matches(":focus"))); n++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => it.received.length).toBe(2);
  expect(it.received).toMatchObject([
    { text: "Let oca add a greeting\nto hello.txt" },
    { type: "click", action: "approve:k7m2p4:approve" },
  ]);
});

test("a picture is shown, a demo lets one be somebody else, and German is German", async () => {
  const page = await come({ locale: "de-DE" });
  await page.getByRole("heading", { name: "Was soll oca tun?" }).waitFor();
  await Promise.all([page.waitForRequest("**/api/events"), page.getByLabel("Ich bin").selectOption("ben")]);
  await page.locator("input[type=file]").setInputFiles({ name: "pixel.png", mimeType: "image/png", buffer: PIXEL });
  await page.getByText("pixel.png").waitFor();
  await page.getByRole("textbox").fill("Let oca look at this");
  await page.getByRole("button", { name: "Senden" }).click();
  const picture = page.getByRole("img", { name: "pixel.png" });
  await expect.poll(() => picture.getAttribute("src")).toMatch(/^blob:/);
  await expect.poll(async () => (await picture.boundingBox())?.width).toBe(1);
  expect(it.received[0]?.by).toEqual({ id: "web:ben", chat: "web", user: "ben", name: "Ben" });
});

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
