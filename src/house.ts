import type { Config } from "./config.ts";
import type { Role, Roles } from "./core/authority.ts";
import type { Person } from "./core/parts.ts";
import type { House } from "./engine/house.ts";
import type { GivenRoles } from "./store/roles.ts";

export interface OpenHouse extends House {
  /** Remembers a person's name, for mentions. */
  meet(person: Person): void;
  give(person: Person, role: Role): Promise<void>;
}

/** What the configuration says, together with the roles that were given while oca ran. `ready`: the agent of those who name none. */
export function createHouse(config: Config, given: GivenRoles, agents: readonly string[], ready: string): OpenHouse {
  const repos = Object.keys(config.repos);
  const known = new Map<string, Person>();
  const roles = (): Roles => ({ ...config.roles, people: { ...given.roles().people, ...config.roles.people } });
  return {
    repos,
    agents,
    timezone: config.timezone,
    people: () => {
      const named = Object.keys(roles().people).flatMap(personOf);
      return [...new Map([...named, ...known.values()].map((person) => [person.id, person])).values()];
    },
    roles,
    channel({ chat, channel }) {
      const own = config.channels[`${chat}:${channel}`];
      const { repo, agent, policy } = own ?? config.defaults;
      const only = repos.length === 1 ? (repos[0] ?? null) : null;
      const from = own ? "channel" : "default";
      return {
        repo: repo ?? only,
        agent: agent ?? ready,
        policy,
        locale: own?.locale ?? config.locale,
        from: { repo: repo === null ? "only" : from, agent: from, plan: from },
      };
    },
    meet: (person) => void known.set(person.id, person),
    give: async (person, role) => {
      known.set(person.id, person);
      await given.set(person.id, role);
    },
  };
}

/** Whoever has a role can be mentioned, also before oca has met them. */
function personOf(id: string): Person[] {
  const [chat = "", user = ""] = id.split(/:(.*)/s);
  return user === "" ? [] : [{ id, chat, user, name: user }];
}
