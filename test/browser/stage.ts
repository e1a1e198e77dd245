import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from "vitest";
import { createScripted } from "../../src/agents/scripted.ts";
import type { Config } from "../../src/config.ts";
import { environment, play, type Stage } from "../story/stage.ts";
import { launch, SIZES } from "./chromium.ts";

const SHOTS = "artifacts/story";

const run = promisify(execFile);
export const git = async (repo: string, ...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim();

export interface Tab {
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

interface Team {
  oca: Stage;
  comes(name: string, how?: Come): Promise<Tab>;
  /** hello.txt as the newest session about this left it. */
  fileOf(title: string): Promise<string>;
}

interface Visits {
  /** Opens a link in a browser of its own. */
  come(link: string, how?: Come): Promise<Tab>;
  /** A bot of a team: everybody has a link of the own, and the demo agent is this many times as fast as it is for people. */
  team(config?: Partial<Config>, haste?: number): Promise<Team>;
}

/** For the tests of a file: one Chromium, in which no page may have trouble. */
export function visits(): Visits {
  const problems: string[] = [];
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(SHOTS, { recursive: true });
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(() => expect(problems.splice(0)).toEqual([]));
  const come: Visits["come"] = (link, how) => open(browser, problems, { ...how, link });
  return { come, team: (config, haste) => gather(come, config, haste) };
}

async function open(
  browser: Browser,
  problems: string[],
  { link, asleep = false, ...options }: Come & { link: string },
): Promise<Tab> {
  const context = await browser.newContext({ viewport: SIZES.desktop, locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
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

async function gather(come: Visits["come"], config: Partial<Config> = {}, haste = 5): Promise<Team> {
  const people = { "web:ana": "owner", "web:ben": "approver", "web:cleo": "requester" } as const;
  const oca = await play({
    config: { web: { port: 0, people: {} }, roles: { everybody: "observer", people, channels: {} }, ...config },
    parts: {
      agents: (spawn) => {
        const wait = (ms: number, signal: AbortSignal) => setTimeout(ms / haste, undefined, { signal });
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

/** Is all of it between the head of the thread and the box to write in? */
export async function inSight(part: Locator): Promise<boolean> {
  const [own, room] = await Promise.all([part.boundingBox(), part.page().locator("#talk .scrolls").boundingBox()]);
  return own !== null && room !== null && own.y >= room.y && own.y + own.height <= room.y + room.height;
}

/** Two pictures of a moment; SHOTS=all takes it in both sizes and both schemes. */
export async function shoot(page: Page, name: string): Promise<void> {
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
