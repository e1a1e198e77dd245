import { z } from "zod";
import { Role } from "../core/authority.ts";
import type { View } from "../core/view.ts";
import { approved, bound, claimed, members, unknownPerson, unknownRepo } from "../view/channel.ts";
import { linking } from "../view/link.ts";
import { refusal } from "../view/refusal.ts";
import { type Command, command, type Desk } from "./command.ts";

const Nothing = z.object({});

/** Who is who, who may what, and what a channel is about. */
export const people: readonly Command[] = [
  command({
    name: "own",
    params: ["code"],
    role: "observer",
    input: z.object({ code: z.string().regex(/^\w{4,20}$/) }),
    run: async ({ code }, desk) => claimed(await desk.claim(code), desk.by, desk.t),
  }),
  command({
    name: "link",
    params: ["code", "yes"],
    role: "observer",
    input: z.object({ code: z.string().max(20).optional(), yes: z.literal("yes").optional() }),
    run: async ({ code, yes }, { linking: links, by, t, whisper }) => {
      const side = { by, t, tell: whisper };
      if (code === undefined) return links.begin(side);
      return yes ? links.agree(code, side) : links.give(code, side);
    },
  }),
  command({
    name: "unlink",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, { unlink, t }) => linking((await unlink()) ? "unlinked" : "alone", t),
  }),
  command({
    name: "confirm",
    params: ["who"],
    // By the own role of the id that says so: a link must not take from an owner the word about it.
    role: "observer",
    input: z.object({ who: z.string().max(80) }),
    run: async ({ who }, { confirm, by, session, t }) => {
      const is = await confirm(who);
      if (is === "role") return refusal({ refused: "role", needs: "owner", id: by.id }, session, t);
      return is === "unknown" ? unknownPerson(who, t) : linking(is, t);
    },
  }),
  command({
    name: "bind",
    params: ["repo"],
    role: "owner",
    input: z.object({ repo: z.string().max(64) }),
    run: async ({ repo }, desk) => {
      if (!desk.repos.includes(repo)) return unknownRepo(repo, desk.repos, desk.t);
      await desk.bind(repo);
      return bound(repo, desk.t);
    },
  }),
  command({
    name: "allow",
    params: ["role", "who"],
    role: "owner",
    input: z.object({ role: Role.exclude(["owner"]), who: z.string().max(80) }),
    run: ({ role, who }, desk) => allow(role, who, desk),
  }),
  command({
    name: "who",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, desk) => members(desk.members(), desk.everybody(), desk.t),
  }),
];

/** `who` is "everybody", or a person as the chat writes a mention, by name or by id. */
async function allow(role: Role, who: string, desk: Desk): Promise<View> {
  const wanted = who.replace(/^@/, "").toLowerCase();
  const found = desk
    .members()
    .filter(({ person }) => [person.name, person.user, person.id].some((name) => name.toLowerCase() === wanted));
  const person = wanted === "everybody" ? null : found[0]?.person;
  if (person === undefined || found.length > 1) return unknownPerson(who, desk.t);
  await desk.allow(person, role);
  return approved(person, role, desk.t);
}
