import { mkdir, readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Low } from "lowdb";
import type { Event } from "../core/event.ts";
import type { Card, Entry, Store } from "../core/ports/store.ts";
import { Race } from "../core/ports/store.ts";
import type { Session } from "../core/session.ts";
import { createBatches } from "../lib/batch.ts";
import { Broken, durable, syncFolder } from "../lib/durable.ts";
import { redact as redactSecrets } from "../lib/redact.ts";
import { createSerial, type Serial } from "../lib/serial.ts";
import { Cards } from "./card.ts";
import { makeFolder } from "./folder.ts";
import { append, readLines } from "./journal.ts";
import { filesOf, load, type Replay, type SetAside, save, setAside, sweep } from "./load.ts";
import { createTranscripts } from "./transcript.ts";

export interface OpenStore extends Store {
  /** What could not be read at the start, why, and where it is now. */
  readonly broken: readonly SetAside[];
  /** Sessions whose last events had been saved in the journal only. */
  readonly replayed: readonly string[];
  /** Resolves when all writes are on the disk; later ones are refused. */
  close(): Promise<void>;
}

interface StoreOptions {
  /** The data folder: held by `lock`, so that no other process writes there. */
  folder: string;
  /** Replays events that a crash left in the journal only. */
  step: Replay;
  log: { warn(details: object, message: string): void };
  /** Takes secrets out of what agents say before it is kept. */
  redact?: (text: string) => string;
  transcriptBytes?: number;
}

/** An agent reports dozens of things a second: what comes within this time is one write. */
const NOTES_MS = 500;

/** Opens the sessions of a data folder: all of them are in memory, and on the disk before a `put` resolves. */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const { folder, step, log, redact = redactSecrets, transcriptBytes = 5_000_000 } = options;
  const root = join(folder, "sessions");
  await makeFolder(folder);
  await makeFolder(root);
  await sweep(folder);
  const { kept, broken, replayed } = await loadAll(root, step);
  for (const loss of broken) log.warn(loss, "set aside what could not be read");

  const { inOrder, close } = createOrder();
  const transcripts = createTranscripts({ maxBytes: transcriptBytes, redact });
  const at = (id: string) => ({ folder: folderOf(root, id), ...filesOf(folderOf(root, id)) });

  // Every draw and every reply looks at them.
  const shown = new Map<string, readonly Card[]>();
  const notes = createBatches<Entry>(
    (id, entries) => inOrder(`transcript/${id}`, () => transcripts.note(at(id).transcript, ...entries)),
    NOTES_MS,
  );

  return {
    broken,
    replayed,
    close: async () => {
      await notes.flush();
      await close();
    },
    get: async (id) => kept.get(id)?.session,
    all: async () => Array.from(kept.values(), ({ session }) => session),
    put: (session, event, rev) =>
      inOrder(session.id, async () => {
        const old = kept.get(session.id);
        if ((old?.session.rev ?? null) !== rev)
          throw new Race(`${session.id} is at ${old?.session.rev}, not at ${rev}`);
        if (session.rev !== (rev ?? 0) + 1) throw new Error(`${session.id}: revision ${session.rev} follows ${rev}`);
        const files = at(session.id);
        if (!old) await makeSessionFolder(root, files.folder);
        const before = old?.bytes ?? 0;
        const bytes = await write(files, { session, event, before }).catch(async (error: unknown) => {
          // Not saved means not happened; where even this fails, the next put cuts the line off.
          await truncate(files.journal, before).catch((e: unknown) => log.warn({ e }, "could not take a line back"));
          throw error;
        });
        kept.set(session.id, { session, bytes });
      }),
    cards: (id) =>
      inOrder(`cards/${id}`, async () => {
        const cards = shown.get(id) ?? (await readCards(at(id).cards, log));
        shown.set(id, cards);
        return cards;
      }),
    setCards: (id, cards) =>
      inOrder(`cards/${id}`, async () => {
        await new Low(durable(at(id).cards, Cards), cards).write();
        shown.set(id, cards);
      }),
    note: (id, entry) => notes.add(id, entry),
    transcript: async (id) => {
      await notes.flush(id);
      return inOrder(`transcript/${id}`, () => transcripts.read(at(id).transcript));
    },
    journal: (id) => inOrder(id, () => readLines(at(id).journal)),
  };
}

/** A session and the length of its journal. */
interface Kept {
  session: Session;
  bytes: number;
}

/** More at a time are no faster: the disk has four threads. */
const READERS = 16;

async function loadAll(root: string, step: Replay) {
  const kept = new Map<string, Kept>();
  const broken: SetAside[] = [];
  const replayed: string[] = [];
  const entries = await readdir(root, { withFileTypes: true });
  const ids = entries
    .flatMap((entry) => (entry.isDirectory() && SAFE_ID.test(entry.name) ? [entry.name] : []))
    .values();
  const read = async (): Promise<void> => {
    for (const id of ids) {
      const loaded = await load(join(root, id), step);
      if (loaded.session) kept.set(id, { session: loaded.session, bytes: loaded.bytes });
      if (loaded.broken) broken.push(loaded.broken);
      if (loaded.replayed) replayed.push(id);
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return { kept, broken, replayed };
}

/** Journal first: a crash in between is mended by replay. Returns the journal's new length. */
async function write(
  files: { folder: string; journal: string },
  { session, event, before }: { session: Session; event: Event; before: number },
): Promise<number> {
  const bytes = await append(files.journal, before, { rev: session.rev, event });
  await save(files.folder, session);
  return bytes;
}

const SAFE_ID = /^[A-Za-z0-9_-]{1,64}$/;

function folderOf(root: string, id: string): string {
  if (!SAFE_ID.test(id)) throw new Error(`${JSON.stringify(id)} is no session id`);
  return join(root, id);
}

async function makeSessionFolder(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(root);
}

/** Without its cards a session is posted once more: better than not at all. */
async function readCards(file: string, log: StoreOptions["log"]): Promise<readonly Card[]> {
  const cards = new Low<readonly Card[]>(durable(file, Cards), []);
  try {
    await cards.read();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    log.warn(await setAside(file, error), "set aside what could not be read");
  }
  return cards.data;
}

/** Serial by key, until closed. */
function createOrder(): { inOrder: Serial; close: () => Promise<void> } {
  const serial = createSerial();
  const pending = new Set<Promise<unknown>>();
  let closed = false;
  return {
    inOrder: async (key, job) => {
      if (closed) throw new Error("the store is closed");
      const result = serial(key, job);
      pending.add(result);
      try {
        return await result;
      } finally {
        pending.delete(result);
      }
    },
    close: async () => {
      closed = true;
      await Promise.allSettled(pending);
    },
  };
}
