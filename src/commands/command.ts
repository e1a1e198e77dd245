import type { z } from "zod";
import type { Role } from "../core/authority.ts";
import { atLeast } from "../core/authority.ts";
import type { Actor, Refusal, Verb } from "../core/event.ts";
import type { Person, Thread } from "../core/parts.ts";
import type { Rule } from "../core/policy.ts";
import type { Probe } from "../core/ports/agent.ts";
import type { Entry } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import type { Board, Check, Seen, View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import type { T } from "../view/i18n.ts";
import { unclear, which } from "../view/listing.ts";
import { refusal } from "../view/refusal.ts";
import { targetOf } from "./target.ts";

/** One side of a link: somebody as one chat knows them, and the way to tell them alone. */
export interface Side {
  by: Person;
  t: T;
  tell(view: View): Promise<void>;
}

/** How somebody says that in two chats they are one person: a code from the one to the other, then a yes in both. */
export interface Linking {
  /** A code to give in the other chat. */
  begin(side: Side): View;
  /** Shows both names on both sides. */
  give(code: string, side: Side): Promise<View>;
  /** The second yes links them. */
  agree(code: string, side: Side): Promise<View>;
}

/** What a command may use: what is true, and the same events that buttons make. */
export interface Desk {
  /** With the role in the channel where the command was given. */
  by: Actor;
  /** The same person with the role that counts for this session: the one in its home channel. */
  as(session: Session): Actor;
  now(): number;
  t: T;
  /** The session of the thread it was given in. */
  session: Session | null;
  sessions(): Promise<readonly Session[]>;
  /** Decides what the session offers now. */
  press(session: Session, verb: Verb, text: string | null): Promise<Session | Refusal>;
  seen(session: Session): Promise<Seen>;
  board(): Promise<Board>;
  /** Workspaces that stand in the data folder, whoever knows them. */
  standing(): Promise<readonly { repo: string; session: string; path: string }[]>;
  transcript(session: Session): Promise<readonly Entry[]>;
  doctor(): Promise<readonly Check[]>;
  /** Names of the agents, and what was found out about each. */
  agents(): Promise<readonly { name: string; probe: Probe }[]>;
  /** Opens a session in a thread of its own that goes on from here; resolves when it is saved. */
  fork(session: Session, words: string): Promise<Session | Refusal>;
  /** A link of the web chat that lets a new person in with this role. */
  invite(name: string, role: Role): Promise<string>;
  /** Where the command was given. */
  here: Thread;
  /** Says something to this person alone, also later. */
  whisper(view: View): Promise<void>;
  /** The channel that it is about: the home of its session, else where it was given. */
  place: Thread;
  /** Shows a session in another thread too; resolves to the same session when it is shown in that channel already. */
  follow(session: Session, here: Thread): Promise<Session | Refusal>;
  repos: readonly string[];
  /** Makes this person the first owner of the chat, by the code that oca's terminal shows. */
  claim(code: string): Promise<boolean>;
  /** This channel is about that repository. */
  bind(repo: string): Promise<void>;
  linking: Linking;
  /** False: they were not linked. */
  unlink(): Promise<boolean>;
  /** An owner is sure that a link is true; `who` is a name or an id. */
  confirm(who: string): Promise<"confirmed" | "role" | "unknown">;
  /** What each repository allows. */
  rules(): readonly { repo: string; rule: Rule | null; from: "config" | "asked" | "nobody" }[];
  /** Null: it is asked again. */
  setRule(repo: string, rule: Rule | null): Promise<void>;
  /** A role in this channel for one person, or for everybody (null). */
  allow(person: Person | null, role: Role): Promise<void>;
  /** Everybody that oca knows in this chat, with the role in this channel. */
  members(): readonly { person: Person; role: Role }[];
  /** The role of those in this channel that have none of their own. */
  everybody(): Role;
}

interface Spelling {
  name: string;
  /** Names of the words after it, in order; the last one takes the rest of the line. */
  params: readonly string[];
  role: Role;
}

type Words = Record<string, string>;

/** A command about one session. */
export interface SessionCommand extends Spelling {
  about: "session";
  /** Has it a sense for this session now? Where no session is named, only such ones are looked at. */
  takes(s: Session, now: number): boolean;
  /** Resolves to what the person sees; null when the thread shows it. */
  obey(words: Words, desk: Desk, s: Session): Promise<View | null>;
}

/** One command, whatever it is called from. */
export type Command = SessionCommand | (Spelling & { about: "house"; obey(words: Words, desk: Desk): Promise<View> });

/** Ties a schema to what is done with its values. */
export const command = <S extends z.ZodType>(
  of: Spelling & { input: S; run(input: z.output<S>, desk: Desk): Promise<View> },
): Command => ({
  ...of,
  about: "house",
  obey: (words, desk) => read(of, words, desk, (input) => of.run(input, desk)),
});

/** The same for what is about one session. */
export const onSession = <S extends z.ZodType>(
  of: Pick<SessionCommand, "name" | "params" | "role" | "takes"> & {
    input: S;
    run(input: z.output<S>, desk: Desk, s: Session): Promise<View | null>;
  },
): SessionCommand => ({
  ...of,
  about: "session",
  obey: (words, desk, s) => read(of, words, desk, (input) => of.run(input, desk, s)),
});

function read<S extends z.ZodType, R>(
  of: Spelling & { input: S },
  words: Words,
  { t }: Desk,
  run: (input: z.output<S>) => Promise<R>,
): Promise<R | View> {
  const input = of.input.safeParse(words);
  if (input.success) return run(input.data);
  const wrong = input.error.issues.map(({ path }) => String(path[0] ?? "")).filter((name) => name !== "");
  return Promise.resolve(unclear(usage(of), wrong, t));
}

/** Obeys a line such as `show k3f9k3f9k3`; what is not known or not allowed is answered. */
export async function obey(
  commands: readonly Command[],
  { name, line }: { name: string; line: string },
  desk: Desk,
): Promise<View | null> {
  const found = commands.find((one) => one.name === name);
  if (!found) return unclear("help", [name], desk.t);
  if (found.about === "house") {
    return barred(found, desk.by, null, desk) ?? found.obey(wordsOf(line, found.params), desk);
  }
  const target = targetOf(found, line, { ...desk, sessions: await desk.sessions() });
  switch (target.is) {
    case "none":
      return refusal({ refused: "gone" }, null, desk.t);
    case "several": {
      const look = async (session: Session) => ({ session, seen: await desk.seen(session) });
      return which({ name, line: target.line }, await Promise.all(target.sessions.map(look)), desk.t);
    }
    case "one": {
      const { session, line: rest } = target;
      const no = barred(found, desk.as(session), session, desk);
      return no ?? found.obey(wordsOf(rest, found.params), desk, session);
    }
    default:
      return never(target);
  }
}

const barred = ({ role }: Spelling, by: Actor, s: Session | null, { t }: Desk): View | null =>
  atLeast(by.role, role) ? null : refusal({ refused: "role", needs: role, id: by.id }, s, t);

export const usage = ({ name, params }: Pick<Command, "name" | "params">): string =>
  ["oca", name, ...params.map((param) => `<${param}>`)].join(" ");

function wordsOf(line: string, params: readonly string[]): Record<string, string> {
  const words = line
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const last = params.length - 1;
  return Object.fromEntries(
    params.flatMap((param, i) => {
      const value = i === last ? words.slice(i).join(" ") : words[i];
      return value ? [[param, value]] : [];
    }),
  );
}
