import { z } from "zod";
import { atLeast, Role } from "../core/authority.ts";
import { isRefusal, type Refusal, type Verb } from "../core/event.ts";
import { disposition } from "../core/lifecycle.ts";
import { decidable } from "../core/offer.ts";
import { isOwn, type Session } from "../core/session.ts";
import type { View } from "../core/view.ts";
import { changed, crew, isHere, unknownAgent } from "../view/crew.ts";
import { help } from "../view/help.ts";
import { about, checks, invitation, log, overview } from "../view/listing.ts";
import { refusal } from "../view/refusal.ts";
import { summary } from "../view/summary.ts";
import { cleaned, worktrees } from "../view/worktrees.ts";
import { type Command, command, type Desk, onSession, type SessionCommand, usage } from "./command.ts";
import { people } from "./people.ts";
import { policy } from "./policy.ts";

const Nothing = z.object({});
const Value = z.object({ value: z.string().regex(/^[\w./:@-]{1,80}$/) });
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u;

/** Every command of oca, once. */
export const commands: readonly Command[] = [
  command({
    name: "help",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, desk) => {
      const lines = commands.map((one) => ({ line: usage(one), about: about(one.name, desk.t) }));
      return help(desk.t, lines, desk.session ? taken(desk.session, desk) : []);
    },
  }),
  command({
    name: "list",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, { board, t }) => overview(await board(), t),
  }),
  onSession({
    name: "show",
    params: ["session"],
    role: "observer",
    input: Nothing,
    takes: isOpen,
    run: async (_, desk, s) => summary(s, await desk.seen(s), desk.t),
  }),
  onSession({
    name: "log",
    params: ["session"],
    role: "observer",
    input: Nothing,
    takes: isOpen,
    run: async (_, desk, s) => log(s, await desk.transcript(s), desk.t),
  }),
  ...(
    [
      "approve",
      "reject",
      "stop",
      "resume",
      "merge",
      "force",
      "resolve",
      "pr",
      "address",
      "tidy",
      "later",
      "discard",
      "undo",
      "revert",
    ] as const
  ).map(verb),
  onSession({
    name: "revise",
    params: ["words"],
    role: "requester",
    input: z.object({ words: z.string() }),
    takes: (s, now) => decidable(s, now).includes("revise"),
    run: ({ words }, desk, s) => press(s, "revise", words, desk),
  }),
  command({
    name: "agents",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, { agents, t }) => crew(await agents(), t),
  }),
  onSession({
    name: "with",
    params: ["value"],
    role: "requester",
    input: Value,
    takes: isOpen,
    run: async ({ value }, desk, s) => {
      const names = (await desk.agents()).map(({ name }) => name);
      return names.includes(value) ? setting(s, "agent", value, desk) : unknownAgent(value, names, desk.t);
    },
  }),
  ...(["model", "effort"] as const).map((name) =>
    onSession({
      name,
      params: ["value"],
      role: "requester",
      input: Value,
      takes: isOpen,
      run: ({ value }, desk, s) => setting(s, name, value, desk),
    }),
  ),
  onSession({
    name: "revoke",
    params: [],
    role: "requester",
    input: Nothing,
    takes: isOpen,
    run: (_, desk, s) => setting(s, "revoke", null, desk),
  }),
  onSession({
    name: "fork",
    params: ["words"],
    role: "requester",
    input: z.object({ words: z.string() }),
    takes: isOpen,
    run: async ({ words }, desk, s) => refused(await desk.fork(s, words), s, desk),
  }),
  onSession({
    name: "follow",
    params: ["session"],
    role: "requester",
    input: Nothing,
    takes: isOpen,
    run: async (_, desk, s) => {
      const result = await desk.follow(s, desk.here);
      return result === s ? isHere(s, desk.t) : refused(result, s, desk);
    },
  }),
  command({
    name: "worktrees",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, desk) => worktrees(await workspaces(desk), { safe: false }, desk.t),
  }),
  command({
    name: "cleanup",
    params: ["mode"],
    role: "owner",
    input: z.object({ mode: z.enum(["preview_safe", "clean_safe", "preview_all"]).default("preview_safe") }),
    run: async ({ mode }, desk) =>
      mode === "clean_safe"
        ? clean(desk)
        : worktrees(await workspaces(desk), { safe: mode === "preview_safe" }, desk.t),
  }),
  command({
    name: "doctor",
    params: [],
    role: "observer",
    input: Nothing,
    run: async (_, { doctor, t }) => checks(await doctor(), t),
  }),
  command({
    name: "invite",
    params: ["role", "name"],
    role: "owner",
    input: z.object({ role: Role, name: z.string().regex(NAME) }),
    run: async ({ role, name }, { invite, t }) => invitation({ name, role, link: await invite(name, role) }, t),
  }),
  ...people,
  policy,
];

/** What a button does, as a command. */
function verb(
  name: Exclude<Verb, "revise" | "answer" | "pick" | "agent" | "model" | "effort" | "revoke">,
): SessionCommand {
  return onSession({
    name,
    params: ["session"],
    role: "requester",
    input: Nothing,
    takes: (s, now) => decidable(s, now).includes(name),
    run: (_, desk, s) => press(s, name, null, desk),
  });
}

/** What can be said about a session now without further words, by this person. */
const taken = (s: Session, desk: Desk): string[] =>
  commands.flatMap((one) => {
    const isBare = one.params.length === 0 || one.params[0] === "session";
    const fits = one.about === "session" && isBare && atLeast(desk.as(s).role, one.role) && one.takes(s, desk.now());
    return fits ? [`${one.name} ${s.id}`] : [];
  });

function isOpen({ phase }: Session): boolean {
  return phase.at !== "closed";
}

/** The user's own checkout is none of them, whoever works in it. */
const workspaces = async ({ sessions, standing }: Desk) => ({
  sessions: (await sessions()).filter((s) => !isOwn(s)),
  standing: await standing(),
});

/** Takes what is safe, each as if its button had been pressed: git looks again before anything goes. */
async function clean(desk: Desk): Promise<View> {
  const safe = (await workspaces(desk)).sessions.filter((s) => disposition(s).is === "safe");
  const results = await Promise.all(safe.map(async (s) => ({ s, result: await desk.press(s, "tidy", null) })));
  return cleaned(
    results.filter(({ result }) => !isRefusal(result)).map(({ s }) => s),
    desk.t,
  );
}

/** What holds from the next turn on. */
const setting = async (
  s: Session,
  verb: "agent" | "model" | "effort" | "revoke",
  value: string | null,
  desk: Desk,
): Promise<View> => refused(await desk.press(s, verb, value), s, desk) ?? changed(verb, value ?? "", desk.t);

const refused = (result: Session | Refusal, s: Session, { t }: Desk): View | null =>
  isRefusal(result) ? refusal(result, s, t) : null;

async function press(s: Session, verb: Verb, text: string | null, desk: Desk): Promise<View | null> {
  return refused(await desk.press(s, verb, text), s, desk);
}
