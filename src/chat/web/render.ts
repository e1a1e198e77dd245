import type { FileChange, Person, Step } from "../../core/parts.ts";
import type { Button, Mood, Part, View } from "../../core/view.ts";
import { type Leaf, readMarkdown } from "../../lib/markdown.ts";
import type { Guest } from "./access.ts";
import type { Post, Talk } from "./history.ts";

type ShownPart =
  | { kind: "line"; text: string; tone: string }
  | { kind: "words"; tree: Leaf[]; fold: boolean }
  | { kind: "steps"; steps: Step[] }
  | { kind: "files"; files: FileChange[]; more: string | null }
  | { kind: "code"; text: string };

/** A View as the page gets it: Markdown is a tree, and of documents only the names go along. */
export interface Card {
  head: string;
  parts: ShownPart[];
  buttons: Button[];
  documents: { name: string; mime: string }[];
  mentions: string[];
  /** Users of the web chat among them: their page says "you". */
  mentioned: string[];
  mood: Mood;
}

export interface ShownPost {
  id: string;
  thread: string;
  /** Place in the thread. */
  n: number;
  at: number;
  by: Guest | null;
  words: Leaf[];
  files: Post["files"];
  card: Card | null;
}

/** A line in the list of a channel's threads. */
export interface ShownTalk {
  thread: string;
  channel: string;
  title: string;
  by: string | null;
  at: number;
  replies: number;
  mood: Mood | null;
}

export const card = (view: View): Card => ({
  head: view.head,
  parts: view.parts.map(part),
  buttons: view.buttons,
  documents: view.documents.map(({ name, mime }) => ({ name, mime })),
  mentions: view.mentions.map((person) => person.name),
  mentioned: view.mentions.filter(isGuest).map((person) => person.user),
  mood: view.mood,
});

const isGuest = (person: Person): boolean => person.chat === "web";

const part = (part: Part): ShownPart =>
  part.kind === "markdown" ? { kind: "words", tree: readMarkdown(part.markdown), fold: part.fold } : part;

export function showPost(post: Post, { thread, posts }: Talk): ShownPost {
  const { id, at, by, files, view } = post;
  const n = posts.findIndex((it) => it.id === id);
  return { id, thread, n, at, by, words: view ? [] : readMarkdown(post.text), files, card: view && card(view) };
}

const TITLE_CHARS = 120;

export function showTalk({ thread, channel, posts }: Talk): ShownTalk {
  const views = posts.flatMap((post) => post.view ?? []);
  const words = posts[0]?.text.trim().split("\n")[0] || posts[0]?.files[0]?.name || posts[0]?.view?.head || "";
  return {
    thread,
    channel,
    title: (views.findLast((view) => view.title !== "")?.title ?? words).slice(0, TITLE_CHARS),
    by: posts[0]?.by?.name ?? null,
    at: posts.at(-1)?.at ?? 0,
    replies: posts.length - 1,
    // What is decided says nothing of what goes on in another card.
    mood: (views.findLast(({ mood }) => mood !== "closed") ?? views.at(-1))?.mood ?? null,
  };
}
