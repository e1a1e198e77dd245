import { createHash } from "node:crypto";
import { z } from "zod";
import { File, type Person } from "../../core/parts.ts";
import type { Incoming } from "../../core/ports/chat.ts";
import type { Guest } from "./access.ts";
import { Id, type Post } from "./history.ts";

export const TEXT_BYTES = 200_000;
/** JSON writes a control character as six bytes. */
export const BODY_BYTES = 6 * TEXT_BYTES + 50_000;

/** Chosen by the page: the same one again is the same message or click. */
const Once = z.string().regex(/^[\w-]{8,64}$/);
const Text = z.string().transform(clean);

export const Words = z.object({
  once: Once,
  channel: z.string(),
  /** Null starts a thread. */
  thread: Id.nullable(),
  text: Text,
  files: z.array(File).max(20),
});
export type Words = z.infer<typeof Words>;

export const Press = z.object({
  once: Once,
  thread: Id,
  message: Id,
  action: z.string().max(64),
  text: Text.nullable(),
});
export type Press = z.infer<typeof Press>;

/** From who says it and the page's own name for it, so that the same words sent twice are one message. */
export const idOf = (guest: Guest, once: string): string =>
  `m${createHash("sha256").update(`${guest.user}\n${once}`).digest("hex").slice(0, 24)}`;

/** Control characters have no place in words, and lone surrogates none in any file; line breaks become one kind. */
function clean(text: string): string {
  const lines = text.toWellFormed().replace(/\r\n?/g, "\n");
  return lines.replace(/[^\P{Cc}\n\t]/gu, "");
}

interface From {
  guest: Guest;
  locale: string;
  at: number;
}

export const message = (post: Post, at: { channel: string; thread: string }, { guest, locale }: From): Incoming => ({
  type: "message",
  id: `web:${post.id}`,
  at: post.at,
  by: person(guest),
  thread: { chat: "web", ...at },
  locale,
  message: post.id,
  text: post.text,
  files: post.files,
  replyTo: null,
  addressed: /(^|\s)@oca\b/i.test(post.text),
});

export const click = (press: Press, channel: string, { guest, locale, at }: From): Incoming => ({
  type: "click",
  id: `web:${idOf(guest, press.once)}`,
  at,
  by: person(guest),
  thread: { chat: "web", channel, thread: press.thread },
  locale,
  message: press.message,
  action: press.action,
  text: press.text,
});

export const person = ({ user, name }: Guest): Person => ({ id: `web:${user}`, chat: "web", user, name });

/** The first language the browser asks for ("de-AT"); English when it asks for none. */
export function localeOf(header: string | undefined): string {
  const [tag = ""] = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*/.exec(header?.trim() ?? "") ?? [];
  return tag || "en";
}
