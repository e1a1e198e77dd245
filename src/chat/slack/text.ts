/** What the reader of Slack's text must know. */
export interface Names {
  /** The bot's own user id. */
  bot: string;
  name(user: string): string;
}

const MARK = /<([^<>\n]+)>/g;

/** Slack's markup as people read it; the bot is "@oca" by whatever name it was installed. */
export function readText(text: string, names: Names): string {
  const read = text.replace(MARK, (_, mark: string) => readMark(mark, names));
  return read.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function readMark(mark: string, { bot, name }: Names): string {
  const [target = "", label = ""] = mark.split(/\|(.*)/s);
  if (target === `@${bot}`) return "@oca";
  if (target.startsWith("@")) return `@${name(target.slice(1))}`;
  if (target.startsWith("#")) return `#${label || target.slice(1)}`;
  if (target.startsWith("!")) return label || `@${target.slice(1).split("^")[0]}`;
  const url = target.replace(/^mailto:/, "");
  return label === "" || label === url || `https://${label}` === url || `http://${label}` === url
    ? url
    : `${label} (${url})`;
}

/** The people that a text mentions, by id. */
export const mentioned = (text: string): string[] =>
  [...text.matchAll(/<@([A-Z0-9]+)(?:\|[^<>]*)?>/g)].flatMap(([, user]) => user ?? []);

/** Slack, formatting text: these three signs, and no others. */
export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** What somebody asked for by a command, as the root of its thread. */
export const asked = (user: string, text: string): string => `<@${user}>: ${escapeText(text)}`;
