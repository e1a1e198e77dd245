import { z } from "zod";
import { type ChatStage, chatContract, historyContract } from "../../contract/chat.ts";
import { ANA, BEN, stage } from "./stage.ts";

const Upload = z.object({ id: z.string(), name: z.string(), mime: z.string(), bytes: z.number() });

async function open(): Promise<ChatStage> {
  const it = await stage();
  const [ana, ben] = [await it.enter(ANA), await it.enter(BEN)];
  const [toAna, toBen] = [await ana.listen(), await ben.listen()];
  const received: ChatStage["received"] = [];
  let broken = false;
  it.receive = (incoming) => {
    received.push(incoming);
    return broken ? Promise.reject(new Error("disk full")) : Promise.resolve();
  };
  let again = (): Promise<boolean> => Promise.resolve(false);
  const doing = (path: string, json: object): Promise<boolean> => {
    again = async () => (await ana.call(path, { method: "POST", json })).status === 200;
    return again();
  };
  return {
    chat: it.web,
    received,
    fail: (on) => {
      broken = on;
    },
    say: async (text, thread, file) => {
      const headers = { "x-file-name": file?.name ?? "", "content-type": file?.mime ?? "" };
      const files = file
        ? [Upload.parse((await ana.call("/files", { method: "POST", body: file.bytes, headers })).body)]
        : [];
      const once = crypto.randomUUID();
      return doing("/messages", { once, channel: "hello", thread: thread?.thread ?? null, text, files });
    },
    click: (message, action) =>
      doing("/clicks", { once: crypto.randomUUID(), thread: message.thread, message: message.id, action, text: null }),
    redeliver: () => again(),
    reads: async (thread) => {
      const { text } = await ben.call(`/threads/${thread.thread}`);
      const { posts } = z.object({ posts: z.array(z.unknown()) }).parse(JSON.parse(text));
      return posts.map((post) => strings(post).join(" "));
    },
    isTold: async (words) => {
      await toAna.sees(words);
      if (JSON.stringify(toBen.all).includes(words)) throw new Error("somebody else was told too");
    },
    end: async () => {
      toAna.close();
      toBen.close();
      await it.end();
    },
  };
}

/** Every text in a value: what the page makes text nodes of. */
const strings = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
};

chatContract("the web chat", open);
historyContract("the web chat", open);
