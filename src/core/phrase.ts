import { PERMISSION } from "./ask.ts";
import type { Verb } from "./event.ts";
import type { Intent } from "./intent.ts";
import { SAYABLE, SOFT, type Words } from "./words.ts";

/** How long a command may be when it is said without a slash: longer is a sentence that happens to start like one. */
const SHORT = 3;

const DECISIONS: ReadonlySet<string> = new Set([...SAYABLE, ...SOFT]);

/** `/oca name …`; or `oca name …` and the name said to the bot, as a short line that asks nothing. */
export function asCommand(
  text: string,
  { slash, addressed, commands }: { slash: boolean; addressed: boolean; commands: readonly string[] },
): Extract<Intent, { is: "command" }> | null {
  if (slash && text === "") return { is: "command", name: "help", line: "" };
  const rest = slash ? text : text.replace(/^oca[,:]?\s+/iu, "");
  if (!slash && !addressed && rest === text) return null;
  if (!slash && (/[?\n]/u.test(rest) || rest.split(/\s+/u).length > SHORT)) return null;
  const [first = ""] = /^\S*/u.exec(rest) ?? [];
  // Said without a slash, a decision must be the whole message: "merge the helpers" is work for the agent.
  const open = slash ? commands : commands.filter((command) => !DECISIONS.has(command));
  const name = open.find((command) => command === first.toLowerCase());
  return name === undefined ? null : { is: "command", name, line: rest.slice(first.length).trim() };
}

interface Place {
  offers: readonly Verb[] | null;
  asked: "permission" | "question" | null;
}

/**
 * A decision is the whole message, but for courtesy, punctuation and emoji: "approve, but rename it" is none, and
 * neither is a question. While a question stands open only Stop is a decision: "merge" may be its answer.
 */
export function asDecision(text: string, words: Words, { offers, asked }: Place): Intent | null {
  if (text.includes("?")) return null;
  const readings = peel(normal(text), words);
  if (asked === "permission") {
    const option = PERMISSION.findIndex((scope) => among(readings, words.permit[scope]));
    if (option >= 0) return { is: "permit", option };
  }
  const said = SAYABLE.find((verb) => among(readings, words.say[verb]));
  const meant = said ?? SOFT.find((verb) => offers?.includes(verb) && among(readings, words.soft[verb]));
  if (asked !== null) return meant === "stop" && said === "stop" ? { is: "verb", verb: "stop", rest: "" } : null;
  if (meant !== undefined) return { is: "verb", verb: meant, rest: "" };
  return offers?.includes("revise") ? revision(text, words) : null;
}

/** "Revise: keep the old route" says at once what should change. */
function revision(text: string, words: Words): Intent | null {
  const lower = text.toLowerCase();
  const word = longest(words.say.revise).find((phrase) => lower.startsWith(phrase));
  const rest = word === undefined ? null : /^\s*[:,\n-]\s*(\S.*)$|^\s+(\S.*)$/su.exec(text.slice(word.length));
  return rest ? { is: "verb", verb: "revise", rest: (rest[1] ?? rest[2] ?? "").trim() } : null;
}

/** Nothing but thanks, praise and emoji. */
export function isThanks(text: string, words: Words): boolean {
  if (text.includes("?")) return false;
  const left = peel(normal(text), { polite: [...words.polite, "oca"], thanks: words.thanks }).at(-1);
  return left === "" && (normal(text) === "" || !isGreeting(text, words));
}

/** Nothing but courtesy: "hi", "hello oca". */
export function isGreeting(text: string, words: Words): boolean {
  return text !== "" && normal(text) !== "" && peel(normal(text), { polite: words.polite, thanks: [] }).at(-1) === "";
}

/** What is asked for in "let oca …" and its like; null when the message is not addressed in such words. */
export function asRequest(text: string, { start, not, polite }: Words): string | null {
  const courtesy = `(?:(?:${longest(polite).map(pattern).join("|")})[\\s,]+)*`;
  const match = (phrase: string) => new RegExp(`^${courtesy}${pattern(phrase)}$`, "isu").exec(text);
  if (not.some((phrase) => match(phrase))) return null;
  const found = longest(start).flatMap((phrase) => match(phrase)?.[1] ?? []);
  return found[0]?.trim() ?? null;
}

/** A phrase as a pattern: the bot's name may be written as a mention, and `*` is everything from a first visible sign on. */
const pattern = (phrase: string): string =>
  phrase
    .replace(/[.+?^${}()|[\]\\]/gu, "\\$&")
    .replace(/\boca\b/gu, "@?oca")
    .replace(/'/gu, "['’]")
    .replace(/ ?\*$/u, "[\\s:,]+(\\S.*)")
    .replace(/, ?/gu, "\\s*,\\s*")
    .replace(/ /gu, "\\s+");

const longest = (phrases: readonly string[]): string[] => phrases.toSorted((a, b) => b.length - a.length);

/** Lower case words with single spaces; punctuation and emoji are gone. */
const normal = (text: string): string =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[’]/gu, "'")
    .replace(/[^\p{L}\p{N}'\s-]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();

/** The text as it is, and after each courtesy taken off its ends. */
function peel(text: string, { polite, thanks }: Pick<Words, "polite" | "thanks">): string[] {
  const extras = longest([...polite, ...thanks, "oca"].map(normal));
  const readings = [text];
  for (let rest = text; rest !== ""; ) {
    const now = rest;
    const extra = extras.find((word) => now === word || now.startsWith(`${word} `) || now.endsWith(` ${word}`));
    if (extra === undefined) break;
    rest = (
      now === extra || now.startsWith(`${extra} `) ? now.slice(extra.length) : now.slice(0, -extra.length)
    ).trim();
    readings.push(rest);
  }
  return readings;
}

const among = (readings: readonly string[], phrases: readonly string[]): boolean =>
  phrases.some((phrase) => readings.includes(normal(phrase)));
