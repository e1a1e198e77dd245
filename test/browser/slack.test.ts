import { mkdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { gallery, type Shown } from "../chat/slack/gallery.ts";
import { launch } from "./chromium.ts";
import { paint } from "./paint.ts";

/** `OCA_WRITE=1` renews the pictures of docs/setup-slack.md. */
const FOLDER = process.env["OCA_WRITE"] ? "docs/pictures" : "artifacts";

const PICTURES: Record<string, { as: Shown["as"]; moments: string[] }> = {
  joined: { as: "message", moments: ["a channel is joined"] },
  plan: { as: "message", moments: ["a plan"] },
  revise: { as: "dialog", moments: ["a plan"] },
  asks: { as: "message", moments: ["a permission", "a question"] },
  working: { as: "message", moments: ["working"] },
  done: { as: "message", moments: ["done"] },
  home: { as: "home", moments: ["the overview"] },
};

test("the cards of the story can be looked at as Slack shows them", async () => {
  await mkdir(FOLDER, { recursive: true });
  const all = [...gallery()].filter(({ workspace, language }) => workspace !== "old" && language === "en");
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 652, height: 400 }, deviceScaleFactor: 1 });
    for (const [name, { as, moments }] of Object.entries(PICTURES)) {
      const shown = moments.flatMap((moment) => all.find((it) => it.moment === moment && it.as === as) ?? []);
      await page.setContent(String(await paint(shown.map(({ json }) => json))));
      await page.locator("body").screenshot({ path: `${FOLDER}/slack-${name}.png` });
      expect(await page.locator("article").count(), name).toBe(moments.length);
      expect(await page.locator("article p").count(), name).toBeGreaterThan(0);
    }
  } finally {
    await browser.close();
  }
});
