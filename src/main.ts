import type { Logger } from "pino";
import { agents } from "./agents/registry.ts";
import type { Slack, SlackOrder } from "./chat/slack/index.ts";
import type { TelegramOrder } from "./chat/telegram/index.ts";
import type { Web } from "./chat/web/index.ts";
import { guests, openSlack, openTelegram, openWeb, platforms } from "./chats.ts";
import type { Config } from "./config.ts";
import { isRefusal } from "./core/event.ts";
import type { Thread } from "./core/parts.ts";
import type { Agent } from "./core/ports/agent.ts";
import type { Chat } from "./core/ports/chat.ts";
import type { Forge } from "./core/ports/forge.ts";
import type { Git } from "./core/ports/git.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import type { Store } from "./core/ports/store.ts";
import { step } from "./core/step.ts";
import type { Live } from "./core/view.ts";
import { createDesks, type Desks } from "./desk.ts";
import { createDigest } from "./engine/digest.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import { type Inbox, receive } from "./engine/inbox.ts";
import { createLanes, createPool } from "./engine/pool.ts";
import { createScreen, type Screen } from "./engine/screen.ts";
import { createSight } from "./engine/sight.ts";
import { createSweep, type Sweep } from "./engine/sweep.ts";
import type { Deps } from "./engine/work.ts";
import { createForge } from "./forge/forge.ts";
import { createGit } from "./git/git.ts";
import { createHouse, type OpenHouse } from "./house.ts";
import { createLinking } from "./linking.ts";
import { createOwnership, type Ownership } from "./owner.ts";
import { firstReady, probeAll } from "./probe.ts";
import { createRules } from "./rules.ts";
import { hasBubblewrap } from "./sandbox/bubblewrap.ts";
import { createHostSpawn } from "./sandbox/host.ts";
import { openLinks } from "./store/links.ts";
import { lock } from "./store/lock.ts";
import { openRoles } from "./store/roles.ts";
import { openStore } from "./store/store.ts";
import { createTranslator } from "./view/i18n.ts";
import { pitch } from "./view/pitch.ts";
import { createWords } from "./view/words.ts";
import { createWorkplace } from "./workplace.ts";

/** What a bot is made of beside its configuration. Tests put their own pieces in, or wrap the real ones. */
export interface Parts {
  log: Logger;
  now?: () => number;
  /** With a demo, every page of the web chat may say which of these people it is. */
  demo?: { user: string; name: string }[] | null;
  agents?: (spawn: Spawn) => ReadonlyMap<string, Agent>;
  chats?: readonly Chat[];
  /** Another Slack than Slack's. */
  slack?: Pick<SlackOrder, "apiUrl" | "fetch" | "postSpacingMs">;
  /** Other times than Telegram's. */
  telegram?: Pick<TelegramOrder, "secondMs" | "holdMs">;
  wrap?: { store(store: Store): Store; git(git: Git): Git; spawn(spawn: Spawn): Spawn; forge?(forge: Forge): Forge };
}

export interface Oca {
  web: Web | null;
  slack: Slack | null;
  engine: Engine;
  screen: Screen;
  store: Store;
  git: Git;
  house: OpenHouse;
  ownership: Ownership;
  desks: Desks;
  sweep: Sweep;
  /** Ends agents and leaves every session as it is. */
  stop(): Promise<void>;
}

/** Starts the whole bot. Throws, with the way out, when the data folder is in use or the port is taken. */
export async function createOca(config: Config, parts: Parts): Promise<Oca> {
  const { log, now = Date.now, demo = null, wrap } = parts;
  const held = await lock(config.data);
  const saved = await openStore({ folder: config.data, step: replay, log });
  const store = wrap?.store(saved) ?? saved;
  const host = createHostSpawn();
  const spawn = wrap?.spawn(host) ?? host;
  const real = createGit({ folder: config.data, repos: config.repos, env: config.env, spawn });
  const git = wrap?.git(real) ?? real;
  const crew = parts.agents?.(spawn) ?? agents({ spawn, env: config.env, settings: config.agents });
  const ready = await firstReady(crew, { config, spawn: host });
  const given = { roles: await openRoles(config.data), links: await openLinks(config.data) };
  const house = createHouse(config, given, [...crew.keys()], ready);

  for (const { user, name } of demo ?? guests(config)) house.meet({ id: `web:${user}`, chat: "web", user, name });
  const live = new Map<string, Live>();
  const pool = createPool(config.maxSessions, (id) => screen.note(id));
  const lanes = createLanes((id) => screen.note(id));
  const t = createTranslator();
  const words = ([home]: readonly Thread[]) => t(home ? house.channel(home).locale : config.locale);
  const see = createSight({ house, live, pool, lanes, git, now, pages: showsDiffs(config), store });
  const chats = new Map((parts.chats ?? []).map((chat) => [chat.name, chat]));
  const screen = createScreen({ chats, store, seen: see, t: (thread) => words([thread]), now, log });
  const ownership = createOwnership(house, [...chats.keys(), ...platforms(config)]);
  const desk = createWorkplace({ config, spawn, git, chats, walls: await hasBubblewrap(host, config.env), log });
  const server = createForge({ ...config.github, spawn: host, env: config.env, now });
  const forge = wrap?.forge?.(server) ?? server;
  const rules = createRules({ house, store, engine: () => engine, now });
  const deps: Deps = {
    ...{ desk, store, git, agents: crew, pool, lanes, rules, forge, live, screen, now, log },
    pitch: (s, subjects) => pitch(s, subjects, words(s.threads)),
  };
  const engine = createEngine(deps);

  const desks = createDesks({
    ...{ config, store, git, engine, house, ownership, rules, spawn, see, t, now, chats },
    linking: createLinking(house, now),
    invite: (guest) => web?.enter(guest),
    probe: () => probeAll(crew, { config, spawn: host }),
  });
  const web = await openWeb(config, { desks, demo, now, log });
  const slack = await openSlack(config.slack, { desks, store, now, log, ...parts.slack });
  const telegram = await openTelegram(config, { diff: desks.diff, store, now, log, ...parts.telegram });
  for (const chat of [web, slack, telegram]) if (chat) chats.set(chat.name, chat);

  const inbox = { store, engine, screen, house, words: createWords(), t, desk: desks.of, log };
  const digest = createDigest({
    ...{ chats, channels: config.channels, said: given.roles, timezone: config.timezone, now, log },
    t: (thread) => words([thread]),
  });
  const sweep = createSweep(deps, engine, digest);
  async function stop(): Promise<void> {
    sweep.stop();
    for (const chat of chats.values()) await chat.stop();
    await engine.stop();
    await screen.idle();
    await saved.close();
    held.release();
  }
  await listen(chats, inbox, house).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { web, slack, engine, screen, store, git, house, ownership, desks, sweep, stop };
}

/** Opens the chats. What was cut off goes on first: a word for it would start it again as if nothing had been. */
async function listen(chats: ReadonlyMap<string, Chat>, inbox: Inbox, house: OpenHouse): Promise<void> {
  const awake = Promise.withResolvers<void>();
  awake.promise.catch(() => undefined); // maybe nobody has spoken yet
  try {
    for (const chat of chats.values())
      await chat.start(async (incoming) => {
        await awake.promise;
        house.meet(incoming.by);
        await receive(inbox, chat, incoming);
      });
    await inbox.engine.restart();
    awake.resolve();
  } catch (error) {
    awake.reject(error);
    throw error;
  }
}

const showsDiffs = ({ web, slack, telegram }: Config): boolean =>
  web !== "off" || slack !== null || telegram.token !== null;

/** A journal line was accepted when it was written. */
const replay: Parameters<typeof openStore>[0]["step"] = (session, event) => {
  const after = step(session, event);
  if (isRefusal(after)) throw new Error(`the journal holds an event that is refused: ${event.type} ${event.id}`);
  return after;
};
