import { higher, lower, type Role, type Roles, roleOf } from "./core/authority.ts";
import type { Person, Thread } from "./core/parts.ts";
import type { House } from "./engine/house.ts";
import type { Links } from "./store/links.ts";

/** Who somebody is, in whichever chat. */
export interface Identity extends Pick<House, "role" | "ids" | "as"> {
  /** They are one person from now on, with the lower role of both until an owner is sure. */
  link(a: Person, b: Person): Promise<void>;
  /** False: they were not linked. */
  unlink(person: Person): Promise<boolean>;
  /** `who`: a name or an id. An owner counts by their own id: a link cannot take from an owner the word about it. */
  confirm(owner: Person, who: string): Promise<"confirmed" | "role" | "unknown">;
}

interface Facts {
  roles: () => Roles;
  links: Links;
  /** Those whom oca has met, by id. */
  known: ReadonlyMap<string, Person>;
}

export function createIdentity({ roles, links, known }: Facts): Identity {
  const linkOf = (person: Person) => links.all().find(({ ids }) => ids.includes(idOf(person)));
  const named = (id: string): Person[] => {
    const person = known.get(id);
    return person ? [person] : personOf(id);
  };
  const ids = (person: Person): readonly [string, ...string[]] => {
    const [first, ...more] = linkOf(person)?.ids ?? [];
    return first === undefined ? [idOf(person)] : [first, ...more];
  };
  const role = (home: Thread, person: Person): Role => {
    const link = linkOf(person);
    const of = (one: Person) => roleOf(roles(), home, { ...one, id: idOf(one) });
    return link
      ? link.ids
          .flatMap(named)
          .map(of)
          .reduce(link.sure ? higher : lower)
      : of(person);
  };
  return {
    ids,
    role,
    as: (person, chat) =>
      person.chat === chat
        ? person
        : (ids(person)
            .flatMap(named)
            .find((one) => one.chat === chat) ?? person),
    link: (a, b) => links.link(idOf(a), idOf(b)),
    unlink: async (person) => {
      const is = linkOf(person) !== undefined;
      if (is) await links.unlink(idOf(person));
      return is;
    },
    confirm: async (owner, who) => {
      if (roles().people[idOf(owner)] !== "owner") return "role";
      const wanted = who.replace(/^@/, "").toLowerCase();
      const isMeant = (id: string) =>
        id === who || named(id).some(({ name, user }) => [name, user].some((one) => one.toLowerCase() === wanted));
      const found = links.all().filter((link) => !link.sure && link.ids.some(isMeant));
      const [id] = found[0]?.ids ?? [];
      if (id === undefined || found.length > 1) return "unknown";
      await links.confirm(id);
      return "confirmed";
    },
  };
}

const idOf = ({ chat, user }: Person): string => `${chat}:${user}`;

/** Whoever has a role can be mentioned, also before oca has met them. */
export function personOf(id: string): Person[] {
  const [chat = "", user = ""] = id.split(/:(.*)/s);
  return user === "" ? [] : [{ id, chat, user, name: user }];
}
