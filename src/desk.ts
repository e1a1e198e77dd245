import type { Desk, Linking } from "./commands/command.ts";
import type { Config } from "./config.ts";
import type { Role } from "./core/authority.ts";
import { type Actor, type EventOf, isRefusal, type Refusal } from "./core/event.ts";
import type { Person, Thread } from "./core/parts.ts";
import type { Probe } from "./core/ports/agent.ts";
import type { Chat } from "./core/ports/chat.ts";
import type { Git } from "./core/ports/git.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import type { Store } from "./core/ports/store.ts";
import type { Session } from "./core/session.ts";
import { step } from "./core/step.ts";
import type { Board, Seen } from "./core/view.ts";
import { examine } from "./doctor.ts";
import type { Engine } from "./engine/engine.ts";
import { actorIn, openingOf } from "./engine/reading.ts";
import { placeOf } from "./engine/work.ts";
import type { OpenHouse } from "./house.ts";
import { slug } from "./lib/text.ts";
import type { Ownership } from "./owner.ts";
import type { createRules } from "./rules.ts";
import { board, listed } from "./view/board.ts";
import { followed, forked } from "./view/crew.ts";
import type { T } from "./view/i18n.ts";

export interface Desks {
  /** What commands may use, on behalf of a person. */
  of(by: Actor, t: T, place: Thread): Omit<Desk, "session" | "here" | "whisper">;
  home(person: Person, locale: string): Promise<Board>;
  diff(session: string): Promise<{ title: string; text: string } | null>;
  /** A link that lets a person into the web chat with a role. */
  invite(name: string, role: Role): Promise<string>;
}

export interface DesksDeps {
  config: Config;
  store: Store;
  git: Git;
  engine: Engine;
  house: OpenHouse;
  ownership: Ownership;
  linking: Linking;
  rules: ReturnType<typeof createRules>;
  spawn: Spawn;
  see: (s: Session, trouble: string | null, chat: string) => Promise<Seen>;
  t: (locale: string) => T;
  now: () => number;
  invite: (guest: { user: string; name: string }) => Promise<string> | undefined;
  probe: () => Promise<readonly { name: string; probe: Probe }[]>;
  chats: ReadonlyMap<string, Chat>;
}

/** What people may look at and do beside writing in a thread: commands, their overview, diffs, invitations. */
export function createDesks(deps: DesksDeps): Desks {
  const { store, git, engine, house, now } = deps;
  let presses = 0;

  async function home(person: Person, locale: string): Promise<Board> {
    const all = await store.all();
    const shown = all.filter((s) => listed(s, now()));
    const look = async (s: Session) => [s.id, await deps.see(s, null, person.chat)] as const;
    const sights = new Map(await Promise.all(shown.map(look)));
    const as = (s: Session) => actorIn(house, s, person);
    return board(all, { now: now(), as, sights, t: deps.t(locale) });
  }

  async function invite(name: string, role: Role): Promise<string> {
    const user = slug(name);
    const link = await deps.invite({ user, name });
    if (link === undefined) throw new Error(`there is no web chat to invite ${name} to: set web in oca.config.json`);
    await house.give({ id: `web:${user}`, chat: "web", user, name }, role);
    return link;
  }

  async function diff(id: string): Promise<{ title: string; text: string } | null> {
    const session = await store.get(id);
    if (!session?.workspace?.baseCommit) return null;
    const last = session.phase.at === "closed" ? session.landed.at(-1) : undefined;
    const of = last?.aim.onto ? { from: last.aim.onto, to: last.aim.commit } : null;
    return { title: session.title, text: await git.diff(placeOf(session), of) };
  }

  return {
    home,
    diff,
    invite,
    of: (by, t, place) => ({
      ...channelDesk(deps, by, place),
      by,
      as: (s) => actorIn(house, s, by),
      now,
      t,
      sessions: () => store.all(),
      seen: (s) => deps.see(s, null, place.chat),
      board: () => home(by, t.locale),
      standing: () => git.standing(),
      transcript: (s) => store.transcript(s.id),
      doctor: () => examine(deps.config, { spawn: deps.spawn, node: process.versions.node, now: now() }),
      invite,
      agents: deps.probe,
      fork: (s, words) => fork(deps, s, { words, by }),
      follow: (s, here) => follow(deps, s, { here, by }),
      press: (s, verb, text) => {
        const key = "offer" in s.phase ? `${s.phase.offer}` : `${s.work}`;
        return engine.dispatch(s.id, {
          type: "pressed",
          id: `command:${now()}:${++presses}`,
          at: now(),
          by: actorIn(house, s, by),
          verb,
          key,
          via: "words",
          text,
        });
      },
    }),
  };
}

/** What commands may do about the channel that they are given in. */
function channelDesk({ house, ownership, linking, rules }: DesksDeps, by: Actor, place: Thread) {
  const role = (person: Person) => house.role(place, person);
  return {
    linking,
    unlink: () => house.unlink(by),
    confirm: (who: string) => house.confirm(by, who),
    place,
    repos: house.repos,
    claim: (code: string) =>
      ownership.claim({ id: `${by.chat}:${by.user}`, chat: by.chat, user: by.user, name: by.name }, code),
    bind: (repo: string) => house.bind(place, repo),
    rules: () =>
      house.repos.map((repo) => ({ repo, ...(house.rule(repo) ?? { rule: null, from: "nobody" as const }) })),
    setRule: rules.put,
    allow: (person: Person | null, given: Role) => house.allow(place, person, given),
    members: () =>
      house.people().flatMap((person) => (person.chat === place.chat ? [{ person, role: role(person) }] : [])),
    everybody: () => role({ id: "", chat: place.chat, user: "", name: "" }),
  };
}

/** A thread of its own, opened by a message of the bot; the conversation and the commit of the other one go along. */
async function fork(
  { git, house, engine, now, chats, t }: DesksDeps,
  parent: Session,
  { words, by }: { words: string; by: Actor },
): Promise<Session | Refusal> {
  const [home] = parent.threads;
  const chat = home && chats.get(home.chat);
  if (!home || !chat || !parent.workspace) return { refused: "gone" };
  const message = await chat.post({ ...home, thread: null }, forked(parent.title, t(house.channel(home).locale)));
  const thread = { chat: home.chat, channel: home.channel, thread: message.thread ?? message.id };
  const start = await git.head(placeOf(parent));
  const event = openingOf(house, {
    incoming: {
      type: "message",
      id: `fork:${message.id}`,
      at: now(),
      by,
      thread,
      locale: "",
      message: message.id,
      text: words,
      files: [],
      replyTo: null,
      addressed: true,
    },
    intent: {
      is: "request",
      text: words,
      hints: {
        repo: parent.workspace.repo,
        base: parent.workspace.base,
        agent: parent.agent,
        plan: null,
        land: null,
        // Its commit stands in a worktree, and could not be brought into the user's own checkout.
        isolation: parent.workspace.kind === "worktree" ? "worktree" : null,
      },
    },
    context: [],
  });
  const fork = parent.memory && { of: parent.id, agent: parent.memory.agent, token: parent.memory.token, start };
  return engine.dispatch(event.session, { ...event, fork });
}

/** A thread of its own, opened by a message of the bot, that shows what the session's home shows. */
async function follow(
  { house, engine, now, chats, t }: DesksDeps,
  s: Session,
  { here, by }: { here: Thread; by: Actor },
): Promise<Session | Refusal> {
  const chat = chats.get(here.chat);
  if (!chat) return { refused: "gone" };
  const event = (thread: Thread): EventOf<"followed"> => ({
    type: "followed",
    id: `follow:${thread.channel}:${thread.thread}`,
    at: now(),
    by: actorIn(house, s, by),
    thread,
  });
  // Asked before anything is posted, and once more by what is saved.
  const after = step(s, event(here));
  if (isRefusal(after) || after === s) return after;
  const message = await chat.post({ ...here, thread: null }, followed(s, t(house.channel(here).locale)));
  return engine.dispatch(s.id, event({ ...here, thread: message.thread ?? message.id }));
}
