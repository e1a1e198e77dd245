import type { Moved, Turn } from "./parts.ts";
import { prompt } from "./prompt.ts";
import { isOwn, type Session } from "./session.ts";

/** What a plan names, read leniently out of its Markdown. */
export interface Named {
  steps: string[];
  files: string[];
  commands: string[];
}

const STEPS = 30;
const NUMBERED = /^\s{0,3}\d+[.)]\s+(.+)$/;
const LISTED = /^\s{0,3}(?:[-*+]|\d+[.)])\s+(.+)$/;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;

/** Steps are the numbered list under "Steps", else the first numbered list; files and commands stand in backticks under their heading. */
export function readPlan(markdown: string): Named {
  const sections = split(markdown);
  const steps = items(sections.get("steps") ?? [], LISTED);
  return {
    steps: (steps.length > 0 ? steps : items(markdown.split("\n"), NUMBERED)).slice(0, STEPS),
    files: unique((sections.get("files") ?? []).flatMap(ticked).map((path) => path.replace(/:\d+(-\d+)?$/, ""))),
    commands: unique((sections.get("commands") ?? []).flatMap(ticked)),
  };
}

function split(markdown: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of markdown.split("\n")) {
    const heading = HEADING.exec(line)?.[1];
    if (heading === undefined) lines.push(line);
    else {
      lines = [];
      sections.set(plainName(heading), lines);
    }
  }
  return sections;
}

const plainName = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z ]/g, "")
    .trim();

const items = (lines: string[], shape: RegExp): string[] =>
  lines.flatMap((line) => shape.exec(line)?.[1]?.trim() ?? []);

/** What stands in backticks on a line; a list item without any counts whole. */
function ticked(line: string): string[] {
  const codes = [...line.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code?.trim() || []);
  if (codes.length > 0) return codes;
  const item = LISTED.exec(line)?.[1]?.trim();
  return item !== undefined && !/\s/.test(item) ? [item] : [];
}

const unique = (values: string[]): string[] => [...new Set(values)];

/**
 * The plan was made on another base, and what it names has changed since: the approval is asked again. Not when the turn
 * carries words or answers of people beside the plan: they would be lost.
 */
export function isOutdated(s: Session, { prompt: words, took }: Turn, moved: Moved | null): boolean {
  const plan = s.plans.at(-1);
  if (!moved || moved.named.length === 0 || !plan || s.warrant?.digest !== plan.digest) return false;
  const ruled = (text: string) => prompt.ruled("write", text, isOwn(s));
  return took.length === 0 && ruled(words).endsWith(ruled(prompt.approved(plan.markdown)));
}
