import { z } from "zod";
import { Session } from "../core/session.ts";

/** A document by a later version of oca than this one. Nothing is wrong with it: it must not be touched. */
export class Newer extends Error {}

/** From a version to a function that makes the next version of it. A change of `Session` on disk adds a line here. */
type Migrations = Readonly<Record<number, (old: Record<string, unknown>) => Record<string, unknown>>>;
const MIGRATIONS: Migrations = {};

/** A session as it lies on the disk, in this or any earlier version. Parsing throws `Newer` for a later one. */
export const SavedSession: z.ZodType<Session> = z.preprocess((raw) => migrate(raw, MIGRATIONS), Session);

/** Brings a document to the newest version that `migrations` lead to. What is no document is left for the schema. */
export function migrate(raw: unknown, migrations: Migrations): unknown {
  const versioned = Versioned.safeParse(raw);
  if (!versioned.success) return raw;
  let { schema, ...document } = versioned.data;
  for (let next = migrations[schema]; next; next = migrations[schema]) {
    document = next(document);
    schema += 1;
  }
  const newest = Math.max(1, ...Object.keys(migrations).map((version) => Number(version) + 1));
  if (schema > newest)
    throw new Newer(`it was written by a newer oca (version ${schema}, this one knows ${newest}): start that one`);
  return { ...document, schema };
}

const Versioned = z.looseObject({ schema: z.number() });
