import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makeSample } from "../src/demo.ts";
import { createHostSpawn } from "../src/sandbox/host.ts";
import { folder, type Terminal, type } from "./terminal.ts";

const me = userInfo().username;

test("a newcomer's first start names the repository and prints a link that signs in exactly once", async () => {
  const it = await home();
  const oca = await it.starts();
  expect(oca.out()).toContain("Repositories: shop");
  expect(oca.out()).toContain("oca serves the web chat of this machine.");
  expect(oca.out()).toContain("Each link works once");
  const link = await linkOf(oca, `${me} (owner)`);
  const { base, token } = await enter(link);
  expect(await call(base, token, "/me")).toMatchObject({ me: { user: me }, people: [], channels: ["general"] });
  await expect(enter(link)).rejects.toThrow("401");
  await expect(call(base, "x".repeat(43), "/me")).rejects.toThrow("401");
  expect(oca.err()).toBe("");
  expect((await stopped(oca)).code).toBe(0);
});

test("oca invite gives a link for another person with a role, and roles hold", async () => {
  const it = await home({ roles: { everybody: "observer" } });
  const oca = await it.starts();
  const owner = await comes(await linkOf(oca, `${me} (owner)`));
  const note = await owner.asks("oca invite requester Cleo");
  expect(note.head).toBe("Invitation for Cleo");
  expect(note.text).toContain("Cleo joins as requester.");
  const cleo = await comes(note.link);

  const thread = await cleo.says("Let oca add a greeting to hello.txt");
  await cleo.clicks(thread, "Approve");
  await cleo.hears("Not allowed here: approvers, mergers and owners can do this.");
  const refused = await cleo.asks("oca invite owner Eve");
  expect(refused.head).toBe("Not allowed here: owners can do this.");
  expect(refused.link).toBe("");
  const wrong = await owner.asks("oca invite king Eve");
  expect(wrong.head).toContain("Not understood: role");
  expect(wrong.text).toContain("oca invite <role> <name>");

  const ben = await comes((await owner.asks("oca invite approver Ben")).link);
  await ben.clicks(thread, "Approve");
  await ben.sees(thread, "Done: ");
  await ben.clicks(thread, "Merge");
  await ben.hears("Not allowed here: mergers and owners can do this.");
  await owner.clicks(thread, "Merge");
  await owner.sees(thread, `Merged into main by ${me}`);
  expect(await it.git("show", "main:hello.txt")).toContain("A friendly greeting");
});

test("a restart keeps the thread, the work and who is signed in", async () => {
  const it = await home();
  const first = await it.starts();
  const owner = await comes(await linkOf(first, `${me} (owner)`));
  const thread = await owner.says("Let oca take long");
  await owner.clicks(thread, "Approve");
  await owner.sees(thread, "Working: ");
  await owner.sees(thread, "npm test");
  const { code, ms } = await stopped(first);
  expect(code).toBe(0);
  // The work would have taken a minute.
  expect(ms).toBeLessThan(50_000);
  expect(first.out()).toContain("Stopping; sessions go on when oca starts again.");
  expect(await it.phase()).toBe("running");

  const second = await it.starts({ OCA_WEB_PORT: new URL(owner.base).port });
  await owner.sees(thread, "Working: ");
  await owner.clicks(thread, "Stop");
  await owner.sees(thread, `Stopped by ${me}`);
  // Whoever reads the terminal again gets a way in again; the owner stays one.
  await linkOf(second, `${me} (owner)`);
});

test("people of the configuration get a link each, with the role they have", async () => {
  const it = await home({
    web: { people: { ana: "Ana", ben: "Ben" } },
    roles: { people: { "web:ana": "owner", "web:ben": "approver" } },
  });
  const oca = await it.starts();
  const ana = await comes(await linkOf(oca, "Ana (owner)"));
  expect(await call(ana.base, ana.token, "/me")).toMatchObject({ me: { user: "ana", name: "Ana" } });
  await linkOf(oca, "Ben (approver)");
  expect(oca.out().match(/#enter=/g)).toHaveLength(2);
});

test("what keeps oca from starting is said in one line and ends with 1: a taken data folder, a taken port", async () => {
  const it = await home();
  await it.starts();
  const second = type(["start"], { cwd: it.cwd, env: it.env });
  expect(await second.ends()).toBe(1);
  expect(second.err()).toBe(
    `oca cannot start:\n- the data folder ${it.data} is in use by another oca: stop that one, or give this one a data folder of its own\n`,
  );

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" ? `${address?.port}` : "";
  const other = { ...it.env, OCA_DATA: join(it.cwd, "other"), OCA_WEB_PORT: port };
  const third = type(["start"], { cwd: it.cwd, env: other });
  expect(await third.ends()).toBe(1);
  expect(third.err()).toContain(`the web chat cannot listen on 127.0.0.1:${port}`);
  expect(third.err().trim().split("\n")).toHaveLength(2);

  const fourth = await it.starts({ OCA_DATA: join(it.cwd, "other") });
  expect((await stopped(fourth, "SIGINT")).code).toBe(0);
});

test("bad input is answered, or is words: nothing breaks and nobody else is called", async () => {
  const it = await home();
  const oca = await it.starts();
  const owner = await comes(await linkOf(oca, `${me} (owner)`));
  const big = await owner.says(`Let oca add a greeting ${"x".repeat(100_000)}`);
  await owner.sees(big, "Plan v1");
  const odd =
    "Let oca add \u0000\u0007\u001b[31m a greeting <!channel> <b>bold</b> [x](javascript:alert(1)) @everybody \u202e";
  const thread = await owner.says(odd);
  const card = await owner.sees(thread, "Plan v1");
  expect(JSON.stringify(card)).not.toMatch(/\\u0000|\\u0007|\\u001b|javascript:alert\(1\)"/);
  expect(card.mentions).toEqual([me]);

  const deliver = (json: object) => call(owner.base, owner.token, "/messages", json);
  const message = { once: "tooLong123", channel: "general", thread: null, files: [] };
  await expect(deliver({ ...message, text: `Let oca ${"ü".repeat(100_001)}` })).rejects.toThrow("413");
  await expect(deliver({ ...message, text: " \u0000 " })).rejects.toThrow("400");
  await expect(deliver({ ...message, channel: "elsewhere", text: "Let oca add" })).rejects.toThrow("404");

  // The button of one session on the card of another; one that nobody made; one of an other shape.
  const [approve] = await owner.buttons(big, "Approve");
  await owner.clicks(thread, "Approve", approve);
  await owner.hears("This piece of work is not here any more.");
  await owner.clicks(thread, "Approve", "approve:aaaaaaaaaa:1");
  await owner.clicks(thread, "Approve", "../../etc/passwd");
  await expect(owner.clicks(thread, "Approve", "x".repeat(65))).rejects.toThrow("400");
  await owner.sees(thread, "Plan v1");
  await owner.clicks(thread, "Approve");
  await owner.sees(thread, "Done: ");
  expect(oca.err()).toBe("");
});

const run = promisify(execFile);

/** A folder with a repository and a configuration that names it, as somebody has who just read the manual. */
async function home(settings: object = {}) {
  const cwd = await folder();
  const [repo, data] = [join(cwd, "code/shop"), join(cwd, "data")];
  await makeSample(repo, { spawn: createHostSpawn(), env: { PATH: process.env["PATH"] ?? "", HOME: cwd } });
  await writeFile(
    join(cwd, "oca.config.json"),
    JSON.stringify({ repos: { shop: { root: "code/shop" } }, ...settings }),
  );
  const env = { OCA_DATA: data, OCA_WEB_PORT: "0" };
  return {
    cwd,
    data,
    env,
    git: async (...args: string[]) => (await run("git", args, { cwd: repo })).stdout.trim(),
    /** Where the only session stands on the disk. */
    phase: async (): Promise<string> => {
      const { stdout } = await run("find", [join(data, "sessions"), "-name", "session.json"]);
      return JSON.parse(await readFile(stdout.trim(), "utf8")).phase.at;
    },
    starts: async (more: Record<string, string> = {}): Promise<Terminal> => {
      await mkdir(cwd, { recursive: true });
      const oca = type(["start"], { cwd, env: { ...env, ...more } });
      await oca.sees(/Ctrl\+C stops oca/);
      return oca;
    },
  };
}

async function stopped(oca: Terminal, signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }> {
  const since = performance.now();
  const code = await oca.stop(signal);
  return { code, ms: performance.now() - since };
}

async function linkOf(oca: Terminal, who: string): Promise<string> {
  await oca.sees(/Ctrl\+C stops oca/);
  const line = oca
    .out()
    .split("\n")
    .find((one) => one.startsWith(`${who}: `));
  if (!line) throw new Error(`no link for ${who} in:\n${oca.out()}`);
  return line.slice(who.length + 2);
}

async function enter(link: string): Promise<{ base: string; token: string }> {
  const [base = "", code = ""] = link.split("/#enter=");
  const { token } = await call(base, "", "/enter", { code });
  return { base, token };
}

/** Asks as a page would; throws the status of what is refused. */
// biome-ignore lint/suspicious/noExplicitAny: what a server says is only known by what a test expects of it
async function call(base: string, token: string, path: string, json?: object): Promise<any> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(
    `${base}/api${path}`,
    json ? { method: "POST", headers, body: JSON.stringify(json) } : { headers },
  );
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

interface Button {
  label: string;
  does: { action?: string };
}
interface Card {
  head: string;
  mentions: string[];
  buttons: Button[];
  parts: { text?: string }[];
}
interface Post {
  id: string;
  card?: Card | null;
}

/** Follows a link, and uses the chat as its page does. */
async function comes(link: string) {
  const { base, token } = await enter(link);
  const get = (path: string) => call(base, token, path);
  const post = (path: string, json: object) => call(base, token, path, json);
  const once = () => crypto.randomUUID();
  const notes = listen(base, token);
  const posts = async (thread: string): Promise<Post[]> => (await get(`/threads/${thread}`)).posts;
  const find = (thread: string, fits: (card: Card) => boolean, what: string): Promise<Post & { card: Card }> =>
    eventually(async () => {
      const all = await posts(thread);
      const found = all.findLast(({ card }) => card && fits(card));
      if (!found?.card) throw new Error(`never saw ${what}, but ${JSON.stringify(all.map(({ card }) => card?.head))}`);
      return { ...found, card: found.card };
    });
  const heard = (text: string): Promise<Card> =>
    eventually(async () => {
      const at = notes.findIndex((card) => card.head.includes(text));
      const [card] = at < 0 ? [] : notes.splice(at, 1);
      if (!card) throw new Error(`never heard "${text}", but ${JSON.stringify(notes)}`);
      return card;
    });
  return {
    base,
    token,
    /** Resolves to the thread. */
    says: async (text: string): Promise<string> =>
      (await post("/messages", { once: once(), channel: "general", thread: null, text, files: [] })).thread,
    /** Says something that only the person is answered. */
    asks: async (text: string): Promise<{ head: string; text: string; link: string }> => {
      await post("/messages", { once: once(), channel: "general", thread: null, text, files: [] });
      const { head, parts } = await heard("");
      const all = parts.map((part) => part.text ?? "").join("\n");
      return { head, text: all, link: /http:\S+#enter=[\w-]+/.exec(all)?.[0] ?? "" };
    },
    sees: async (thread: string, text: string): Promise<Card> =>
      (await find(thread, (card) => JSON.stringify(card).includes(text), `"${text}"`)).card,
    buttons: async (thread: string, label: string): Promise<string[]> => {
      const { card } = await find(thread, ({ buttons }) => buttons.some((one) => one.label === label), `[${label}]`);
      return card.buttons.flatMap((one) => (one.label === label ? (one.does.action ?? []) : []));
    },
    /** Presses the newest button of this name; `action`: with something else behind it. */
    clicks: async (thread: string, label: string, action?: string): Promise<void> => {
      const fits = ({ buttons }: Card) => buttons.some((one) => one.label === label);
      const { id, card } = await find(thread, fits, `[${label}]`);
      const own = card.buttons.find((one) => one.label === label)?.does.action;
      await post("/clicks", { once: once(), thread, message: id, action: action ?? own, text: null });
    },
    hears: async (text: string): Promise<void> => void (await heard(text)),
  };
}

/** What only this person is told, oldest first. */
function listen(base: string, token: string): Card[] {
  const notes: Card[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const read = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await fetch(`${base}/api/events`, { headers, signal: over.signal });
    let rest = "";
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const news = JSON.parse(block.slice("data: ".length));
        if (news.type === "note") notes.push(news.card);
      }
    }
  };
  void read().catch(() => undefined); // the test is over, or the bot: then nothing more is told
  return notes;
}

const PATIENCE_MS = 45_000;

/** Tries again until it does not throw any more. */
async function eventually<T>(look: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
