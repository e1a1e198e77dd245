import type { Logger } from "pino";
import { type Desk, obey } from "../commands/command.ts";
import { commands } from "../commands/list.ts";
import { readAction } from "../core/action.ts";
import type { Actor, EventOf } from "../core/event.ts";
import type { Intent, Words } from "../core/intent.ts";
import { timed } from "../core/later.ts";
import type { Thread } from "../core/parts.ts";
import type { Chat, Incoming } from "../core/ports/chat.ts";
import type { Store } from "../core/ports/store.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { joining } from "../view/channel.ts";
import type { T } from "../view/i18n.ts";
import { refusal } from "../view/refusal.ts";
import type { Engine } from "./engine.ts";
import type { House } from "./house.ts";
import { actorIn, actorOf, find, meaningOf, openingOf, sceneOf, tell } from "./reading.ts";
import type { Screen } from "./screen.ts";

type Of<K extends Incoming["type"]> = Extract<Incoming, { type: K }>;
type Meaning<K extends Intent["is"]> = Extract<Intent, { is: K }>;

export interface Inbox {
  store: Store;
  engine: Engine;
  screen: Screen;
  house: House;
  words: Words;
  /** In the person's own language. */
  t: (locale: string) => T;
  /** What commands may use beside the session. */
  desk: (by: Actor, t: T, place: Thread) => Omit<Desk, "session" | "here" | "whisper">;
  log: Logger;
}

/** What people do becomes an event of one session, a new session, or a command. Resolves when it is saved. */
export async function receive(box: Inbox, chat: Chat, incoming: Incoming): Promise<void> {
  const answer = await handle(box, chat, incoming);
  box.screen.heard(incoming.thread);
  if (!answer) return;
  // The delivery is saved: a reply that does not arrive must not bring it back.
  await chat.reply(incoming, answer).catch((error: unknown) => box.log.warn({ error }, "cannot reply"));
}

function handle(box: Inbox, chat: Chat, incoming: Incoming): Promise<View | null> {
  switch (incoming.type) {
    case "click":
      return incoming.action.startsWith(WORDS) ? message(box, chat, said(incoming)) : click(box, incoming);
    case "edited":
      return edited(box, incoming);
    case "message":
      return message(box, chat, incoming);
    case "joined":
      return joined(box, chat, incoming);
    default:
      return never(incoming);
  }
}

/** A button with a command is that command, said by whoever pressed it. */
const WORDS = "/oca ";

const said = (incoming: Of<"click">): Of<"message"> => ({
  ...incoming,
  type: "message",
  message: incoming.id,
  text: incoming.action,
  files: [],
  replyTo: incoming.message,
  addressed: true,
});

/** Asks once, in the channel, what it is about and who may approve there. */
async function joined(box: Inbox, chat: Chat, { thread }: Of<"joined">): Promise<null> {
  const { locale } = box.house.channel(thread);
  await chat.post(thread, joining(box.house.repos, box.t(locale)));
  return null;
}

/** A button counts on a card of its own session only. */
async function click(box: Inbox, incoming: Of<"click">): Promise<View | null> {
  const action = readAction(incoming.action);
  const session = action && (await box.store.get(action.session));
  if (!session || !(await isShown(box, session, incoming)))
    return refusal({ refused: "gone" }, null, box.t(incoming.locale));
  const { verb } = action;
  const { at, timezone = box.house.timezone } = incoming;
  const key = verb === "later" ? timed(action.key, { at, timezone }) : action.key;
  return press(box, session, incoming, { verb, key, via: "button", text: incoming.text });
}

async function isShown({ screen }: Inbox, { id }: Session, { message, thread }: Of<"click">): Promise<boolean> {
  if (message === null) return true;
  const { chat, channel } = thread;
  const cards = await screen.cards(id, chat);
  return cards.some(({ message: at }) => at.id === message && at.channel === channel);
}

async function edited(box: Inbox, incoming: Of<"edited">): Promise<View | null> {
  const session = await find(box.store, incoming.thread, null);
  if (!session) return null;
  const { id, at, message: changed, text } = incoming;
  const by = actorIn(box.house, session, incoming.by);
  const result = await box.engine.dispatch(session.id, { type: "edited", id, at, by, message: changed, text });
  return tell(result, session, box.t(incoming.locale));
}

async function message(box: Inbox, chat: Chat, incoming: Of<"message">): Promise<View | null> {
  const session = await find(box.store, incoming.thread, incoming.replyTo);
  const intent = meaningOf(incoming, box.words, sceneOf(box.house, session, incoming));
  if (session && intent.is !== "command") box.screen.spoke(session.id, incoming.thread);
  if (intent.is === "talk") return null;
  if (intent.is === "command") return command(box, chat, session, { incoming, intent });
  if (session) return toSession(box, session, incoming, intent);
  return intent.is === "request" ? open(box, chat, incoming, intent) : null;
}

function toSession(
  box: Inbox,
  session: Session,
  incoming: Of<"message">,
  intent: Meaning<"permit" | "verb" | "words" | "request">,
): Promise<View | null> {
  switch (intent.is) {
    case "permit": {
      const key = `${asksOf(session)[0]?.id ?? ""}.${intent.option}`;
      return press(box, session, incoming, { verb: "answer", key, via: "words", text: incoming.text });
    }
    case "verb":
      return decide(box, session, incoming, intent);
    case "words":
      return say(box, session, incoming, intent.text);
    case "request":
      return say(box, session, incoming, incoming.text);
    default:
      return never(intent);
  }
}

async function say(box: Inbox, session: Session, incoming: Of<"message">, text: string): Promise<View | null> {
  const { id, at, message: said } = incoming;
  const by = actorIn(box.house, session, incoming.by);
  const { chat } = incoming.thread;
  const files = chat === session.threads[0]?.chat ? incoming.files : incoming.files.map((file) => ({ ...file, chat }));
  const result = await box.engine.dispatch(session.id, { type: "said", id, at, by, message: said, text, files });
  return tell(result, session, box.t(incoming.locale));
}

/** A decision in words counts only for a card that its author can have seen; else the newest card is shown again. */
async function decide(
  box: Inbox,
  session: Session,
  incoming: Of<"message">,
  { verb, rest }: Meaning<"verb">,
): Promise<View | null> {
  const offer = "offer" in session.phase ? session.phase.offer : null;
  const text = rest === "" ? null : rest;
  const key = `${offer ?? session.work}`;
  if (offer === null || verb === "stop" || verb === "undo")
    return press(box, session, incoming, { verb, key, via: "words", text });
  const cards = await box.screen.cards(session.id, incoming.thread.chat);
  const seen = cards.some((card) => card.offer === offer && card.postedAt < incoming.at);
  if (seen) return press(box, session, incoming, { verb, key, via: "words", text });
  box.screen.show(session.id);
  return refusal(
    { refused: "superseded", plan: session.plans.at(-1)?.version ?? null },
    session,
    box.t(incoming.locale),
  );
}

type Press = Pick<EventOf<"pressed">, "verb" | "key" | "via" | "text">;

async function press(box: Inbox, session: Session, incoming: Incoming, pressed: Press): Promise<View | null> {
  const by = actorIn(box.house, session, incoming.by);
  const { id, at } = incoming;
  return tell(
    await box.engine.dispatch(session.id, { type: "pressed", id, at, by, ...pressed }),
    session,
    box.t(incoming.locale),
  );
}

function command(
  box: Inbox,
  chat: Chat,
  session: Session | null,
  { incoming, intent: { name, line } }: { incoming: Of<"message">; intent: Meaning<"command"> },
): Promise<View | null> {
  const t = box.t(incoming.locale);
  const home = session?.threads[0] ?? incoming.thread;
  const by = session ? actorIn(box.house, session, incoming.by) : actorOf(box.house, home, incoming.by);
  const whisper = (view: View) => chat.reply(incoming, view);
  return obey(commands, { name, line }, { ...box.desk(by, t, home), session, here: incoming.thread, whisper });
}

async function open(box: Inbox, chat: Chat, incoming: Of<"message">, intent: Meaning<"request">): Promise<View | null> {
  const context = await chat.context(incoming.thread, incoming.message);
  const event = openingOf(box.house, { incoming, intent, context });
  return tell(await box.engine.dispatch(event.session, event), null, box.t(incoming.locale));
}
