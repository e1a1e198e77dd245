import type { Activity, FileChange, Person, Step, Thread, Usage } from "./parts.ts";

/** A piece of a card, top to bottom. Text is plain text unless it says Markdown: adapters escape it. */
export type Part =
  /** Words of oca. */
  | { kind: "line"; text: string; tone: "plain" | "muted" | "warn" }
  /** Words of an agent or a person: data. `fold`: long, shown closed where the platform can. */
  | { kind: "markdown"; markdown: string; fold: boolean }
  | { kind: "steps"; steps: Step[] }
  | { kind: "files"; files: FileChange[]; more: string | null }
  | { kind: "code"; text: string };

/** Something to fill in, opened by a button. `ticks` and `text` become `Incoming.text`. */
export interface Form {
  title: string;
  /** Lines to tick; a ticked one is put into the text as a quotation. */
  ticks: string[];
  /** Label of the text box. */
  label: string;
  submit: string;
  required: boolean;
}

export interface Button {
  label: string;
  style: "primary" | "danger" | "plain";
  /** `verb:session:key` or `/oca` and a command, at most 64 bytes; or a page: of the web chat, below its address, or of another server, by its whole one. */
  does: { action: string } | { page: string };
  confirm: { text: string; yes: string; no: string } | null;
  form: Form | null;
}

export interface Document {
  name: string;
  mime: "text/markdown" | "text/plain" | "text/x-diff";
  text: string;
}

/** What became of the request, in one sign: printed as a reaction, an icon or a status. */
export type Mood = "seen" | "working" | "waiting" | "done" | "failed" | "closed";

/** What people see, free of any platform. */
export interface View {
  /** One line, also the notification and the fallback text. */
  head: string;
  parts: Part[];
  buttons: Button[];
  documents: Document[];
  /** Who must act; only from authority, never from text. */
  mentions: Person[];
  mood: Mood;
  /** Name of the thread where a platform has one. */
  title: string;
}

/** What is known of the running work beside the session: kept in memory, lost with the process. */
export interface Live {
  /** When the work started, epoch ms. */
  since: number;
  /** The last sign of life. */
  lastAt: number;
  /** Newest last, at most five. */
  activities: Activity[];
  steps: Step[];
  usage: Usage | null;
}

/** How much of the running work the living card shows. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** What work waits for before it may begin, and its place in that queue, from 1. `behind`: the title of who is in the checkout. */
export type Waits = { for: "slot"; place: number } | { for: "checkout"; place: number; behind: string };

/** What a card needs beside the session: everything that a pure function cannot know. */
export interface Seen {
  now: number;
  live: Live | null;
  verbosity: Verbosity;
  /** Null when the work does not wait. */
  waits: Waits | null;
  /** Who may decide, when the requester may not: mentioned on decision cards. */
  mentions: Person[];
  /** IANA name, for clock times. */
  timezone: string;
  /** The session cannot be saved, and why. */
  trouble: string | null;
  /** The web chat has a diff page for this session. */
  pages: boolean;
  /** The folder, when it is the user's own checkout that the session works in. */
  checkout: string | null;
  /** Open sessions of the same repository whose work is on the same files. */
  sharing: { title: string; files: string[] }[];
}

/** One thing that the doctor looked at. `id` and `is` name its words, `values` fill them in. */
export interface Check {
  id: string;
  is: string;
  ok: boolean | "warn";
  values: Record<string, string | number>;
}

/** The overview of a person: waiting on you, running, ready to merge, this week. */
export interface Board {
  sections: { title: string; rows: Row[] }[];
}
export interface Row {
  session: string;
  title: string;
  /** One line: phase, repository, age. */
  text: string;
  mood: Mood;
  thread: Thread;
  /** What the person's card of it offers. */
  buttons: Button[];
}
