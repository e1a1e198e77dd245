import type { WebClient } from "@slack/web-api";
import type { Incoming } from "../../core/ports.ts";
import type { View } from "../../core/view.ts";
import { insist } from "./calls.ts";
import type { SlackLog } from "./log.ts";
import { type Features, render } from "./render.ts";
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

export interface Address {
  url: string;
  over: boolean;
}

interface Deps {
  client: WebClient;
  sender: Sender;
  features: () => Features;
  fetch: typeof fetch;
  log: SlackLog;
}

const KEPT = 500;

export function createReplies({ client, sender, features, fetch, log }: Deps): Replies {
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

  return {
    expect: (id, address) => {
      addresses.set(id, address);
      for (const oldest of addresses.keys()) if (addresses.size > KEPT) addresses.delete(oldest);
    },
    clear: async (id) => {
      const address = take(id);
      if (address) await send(address.url, { delete_original: true });
    },
    reply: async ({ id, by, thread: { channel, thread } }, view) => {
      const { text, blocks, files } = render(view, features());
      const address = take(id);
      if (address) {
        await send(address.url, { response_type: "ephemeral", replace_original: address.over, text, blocks });
      } else {
        const at = { channel, user: by.user, ...(thread === null ? {} : { thread_ts: thread }) };
        await insist(() => client.chat.postEphemeral({ ...at, text, blocks })).catch(async (error: unknown) => {
          log.warn({ error: codeOf(error) }, "an answer cannot be shown where it was asked for: it goes to the person");
          await client.chat.postMessage({ channel: await direct(by.user), text, blocks });
        });
      }
      // What only one person sees cannot hold a file.
      if (files.length > 0) await sender.attach({ channel: await direct(by.user), thread: null }, files);
    },
  };
}
