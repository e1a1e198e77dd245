import type { WebClient } from "@slack/web-api";
import type { Incoming } from "../../core/ports/chat.ts";
import { never } from "../../lib/never.ts";
import { insist } from "./calls.ts";
import { createDialogs, note } from "./dialogs.ts";
import type { Heard } from "./heard.ts";
import { homeView } from "./home.ts";
import { peopleIn, read } from "./incoming.ts";
import type { SlackOrder } from "./order.ts";
import type { People } from "./people.ts";
import type { Replies } from "./replies.ts";
import type { Sender } from "./sender.ts";
import { asked } from "./text.ts";
import { codeOf } from "./trouble.ts";

export interface Desk {
  /** Resolves to what Slack is acknowledged with, when the delivery is saved. */
  deliver(body: unknown): Promise<object | undefined>;
}

interface Deps {
  client: WebClient;
  people: People;
  sender: Sender;
  replies: Replies;
  self: () => { bot: string; site: string };
  receive(incoming: Incoming): Promise<void>;
}

type Of<K extends Heard["is"]> = Extract<Heard, { is: K }>;
type Answer = object | undefined;

/** What becomes of a delivery: words and clicks are the bot's, dialogs and the Home are Slack's own. */
export function createDesk(order: SlackOrder, deps: Deps): Desk {
  const { people, self, receive } = deps;
  const { log, words } = order;
  const dialogs = createDialogs(order, deps);

  const act = (heard: Heard): Promise<Answer> => {
    switch (heard.is) {
      case "nothing":
        return done();
      case "words":
      case "news":
        return receive(heard.incoming).then(done);
      case "crossed":
        return crossed(heard).then(done);
      case "click":
        return click(heard).then(done);
      case "decided":
        return decided(heard).then(done);
      case "form":
        return form(heard);
      case "turned":
        return behind(dialogs.turn(heard));
      case "slash":
        return slash(order, deps, heard).then(done);
      case "home":
        return behind(home(order, deps, heard));
      default:
        return never(heard);
    }
  };

  /** A cross on a message that is none of oca's business stops nothing. */
  async function crossed({ incoming, mine }: Of<"crossed">): Promise<void> {
    const thread = mine ? incoming.thread : await order.workOf(incoming.thread);
    if (thread) await receive({ ...incoming, thread });
  }

  async function click({ incoming, trigger, answerAt }: Of<"click">): Promise<void> {
    if (answerAt !== null) deps.replies.expect(incoming.id, { url: answerAt, over: true });
    const open = await dialogs.opener(incoming, trigger);
    if (open) return void (await behind(open()));
    await receive(incoming);
    await behind(deps.replies.clear(incoming.id));
  }

  /** What came of it shows in the Home itself; a refusal opens over it. */
  async function decided({ incoming, trigger }: Of<"decided">): Promise<void> {
    const open = await dialogs.opener(incoming, trigger);
    if (open) return void (await behind(open()));
    deps.replies.expect(incoming.id, { trigger });
    await receive(incoming);
    await behind(home(order, deps, { person: incoming.by, locale: incoming.locale }));
  }

  async function form({ incoming }: Of<"form">): Promise<Answer> {
    const objection = await dialogs.objection(incoming);
    if (objection) return objection;
    const saved = async (): Promise<Answer> => {
      const { by: person, locale, message } = incoming;
      return message === null ? behind(home(order, deps, { person, locale })) : done();
    };
    return receive(incoming).then(saved, (error: unknown) => {
      log.warn({ error, delivery: incoming.id }, "a dialog was not saved: the person is told to send it again");
      return dialogs.refuse(words(incoming.locale).notSaved);
    });
  }

  /** What the acknowledgement does not wait for. */
  function behind(job: Promise<void>): Promise<Answer> {
    job.catch((error: unknown) => log.warn({ error: codeOf(error) }, "a dialog or a Home could not be shown"));
    return done();
  }

  return {
    deliver: async (body) => {
      const { bot } = self();
      await people.meet(peopleIn(body, bot));
      return act(
        read(body, { bot, now: order.now(), name: people.name, locale: people.locale, timezone: people.timezone }),
      );
    },
  };
}

const done = (): Promise<Answer> => Promise.resolve(undefined);

/** A request needs a thread: its words become the root. A command is answered where it was given. */
async function slash(order: SlackOrder, deps: Deps, { incoming, answerAt }: Of<"slash">): Promise<void> {
  const { replies, sender, receive } = deps;
  const { channel } = incoming.thread;
  if (answerAt !== null) replies.expect(incoming.id, { url: answerAt, over: false });
  const text = incoming.text.replace(/^\S+\s*/, "");
  const [name = ""] = text.split(/\s/);
  if (text === "" || order.commands.includes(name.toLowerCase())) return receive(incoming);
  const root = await sender.say(channel, asked(incoming.by.user, text)).catch((error: unknown) => {
    order.log.warn({ error: codeOf(error), channel }, "a request by command cannot begin a thread");
    return null;
  });
  if (root === null) return replies.reply(incoming, note(order.words(incoming.locale).invite));
  await receive({ ...incoming, text, message: root, thread: { ...incoming.thread, thread: root } });
}

async function home(
  order: SlackOrder,
  { client, self }: Deps,
  { person, locale }: Pick<Of<"home">, "person" | "locale">,
): Promise<void> {
  const board = await order.home(person, locale);
  const view = homeView(board, self().site, order.words(locale));
  await insist(() => client.views.publish({ user_id: person.user, view }));
}
