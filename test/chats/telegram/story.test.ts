import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createTelegram } from "../../../src/chat/telegram/index.ts";
import type { Chat } from "../../../src/core/ports.ts";
import { play, until } from "../../story/stage.ts";
import { createTwin, type Message, type Person, type Place, type Twin } from "../../twin/telegram/index.ts";

type Where = "a topic" | "a group" | "a direct chat";

/** The whole bot on a real repository, with the real Telegram chat before the twin. */
async function bot(where: Where) {
  const twin = await createTwin({ secondMs: 2 });
  onTestFinished(() => twin.close());
  const [ana, cleo] = [twin.person("Ana"), twin.person("Cleo")];
  const folder = await mkdtemp(join(tmpdir(), "oca-telegram-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const log = { warn: () => undefined, error: () => undefined };
  const chat: Chat = await createTelegram({
    ...{ token: twin.token, apiRoot: twin.url, folder, webhook: null, cards: "rich", remember: true },
    ...{ commands: [], diff: () => Promise.resolve(null), now: twin.world.now, log, secondMs: 2, holdMs: 50 },
  });
  const everybody = "observer";
  const people = { [`telegram:${ana.id}`]: "owner", [`telegram:${cleo.id}`]: "requester" } as const;
  const oca = await play({
    parts: { chats: [chat], now: twin.world.now },
    config: { roles: { everybody, people, channels: {} } },
  });
  const at: Place = where === "a direct chat" ? ana.direct : twin.group("Team", { forum: where === "a topic" });
  return { twin, ana, cleo, at, oca, ...readers(at) };
}

/** What people read and press. */
function readers(at: Place) {
  const has = ({ markup }: Message, label: string): boolean => JSON.stringify(markup).includes(label);
  const card = async (words: string, label = ""): Promise<Message> => {
    const find = () => at.messages.findLast((one) => one.shown.includes(words) && (label === "" || has(one, label)));
    await until(
      () => find() !== undefined,
      () => `"${words}" with "${label}", but read:\n${at.messages.map(({ shown }) => shown).join("\n---\n")}`,
    );
    const found = find();
    if (!found) throw new Error(`${words} is gone again`);
    return found;
  };
  return {
    card,
    presses: async (by: Person, label: string, words = "") => by.clicks(await card(words, label), label, at),
  };
}

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
