// What Telegram is asked for, how fast people see what they did while 50 chats are busy, how long trouble lasts on, and how
// many texts of agents are refused. `--only calls,refusals` and `--chats 5 --texts 50 --rounds 1` make it small.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { createVoice } from "../src/chat/telegram/api.ts";
import { MODES, print } from "../src/chat/telegram/render.ts";
import { loadConfig } from "../src/config.ts";
import type { Agent, AgentEvent } from "../src/core/ports/agent.ts";
import type { Git } from "../src/core/ports/git.ts";
import type { View } from "../src/core/view.ts";
import { createLog } from "../src/log.ts";
import { createOca } from "../src/main.ts";
import { CHANGES, POLICY } from "../test/core/life.ts";
import { createTwin, type Message, type Person, type Place, type Twin } from "../test/twin/telegram/index.ts";
import { GIT } from "./parts/parts.ts";

const { values: given } = parseArgs({
  options: {
    only: { type: "string", default: "calls,crowd,trouble,refusals" },
    chats: { type: "string", default: "50" },
    rounds: { type: "string", default: "4" },
    texts: { type: "string", default: "2000" },
  },
});
const size = (name: "chats" | "rounds" | "texts"): number => {
  const n = Number(given[name]);
  if (!Number.isSafeInteger(n) || n < 1) throw new Error(`--${name} ${given[name]} is no whole number from 1`);
  return n;
};
const [CHATS, ROUNDS, TEXTS] = [size("chats"), size("rounds"), size("texts")];
const wants = (part: string): boolean => given.only.split(",").includes(part);
const READING_MS = 5000;
const OUTAGE_MS = 60_000;
const RETRY_S = 30;

const PLAN = "## Goal\n\nDo it.\n\n## Steps\n\n1. Look\n2. Change it\n3. Test it\n\n## Files\n\n- `src/a.ts`\n";

async function* played(kind: string): AsyncGenerator<AgentEvent> {
  const plan = kind === "plan" ? PLAN : null;
  yield { type: "ended", outcome: { ok: true, answer: plan === null ? "Done, and the tests pass." : "", plan } };
}

/** Plans at once and is done at once: what is measured is the rest. */
const QUICK: Agent = {
  name: "quick",
  probe: () => Promise.reject(new Error("nobody asks")),
  run: ({ kind }) => {
    const events = played(kind);
    return { [Symbol.asyncIterator]: () => events, answer: () => undefined };
  },
};

/** Something was changed, and it lands. */
const WORKED: Git = {
  ...GIT,
  inspect: () => Promise.resolve(CHANGES),
  compare: () => Promise.resolve(CHANGES),
  land: async (_, { how }, aim) => {
    if (how !== "clean") await aim({ ref: "refs/heads/main", onto: "b0", commit: "c1", checkout: null });
    return { ok: true, kept: "", pushed: false };
  },
};

/** A whole bot without git, before a Telegram with its real limits. */
async function bot<T>(use: (twin: Twin) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "oca-bench-"));
  const twin = await createTwin({ secondMs: 1000 });
  await writeFile(join(folder, "oca.config.json"), JSON.stringify({ repos: { shop: { root: folder } } }));
  const given = await loadConfig({ cwd: folder, env: { PATH: process.env["PATH"], HOME: folder } });
  const config = {
    ...given,
    data: join(folder, "data"),
    web: "off" as const,
    maxSessions: 100,
    defaults: { ...given.defaults, agent: "quick", policy: POLICY },
    roles: { everybody: "owner" as const, people: {}, channels: {} },
    telegram: { ...given.telegram, token: twin.token, apiRoot: twin.url },
  };
  const oca = await createOca(config, {
    log: createLog({ level: "silent" }),
    agents: () => new Map([[QUICK.name, QUICK]]),
    wrap: { store: (store) => store, spawn: (spawn) => spawn, git: () => WORKED },
  });
  try {
    return await use(twin);
  } finally {
    await oca.stop();
    await twin.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const labels = ({ markup }: Message): string[] =>
  markup && "inline_keyboard" in markup ? markup.inline_keyboard.flat().map(({ text }) => text) : [];

async function offer({ messages }: Pick<Place, "messages">, label: string): Promise<Message> {
  for (;;) {
    const found = messages.findLast((one) => labels(one).includes(label));
    if (found) return found;
    await wait(2);
  }
}

/** When the next call of this kind for a chat has been obeyed. */
function meter(twin: Twin): (method: string, chat: number) => Promise<number> {
  const waiting = new Map<string, (at: number) => void>();
  twin.faults.watch = (method, when, params) => {
    const key = `${method} ${params["chat_id"]}`;
    if (when === "before" || twin.world.calls.at(-1)?.ok !== true) return false;
    waiting.get(key)?.(performance.now());
    waiting.delete(key);
    return false;
  };
  return (method, chat) => new Promise((resolve) => waiting.set(`${method} ${chat}`, resolve));
}

/** Everybody asks at once, reads for a while, and rejects at once. */
const crowd = (chats: number): Promise<{ first: number[]; edited: number[] }> =>
  bot(async (twin) => {
    const next = meter(twin);
    const people = Array.from({ length: chats }, (_, n) => twin.person(`P${n}`));
    const [first, edited]: [number[], number[]] = [[], []];
    const round = async (person: Person, n: number): Promise<void> => {
      const card = next("sendRichMessage", person.id);
      const asked = performance.now();
      void person.says(`/new Let oca do ${n}`, { in: person.direct });
      first.push((await card) - asked);
      const plan = await offer(person.direct, "Reject");
      await wait(READING_MS);
      const edit = next("editMessageText", person.id);
      const pressed = performance.now();
      void person.clicks(plan, "Reject", person.direct);
      edited.push((await edit) - pressed);
      await wait(READING_MS);
    };
    for (let n = 0; n < ROUNDS; n++) await Promise.all(people.map((person) => round(person, n)));
    return { first, edited };
  });

const WHERE = ["a direct chat", "a group", "a topic"] as const;
/** Of the bot itself, whatever the number of sessions. */
const OWN = new Set(["getUpdates", "getMe", "deleteWebhook", "setMyCommands", "getForumTopicIconStickers"]);

/** From the request to the merge, by method; asking for updates is not counted. */
const calls = (where: (typeof WHERE)[number]): Promise<Record<string, number>> =>
  bot(async (twin) => {
    const ana = twin.person("Ana");
    const at = where === "a direct chat" ? ana.direct : twin.group("Team", { forum: where === "a topic" });
    await ana.says("Let oca do it", { in: at });
    for (const label of ["Approve", "Merge"]) {
      const card = await offer(at, label);
      await wait(READING_MS);
      await ana.clicks(card, label, at);
    }
    await offer(at, "Undo");
    await wait(READING_MS);
    const all = twin.world.calls.filter(({ method }) => !OWN.has(method));
    const counts: Record<string, number> = { all: all.length, refused: all.filter(({ ok }) => !ok).length };
    for (const { method } of all) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  });

/** How long after the end of trouble the first card of a request is there that was made during it. */
const recovery = (trouble: (twin: Twin) => Promise<number>): Promise<number> =>
  bot(async (twin) => {
    const next = meter(twin);
    const ana = twin.person("Ana");
    await wait(1000);
    const card = next("sendRichMessage", ana.id);
    const over = trouble(twin);
    void ana.says("Let oca do it", { in: ana.direct });
    const [at, end] = await Promise.all([card, over]);
    return at - end;
  });

const outage = (): Promise<number> =>
  recovery(async (twin) => {
    twin.faults.outage = true;
    await wait(OUTAGE_MS);
    twin.faults.outage = false;
    return performance.now();
  });

const busy = (): Promise<number> =>
  recovery(async (twin) => {
    twin.refuse("sendRichMessage", 429, `Too Many Requests: retry after ${RETRY_S}`, { retry_after: RETRY_S });
    const { watch } = twin.faults;
    const since = await new Promise<number>((resolve) => {
      twin.faults.watch = (method, when, params) => {
        if (method === "sendRichMessage") resolve(performance.now());
        return watch(method, when, params);
      };
    });
    return since + RETRY_S * 1000;
  });

const MARKS = [
  "```",
  "~~~",
  "`",
  "**",
  "__",
  "~~",
  "[",
  "](",
  ")",
  "<b>",
  "</",
  "&lt;",
  "|",
  "\n|-|-|\n",
  "- [ ] ",
  "1. ",
];
const words = fc.oneof(
  fc.constantFrom(...MARKS, "\n", "\n\n", "# ", "> ", "    ", "\t", "@everyone", "tg://user?id=1", "https://a.b/c_d"),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.constantFrom("שלום", "مرحبا", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301\u0301\u0301", "\u202e", "\u0000", "\ud83d"),
  fc.integer({ min: 1, max: 800 }).map((length) => "long ".repeat(length)),
);
const text = fc.array(words, { maxLength: 24 }).map((all) => all.join(""));

/** How the forms are told: oca sends no HTML, for text with entities cannot be parsed wrongly. */
const FORMS = { rich: "rich", entities: "text with entities, in the place of HTML", plain: "plain" } as const;

/** How many of the same agents' texts are refused in each form, and in what words. */
async function refusals(): Promise<Record<string, Record<string, number | string>>> {
  const twin = await createTwin({ secondMs: 1, burst: Number.MAX_SAFE_INTEGER });
  const api = createVoice({ token: twin.token, apiRoot: twin.url });
  const { id, direct } = twin.person("Ana");
  direct.shut = null;
  const rows: Record<string, Record<string, number | string>> = {};
  const view = (markdown: string, n: number): View => ({
    head: markdown.slice(0, 100),
    parts: [{ kind: "markdown", markdown, fold: n % 2 === 0 }],
    buttons: [],
    documents: [],
    mentions: [],
    mood: "working",
    title: "",
  });
  for (const mode of MODES) {
    const why: string[] = [];
    for (const [n, markdown] of fc.sample(text, { numRuns: TEXTS, seed: 7 }).entries()) {
      const printed = print(view(markdown, n), mode);
      const sent =
        printed.is === "rich"
          ? api.raw.sendRichMessage({ chat_id: id, rich_message: printed.rich_message })
          : api.sendMessage(id, printed.text, { entities: printed.entities });
      await sent.catch((error: unknown) => void why.push(`${error}`));
    }
    rows[FORMS[mode]] = { texts: TEXTS, refused: why.length, first: why[0] ?? "" };
  }
  await twin.close();
  return rows;
}

const quantile = (values: number[], q: number): string =>
  `${(values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? Number.NaN).toFixed(0)} ms`;

async function printCalls(): Promise<void> {
  console.log("calls of the Bot API from request to merge; the limit is one message or edit a second in a chat");
  const rows: Record<string, Record<string, number>> = {};
  for (const where of WHERE) rows[where] = await calls(where);
  console.table(rows);
}

async function printCrowd(): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  for (const chats of [...new Set([1, CHATS])]) {
    const { first, edited } = await crowd(chats);
    rows[`${chats} chats at once`] = {
      "message -> first card, p50": quantile(first, 0.5),
      p99: quantile(first, 0.99),
      "click -> edited card, p50": quantile(edited, 0.5),
      "p99 of it": quantile(edited, 0.99),
    };
  }
  console.table(rows);
}

async function printTrouble(): Promise<void> {
  console.table({
    [`after ${OUTAGE_MS / 1000} s of outage (asked again after 30 s at most)`]: `${((await outage()) / 1000).toFixed(1)} s`,
    [`after 429 with retry_after ${RETRY_S}, beyond it`]: `${((await busy()) / 1000).toFixed(1)} s`,
  });
}

async function printRefusals(): Promise<void> {
  console.log(`of ${TEXTS} agents' texts refused:`);
  console.table(await refusals());
}

const PARTS = { calls: printCalls, crowd: printCrowd, trouble: printTrouble, refusals: printRefusals };
for (const [part, run] of Object.entries(PARTS)) if (wants(part)) await run();
