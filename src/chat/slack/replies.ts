import type { KnownBlock, ModalView } from "@slack/types";
import type { WebClient } from "@slack/web-api";
import type { Thread } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports/chat.ts";
import type { View } from "../../core/view.ts";
import { plainText } from "./button.ts";
import { insist } from "./calls.ts";
import type { DialogWords } from "./dialog.ts";
import type { SlackLog } from "./log.ts";
import { type Card, type Features, render } from "./render.ts";
import type { Sender } from "./sender.ts";
import { codeOf } from "./trouble.ts";

export interface Replies {
  /** Shows something to one person only. */
  reply(incoming: Incoming, view: View): Promise<void>;
  /** Where the answer to a delivery may be sent, also where oca is no member; `over`: in place of what was pressed there. */
  expect(id: string, address: Address): void;
  /** What was pressed goes, if no answer has taken its place. */
  clear(id: string): Promise<void>;
}

/** `trigger`: a click without a place of its own, over which a dialog may be opened. */
export type Address = { url: string; over: boolean } | { trigger: string };

interface Deps {
  client: WebClient;
  sender: Sender;
  features: () => Features;
  words: (locale: string) => DialogWords;
  fetch: typeof fetch;
  log: SlackLog;
}

const KEPT = 500;

export function createReplies({ client, sender, features, words, fetch, log }: Deps): Replies {
  const addresses = new Map<string, Address>();
  const take = (id: string): Address | null => {
    const found = addresses.get(id) ?? null;
    addresses.delete(id);
    return found;
  };
  const send = async (url: string, body: object): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`Slack does not take an answer to a command: ${answer.status}`);
  };

  const direct = async (user: string): Promise<string> => {
    const { channel } = await insist(() => client.conversations.open({ users: user }));
    if (channel?.id === undefined) throw new Error(`Slack opens no conversation with ${user}`);
    return channel.id;
  };

  async function tell(user: string, card: Pick<Card, "text" | "blocks">, error: unknown): Promise<void> {
    log.warn({ error: codeOf(error) }, "an answer cannot be shown where it was asked for: it goes to the person");
    await client.chat.postMessage({ channel: await direct(user), ...card });
  }

  async function whisper(
    { channel, thread }: Thread,
    user: string,
    { text, blocks }: Pick<Card, "text" | "blocks">,
  ): Promise<void> {
    const at = { channel, user, ...(thread === null ? {} : { thread_ts: thread }) };
    await insist(() => client.chat.postEphemeral({ ...at, text, blocks })).catch((error: unknown) =>
      tell(user, { text, blocks }, error),
    );
  }

  return {
    expect: (id, address) => {
      addresses.set(id, address);
      for (const oldest of addresses.keys()) if (addresses.size > KEPT) addresses.delete(oldest);
    },
    clear: async (id) => {
      const address = take(id);
      if (address && "url" in address) await send(address.url, { delete_original: true });
    },
    reply: async ({ id, by, locale, thread }, view) => {
      const { text, blocks, files } = render(view, features());
      const address = take(id);
      if (address && "url" in address) {
        await send(address.url, { response_type: "ephemeral", replace_original: address.over, text, blocks });
      } else if (address) {
        await client.views
          .open({ trigger_id: address.trigger, view: noteView(view, blocks, words(locale)) })
          .catch((error: unknown) => tell(by.user, { text, blocks }, error));
      } else {
        await whisper(thread, by.user, { text, blocks });
      }
      // What only one person sees cannot hold a file.
      if (files.length > 0) await sender.attach({ channel: await direct(by.user), thread: null }, files);
    },
  };
}

/** An answer over the Home, where nothing else can be shown to one person. */
const noteView = ({ head }: View, blocks: KnownBlock[], { close }: DialogWords): ModalView => ({
  type: "modal",
  callback_id: "note",
  title: plainText(head, 24),
  close: plainText(close, 24),
  blocks,
});
