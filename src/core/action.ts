import { Verb } from "./event.ts";

/** Telegram Bot API 10.3: callback_data is at most 64 bytes. */
export const ACTION_BYTES = 64;

export interface Action {
  verb: Verb;
  session: string;
  key: string;
}

/** What a button carries: `verb:session:key`. */
export const action = (verb: Verb, session: string, key: string | number): string => `${verb}:${session}:${key}`;

const SHAPE = /^([a-z]{1,16}):([a-z2-7]{1,16}):([\w.-]{1,32})$/;

/** Reads a button; null for anything that is not one of ours. */
export function readAction(text: string): Action | null {
  const [, verb, session, key] = SHAPE.exec(text) ?? [];
  const known = Verb.safeParse(verb);
  return known.success && session !== undefined && key !== undefined ? { verb: known.data, session, key } : null;
}
