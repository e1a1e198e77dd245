import { createHash } from "node:crypto";
import { commands } from "../commands/list.ts";
import { type Actor, type EventOf, isRefusal, type Refusal } from "../core/event.ts";
import { type Intent, readIntent, type Scene, type Words as Vocabulary } from "../core/intent.ts";
import { decidable } from "../core/offer.ts";
import type { Person, Thread } from "../core/parts.ts";
import { type OwnPolicy, Policy } from "../core/policy.ts";
import type { Incoming, Message, Said } from "../core/ports/chat.ts";
import type { Store } from "../core/ports/store.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import type { T } from "../view/i18n.ts";
import { refusal } from "../view/refusal.ts";
import { sameThread } from "./cards.ts";
import type { House } from "./house.ts";

type Words = Extract<Incoming, { type: "message" }>;

/** A reply finds its session by the message it answers, then by its thread. */
export async function find(store: Store, thread: Thread, replyTo: string | null): Promise<Session | null> {
  const sessions = await store.all();
  // The number of a message says nothing without its channel: Telegram counts in each chat from 1.
  const isAnswered = ({ id, chat, channel }: Message): boolean =>
    id === replyTo && chat === thread.chat && channel === thread.channel;
  if (replyTo !== null)
    for (const session of sessions)
      if ((await store.cards(session.id)).some(({ message }) => isAnswered(message))) return session;
  if (thread.thread === null) return null;
  return sessions.find(({ threads }) => threads.some((one) => sameThread(one, thread))) ?? null;
}

/** What the reader of a message must know to understand it. */
export function sceneOf(house: House, session: Session | null, { addressed, at, thread }: Words): Scene {
  const ask = session ? asksOf(session)[0] : undefined;
  return {
    addressed,
    hears: house.channel(thread).hears,
    offers: session ? decidable(session, at) : null,
    asked: ask ? (ask.what.kind === "permission" ? "permission" : "question") : null,
    repos: house.repos,
    agents: house.agents,
    commands: commands.map(({ name }) => name),
  };
}

/** Files without a word (a voice message, a picture) are for oca where words would be; what they begin bears their names. */
export function meaningOf({ text, files }: Words, words: Vocabulary, scene: Scene): Intent {
  if (text.trim() !== "" || files.length === 0) return readIntent(text, words, scene);
  if (scene.offers !== null) return { is: "words", text: "" };
  return readIntent(files.map(({ name }) => name).join(", "), words, scene);
}

/** A person with the role in a channel. */
export const actorOf = (house: House, home: Thread, { id, chat, user, name }: Person): Actor => ({
  id: house.ids({ id, chat, user, name })[0],
  chat,
  user,
  name,
  role: house.role(home, { id, chat, user, name }),
});

/**
 * A person with the role that counts: the one in the session's home channel, wherever the words or the click came from.
 * Whoever asked or voted before two of their ids were linked is still the one who did.
 */
export function actorIn(house: House, { threads: [home], requester, phase }: Session, person: Person): Actor {
  const votes = "votes" in phase ? phase.votes : [];
  const known = [requester.id, ...votes.map(({ by }) => by?.id)];
  const [first, ...more] = house.ids(person);
  const id = [first, ...more].find((one) => known.includes(one)) ?? first;
  if (!home) return { ...person, id, role: "observer" };
  return { ...actorOf(house, home, person), id };
}

export const tell = (result: Session | Refusal, session: Session | null, t: T): View | null =>
  isRefusal(result) ? refusal(result, session, t) : null;

/** The event that a request opens a session with. */
export function openingOf(
  house: House,
  from: { incoming: Words; intent: Extract<Intent, { is: "request" }>; context: readonly Said[] },
): EventOf<"opened"> {
  const { incoming, intent, context } = from;
  const { id, at, thread, message, files } = incoming;
  const { text, hints } = intent;
  const { agent, policy, from: guess, ...channel } = house.channel(thread);
  const repo = hints.repo ?? channel.repo;
  const { land, isolation } = hints;
  // What anybody may ask for: it only makes things safer.
  const asks: OwnPolicy = {
    ...(hints.plan === true && { plan: "ask" }),
    ...(isolation === "worktree" && { isolation }),
  };
  const own = (name: string): OwnPolicy => ({
    ...{ ...house.own(name), ...(land && { land }), ...(isolation && { isolation }) },
    ...asks,
  });
  return {
    type: "opened",
    id,
    at,
    by: actorOf(house, thread, incoming.by),
    session: sessionId(thread, message),
    thread,
    message,
    text,
    files,
    context: context.map(({ by, text }) => `${by}: ${text}`).join("\n"),
    repo,
    repos: [...house.repos],
    base: hints.base,
    agent: hints.agent ?? agent,
    from: {
      repo: hints.repo ? "words" : guess.repo,
      agent: hints.agent ? "words" : guess.agent,
      plan: hints.plan === null ? guess.plan : "words",
    },
    policy: Policy.parse({ ...policy, ...(repo === null ? {} : house.own(repo)), ...asks }),
    fork: null,
    skipPlan: hints.plan === false,
    land,
    off: isolation === "off",
    policies: Object.fromEntries(repo === null ? house.repos.map((name) => [name, own(name)]) : []),
  };
}

/** The same message always opens the same session, so that a redelivery finds it. */
export const sessionId = ({ chat, channel }: Thread, message: string): string =>
  base32(createHash("sha256").update(`${chat}:${channel}:${message}`).digest()).slice(0, 10);

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const base32 = (bytes: Uint8Array): string => [...bytes].map((byte) => LETTERS[byte % 32]).join("");
