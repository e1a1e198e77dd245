import type { What } from "../core/ask.ts";
import { prompt } from "../core/prompt.ts";

/** What a prompt of oca says. `request` also covers the words of a follow-up: only memory can tell them apart. */
export type Heard = { kind: "request" | "revise"; words: string } | { kind: "go" };

const MARK = "\u0000";
const RULES = [prompt.ruled("plan", ""), prompt.ruled("write", ""), prompt.ruled("write", "", true)];
const [GO = ""] = prompt.approved(MARK).split(`> ${MARK}`);
const [REVISE = ""] = prompt.revise(MARK).split(MARK);
const CUT = prompt.cut("");
const [ASKED = "", ANSWER = ""] = prompt
  .answered(question(MARK), { is: "picked", labels: [MARK], text: null })
  .split(MARK);

/** Takes off what core/prompt.ts put around the words of a person. A turn that goes on has no new ones. */
export function hear(text: string): Heard {
  if (text.startsWith(CUT)) {
    // Whatever was begun goes on; the words of a revision may have been lost with the process that heard them.
    const before = hear(text.slice(CUT.length));
    return before.kind === "revise" ? before : { kind: "go" };
  }
  const bare = RULES.reduce((rest, rules) => rest.replaceAll(rules, ""), text).trim();
  if (bare.startsWith(REVISE)) return heard("revise", bare.slice(REVISE.length));
  return heard("request", bare.startsWith(GO) ? bare.slice(GO.length) : bare);
}

function heard(kind: "request" | "revise", text: string): Heard {
  const words = own(text);
  return words === "" ? { kind: "go" } : { kind, words };
}

/** The answer to an ask that a person gave after its turn had ended; null when the prompt has none. */
export function answerTo(what: Extract<What, { kind: "permission" | "question" }>, text: string): string | null {
  const [head = ""] = prompt.answered(what, { is: "picked", labels: [MARK], text: null }).split(MARK);
  const at = text.lastIndexOf(head);
  return at === -1 ? null : (text.slice(at + head.length).split("\n")[0] ?? "");
}

/** Without quotations and without what oca reports of answers. */
function own(text: string): string {
  const lines = text.split("\n");
  const answers = new Set(
    lines.flatMap((line, i) => (line.startsWith(ASKED) && lines[i + 1]?.startsWith(ANSWER.trim()) ? [i, i + 1] : [])),
  );
  return lines
    .filter((line, i) => !/^>( |$)/.test(line) && !answers.has(i))
    .join("\n")
    .trim();
}

function question(text: string): Extract<What, { kind: "question" }> {
  return { kind: "question", text, options: [], multi: false, free: true, recommended: null };
}
