import { Verb } from "../core/event.ts";
import { Rule } from "../core/policy.ts";
import type { Decision, Session } from "../core/session.ts";
import type { Part, View } from "../core/view.ts";
import { plain } from "../lib/text.ts";
import { clock, names, oneLine } from "./format.ts";
import type { T } from "./i18n.ts";
import { isLong, line } from "./part.ts";

interface After {
  s: Session;
  /** The moment that the card was posted for, as `court` of the session named it. */
  court: string;
  timezone: string;
}

/** A card after its moment: who decided and when, what it was about, and nothing to press. */
export function settled(view: View, after: After, t: T): View {
  const { s, court } = after;
  const key = court.slice(court.indexOf(":") + 1);
  const decision = s.decided.findLast((one) => one.key === key);
  const verdict = decision ? told(decision, after, t) : gone(view, s, t);
  return { ...view, parts: [line(verdict), ...kept(view)], buttons: [], mentions: [], mood: "closed" };
}

/** A card in one line: what it was about and how it ended, or that it goes on in a newer one. */
export function folded(view: View, t: T): View {
  const [first] = view.parts;
  const verdict = view.mood === "closed" && first?.kind === "line" ? first.text : t("decided.below");
  const head = `${view.head} · ${verdict}`;
  return { ...view, head, parts: [], buttons: [], documents: [], mentions: [], mood: "closed" };
}

function told({ verb, by, at, answer }: Decision, { s, timezone }: After, t: T): string {
  const when = clock(at, { now: s.updatedAt, timezone }, t);
  const word = Deciding.safeParse(verb).data ?? "answer";
  if (word === "answer" && by === null) return t("decided.timeout", { at: when });
  const who = names([by], t);
  if (answer === null || answer === "" || (word !== "answer" && word !== "revise"))
    return t(`decided.${word}`, { who, at: when });
  return t(word === "answer" ? "decided.answerWith" : "decided.reviseWith", {
    who,
    at: when,
    answer: chosen(answer, t),
  });
}

/** What settles a card; anything else is an answer. */
const Deciding = Verb.extract([
  "approve",
  "revise",
  "reject",
  "stop",
  "resume",
  "merge",
  "force",
  "resolve",
  "pr",
  "address",
  "tidy",
  "later",
  "discard",
  "undo",
  "revert",
]);

const OWN = ["once", "session", "deny", "accept", "decline", "retry", "skip", "stop", ...Rule.options] as const;

/** Options of oca's own are kept as keys; what an agent offered or a person wrote is kept as it was. */
function chosen(answer: string, t: T): string {
  const own = OWN.find((key) => key === answer);
  return own ? t(`option.${own}`) : oneLine(answer.replace(/^> (.*)$/gm, "“$1”"), 200);
}

function gone(view: View, { plans }: Session, t: T): string {
  const shown = view.parts.flatMap((part) => (part.kind === "markdown" ? [part.markdown] : []));
  const newest = plans.at(-1);
  const older = plans.some(({ markdown }) => shown.includes(plain(markdown)) && markdown !== newest?.markdown);
  return newest && older ? t("decided.superseded", { version: newest.version }) : t("decided.over");
}

/** What is decided is shown open up to this length. */
const OPEN = { characters: 280, lines: 4 };

/** Content stays readable, long text closed; hints and warnings were for the moment. */
const kept = (view: View): Part[] =>
  view.parts.flatMap((part): Part[] => {
    if (part.kind === "line") return part.tone === "plain" ? [part] : [];
    return part.kind === "markdown" ? [{ ...part, fold: part.fold || isLong(part.markdown, OPEN) }] : [part];
  });
