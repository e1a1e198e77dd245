import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createScripted } from "../../src/agents/scripted.ts";
import type { Config } from "../../src/config.ts";
import { environment, play, type Stage } from "../story/stage.ts";
import { folder, type } from "../terminal.ts";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const SHOTS = "artifacts/story";
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let browser: Browser;
const problems: string[] = [];
beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [...ARGS, "--disable-component-update", "--disable-sync"],
  });
});
afterAll(() => browser.close());
afterEach(() => expect(problems.splice(0)).toEqual([]));

test("a newcomer follows the printed link and takes a request from the first word to main, and back", async () => {
  const cwd = await folder();
  const bot = type(["demo", "--port", "0"], { cwd });
  const [, link = ""] = await bot.sees(/(http:\S+#enter=\S+)/);
  const [, repo = ""] = await bot.sees(/repository: (\S+)/);
  const oca = await come(link);
  await shoot(oca.page, "01-start");
  await oca.page.locator("#talk textarea").press("Enter");
  expect(await oca.page.locator(".problem:not(:empty)").count()).toBe(0);

  await oca.iAm("Cleo");
  await oca.say("Let oca add a greeting to hello.txt");
  await oca.card("Plan v1").waitFor();
  await oca.sees("Waiting for Ana and Ben");
  await shoot(oca.page, "02-plan");

  await oca.press("Revise");
  await oca.page.getByLabel("Add the greeting").check();
  await oca.page.getByLabel("What should change?").fill("Greet the night shift too.");
  await shoot(oca.page, "03-revise");
  await oca.press("Ask for a new plan");
  await oca.card("Plan v2").waitFor();
  await shoot(oca.page, "04-plan-v2");

  await oca.press("Approve");
  await oca.sees("Not allowed here: approvers, mergers and owners can do this.");
  await shoot(oca.page, "05-refused");

  await oca.iAm("Ben");
  await oca.sees("Waiting for you");
  await oca.press("Approve");
  await oca.card("Working: ").waitFor();
  await expect.poll(() => inSight(oca.button("Stop"))).toBe(true);
  await shoot(oca.page, "06-working");
  await oca.card("Done: ").waitFor();
  await shoot(oca.page, "07-done");

  await oca.press("Review diff");
  await oca.page.locator(".index").getByText("hello.txt").waitFor();
  expect(await oca.page.locator(".sum").innerText()).toMatch(/1 file\s+\+2−0/);
  await oca.page.getByText("A friendly greeting to everybody who reads this.").waitFor();
  await shoot(oca.page, "08-diff");
  await oca.page.getByRole("link", { name: "Back" }).locator("visible=true").click();

  const before = await git(repo, "rev-parse", "main");
  await oca.iAm("Ana");
  await oca.press("Merge");
  await oca.sees("Merged into main by Ana");
  await expect.poll(() => inSight(oca.button("Undo"))).toBe(true);
  await shoot(oca.page, "09-merged");
  expect(await git(repo, "show", "main:hello.txt")).toContain("A friendly greeting to everybody who reads this.");
  expect(await git(repo, "log", "-1", "--format=%B", "main")).toMatch(/Requested-by: Cleo[\s\S]*Approved-by: Ben/);
  expect(await git(repo, "status", "--porcelain")).toBe("");

  await oca.press("Undo");
  await oca.card("Done: ").locator("footer").waitFor();
  expect(await git(repo, "diff", "--stat", before, "main")).toBe("");
  await oca.leave();
  expect(await bot.stop()).toBe(0);
  expect((await readdir(cwd)).filter((name) => name.startsWith("oca-demo-"))).toEqual([]);
});

test("a question and a permission come as buttons and words, and the thread keeps who answered what", async () => {
  const it = await team();
  const cleo = await it.comes("Cleo");
  const ben = await it.comes("Ben");
  await cleo.say("Let oca ask a question, then add a line to hello.txt");
  await ben.opens("ask a question");
  await ben.press("Approve");
  await cleo.card("demo asks: Whom shall I greet?").waitFor();
  await shoot(cleo.page, "10-question");
  await cleo.press("Other…");
  await cleo.page.getByLabel("Answer").fill("The night shift");
  await cleo.press("Send");
  await cleo.card("Done: ").waitFor();
  await cleo.sees(/Answered by Cleo, \d\d:\d\d: The night shift/);
  await shoot(cleo.page, "11-answered");

  await cleo.page.getByRole("link", { name: "New request" }).first().click();
  await cleo.page.getByRole("heading", { name: "What should oca do?" }).waitFor();
  await cleo.say("Let oca ask for permission to look at the last commits");
  await cleo.card("Plan v1").waitFor();
  await ben.opens("ask for permission");
  await ben.press("Approve");
  await ben.card("demo asks for permission").waitFor();
  await ben.sees("git log --oneline -3");
  await shoot(ben.page, "12-permission");
  await cleo.press("Once");
  await cleo.sees("approvers, mergers and owners can do this");
  await ben.press("Deny");
  await ben.page.getByLabel("Why not?").fill("The history is not needed.");
  await ben.page.locator("dialog").getByRole("button", { name: "Deny" }).click();
  await ben.sees("wrote down how it went");
  expect(await it.fileOf("permission")).toContain("I was not allowed to look at the last commits");
});

test("long work can be watched, stopped, resumed and discarded, and the next one shows its place in the queue", async () => {
  const it = await team({ maxSessions: 1 });
  const ana = await it.comes("Ana");
  await ana.say("Let oca take long");
  await ana.press("Approve");
  await ana.sees("First stretch");
  await ana.sees(/Search: Hello|Read: hello.txt|Run: npm test/);
  await ana.page.locator("#list .go").getByTitle("Working").waitFor();
  await shoot(ana.page, "13-long");
  await ana.say("oca log");
  await ana.sees("Log: take long");
  await ana.page.locator(".note summary").click();
  await ana.page.locator(".note pre", { hasText: "no model is asked" }).waitFor();

  const ben = await it.comes("Ben");
  await ben.say("Let oca add a greeting to hello.txt");
  await ben.card("Waiting for a free place").waitFor();
  await ben.sees("Number 1 in the queue. It starts by itself.");
  await shoot(ben.page, "14-queue");

  await ana.press("Stop");
  await ana.sees(/Stopped by Ana, \d\d:\d\d/);
  await shoot(ana.page, "15-stopped");
  await ben.card("Plan v1").waitFor();
  await ben.press("Reject");
  await ben.card("Rejected: ").waitFor();
  await shoot(ben.page, "16-rejected");

  await ana.press("Resume");
  await ana.page.locator(".steps .doing", { hasText: "Second stretch" }).waitFor();
  await ana.press("Stop");
  await ana.sees("1 file changed, kept. Nothing was merged.");
  await ana.press("Discard");
  await ana.sees("Discard this work? It is kept for 30 days and can be undone.");
  await shoot(ana.page, "17-confirm");
  await ana.page.getByRole("button", { name: "Keep it" }).click();
  await ana.press("Discard");
  await ana.page.locator("dialog").getByRole("button", { name: "Discard" }).click();
  await ana.sees(/Discarded by Ana/);
  await ana.button("Undo").waitFor();
  await shoot(ana.page, "18-discarded");
  expect(await it.oca.git("log", "--format=%s", "-1", "main")).toBe("Test the greeting");
});

test("a button of an old tab and a click of a stranger are answered, and change nothing", async () => {
  const it = await team();
  const cleo = await it.comes("Cleo");
  await cleo.say("Let oca add a greeting to hello.txt");
  await cleo.card("Plan v1").waitFor();
  const old = await it.comes("Ben", { asleep: true });
  await old.opens("add a greeting");
  await old.button("Approve").waitFor();

  await cleo.say("Keep it short, please.");
  await cleo.card("Plan v2").waitFor();
  await old.press("Approve");
  await expect.poll(() => old.button("Approve").isDisabled()).toBe(true);
  await old.wakes();
  await old.sees("Superseded by plan v2.");
  await old.sees("The newest card is further down in this thread.");
  await expect.poll(() => inSight(old.page.locator(".note"))).toBe(true);
  await shoot(old.page, "19-stale");

  const dan = await it.comes("Dan");
  await dan.opens("add a greeting");
  await dan.press("Approve");
  await dan.sees("Not allowed here: approvers, mergers and owners can do this.");
  await dan.sees("You are web:dan. An owner can give you another role.");
  await shoot(dan.page, "20-stranger");
  await dan.say("Then I say it in words: approve");
  await dan.sees("Not allowed here: requesters, approvers, mergers and owners can do this.");

  const ana = await it.comes("Ana");
  await ana.say("oca invite requester Dan");
  await ana.sees("Invitation for Dan");
  await shoot(ana.page, "22-invitation");
  const link = await ana.page.locator(".code", { hasText: "#enter=" }).innerText();
  const again = await come(link);
  await again.opens("add a greeting");
  await again.say("Greet the night shift too.");
  await again.card("Plan v3").waitFor();
  const [session] = await it.oca.oca.store.all();
  expect(session).toMatchObject({ phase: { at: "deciding" }, plans: [{ version: 1 }, { version: 2 }, { version: 3 }] });
});

test("what people and agents write stays words on the page", async () => {
  const it = await team();
  const cleo = await it.comes("Cleo");
  await cleo.say(
    'Let oca add <img src=x onerror="document.title=`broken in`"> a greeting <!channel> [here](javascript:alert(1)) **to hello.txt**',
  );
  await cleo.card("Plan v1").waitFor();
  await cleo.say("**Bold** <script>document.title='broken in'</script> [go](javascript:alert(1)) @everybody");
  await cleo.card("Plan v2").waitFor();
  await shoot(cleo.page, "21-markup");
  expect(await cleo.page.title()).not.toContain("broken in");
  expect(await cleo.page.locator('#talk :is(script, img[src="x"], a[href^="javascript"])').count()).toBe(0);
});

test("in German everything is German, from the first page to the merge", async () => {
  const cwd = await folder();
  const bot = type(["demo", "--port", "0"], { cwd, env: { LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8" } });
  const [, link = ""] = await bot.sees(/Öffne (http:\S+#enter=\S+)/);
  const oca = await come(link, { locale: "de-DE" });
  await oca.page.getByRole("heading", { name: "Was soll oca tun?" }).waitFor();
  await shoot(oca.page, "de-01-start");
  await oca.say("Lass oca eine Frage stellen und dann eine Zeile in hello.txt schreiben");
  await oca.card("Plan v1").waitFor();
  await shoot(oca.page, "de-02-plan");
  await oca.press("Überarbeiten");
  await oca.page.getByLabel("Was soll anders werden?").fill("Halte die Zeile kurz.");
  await shoot(oca.page, "de-03-revise");
  await oca.press("Neuen Plan anfordern");
  await oca.card("Plan v2").waitFor();
  await oca.press("Freigeben");
  await oca.card("demo fragt").waitFor();
  // What waits for somebody is the last thing in the thread.
  expect(await oca.page.locator(".post").last().innerText()).toContain("demo fragt");
  await shoot(oca.page, "de-04-question");
  await oca.page.getByRole("button", { name: "(empfohlen)" }).click();
  await oca.card("Fertig: ").waitFor();
  await shoot(oca.page, "de-05-done");
  await oca.press("Verwerfen");
  await shoot(oca.page, "de-06-confirm");
  await oca.page.getByRole("button", { name: "Behalten" }).click();
  await oca.press("Mergen");
  await oca.button("Rückgängig").waitFor();
  await shoot(oca.page, "de-07-merged");
  const text = await oca.page.locator("#app").innerText();
  expect(text).not.toMatch(/\b(Merged|Approve|Waiting|Working|Done|Answer|Plan ready|under a minute)\b/);
  await oca.leave();
  expect(await bot.stop()).toBe(0);
});

const run = promisify(execFile);
const git = async (repo: string, ...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim();

interface Tab {
  page: Page;
  /** The newest card whose headline says this. */
  card(head: string): Locator;
  button(name: string): Locator;
  press(name: string): Promise<void>;
  say(text: string): Promise<void>;
  sees(text: string | RegExp): Promise<void>;
  iAm(name: string): Promise<void>;
  opens(title: string): Promise<void>;
  /** From now on news reach a tab that slept. */
  wakes(): Promise<void>;
  leave(): Promise<void>;
}

interface Come extends BrowserContextOptions {
  /** No news reach this tab, as one of a laptop that was closed; what it sends arrives. */
  asleep?: boolean;
}

/** Opens a link in a browser of its own. */
async function come(link: string, { asleep = false, ...options }: Come = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: SIZES.desktop, locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (asleep) await page.route("**/api/events", (route) => route.abort());
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (line) => line.type() === "error" && !asleep && problems.push(line.text()));
  await page.goto(link);
  await page.locator(".begin").waitFor();
  const button = (name: string) => page.getByRole("button", { name, exact: true }).locator("visible=true").last();
  return {
    page,
    button,
    card: (head) => page.locator(".card", { has: page.getByRole("heading", { name: head }) }).last(),
    press: (name) => button(name).click(),
    say: async (text) => {
      await page.locator("#talk textarea").fill(text);
      await page.keyboard.press("Enter");
      await page
        .locator(".post", { hasText: text.slice(0, 12) })
        .last()
        .waitFor();
    },
    sees: (text) => page.locator("#app, dialog").getByText(text).locator("visible=true").last().waitFor(),
    iAm: async (name) => {
      await page.locator("#side select").selectOption({ label: name });
      await page.locator("#side footer .avatar", { hasText: name[0] ?? "" }).waitFor();
    },
    opens: async (title) => {
      await page.locator("#list .go", { hasText: title }).click();
      // What is written sooner is written to the page before it.
      await page.locator("#talk h1.work", { hasText: title }).waitFor();
    },
    wakes: async () => {
      await page.unroute("**/api/events");
      await context.setOffline(true);
      await context.setOffline(false);
    },
    leave: () => context.close(),
  };
}

/** Is all of it between the head of the thread and the box to write in? */
async function inSight(part: Locator): Promise<boolean> {
  const [own, room] = await Promise.all([part.boundingBox(), part.page().locator("#talk .scrolls").boundingBox()]);
  return own !== null && room !== null && own.y >= room.y && own.y + own.height <= room.y + room.height;
}

/** Two pictures of a moment; SHOTS=all takes it in both sizes and both schemes. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    const usual = size === "phone" ? "light" : "dark";
    for (const colorScheme of process.env["SHOTS"] === "all" ? (["light", "dark"] as const) : ([usual] as const)) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SHOTS}/${name}-${size}-${colorScheme}.png`, animations: "disabled" });
    }
  }
  await page.setViewportSize(SIZES.desktop);
}

/** A bot of a team: everybody has a link of the own, and the demo agent takes short pauses. */
async function team(config: Partial<Config> = {}): Promise<{
  oca: Stage;
  comes(name: string, how?: Come): Promise<Tab>;
  /** hello.txt as the newest session about this left it. */
  fileOf(title: string): Promise<string>;
}> {
  const people = { "web:ana": "owner", "web:ben": "approver", "web:cleo": "requester" } as const;
  const oca = await play({
    config: { web: { port: 0, people: {} }, roles: { everybody: "observer", people, channels: {} }, ...config },
    parts: {
      agents: (spawn) => {
        const wait = (ms: number, signal: AbortSignal) => setTimeout(ms / 5, undefined, { signal });
        const demo = createScripted({ spawn, env: environment(), wait });
        return new Map([[demo.name, demo]]);
      },
    },
  });
  return {
    oca,
    comes: async (name, how) => come((await oca.oca.web?.enter({ user: name.toLowerCase(), name })) ?? "", how),
    fileOf: async (title) => {
      const session = (await oca.oca.store.all()).find((one) => one.title.includes(title));
      return git(oca.repo, "show", `${session?.workspace?.branch ?? ""}:hello.txt`);
    },
  };
}
