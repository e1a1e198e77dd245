import { expect, onTestFinished, test } from "vitest";
import { until } from "../../story/stage.ts";
import type { Twin } from "../../twin/telegram/index.ts";
import { bot, type Where } from "./stage.ts";

/** Everything arrives twice, and many a call of the bot is refused, lost or late. */
function trouble(twin: Twin): () => void {
  let n = 0;
  const timer = setInterval(() => {
    if (twin.faults.next.length > 0) return;
    const how = ["cut", "drop", "busy", "down"][n++ % 4];
    if (how === "cut" || how === "drop") twin.faults.next.push({ method: "editMessageText", how });
    else if (how === "busy")
      twin.refuse("sendRichMessage", 429, "Too Many Requests: retry after 1", { retry_after: 1 });
    else twin.refuse("getUpdates", 502, "Bad Gateway");
    void twin.redeliver();
  }, 150);
  return () => clearInterval(timer);
}

test.each<[Where, "calm" | "trouble"]>([
  ["a topic", "calm"],
  ["a group", "calm"],
  ["a direct chat", "calm"],
  ["a group", "trouble"],
])("request, plan, revision, approval, question, review, merge in %s, in %s", async (where, weather) => {
  const { twin, ana, cleo, at, oca, card, presses } = await bot(where);
  const over = weather === "trouble" ? trouble(twin) : () => undefined;
  onTestFinished(over);

  await ana.says("Let oca add a line to hello.txt", { in: at });
  await card("Plan v1", "Approve");
  if (where === "a topic") expect([...at.topics.values()].map(({ name }) => name)).toEqual(["add a line to hello.txt"]);
  if (where !== "a direct chat") {
    await presses(cleo, "Approve", "Plan v1");
    await until(
      () => cleo.isTold().some((words) => words.includes("Not allowed here")),
      () => "the refusal for Cleo",
    );
  }

  await presses(ana, "Revise", "Plan v1");
  const asked = await card("Ana: ");
  await ana.replies(asked, "Keep it short", at);
  await presses(ana, "Approve", "Plan v2");
  const [session] = await oca.oca.store.all();
  expect(session?.plans).toHaveLength(2);
  await presses(ana, "The team", "Whom shall I greet?");

  await presses(ana, "Merge");
  await until(
    async () => (await oca.oca.store.all())[0]?.phase.at === "closed",
    async () => JSON.stringify((await oca.oca.store.all())[0]?.phase),
  );
  over();
  await oca.oca.screen.idle();
  expect(await oca.oca.store.all()).toHaveLength(1);
  expect((await oca.oca.store.all())[0]?.landed).toHaveLength(1);
  expect(await oca.git("log", "-1", "--format=%B")).toContain("hello.txt");
  await card("", "Undo");
  // Nothing that is decided can be pressed any more.
  const left = at.messages.filter(({ markup }) => /Approve|Merge|Revise/.test(JSON.stringify(markup)));
  expect(left.map(({ shown }) => shown)).toEqual([]);
});
