import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANA, BEN, type Page, type Stage, stage, view } from "./stage.ts";

let it: Stage;
let ana: Page;
let ben: Page;
beforeEach(async () => {
  it = await stage();
  [ana, ben] = [await it.enter(ANA), await it.enter(BEN)];
});
afterEach(() => it.end());

const thread = (): string => it.received[0]?.thread.thread ?? "";
const address = () => ({ chat: "web", channel: "hello", thread: thread() });

describe("words", () => {
  test("are one message however often they are sent, also at once", async () => {
    const once = crypto.randomUUID();
    const all = await Promise.all([1, 2, 3].map(() => ana.say("Let oca fix it", { once })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    expect(it.received).toHaveLength(1);
    await ben.say("Let oca fix it", { once });
    expect(it.received).toHaveLength(2);
  });

  test("that the bot could not save are an error to their author, seen by nobody, and sent again without a double", async () => {
    const once = crypto.randomUUID();
    it.receive = () => Promise.reject(new Error("disk full"));
    const refused = await ana.say("Let oca fix it", { once });
    expect(refused).toMatchObject({ status: 503, body: { error: "notSaved" } });
    expect((await ben.call("/channels/hello")).body).toEqual({ talks: [], more: false });
    expect(it.warned).toHaveLength(1);
    it.receive = () => Promise.resolve();
    expect((await ana.say("Let oca fix it", { once })).status).toBe(200);
    expect(it.received).toHaveLength(1);
    expect((await ben.call(`/threads/${thread()}`)).body.posts).toHaveLength(1);
  });

  test("are stored before the bot hears them", async () => {
    it.receive = async () => {
      expect(await readdir(join(it.folder, "threads"))).toHaveLength(1);
    };
    expect((await ana.say("Let oca fix it")).status).toBe(200);
  });

  test("of 100 kB arrive whole; more than 200 kB are refused with the reason", async () => {
    const long = "wörter ".repeat(12_500);
    expect((await ana.say(long)).status).toBe(200);
    expect(it.received[0]).toMatchObject({ text: long });
    expect(await ana.say("x".repeat(200_001))).toMatchObject({ status: 413, body: { error: "tooLong" } });
    expect(await ana.say("x".repeat(3_000_000))).toMatchObject({ status: 413, body: { error: "tooLong" } });
    expect(it.received).toHaveLength(1);
  });

  test("lose their control characters and nothing else", async () => {
    await ana.say("a\u0000b\u001b[31mc\r\nd\te\u0085f \ud800 👩‍👩‍👧 שלום\u200f");
    expect(it.received[0]).toMatchObject({ text: "ab[31mc\nd\tef \ufffd 👩‍👩‍👧 שלום\u200f" });
  });

  test("need a place that exists, and something to say", async () => {
    expect((await ana.say("hi", { channel: "secret" })).status).toBe(404);
    expect((await ana.say("hi", { thread: "m000" })).status).toBe(404);
    expect((await ana.say("hi", { thread: "../../web" })).status).toBe(400);
    expect((await ana.say(" \n ")).status).toBe(400);
    expect((await ana.say("hi", { once: "../x" })).status).toBe(400);
    expect((await ana.call("/messages", { method: "POST", body: "{" })).status).toBe(400);
    expect(it.received).toEqual([]);
  });

  test("address the bot when they name it, and carry the language of the browser", async () => {
    await ana.call("/messages", {
      method: "POST",
      headers: { "accept-language": "de-AT,de;q=0.9" },
      json: { once: "12345678", channel: "hello", thread: null, text: "hey @oca, hilf", files: [] },
    });
    await ana.say("thanks");
    expect(it.received).toMatchObject([{ addressed: true, locale: "de-AT" }, { addressed: false }]);
  });
});

describe("a page", () => {
  test("is told at once what others say and what oca shows, and only the newest state of a card", async () => {
    const told = await ben.listen();
    await ana.say("Let oca fix it");
    const card = await it.web.post(address(), view("Planning", { title: "Fix it" }));
    await told.sees("Planning");
    for (const n of Array.from({ length: 50 }, (_, n) => n)) await it.web.edit(card, view(`Step ${n}`));
    await told.sees("Step 49");
    expect(told.all.length).toBeLessThanOrEqual(53);
    told.close();
  });

  test("of another person never sees a note; the person gets it even when the page was shut", async () => {
    const other = await ben.listen();
    await ana.say("Let oca fix it");
    const [incoming] = it.received;
    if (!incoming) throw new Error("nothing was received");
    await it.web.reply(incoming, view("Only approvers may do this"));
    const told = await ana.listen();
    expect(await told.sees("Only approvers")).toMatchObject({ type: "note", thread: thread() });
    expect(JSON.stringify(other.all)).not.toContain("Only approvers");
    told.close();
    other.close();
  });

  test("that presses a button of a card tells the bot; other messages have no buttons", async () => {
    const { body } = await ana.say("Let oca fix it");
    const card = await it.web.post(address(), view("Plan"));
    const press = { thread: thread(), message: card.id, action: "approve:k7m2p4:1", text: "> step 1\n\nno" };
    expect((await ana.call("/clicks", { method: "POST", json: { once: crypto.randomUUID(), ...press } })).status).toBe(
      200,
    );
    expect(it.received[1]).toMatchObject({
      type: "click",
      message: card.id,
      action: "approve:k7m2p4:1",
      text: "> step 1\n\nno",
    });
    const wrong = { ...press, once: crypto.randomUUID(), message: body.id };
    expect((await ana.call("/clicks", { method: "POST", json: wrong })).status).toBe(404);
    expect(
      (
        await ana.call("/clicks", {
          method: "POST",
          json: { ...press, once: crypto.randomUUID(), action: "x".repeat(65) },
        })
      ).status,
    ).toBe(400);
  });

  test("gets agents' words as a tree without markup, and no document until it is asked for", async () => {
    await ana.say("<img src=x onerror=alert(1)>");
    const evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](http://evil.example/p.png) <!channel>";
    const card = await it.web.post(
      address(),
      view("Plan", {
        parts: [{ kind: "markdown", markdown: evil, fold: false }],
        documents: [{ name: "plan.md", mime: "text/markdown", text: "# the whole plan" }],
      }),
    );
    const { text } = await ana.call(`/threads/${thread()}`);
    expect(text).not.toContain('"href":"javascript');
    expect(text).not.toContain('"tag":"img"');
    expect(text).not.toContain('"tag":"script"');
    expect(text).toContain("<script>alert(1)</script>");
    expect(text).not.toContain("the whole plan");
    expect((await ana.call(`/threads/${thread()}/${card.id}/documents/0`)).body).toMatchObject({
      text: "# the whole plan",
      tree: [{ tag: "h3", children: ["the whole plan"] }],
    });
    expect((await ana.call(`/threads/${thread()}/${card.id}/documents/1`)).status).toBe(404);
  });
});

describe("a file", () => {
  const upload = (body: Uint8Array<ArrayBuffer>, name = "notes.txt") =>
    ana.call("/files", {
      method: "POST",
      body,
      headers: { "x-file-name": encodeURIComponent(name), "content-type": "text/html" },
    });

  test("is kept under a name nobody can guess and never served as a page", async () => {
    const { body } = await upload(new TextEncoder().encode("<script>alert(1)</script>"), "größe/../x.html");
    expect(body).toMatchObject({ name: "größe/../x.html", bytes: 25 });
    expect(body.id).toMatch(/^[0-9a-f]{32}$/);
    const { headers, text } = await ben.call(`/files/${body.id}`);
    expect(text).toBe("<script>alert(1)</script>");
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toBe("attachment");
    for (const id of ["0".repeat(32), "..%2fweb.json", "web.json"])
      expect((await ben.call(`/files/${id}`)).status).toBe(404);
  });

  test("of more than 20 MB is refused and leaves nothing behind", async () => {
    expect(await upload(new Uint8Array(20_000_001))).toMatchObject({ status: 413, body: { error: "tooBig" } });
    expect(await readdir(join(it.folder, "files"))).toEqual([]);
    expect((await upload(new Uint8Array(20_000_000))).status).toBe(200);
  });

  test("that was never uploaded cannot come with a message; its size is the true one", async () => {
    const { body } = await upload(new Uint8Array(3));
    const gone = { ...body, id: "0".repeat(32) };
    expect((await ana.say("look", { files: [gone] })).status).toBe(404);
    expect((await ana.say("look", { files: [{ ...body, id: "../web.json" }] })).status).toBe(404);
    await ana.say("look", { files: [{ ...body, bytes: 99 }] });
    expect(it.received[0]).toMatchObject({ files: [{ id: body.id, bytes: 3 }] });
  });
});

describe("after a restart", () => {
  test("everything said is still there, and the same words are still the same message", async () => {
    const once = crypto.randomUUID();
    await ana.say("Let oca fix it", { once });
    const card = await it.web.post(address(), view("Plan", { title: "Fix the login" }));
    await it.restart();
    ana = await it.enter(ANA);
    expect((await ana.say("Let oca fix it", { once })).status).toBe(200);
    expect(it.received).toHaveLength(1);
    await it.web.edit(card, view("Done", { title: "Fix the login", mood: "done" }));
    const { body } = await ana.call("/channels/hello");
    expect(body.talks).toMatchObject([{ title: "Fix the login", by: "Ana", replies: 1, mood: "done" }]);
    expect((await ana.call(`/threads/${thread()}`)).text).toContain("Done");
  });

  test("a thread that cannot be read costs that thread alone, and is named", async () => {
    await ana.say("Let oca fix it");
    await ana.say("Let oca fix that");
    await writeFile(join(it.folder, "threads", `${thread()}.json`), "{ half");
    await it.restart();
    ana = await it.enter(ANA);
    expect((await ana.call("/channels/hello")).body.talks).toHaveLength(1);
    expect(it.warned).toMatchObject([{ file: join(it.folder, "threads", `${thread()}.json`) }]);
    await it.web.post(address(), view("Back again"));
    expect(await readdir(join(it.folder, "threads"))).toContain(`${thread()}.json.broken`);
  });
});

test("the newest threads come first, a page at a time", async () => {
  for (const n of [1, 2, 3]) await ana.say(`request ${n}`);
  await ana.say("one more word", { thread: thread() });
  const { body } = await ana.call("/channels/hello?limit=2");
  expect(body).toMatchObject({ talks: [{ title: "request 1" }, { title: "request 3" }], more: true });
});
