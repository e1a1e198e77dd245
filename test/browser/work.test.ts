import { expect, test } from "vitest";
import { inSight, shoot, visits } from "./stage.ts";

const { come, team } = visits();

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
  await cleo.press("Allow once");
  await cleo.sees("approvers, mergers and owners can do this");
  await ben.press("Deny");
  await ben.page.getByLabel("Why not?").fill("The history is not needed.");
  await ben.page.locator("dialog").getByRole("button", { name: "Deny" }).click();
  await ben.sees("wrote down how it went");
  expect(await it.fileOf("permission")).toContain("I was not allowed to look at the last commits");
});

test("long work can be watched, stopped, resumed and discarded, and the next one shows its place in the queue", async () => {
  const it = await team({ maxSessions: 1 }, 2);
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
