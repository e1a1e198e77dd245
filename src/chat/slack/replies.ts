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
  /** Where the answer to a delivery may be sent, also where oca is no member. */
  expect(id: string, url: string): void;
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
  const addresses = new Map<string, string>();

  const direct = async (user: string): Promise<string> => {
    const { channel } = await insist(() => client.conversations.open({ users: user }));
    if (channel?.id === undefined) throw new Error(`Slack opens no conversation with ${user}`);
    return channel.id;
  };

  return {
    expect: (id, url) => {
      addresses.set(id, url);
      for (const oldest of addresses.keys()) if (addresses.size > KEPT) addresses.delete(oldest);
    },
    reply: async ({ id, by, thread: { channel, thread } }, view) => {
      const { text, blocks, files } = render(view, features());
      const url = addresses.get(id);
      addresses.delete(id);
      if (url !== undefined) {
        const body = JSON.stringify({ response_type: "ephemeral", text, blocks });
        const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
        if (!answer.ok) throw new Error(`Slack does not take an answer to a command: ${answer.status}`);
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
