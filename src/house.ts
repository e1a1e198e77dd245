import type { Config } from "./config.ts";
import type { Role, Roles } from "./core/authority.ts";
import type { Person, Thread } from "./core/parts.ts";
import type { Rule } from "./core/policy.ts";
import type { From } from "./core/session.ts";
import type { House } from "./engine/house.ts";
import { createIdentity, type Identity, personOf } from "./identity.ts";
import type { Links } from "./store/links.ts";
import type { GivenRoles } from "./store/roles.ts";

export interface OpenHouse extends House, Identity {
  roles(): Roles;
  /** Remembers a person's name, for mentions. */
  meet(person: Person): void;
  give(person: Person, role: Role): Promise<void>;
  /** The channel is about this repository. */
  bind(thread: Thread, repo: string): Promise<void>;
  /** What the repository allows, and who said so; null: nobody yet. */
  rule(repo: string): { rule: Rule; from: "config" | "asked" } | null;
  /** Null: it is asked again. The configuration wins. */
  setRule(repo: string, rule: Rule | null): Promise<void>;
  /** A role in one channel, for one person or for everybody (null). */
  allow(thread: Thread, person: Person | null, role: Role): Promise<void>;
}

/** What was given while oca ran. */
interface Saved {
  roles: GivenRoles;
  links: Links;
}

/** What the configuration says, together with what was given while oca ran. `ready`: the agent of those who name none. */
export function createHouse(config: Config, saved: Saved, agents: readonly string[], ready: string): OpenHouse {
  const { roles: given, links } = saved;
  const repos = Object.keys(config.repos);
  const known = new Map<string, Person>();
  /** What was said in the channel, else what is set for it, else for all, else the only one. */
  const repoOf = (thread: Thread): { name: string | null; from: From } => {
    const bound = given.roles().channels[keyOf(thread)]?.repo;
    if (bound !== undefined && repos.includes(bound)) return { name: bound, from: "channel" };
    const own = config.channels[keyOf(thread)];
    const { repo } = own ?? config.defaults;
    if (repo !== null) return { name: repo, from: own ? "channel" : "default" };
    return { name: repos.length === 1 ? (repos[0] ?? null) : null, from: "only" };
  };
  const ruleOf: OpenHouse["rule"] = (repo) => {
    const set = config.repos[repo]?.policy.rule;
    if (set) return { rule: set, from: "config" };
    const asked = given.roles().rules[repo];
    return asked ? { rule: asked, from: "asked" } : null;
  };
  const roles = (): Roles => ({
    ...config.roles,
    people: { ...given.roles().people, ...config.roles.people },
    channels: over(given.roles().channels, config.roles.channels),
  });
  return {
    ...createIdentity({ roles, links, known }),
    repos,
    agents,
    timezone: config.timezone,
    people: () => {
      const { people, channels } = roles();
      const ids = [people, ...Object.values(channels).map((channel) => channel.people ?? {})].flatMap(Object.keys);
      const named = ids.flatMap(personOf);
      return [...new Map([...named, ...known.values()].map((person) => [person.id, person])).values()];
    },
    roles,
    channel(thread) {
      const own = config.channels[keyOf(thread)];
      const { agent, policy, hears, cards } = own ?? config.defaults;
      const from = own ? "channel" : "default";
      const repo = repoOf(thread);
      return {
        repo: repo.name,
        agent: agent ?? ready,
        policy,
        locale: own?.locale ?? config.locale,
        hears,
        cards,
        from: { repo: repo.from, agent: from, plan: from },
      };
    },
    own: (repo) => ({ ...config.repos[repo]?.policy, rule: ruleOf(repo)?.rule ?? null }),
    rule: ruleOf,
    setRule: (repo, rule) => given.rule(repo, rule),
    meet: (person) => void known.set(person.id, person),
    give: async (person, role) => {
      known.set(person.id, person);
      await given.set(person.id, role);
    },
    bind: (thread, repo) => given.bind(keyOf(thread), repo),
    allow: (thread, person, role) => given.allow(keyOf(thread), person?.id ?? null, role),
  };
}

const keyOf = ({ chat, channel }: Thread): string => `${chat}:${channel}`;

/** What the configuration says of a channel wins over what was given in it, line by line. */
function over(given: Roles["channels"], set: Roles["channels"]): Roles["channels"] {
  const names = new Set([...Object.keys(given), ...Object.keys(set)]);
  const both = (name: string) => ({
    everybody: set[name]?.everybody ?? given[name]?.everybody,
    people: { ...given[name]?.people, ...set[name]?.people },
  });
  return Object.fromEntries([...names].map((name) => [name, both(name)]));
}
