import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import german from "../../../locales/de/page.json" with { type: "json" };
import english from "../../../locales/en/page.json" with { type: "json" };
import { createWeb, type Guest, type Web, type WebOrder } from "../../../src/chat/web/index.ts";
import type { Incoming } from "../../../src/core/ports/chat.ts";
import type { View } from "../../../src/core/view.ts";

export const ANA: Guest = { user: "ana", name: "Ana" };
export const BEN: Guest = { user: "ben", name: "Ben" };

export const view = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "working",
  title: "",
  ...more,
});

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON of the answer; empty when it was something else. */
  body: { error?: string; id?: string; posts?: unknown[]; talks?: unknown[] };
}

/** A person's page without a browser. */
export interface Page {
  token: string;
  call(
    path: string,
    options?: {
      method?: string;
      json?: unknown;
      headers?: Record<string, string>;
      body?: Uint8Array<ArrayBuffer> | string;
    },
  ): Promise<Answer>;
  say(
    text: string,
    more?: { once?: string; thread?: string | null; channel?: string; files?: unknown[] },
  ): Promise<Answer>;
  /** Everything the server told this page since it listened. */
  listen(): Promise<Told>;
}

export interface Told {
  all: Record<string, unknown>[];
  /** Waits until something told contains these words. */
  sees(words: string): Promise<Record<string, unknown>>;
  close(): void;
}

export interface Stage {
  web: Web;
  folder: string;
  received: Incoming[];
  /** What is done with the next deliveries. */
  receive: (incoming: Incoming) => Promise<void>;
  warned: object[];
  time: { now: number };
  enter(guest: Guest): Promise<Page>;
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function stage(more: Partial<WebOrder> = {}): Promise<Stage> {
  const folder = more.folder ?? (await mkdtemp(join(tmpdir(), "oca-web-")));
  const time = { now: Date.parse("2026-03-03T12:00:00Z") };
  const warned: object[] = [];
  const order: WebOrder = {
    folder,
    port: 0,
    channels: ["hello"],
    demo: null,
    words: (locale) => (locale.startsWith("de") ? german : english),
    home: () => Promise.resolve({ sections: [] }),
    diff: () => Promise.resolve(null),
    now: () => time.now++,
    log: { warn: (what, message) => void warned.push({ ...what, message }) },
    ...more,
  };
  const it: Stage = {
    web: await createWeb(order),
    folder,
    received: [],
    receive: () => Promise.resolve(),
    warned,
    time,
    enter: async (guest) => enter(it.web, guest),
    restart: async () => {
      await it.web.stop();
      it.web = await createWeb(order);
      await open();
    },
    end: async () => {
      await it.web.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const open = () =>
    it.web.start(async (incoming) => {
      await it.receive(incoming);
      it.received.push(incoming);
    });
  await open().catch(async (error: unknown) => {
    if (!more.folder) await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return it;
}

export const codeOf = (link: string): string => link.split("#enter=")[1] ?? "";

async function enter(web: Web, guest: Guest): Promise<Page> {
  const code = codeOf(await web.enter(guest));
  const { text } = await ask(web.url(), "/api/enter", { method: "POST", json: { code } });
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(text));
  return page(web, token);
}

export function page(web: Web, token: string): Page {
  const identity = { authorization: `Bearer ${token}` };
  const call: Page["call"] = (path, options = {}) =>
    ask(web.url(), `/api${path}`, { ...options, headers: { ...identity, ...options.headers } });
  return {
    token,
    call,
    say: (text, { once = crypto.randomUUID(), thread = null, channel = "hello", files = [] } = {}) =>
      call("/messages", { method: "POST", json: { once, channel, thread, text, files } }),
    listen: () => listen(`${web.url()}/api/events`, identity),
  };
}

export async function ask(url: string, path: string, options: Parameters<Page["call"]>[1] = {}): Promise<Answer> {
  const { json, headers, ...rest } = options;
  const response = await fetch(`${url}${path}`, {
    ...rest,
    ...(json !== undefined && { body: JSON.stringify(json) }),
    headers: { ...(json !== undefined && { "content-type": "application/json" }), ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

async function listen(url: string, headers: Record<string, string>): Promise<Told> {
  const end = new AbortController();
  const response = await fetch(url, { headers, signal: end.signal });
  const all: Record<string, unknown>[] = [];
  let wake = (): void => undefined;
  const read = async () => {
    let rest = "";
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      all.push(...blocks.map((block) => JSON.parse(block.slice("data: ".length))));
      wake();
    }
  };
  const told: Told = {
    all,
    sees: async (words) => {
      for (;;) {
        const found = all.find((news) => JSON.stringify(news).includes(words));
        if (found) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () => end.abort(),
  };
  void read().catch(() => undefined); // cut off by `close`, or by the end of the server
  await told.sees("hello");
  return told;
}
