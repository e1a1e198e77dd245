import english from "../../../locales/en/slack.json" with { type: "json" };
import { createSlack, type Slack, type SlackOrder } from "../../../src/chat/slack/index.ts";
import type { Incoming, Message } from "../../../src/core/ports/chat.ts";
import type { View } from "../../../src/core/view.ts";
import { createSlackTwin, type SlackTwin, type TwinOptions } from "../../twin/slack/index.ts";

export interface Stage {
  slack: SlackTwin;
  chat: Slack;
  /** What was received, also when it could not be saved. */
  received: Incoming[];
  /** While on, nothing can be saved. */
  fail(on: boolean): void;
  warned: object[];
  end(): Promise<void>;
}

interface Play extends Partial<TwinOptions> {
  mode: TwinOptions["mode"];
  /** A workspace that is there already. */
  twin?: SlackTwin;
  /** Block types that the workspace does not know from the start. */
  lacks?: readonly string[];
  hasAgents?: boolean;
  /** What becomes of what is received. */
  save?: (incoming: Incoming) => Promise<void>;
  /** What a test wants otherwise. */
  order?: Partial<SlackOrder>;
}

/** The Slack chat without a bot behind it, in a workspace on this machine. */
export async function stage({
  order,
  twin,
  lacks = [],
  hasAgents = true,
  save: keep,
  ...options
}: Play): Promise<Stage> {
  const slack = twin ?? (await createSlackTwin({ retryMs: [], ...options }));
  slack.lacks = new Set(lacks);
  slack.hasAgents = hasAgents;
  const received: Incoming[] = [];
  const drawn = new Map<string, View>();
  const warned: object[] = [];
  const chat = remembering(
    drawn,
    createSlack({
      link: options.mode === "socket" ? { mode: "socket", appToken: slack.tokens.app } : httpLink(slack),
      token: slack.tokens.bot,
      commands: ["help", "status", "stop"],
      card: ({ id }) => Promise.resolve(drawn.get(id) ?? null),
      workOf: (at) => Promise.resolve(at),
      requestIn: () => Promise.resolve(null),
      home: () => Promise.resolve({ sections: [] }),
      diff: () => Promise.resolve(null),
      words: () => english,
      now: Date.now,
      log: { info: () => undefined, warn: (what, message) => void warned.push({ ...what, message }) },
      apiUrl: slack.slackApiUrl,
      fetch: slack.fetch,
      postSpacingMs: 0,
      ...order,
    }),
  );
  const end = async (): Promise<void> => {
    await chat.stop();
    await slack.stop();
  };
  let save = () => Promise.resolve();
  const fail: Stage["fail"] = (on) => {
    save = () => (on ? Promise.reject(new Error("disk full")) : Promise.resolve());
  };
  await chat.start((incoming) => {
    received.push(incoming);
    return keep ? keep(incoming) : save();
  });
  if (options.mode === "http") slack.requestUrl = `http://127.0.0.1:${chat.port()}/slack/events`;
  return { slack, chat, received, warned, fail, end };
}

const httpLink = ({ signingSecret }: SlackTwin): SlackOrder["link"] => ({
  mode: "http",
  signingSecret,
  port: 0,
  path: "/slack/events",
});

/** What the bot keeps of its cards. */
function remembering(drawn: Map<string, View>, chat: Slack): Slack {
  const draw = <M extends Message>(message: M, view: View): M => {
    drawn.set(message.id, view);
    return message;
  };
  return {
    ...chat,
    post: async (thread, view) => draw(await chat.post(thread, view), view),
    edit: async (message, view) => chat.edit(draw(message, view), view),
  };
}
