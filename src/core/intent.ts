import type { Verb } from "./event.ts";
import { type Hints, readHints } from "./hint.ts";
import { asCommand, asDecision, asRequest, isGreeting, isThanks } from "./phrase.ts";
import type { Sayable, Words } from "./words.ts";

export type { Words } from "./words.ts";

/** What the reader of a message knows beside its text. */
export interface Scene {
  /** The bot was mentioned (the mention may be cut off already), or the message came directly or by a command. */
  addressed: boolean;
  /** Must it be, so that words start work? */
  hears: "words" | "mentions";
  /** What the session of the thread takes now; null when the thread has none. */
  offers: readonly Verb[] | null;
  /** The oldest open question, if there is one: then short words are its answer. */
  asked: "permission" | "question" | null;
  repos: readonly string[];
  agents: readonly string[];
  /** Names of the commands, lower case. */
  commands: readonly string[];
}

export type Intent =
  | { is: "request"; text: string; hints: Hints }
  | { is: "command"; name: string; line: string }
  /** A decision about what the newest card offers. `rest` is what was said with Revise. */
  | { is: "verb"; verb: Sayable; rest: string }
  /** The answer to an open permission; `option` is its number in `PERMISSION`. */
  | { is: "permit"; option: number }
  /** Free words for the session of the thread. */
  | { is: "words"; text: string }
  /** Between people, or nothing to do. */
  | { is: "talk" };

/** A mention of anybody, as Slack (`<@U1>`), Telegram and the web chat (`@name`) write it. */
const SOMEBODY = /^(?:<@[^>\s]+>|@[\p{L}\p{N}_.-]+)/u;
const US = /^@oca(?=[\s,:]|$)[\s,:]*/iu;
const SLASH = /^\/oca(?:@\w+)?(?=\s|$)\s*/iu;

/**
 * What a message means, in every language at once. In this order: a command; talk between people; a decision, if that
 * is the whole message; thanks; a request by its address; words for the session of the thread; else a request, if the
 * bot is meant.
 */
export function readIntent(message: string, words: Words, scene: Scene): Intent {
  const whole = message.trim();
  const slash = SLASH.test(whole);
  const addressed = scene.addressed || slash || US.test(whole);
  const text = whole.replace(slash ? SLASH : US, "").trim();
  const command = asCommand(text, { slash, addressed, commands: scene.commands });
  if (command) return command;
  if (!addressed && SOMEBODY.test(whole)) return { is: "talk" };
  return readWords(text, words, { ...scene, addressed });
}

function readWords(text: string, words: Words, scene: Scene): Intent {
  const { addressed, offers } = scene;
  const here = addressed || offers !== null;
  const decision = here ? asDecision(text, words, scene) : null;
  if (decision) return decision;
  if (isThanks(text, words)) return { is: "talk" };
  if (addressed && offers === null && isGreeting(text, words)) return { is: "command", name: "help", line: "" };
  const request = asked(text, words, { ...scene, here });
  if (request !== null) return { is: "request", ...readHints(request, words, scene) };
  return offers !== null ? { is: "words", text } : { is: "talk" };
}

/** What the bot is asked for; null when that is nothing, or when it must be addressed for it. */
function asked(
  text: string,
  words: Words,
  { hears, here, addressed, offers }: Scene & { here: boolean },
): string | null {
  if (hears === "mentions" && !here) return null;
  const request = asRequest(text, words) ?? (addressed && offers === null ? text : null);
  return request !== null && isThanks(request, words) ? null : request;
}
