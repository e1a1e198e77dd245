import type { Role } from "../core/authority.ts";
import type { Person, Thread } from "../core/parts.ts";
import type { OwnPolicy, Policy } from "../core/policy.ts";
import type { From } from "../core/session.ts";
import type { Verbosity } from "../core/view.ts";

/** What the owner has set: repositories, defaults, roles and languages, by channel. */
export interface House {
  /** The role of a person in a channel, whichever of their chats they come from. */
  role(home: Thread, person: Person): Role;
  /** All ids of a person who is linked, first the one that counts; else their only one. */
  ids(person: Person): readonly [string, ...string[]];
  /** The same person as another chat knows them; else as they are. */
  as(person: Person, chat: string): Person;
  /** People that oca has met or that have a role, for mentions. */
  people(): readonly Person[];
  repos: readonly string[];
  agents: readonly string[];
  /** `repo` null: several and none of them named, so the person is asked. */
  channel(thread: Thread): {
    repo: string | null;
    agent: string;
    policy: Policy;
    locale: string;
    /** What starts work there: words, or only what is addressed to oca. */
    hears: "words" | "mentions";
    /** How much the living card shows. */
    cards: Verbosity;
    from: { repo: From; agent: From; plan: From };
  };
  /** What a repository says of its own about how work lands there. */
  own(repo: string): OwnPolicy;
  /** IANA name. */
  timezone: string;
}
