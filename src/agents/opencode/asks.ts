import type { Answer, What } from "../../core/ask.ts";
import type { Turn } from "../../core/parts.ts";
import { inside, judge, type Verdict, type Wish, wishKey } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Feed } from "../feed.ts";
import type { Permission, Question } from "../wire/opencode.ts";
import { outputsIn } from "./launch.ts";
import { wishOf } from "./wish.ts";

export interface Asks {
  permission(asked: Permission): void;
  /** OpenCode has closed a request by itself. */
  closed(requestId: string): void;
  question(asked: Question): void;
  answer(id: string, answer: Answer): void;
  /** Somebody is being asked. */
  readonly waiting: boolean;
}

interface AsksDeps {
  turn: Turn;
  desk: Desk;
  feed: Feed;
  /** What the agent says a tool call is for. */
  purpose(callId: string): string;
  reply(path: string, body: object): Promise<void>;
}

type Said = { reply: "once" } | { reply: "reject"; message: string };

/** What OpenCode asks for: judged by the rules that hold for all agents, and put to a person where these say so. */
export function createAsks({ turn, desk, feed, purpose, reply }: AsksDeps): Asks {
  const waiting = new Map<string, (answer: Answer) => void>();
  const open = new Map<string, { session: string; said: Said | null }>();
  let count = 0;

  const put = (key: string, what: Extract<What, { kind: "permission" | "question" }>): Promise<Answer> =>
    new Promise((resolve) => {
      const id = `ask-${++count}`;
      waiting.set(id, resolve);
      feed.put({ type: "asked", ask: { id, key, what } });
    });

  async function decide(asked: Permission): Promise<Said> {
    const wish = await wishOf(asked, desk);
    const verdict = rule(wish, turn, desk);
    if (verdict.is === "allow") return { reply: "once" };
    if (verdict.is === "deny") return { reply: "reject", message: verdict.reason };
    const why = purpose(asked.tool?.callID ?? "");
    const detail = wish.detail || wish.paths.join(", ");
    const answer = await put(wishKey(wish), { kind: "permission", tool: nameOf(asked.permission), detail, why });
    if (answer.is === "allowed") return { reply: "once" };
    return { reply: "reject", message: (answer.is === "denied" && answer.reason) || "Not allowed." };
  }

  async function permission(asked: Permission): Promise<void> {
    const mine: { session: string; said: Said | null } = { session: asked.sessionID, said: null };
    open.set(asked.id, mine);
    mine.said = await decide(asked);
    if (mine.said.reply === "once" && open.delete(asked.id)) await reply(`/permission/${asked.id}/reply`, mine.said);
    await refuse(asked.sessionID);
  }

  /** A refusal closes all open requests of its conversation: it is held back until each of them has its answer. */
  async function refuse(session: string): Promise<void> {
    const here = [...open].filter(([, one]) => one.session === session);
    if (here.some(([, { said }]) => said === null)) return;
    for (const [id, { said }] of here) if (said && open.delete(id)) await reply(`/permission/${id}/reply`, said);
  }

  async function question({ id, questions }: Question): Promise<void> {
    const answers = await Promise.all(questions.map((one) => put(`question ${one.question}`, questionOf(one))));
    if (answers.every(({ is }) => is === "picked"))
      await reply(`/question/${id}/reply`, { answers: answers.map(wordsOf) });
    else await reply(`/question/${id}/reject`, {});
  }

  return {
    permission: (asked) => void permission(asked),
    closed: (id) => void open.delete(id),
    question: (asked) => void question(asked),
    answer: (id, answer) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    },
    get waiting() {
      return waiting.size > 0;
    },
  };
}

/** The agent's own home holds its login: of it only the output of its tools is open. */
function rule(wish: Wish, { kind }: Turn, desk: Desk): Verdict {
  const secret = wish.paths.find((path) => inside(path, desk.home) && !inside(path, outputsIn(desk.home)));
  return secret === undefined ? judge(wish, kind, desk) : { is: "deny", reason: `${secret} is not open to agents.` };
}

const nameOf = (permission: string): string =>
  permission
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");

const questionOf = (one: Question["questions"][number]): Extract<What, { kind: "question" }> => ({
  kind: "question",
  text: one.question,
  options: one.options.map(({ label, description }) => ({ label, detail: description })),
  multi: one.multiple,
  free: one.custom,
  recommended: null,
});

const wordsOf = (answer: Answer): string[] =>
  answer.is === "picked" ? [...answer.labels, ...(answer.text === null ? [] : [answer.text])] : [];
