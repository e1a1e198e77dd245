import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import english from "../../locales/en/slack.json" with { type: "json" };
import { manifest } from "../../src/chat/slack/manifest.ts";
import type { Web } from "../../src/chat/web/index.ts";
import type { Session } from "../../src/core/session.ts";
import { codeOf, ask as http, type Page, page } from "../chat/web/stage.ts";
import { play, type Stage, until } from "../story/stage.ts";
import { createSlackTwin } from "../twin/slack/index.ts";
import type { Message } from "../twin/telegram/index.ts";
import { createTwin } from "../twin/telegram/index.ts";

/** The whole bot, as it is started: with Slack, Telegram and its own page. Nobody is owner in Telegram yet. */
async function threeChats() {
  const slack = await createSlackTwin({ mode: "socket", limits: null, retryMs: [], manifest: manifest(english, null) });
  onTestFinished(() => slack.stop());
  const telegram = await createTwin({ secondMs: 2 });
  onTestFinished(() => telegram.close());
  const people = { [`slack:${slack.person("Cleo").id}`]: "requester", "web:eve": "merger" } as const;
  const link = { mode: "socket" as const, appToken: slack.tokens.app };
  const oca = await play({
    config: {
      slack: { token: slack.tokens.bot, link },
      telegram: { token: telegram.token, apiRoot: telegram.url, webhook: null, cards: "rich", remember: true },
      web: { port: 0, people: { eve: "Eve" } },
      roles: { everybody: "observer", people, channels: {} },
    },
    parts: {
      chats: [],
      slack: { apiUrl: slack.slackApiUrl, fetch: slack.fetch, postSpacingMs: 0 },
      telegram: { secondMs: 2, holdMs: 50 },
      now: telegram.world.now,
    },
  });
  return { slack, telegram, oca, ana: telegram.person("Ana"), cleo: slack.person("Cleo") };
}

/** The page of an invited person. */
async function enter(web: Web | null, user: string, name: string): Promise<Page> {
  if (!web) throw new Error("there is no page");
  const code = codeOf(await web.enter({ user, name }));
  const { text } = await http(web.url(), "/api/enter", { method: "POST", json: { code } });
  return page(web, JSON.parse(text).token);
}

const labels = ({ markup }: Message): string[] =>
  markup && "inline_keyboard" in markup ? markup.inline_keyboard.flat().map(({ text }) => text) : [];

async function rests(oca: Stage, at: Session["phase"]["at"]): Promise<Session> {
  const only = async () => (await oca.oca.store.all())[0];
  await until(
    async () => (await only())?.phase.at === at,
    async () => `${at}, but it stands in ${JSON.stringify((await only())?.phase)}`,
  );
  await oca.oca.screen.idle();
  const session = await only();
  if (!session) throw new Error("there is no session");
  return session;
}

/** Waits for something that is found; says what there was instead. */
async function found<T>(look: () => T | undefined, wanted: string, instead: () => string): Promise<T> {
  await until(
    () => look() !== undefined,
    () => `${wanted}, but there was:\n${instead()}`,
  );
  const it = look();
  if (it === undefined) throw new Error(`${wanted} is gone again`);
  return it;
}

test("begun in Slack, approved in Telegram, merged in the web page: one session, the same in all three", async () => {
  const { slack, oca, ana, cleo } = await threeChats();
  const direct = () => ana.direct.messages.map(({ shown }) => shown).join("\n---\n");
  const inTelegram = (words: string, label = "") =>
    found(
      () =>
        ana.direct.messages.findLast(
          (one) => one.shown.includes(words) && (label === "" || labels(one).includes(label)),
        ),
      `"${words}" with "${label}"`,
      direct,
    );

  // Whoever reads oca's terminal becomes the owner, by the link that it prints.
  const code = oca.oca.ownership.codes().find(({ chat }) => chat === "telegram")?.code ?? "";
  await ana.says(`/start own-${code}`, { in: ana.direct });
  await inTelegram("Ana owns oca in telegram now");

  const root = (await cleo.says("agents", "@oca add a greeting")).ts;
  const inSlack = () => slack.messages("agents", root).filter(({ ts }) => ts !== root);
  const { id } = await rests(oca, "deciding");
  await ana.says(`/oca follow ${id}`, { in: ana.direct });
  const plan = await inTelegram("Plan v1", "Approve");
  expect(labels(plan)).toEqual(["Approve", "Revise", "Reject"]);
  await ana.sends({ name: "tone.txt", mime: "text/plain", bytes: new TextEncoder().encode("Be kind.") }, "Like this", {
    in: ana.direct,
    replyTo: plan.message_id,
  });
  const second = await inTelegram("Plan v2", "Approve");
  // The file is with Telegram, though the session is at home in Slack.
  expect((await readdir(join(oca.data, "tmp", id, "files"))).join()).toContain("tone.txt");
  await ana.clicks(second, "Approve", ana.direct);
  await rests(oca, "reviewing");
  const words = () => inSlack().map((one) => one.words);
  await until(
    () => words().some((text) => text.includes("Plan v2") && text.includes("Approved by Ana")),
    () => words().join("\n---\n"),
  );
  expect(inSlack().flatMap(({ buttons }) => buttons)).not.toContain("Approve");

  const eve = await enter(oca.oca.web, "eve", "Eve");
  expect((await eve.say(`oca follow ${id}`, { channel: "general" })).status).toBe(200);
  const talks = async () => JSON.stringify((await eve.call("/channels/general")).body);
  await until(async () => (await talks()).includes('"title":"add a greeting"'), talks);
  await oca.oca.screen.idle();
  const shown = (await oca.oca.store.cards(id)).find(({ thread, court }) => thread.chat === "web" && court !== null);
  const merge = shown?.view.buttons.find(({ label }) => label === "Merge");
  if (!shown || !merge || !("action" in merge.does)) throw new Error("Eve's page offers no Merge");
  const press = { once: "press-0001", thread: shown.thread.thread, message: shown.message.id, text: null };
  await eve.call("/clicks", { method: "POST", json: { ...press, action: merge.does.action } });
  await rests(oca, "closed");

  await inTelegram("Merged into main by Eve", "Undo");
  await until(
    () => words().some((text) => text.includes("Merged into main by Eve")),
    () => words().join("\n---\n"),
  );
  expect((await eve.call(`/threads/${shown.thread.thread}`)).text).toContain("Merged into main by Eve");
  const left = [...inSlack().flatMap(({ buttons }) => buttons), ...ana.direct.messages.flatMap(labels)];
  expect([...new Set(left)].filter((label) => label !== "Undo" && label !== "Review diff")).toEqual([]);
  const session = await rests(oca, "closed");
  expect(session.threads.map(({ chat }) => chat)).toEqual(["slack", "telegram", "web"]);
  expect(session.landed).toHaveLength(1);
  expect(await oca.git("log", "-1", "--format=%B")).toContain("Approved-by: Ana");
});

test("one person in three chats: a code, both names on both sides, and a button in each", async () => {
  const { slack, telegram, oca, cleo } = await threeChats();
  const phone = telegram.person("Cleo P.");
  const whispers = () => cleo.whispers().map(({ words }) => words);
  const inSlack = (words: string, button = "") =>
    found(
      () => cleo.whispers().findLast((one) => one.words.includes(words) && one.buttons.join().includes(button)),
      `"${words}" in Slack`,
      () => whispers().join("\n---\n"),
    );
  const inTelegram = (words: string) =>
    found(
      () => phone.direct.messages.findLast((one) => one.shown.includes(words)),
      `"${words}" in Telegram`,
      () => phone.isTold().join("\n"),
    );
  const codeIn = (words: string): string => /link (\w+)/.exec(words)?.[1] ?? "";

  await cleo.slash("/oca link", "agents");
  const code = codeIn((await inSlack("/oca link ")).words);
  const said = slack.messages("agents").map(({ words }) => words);
  expect(said.join()).not.toContain(code);
  await phone.says(`/oca link ${code}`, { in: phone.direct });
  const both = "Cleo (slack) + Cleo P. (telegram)";
  await phone.clicks(await inTelegram(both), YES, phone.direct);
  // Nothing but this is known of what only one person sees: it is no message of the channel.
  await cleo.clicks(await inSlack(both, YES), YES);
  await inTelegram("oca knows you as one person now.");
  await inSlack("oca knows you as one person now.");
  const ids = () => oca.oca.house.ids({ id: "", chat: "telegram", user: `${phone.id}`, name: "" });
  expect(ids()).toEqual([`slack:${cleo.id}`, `telegram:${phone.id}`]);

  const eve = await enter(oca.oca.web, "eve", "Eve");
  const news = await eve.listen();
  onTestFinished(news.close);
  await eve.say("oca link", { channel: "general" });
  await cleo.slash(`/oca link ${codeIn(JSON.stringify(await news.sees("/oca link ")))}`, "agents");
  const pair = "Eve (web) + Cleo (slack)";
  await cleo.clicks(await inSlack(pair, YES), YES);
  const note = Note.parse(await news.sees(pair));
  const yes = note.card.buttons.find(({ label }) => label === YES);
  const pressed = { once: "press-0001", thread: note.thread, message: note.message, text: null };
  const answer = await eve.call("/clicks", { method: "POST", json: { ...pressed, action: yes?.does.action } });
  expect(answer.status).toBe(200);
  await news.sees("oca knows you as one person now.");
  expect(ids()).toHaveLength(3);
});

const YES = "Yes, both are me";
/** What a page is told for its person alone. */
const Note = z.object({
  thread: z.string(),
  message: z.string(),
  card: z.object({ buttons: z.array(z.object({ label: z.string(), does: z.object({ action: z.string() }) })) }),
});
