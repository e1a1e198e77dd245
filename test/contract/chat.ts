import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Thread } from "../../src/core/parts.ts";
import type { Chat, Incoming, Message } from "../../src/core/ports/chat.ts";
import type { View } from "../../src/core/view.ts";

/** One platform with a person on it. Everything a person does resolves to whether the platform got its acknowledgement. */
export interface ChatStage {
  chat: Chat;
  /** What `receive` was called with, also when it then rejected. */
  received: Incoming[];
  /** While on, `receive` rejects. */
  fail(on: boolean): void;
  /** Null starts a thread. */
  say(
    text: string,
    thread: Thread | null,
    file?: { name: string; mime: string; bytes: Uint8Array<ArrayBuffer> },
  ): Promise<boolean>;
  click(message: Message, action: string): Promise<boolean>;
  /** The last thing the person did arrives once more, as it does when an acknowledgement was lost. */
  redeliver(): Promise<boolean>;
  /** What everybody reads in a thread, one string per message, oldest first. */
  reads(thread: Thread): Promise<string[]>;
  /** Waits until the person, and nobody else, is shown these words. */
  isTold(words: string): Promise<void>;
  end(): Promise<void>;
}

const card = (head: string, more: Partial<View> = {}): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "working",
  title: "",
  ...more,
});

const approve = (action: string): View["buttons"][number] => ({
  label: "Approve",
  style: "primary",
  does: { action },
  confirm: null,
  form: null,
});

/** What every chat must do, whatever its platform. */
export function chatContract(name: string, open: () => Promise<ChatStage>): void {
  describe(`${name} is a chat`, () => {
    let it: ChatStage;
    beforeEach(async () => {
      it = await open();
    });
    afterEach(() => it.end());

    const last = (): Incoming => {
      const incoming = it.received.at(-1);
      if (!incoming) throw new Error("nothing was received");
      return incoming;
    };
    const ask = async (text = "Let oca fix the login"): Promise<Incoming> => {
      expect(await it.say(text, null)).toBe(true);
      return last();
    };

    test("words arrive as they were written, with author and thread", async () => {
      const first = await ask("Let oca fix <b>this</b> & that\nplease");
      expect(first).toMatchObject({ type: "message", text: "Let oca fix <b>this</b> & that\nplease" });
      expect(first.thread.chat).toBe(it.chat.name);
      expect(first.by.chat).toBe(it.chat.name);
      await it.say("and hurry", first.thread);
      expect(last()).toMatchObject({ type: "message", text: "and hurry", thread: first.thread });
      expect(new Set(it.received.map((incoming) => incoming.id)).size).toBe(2);
    });

    test("a card is posted where it belongs and edited in its place", async () => {
      const { thread } = await ask();
      const message = await it.chat.post(thread, card("Planning"));
      await it.chat.post(thread, card("Which language?"));
      await it.chat.edit(message, card("Plan ready", { parts: [{ kind: "line", text: "two steps", tone: "plain" }] }));
      const [, plan, question] = await it.reads(thread);
      expect(plan).toContain("Plan ready");
      expect(plan).toContain("two steps");
      expect(plan).not.toContain("Planning");
      expect(question).toContain("Which language?");
    });

    test("a card and the words around it are told by one clock", async () => {
      const { thread, at } = await ask();
      const planning = await it.chat.post(thread, card("Planning"));
      await it.say("no, the other one", thread);
      expect(planning.at).toBeGreaterThanOrEqual(at);
      expect(last().at).toBeGreaterThanOrEqual(planning.at);
      expect(last().at - planning.at).toBeLessThan(3_600_000);
    });

    test("the same edit again changes nothing and is no error", async () => {
      const { thread } = await ask();
      const message = await it.chat.post(thread, card("Planning"));
      await it.chat.edit(message, card("Plan ready"));
      await it.chat.edit(message, card("Plan ready"));
      expect(await it.reads(thread)).toHaveLength(2);
    });

    test("a click says what it decides, on which message, and for whom", async () => {
      const { thread, by } = await ask();
      const message = await it.chat.post(
        thread,
        card("Plan", { buttons: [approve("approve:k7m2p4:3")], mood: "waiting" }),
      );
      expect(await it.click(message, "approve:k7m2p4:3")).toBe(true);
      expect(last()).toMatchObject({ type: "click", action: "approve:k7m2p4:3", message: message.id, by, thread });
    });

    test("the longest action comes back whole", async () => {
      const { thread } = await ask();
      const action = `approve:${"k".repeat(16)}:${"7".repeat(32)}`;
      const message = await it.chat.post(thread, card("Plan", { buttons: [approve(action)] }));
      await it.click(message, action);
      expect(last()).toMatchObject({ type: "click", action });
    });

    test("a reply is for one person and leaves no trace in the thread", async () => {
      const incoming = await ask();
      await it.chat.reply(incoming, card("Only approvers may do this"));
      await it.isTold("Only approvers may do this");
      expect((await it.reads(incoming.thread)).join()).not.toContain("Only approvers");
    });

    test("what could not be saved is not acknowledged; when it comes again it is the same delivery", async () => {
      it.fail(true);
      expect(await it.say("Let oca fix the login", null)).toBe(false);
      const refused = last();
      it.fail(false);
      expect(await it.redeliver()).toBe(true);
      expect(last()).toMatchObject({ id: refused.id, type: "message", thread: refused.thread });
    });

    test("a delivery that comes twice is one delivery", async () => {
      const { thread } = await ask();
      await it.redeliver();
      const message = await it.chat.post(thread, card("Plan", { buttons: [approve("approve:k7m2p4:3")] }));
      await it.click(message, "approve:k7m2p4:3");
      await it.redeliver();
      expect(new Set(it.received.map((incoming) => incoming.id)).size).toBe(2);
    });

    test("text of an agent is only text", async () => {
      const { thread } = await ask();
      const evil = "<!channel> <@U1> @here <script>alert(1)</script> [go](javascript:alert(1)) *not bold_ `";
      await it.chat.post(
        thread,
        card(evil, {
          parts: [
            { kind: "line", text: evil, tone: "plain" },
            { kind: "code", text: evil },
          ],
        }),
      );
      const [, shown = ""] = await it.reads(thread);
      expect(shown.split("<script>alert(1)</script>")).toHaveLength(4);
      expect(shown).toContain("<!channel>");
    });

    test("a card that is longer than the platform's messages can be posted and edited", async () => {
      const { thread } = await ask();
      const long = (word: string) =>
        card("Plan", {
          parts: [{ kind: "markdown", markdown: `${`${word} `.repeat(20)}\n\n`.repeat(400), fold: true }],
          buttons: [approve("approve:k7m2p4:3")],
        });
      const message = await it.chat.post(thread, long("first"));
      await it.chat.edit(message, long("second"));
      const all = (await it.reads(thread)).join("\n");
      expect(all).toContain("second second");
      expect(all).not.toContain("first first");
      expect(await it.click(message, "approve:k7m2p4:3")).toBe(true);
    });

    test("a file comes with its message and can be fetched", async () => {
      const bytes = new Uint8Array([0, 1, 2, 250, 251, 252]);
      expect(await it.say("Let oca look at this", null, { name: "login.png", mime: "image/png", bytes })).toBe(true);
      const incoming = last();
      const [file] = incoming.type === "message" ? incoming.files : [];
      if (!file) throw new Error("the file did not come along");
      expect(file).toMatchObject({ name: "login.png", mime: "image/png", bytes: bytes.length });
      const chunks: Uint8Array[] = [];
      for await (const chunk of await it.chat.fetch(file)) chunks.push(chunk);
      expect(new Uint8Array(Buffer.concat(chunks))).toEqual(bytes);
    });
  });
}

/** For platforms that keep a history: earlier words of people, oldest first. */
export function historyContract(name: string, open: () => Promise<ChatStage>): void {
  test(`${name} knows what people said before in the thread`, async () => {
    const it = await open();
    try {
      await it.say("the login is broken since Monday", null);
      const thread = it.received[0]?.thread ?? { chat: "", channel: "", thread: null };
      await it.say("only for guests", thread);
      await it.chat.post(thread, card("Planning"));
      await it.say("Let oca fix it", thread);
      const asked = it.received[2];
      const said = await it.chat.context(thread, asked?.type === "message" ? asked.message : "");
      expect(said.map(({ text }) => text)).toEqual(["the login is broken since Monday", "only for guests"]);
      expect(said[0]?.by).not.toBe("");
    } finally {
      await it.end();
    }
  });
}
