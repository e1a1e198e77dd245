import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { z } from "zod";
import type { File } from "../../core/parts.ts";
import { readMarkdown } from "../../lib/markdown.ts";
import type { Visitor } from "./crowd.ts";
import type { Desk } from "./desk.ts";
import { drawDiff } from "./diff.ts";
import { type Known, refuse, signedIn } from "./guard.ts";
import type { Talk } from "./history.ts";
import { BODY_BYTES, localeOf, Press, person, TEXT_BYTES, Words } from "./incoming.ts";
import { showPost, showTalk } from "./render.ts";

const SMALL_BYTES = 1_000;
const PING_MS = 20_000;
const TALKS = 50;
/** Longer documents are downloads only. */
const SHOWN_CHARS = 200_000;

const Door = z.object({ code: z.string() });

/** What the page asks for, below /api. All but the words and the door want a token. */
export function createRoutes(desk: Desk): Hono<Known> {
  const api = new Hono<Known>();
  api.get("/words", (c) => c.json(desk.words(locale(c))));
  api.post("/enter", limit(SMALL_BYTES), async (c) => {
    const token = await desk.access.enter((await read(c, Door)).code);
    if (token === null) throw refuse(401, "enter");
    return c.json({ token });
  });
  api.use(signedIn(desk.access, desk.people));
  api.get("/me", (c) => c.json({ me: c.var.guest, people: desk.people, channels: desk.channels() }));
  api.get("/home", async (c) => c.json(await desk.home(person(c.var.guest), locale(c))));
  addTalks(api, desk);
  addFiles(api, desk);
  addDiff(api, desk);
  return api;
}

const locale = (c: Context): string => localeOf(c.req.header("accept-language"));
const limit = (maxSize: number) => bodyLimit({ maxSize, onError: () => Promise.reject(refuse(413, "tooLong")) });

async function read<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const body = schema.safeParse(await c.req.json().catch(() => undefined)); // no JSON is refused like wrong JSON
  if (!body.success) throw refuse(400, "wrong");
  return body.data;
}

function addTalks(api: Hono<Known>, desk: Desk): void {
  const from = (c: Context<Known>) => ({ guest: c.var.guest, locale: locale(c), at: desk.now() });
  // What the bot does not have yet was not said: the page of its author still holds it, to be sent again.
  const said = (talk: Talk) => ({ ...talk, posts: talk.posts.filter((post) => post.heard) });

  api.get("/channels/:channel", (c) => {
    const more = Number(c.req.query("limit") ?? TALKS) || TALKS;
    const talks = desk.history.talks(c.req.param("channel")).map(said);
    const known = talks.filter((talk) => talk.posts.length > 0);
    return c.json({ talks: known.slice(0, more).map(showTalk), more: known.length > more });
  });
  api.get("/threads/:thread", (c) => {
    const talk = desk.history.talk(c.req.param("thread"));
    if (!talk?.posts.some((post) => post.heard)) throw refuse(404, "gone");
    const posts = said(talk).posts.map((post) => showPost(post, talk));
    return c.json({ talk: showTalk(said(talk)), posts });
  });
  api.post("/messages", limit(BODY_BYTES), async (c) => {
    const words = await read(c, Words);
    if (Buffer.byteLength(words.text) > TEXT_BYTES) throw refuse(413, "tooLong");
    return c.json(await desk.say(words, from(c)));
  });
  api.post("/clicks", limit(BODY_BYTES), async (c) => {
    const press = await read(c, Press);
    if (Buffer.byteLength(press.text ?? "") > TEXT_BYTES) throw refuse(413, "tooLong");
    await desk.press(press, from(c));
    return c.json({});
  });
  api.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      const visitor = desk.crowd.join(c.var.guest.user);
      stream.onAbort(visitor.leave);
      await push(stream, visitor, () => stream.aborted || desk.crowd.closed);
      visitor.leave();
    }),
  );
}

async function push(stream: SSEStreamingApi, visitor: Visitor, over: () => boolean): Promise<void> {
  let news: object[] = [{ type: "hello" }];
  while (!over()) {
    for (const data of news) await stream.writeSSE({ data: JSON.stringify(data) });
    const more = await visitor.take(PING_MS);
    news = more.length > 0 ? more : [{ type: "ping" }];
  }
}

function addFiles(api: Hono<Known>, desk: Desk): void {
  api.post("/files", async (c) => {
    const body = c.req.raw.body;
    const name = decode(c.req.header("x-file-name") ?? "");
    const mime = c.req.header("content-type") ?? "application/octet-stream";
    const saved = body && (await desk.files.save(Readable.fromWeb(body)));
    if (!saved) throw refuse(413, "tooBig");
    return c.json({ ...saved, name, mime } satisfies File);
  });
  api.get("/files/:file", async (c) => {
    const bytes = await desk.files.bytes(c.req.param("file"));
    if (bytes === null) throw refuse(404, "gone");
    // The page makes a blob of it: as a document of this origin it must never run.
    return c.body(Readable.toWeb(Readable.from(desk.files.read(c.req.param("file")))), 200, {
      "content-type": "application/octet-stream",
      "content-length": String(bytes),
      "content-disposition": "attachment",
    });
  });
  api.get("/threads/:thread/:message/documents/:n", (c) => {
    const post = desk.history.talk(c.req.param("thread"))?.posts.find((post) => post.id === c.req.param("message"));
    const document = post?.view?.documents[Number(c.req.param("n"))];
    if (!document) throw refuse(404, "gone");
    const tree =
      document.mime === "text/markdown" ? readMarkdown(document.text) : [{ tag: "pre", children: [document.text] }];
    return c.json({ text: document.text, tree: document.text.length > SHOWN_CHARS ? null : tree });
  });
}

function addDiff(api: Hono<Known>, desk: Desk): void {
  api.get("/diff/:session", async (c) => {
    const diff = await desk.diff(c.req.param("session"), person(c.var.guest));
    if (!diff) throw refuse(404, "gone");
    return c.json({ title: diff.title, ...drawDiff(diff.text, c.req.query("split") === "1") });
  });
  api.get("/diff/:session/text", async (c) => {
    const diff = await desk.diff(c.req.param("session"), person(c.var.guest));
    if (!diff) throw refuse(404, "gone");
    return c.text(diff.text);
  });
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name).slice(0, 200) || "file";
  } catch {
    return "file"; // not written by our page: the name is only for show
  }
}
