import { optionsOf } from "./ask.ts";
import { atLeast } from "./authority.ts";
import type { EventOf, Refusal } from "./event.ts";
import { anew, begin, decided, enter, isVote, personOf, wordVote } from "./move.ts";
import type { Turn } from "./parts.ts";
import type { At } from "./phase.ts";
import { press } from "./press.ts";
import { joined, prompt } from "./prompt.ts";
import { asksOf, type Queued, type Session } from "./session.ts";

/** Free words mean "the answer", "change the plan", "do one more thing" or "go on", depending on where the session stands. */
export function hear(s: Session, e: EventOf<"said">): Session | Refusal {
  if (!atLeast(e.by.role, "requester")) return { refused: "role", needs: "requester", id: e.by.id };
  const answer = pressIn(s, e);
  if (answer) return press(s, answer);
  const word = wordOf(s, e);
  switch (s.phase.at) {
    case "deciding": {
      const session = decided(s, `${s.phase.offer}`, "revise", personOf(e.by), e.at);
      return begin(session, "plan", { ...taken(word), prompt: prompt.revise(e.text) });
    }
    case "reviewing":
      return goOn(s, word);
    case "paused":
      return takeUp(s, s.phase, word);
    case "closed":
      return anew(s, { ...taken(word), prompt: word.text }, word.at);
    default:
      return { ...s, queue: [...s.queue, word] };
  }
}

/** An edit counts while the word waits; when an agent has it, its author is told. */
export function edit(s: Session, e: EventOf<"edited">): Session | Refusal {
  const word = s.queue.find(({ id, by }) => id === e.message && by.id === e.by.id);
  if (!word) return holds(s, e.message) ? { refused: "heard" } : s;
  if (word.text === e.text) return s;
  const { text } = e;
  if (text === null) return { ...s, queue: s.queue.filter((other) => other !== word) };
  return { ...s, queue: s.queue.map((other) => (other === word ? { ...word, text } : other)) };
}

/** Words that answer the oldest open question, as the press they stand for: an option's label, or free text where it takes some. */
export function pressIn(s: Session, e: EventOf<"said">): EventOf<"pressed"> | null {
  const ask = asksOf(s)[0];
  if (!ask || ask.what.kind === "permission" || e.text === "") return null;
  const option = optionsOf(ask.what).findIndex((label) => label.toLowerCase() === e.text.trim().toLowerCase());
  if (option < 0 && !(ask.what.kind === "question" && ask.what.free)) return null;
  const { id, at, by, text } = e;
  const key = `${ask.id}.${option < 0 ? "text" : option}`;
  return { type: "pressed", id, at, by, verb: "answer", key, via: "words", text };
}

/** By somebody who may approve, words are a vote and go on writing; by anybody else they ask for a plan. */
function goOn(s: Session, word: Queued): Session {
  const kind = word.vote ? "write" : "plan";
  return begin(voted(s, word), kind, { ...taken(word), prompt: word.text });
}

/** What the cut-off turn was about goes along with the new words. */
function takeUp(s: Session, { retry }: At<"paused">, word: Queued): Session {
  // The ref may have moved already: that is found out first, and the words follow.
  if (retry.at === "landing" && retry.aim) return enter({ ...s, queue: [...s.queue, word] }, retry);
  if (retry.at !== "preparing") return goOn(s, word);
  const { turn } = retry;
  const kind = turn.kind === "write" && word.vote ? "write" : "plan";
  return begin(voted(s, word), kind, {
    prompt: joined([turn.prompt, word.text]),
    files: [...turn.files, ...word.files],
    took: [...turn.took, word.id],
  });
}

const voted = (s: Session, word: Queued): Session => {
  if (!word.vote) return s;
  return { ...s, warrant: { digest: s.warrant?.digest ?? null, votes: [...(s.warrant?.votes ?? []), wordVote(word)] } };
};

const wordOf = (s: Session, e: EventOf<"said">): Queued => ({
  id: e.message,
  by: personOf(e.by),
  text: e.text,
  files: e.files,
  vote: isVote(s, e.by),
  at: e.at,
});

const taken = (word: Queued): Pick<Turn, "files" | "took"> => ({ files: word.files, took: [word.id] });

const holds = ({ phase }: Session, message: string): boolean =>
  (phase.at === "preparing" || phase.at === "running") && phase.turn.took.includes(message);
