import { z } from "zod";
import type { Person, Thread } from "./parts.ts";

/** What a person may do, least first; each role includes those before it. */
export const ROLES = ["observer", "requester", "approver", "merger", "owner"] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** Who may what: a default for everybody, and per channel for everybody or for one person. */
export interface Roles {
  /** For people that no other line names. */
  everybody: Role;
  /** By `Person.id`, in every channel. */
  people: Readonly<Record<string, Role>>;
  /** By `chat:channel`; wins over both lines above. */
  channels: Readonly<
    Record<string, { everybody?: Role | undefined; people?: Readonly<Record<string, Role>> | undefined }>
  >;
}

/**
 * The role of a person in a channel. An owner is an owner everywhere: a channel cannot lock its owner out. "Everybody" in
 * a channel is who is in it: whoever comes from another chat has no more of it than everybody has everywhere.
 */
export function roleOf(roles: Roles, home: Thread, person: Person): Role {
  const everywhere = roles.people[person.id];
  if (everywhere === "owner") return "owner";
  const channel = roles.channels[`${home.chat}:${home.channel}`];
  const everybody = channel?.everybody ?? roles.everybody;
  const rest = person.chat === home.chat ? everybody : lower(everybody, roles.everybody);
  return channel?.people?.[person.id] ?? everywhere ?? rest;
}

export const lower = (a: Role, b: Role): Role => (atLeast(a, b) ? b : a);

export const higher = (a: Role, b: Role): Role => (atLeast(a, b) ? a : b);

export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
