import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Low } from "lowdb";
import type { Event } from "../core/event.ts";
import type { Session } from "../core/session.ts";
import { Broken, durable } from "../lib/durable.ts";
import { type Line, mend, readLines } from "./journal.ts";
import { Newer, SavedSession } from "./migrate.ts";

/** Something that could not be read and was put out of the way, whole. */
export interface SetAside {
  file: string;
  reason: string;
  movedTo: string;
}

/** What the folder of one session came to. `bytes`: length of its journal. */
interface Loaded {
  session: Session | null;
  bytes: number;
  replayed: boolean;
  broken: SetAside | null;
}

/** The next session; throws for an event that cannot have been saved. */
export type Replay = (session: Session | null, event: Event) => Session;

/** Files of a session. */
export const filesOf = (folder: string) => ({
  session: join(folder, "session.json"),
  journal: join(folder, "journal.jsonl"),
  transcript: join(folder, "transcript.jsonl"),
  cards: join(folder, "cards.json"),
});

/**
 * Reads one session and ends what a crash left undone: a torn line is cut off, a journal that is ahead is replayed, a
 * session that cannot be read is rebuilt from its journal. What cannot be mended is set aside and costs nothing else.
 */
export async function load(folder: string, step: Replay): Promise<Loaded> {
  const files = filesOf(folder);
  await sweep(folder);
  const saved = await orFault(readSession(folder));
  if (saved instanceof Newer) return lose(folder, saved);
  const [from, unread] = saved instanceof Broken ? [null, saved] : [saved, null];
  const now = await orFault(catchUp(files.journal, { from, step }));
  if (now instanceof Error) return from ? keep(from, files.journal, now) : lose(folder, unread ?? now);
  if (unread && !now.session) return lose(folder, unread);
  if (!now.session || !now.replayed) return { ...now, broken: null };
  const broken = unread && (await setAside(files.session, unread));
  await save(folder, now.session);
  return { ...now, broken };
}

/** Replaces the session's document; durable when it resolves. */
export const save = (folder: string, session: Session): Promise<void> =>
  new Low(durable(filesOf(folder).session, SavedSession), session).write();

async function readSession(folder: string): Promise<Session | null> {
  const file = filesOf(folder).session;
  const saved = new Low<Session | null>(durable<Session | null>(file, SavedSession), null);
  await saved.read();
  return saved.data && ownSession(saved.data, file);
}

/** A copied folder must not become a second session of the same id. */
function ownSession(session: Session, file: string): Session {
  if (session.id !== basename(dirname(file))) throw new Broken(file, `it belongs to session ${session.id}`);
  return session;
}

/** The session as its journal has it. */
async function catchUp(
  journal: string,
  { from, step }: { from: Session | null; step: Replay },
): Promise<Omit<Loaded, "broken">> {
  const { rev, bytes } = await mend(journal);
  if (rev <= (from?.rev ?? 0)) return { session: from, bytes, replayed: false };
  let session = from;
  for (const line of await readLines(journal)) {
    if (line.rev > (from?.rev ?? 0)) session = advance(session, line, { journal, step });
  }
  return { session: session && ownSession(session, journal), bytes, replayed: true };
}

function advance(session: Session | null, line: Line, { journal, step }: { journal: string; step: Replay }): Session {
  const rev = (session?.rev ?? 0) + 1;
  if (line.rev !== rev) throw new Broken(journal, `revision ${rev} is missing`);
  try {
    return { ...step(session, line.event), rev };
  } catch (error) {
    throw new Broken(journal, `revision ${rev} cannot be replayed: ${error instanceof Error ? error.message : error}`);
  }
}

/** A write that was cut off leaves its draft. */
export async function sweep(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.endsWith(".tmp"));
  await Promise.all(drafts.map((name) => rm(join(folder, name))));
}

/** The session is sound: only its journal goes, and a new one begins. */
const keep = async (session: Session, journal: string, fault: Error): Promise<Loaded> => ({
  session,
  bytes: 0,
  replayed: false,
  broken: await setAside(journal, fault),
});

/** All files of the session go to `aside/` beside `sessions/`. */
async function lose(folder: string, fault: Error): Promise<Loaded> {
  const home = join(dirname(dirname(folder)), "aside");
  await mkdir(home, { recursive: true, mode: 0o700 });
  return { session: null, bytes: 0, replayed: false, broken: await setAside(folder, fault, home) };
}

/** Puts a file or folder out of the way, under another name in `home` (where it is, unless told). */
export async function setAside(path: string, fault: Error, home = dirname(path)): Promise<SetAside> {
  const movedTo = join(home, `${basename(path)}.${randomUUID().slice(0, 8)}`);
  await rename(path, movedTo);
  if (fault instanceof Broken) return { file: fault.file, reason: fault.reason, movedTo };
  return { file: path, reason: fault.message, movedTo };
}

/** The value, or what is wrong with the file. Any other failure (a disk error, too many open files) is thrown on. */
async function orFault<T>(reading: Promise<T>): Promise<T | Broken | Newer> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Broken || error instanceof Newer) return error;
    throw error;
  }
}
