import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Low } from "lowdb";
import { z } from "zod";
import { durable } from "../../lib/durable.ts";

/** Somebody who uses the web chat. `user` is the web chat's own id of that person. */
export const Guest = z.object({ user: z.string().min(1), name: z.string().min(1) });
export type Guest = z.infer<typeof Guest>;

const Key = z.object({ hash: z.string(), guest: Guest, until: z.number() });
const Keys = z.object({ codes: z.array(Key), tokens: z.array(Key) });
type Key = z.infer<typeof Key>;

const DAY_MS = 24 * 60 * 60 * 1000;
const CODE_MS = DAY_MS;
const TOKEN_MS = 30 * DAY_MS;

/** Who may come in. Codes and tokens are 256 bits of chance; only their hashes are stored. */
export interface Access {
  /** A code that opens once within 24 hours. */
  invite(guest: Guest): Promise<string>;
  /** Exchanges a code for a token of 30 days; null when the code is used, too old or none of ours. */
  enter(code: string): Promise<string | null>;
  guest(token: string): Guest | null;
}

export async function openAccess(file: string, now: () => number): Promise<Access> {
  const db = new Low(durable(file, Keys), { codes: [], tokens: [] });
  await db.read();

  const save = async (change: (keys: z.infer<typeof Keys>) => z.infer<typeof Keys>): Promise<void> => {
    const { codes, tokens } = db.data;
    const fresh = ({ until }: Key): boolean => until > now();
    db.data = change({ codes: codes.filter(fresh), tokens: tokens.filter(fresh) });
    await db.write();
  };

  return {
    invite: async (guest) => {
      const [code, key] = create(guest, now() + CODE_MS);
      await save(({ codes, tokens }) => ({ codes: [...codes, key], tokens }));
      return code;
    },
    enter: async (code) => {
      const used = find(db.data.codes, code, now());
      if (!used) return null;
      const [token, key] = create(used.guest, now() + TOKEN_MS);
      // The code is gone from memory before anything is awaited: of two who come at once, one enters.
      await save(({ codes, tokens }) => ({ codes: codes.filter((it) => it !== used), tokens: [...tokens, key] }));
      return token;
    },
    guest: (token) => find(db.data.tokens, token, now())?.guest ?? null,
  };
}

const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

function create(guest: Guest, until: number): [secret: string, key: Key] {
  const secret = randomBytes(32).toString("base64url");
  return [secret, { hash: digest(secret).toString("hex"), guest, until }];
}

function find(keys: readonly Key[], secret: string, now: number): Key | undefined {
  const given = digest(secret);
  // All are compared, whichever fits: the time says nothing about the place.
  const fits = keys.filter((key) => timingSafeEqual(Buffer.from(key.hash, "hex"), given));
  return fits.find((key) => key.until > now);
}
