import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { folder, type } from "../terminal.ts";
import { git, inSight, shoot, visits } from "./stage.ts";

const { come } = visits();

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
