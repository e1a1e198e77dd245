import type { WebClient } from "@slack/web-api";
import type { Incoming } from "../../core/ports/chat.ts";
import type { Button, Form, View } from "../../core/view.ts";
import { idOf } from "./button.ts";
import { insist } from "./calls.ts";
import { diffView, filesOf, formView, pageOf, TEXT } from "./dialog.ts";
import type { Heard } from "./heard.ts";
import type { SlackOrder } from "./order.ts";
import type { Replies } from "./replies.ts";
import type { Sender } from "./sender.ts";
import { codeOf } from "./trouble.ts";

type Click = Extract<Incoming, { type: "click" }>;

export interface Dialogs {
  /** What a button opens, if it opens something. It is shown at once: the click is good for three seconds. */
  opener(click: Click, trigger: string): Promise<(() => Promise<void>) | null>;
  /** What a filled in dialog is answered with; null when it is all right. */
  objection(click: Click): Promise<object | null>;
  /** The dialog stays open and says this. */
  refuse(words: string): object;
  turn(heard: Extract<Heard, { is: "turned" }>): Promise<void>;
}

interface Deps {
  client: WebClient;
  sender: Sender;
  replies: Replies;
}

const PAGE = /^\/diff\/([a-z2-7]{1,16})$/;
const KEPT = 200;

export function createDialogs(order: SlackOrder, { client, sender, replies }: Deps): Dialogs {
  const { log, words } = order;
  const attached = new Set<string>();

  const formOf = async (click: Click): Promise<Form | null> => {
    const buttons = await offered(click);
    return buttons.find((button) => idOf(button) === click.action)?.form ?? null;
  };
  const offered = async ({ thread, message, by, locale }: Click): Promise<readonly Button[]> => {
    if (message !== null) return (await order.card({ ...thread, id: message }))?.buttons ?? [];
    const { sections } = await order.home(by, locale);
    return sections.flatMap(({ rows }) => rows.flatMap(({ buttons }) => buttons));
  };

  async function open(click: Click, show: () => Promise<unknown>): Promise<void> {
    await insist(show).catch(async (error: unknown) => {
      log.warn({ error: codeOf(error) }, "a dialog could not be opened");
      await replies.reply(click, note(words(click.locale).expired));
    });
  }

  async function openDiff(session: string, click: Click, trigger: string): Promise<void> {
    const diff = await order.diff(session);
    const files = filesOf(diff?.text ?? "");
    const view = diffView(diff?.title ?? "", files, { at: 0, session, words: words(click.locale) });
    await open(click, () => client.views.open({ trigger_id: trigger, view }));
    const key = `${session}:${diff?.text}`;
    if (!diff || files.length === 0 || click.message === null || attached.has(key)) return;
    attached.add(key);
    for (const oldest of attached) if (attached.size > KEPT) attached.delete(oldest);
    await sender.attach(click.thread, [{ name: `${session}.diff`, mime: "text/x-diff", text: diff.text }]);
  }

  return {
    opener: async (click, trigger) => {
      const session = PAGE.exec(click.action)?.[1];
      if (session !== undefined) return () => openDiff(session, click, trigger);
      const form = await formOf(click);
      if (!form) return null;
      const { thread, message, action, locale } = click;
      const meta = { action, channel: thread.channel, thread: thread.thread, message };
      return () =>
        open(click, () => client.views.open({ trigger_id: trigger, view: formView(form, meta, words(locale)) }));
    },
    objection: async (click) => {
      const form = await formOf(click);
      return form?.required && click.text === "" ? refuse(words(click.locale).empty) : null;
    },
    refuse,
    turn: async ({ view, meta, action, locale }) => {
      const at = pageOf(action);
      if (at === null) return;
      const diff = await order.diff(meta);
      const how = { at, session: meta, words: words(locale) };
      const page = diffView(diff?.title ?? "", filesOf(diff?.text ?? ""), how);
      await insist(() => client.views.update({ view_id: view, view: page }));
    },
  };
}

const refuse = (words: string): object => ({ response_action: "errors", errors: { [TEXT]: words } });

/** A sentence of the chat's own, for one person. */
export const note = (head: string): View => ({
  head,
  parts: [],
  buttons: [],
  documents: [],
  mentions: [],
  mood: "waiting",
  title: "",
});
