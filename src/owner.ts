import { randomBytes } from "node:crypto";
import type { Person } from "./core/parts.ts";
import type { OpenHouse } from "./house.ts";

/** Wrong guesses until no code is taken any more; a restart makes new ones. */
const GUESSES = 20;

/** How the first owner of a chat proves to be whoever started oca: by a code that only its terminal shows. */
export interface Ownership {
  /** A code for each chat that nobody owns yet. */
  codes(): { chat: string; code: string }[];
  /** Makes the person owner if the code is that of their chat. It works once. */
  claim(person: Person, code: string): Promise<boolean>;
}

export function createOwnership(house: OpenHouse, chats: readonly string[]): Ownership {
  const owned = (chat: string) =>
    Object.entries(house.roles().people).some(([id, role]) => role === "owner" && id.startsWith(`${chat}:`));
  const open = new Map(chats.filter((chat) => !owned(chat)).map((chat) => [chat, newCode()]));
  let guesses = 0;
  return {
    codes: () => [...open].map(([chat, code]) => ({ chat, code })),
    claim: async (person, code) => {
      if (guesses >= GUESSES || open.get(person.chat) !== code.toLowerCase()) {
        guesses++;
        return false;
      }
      open.delete(person.chat);
      await house.give(person, "owner").catch((error: unknown) => {
        open.set(person.chat, code.toLowerCase());
        throw error;
      });
      return true;
    },
  };
}

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** 50 bits, in letters that nobody mistakes for another. */
export const newCode = (): string => [...randomBytes(10)].map((byte) => LETTERS[byte % 32]).join("");
