import type { Answer, What } from "../../core/ask.ts";
import type { Turn } from "../../core/parts.ts";
import { judge, type Verdict, type Wish, wishKey } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { never } from "../../lib/never.ts";
import type { Feed } from "../feed.ts";
import { pathsRead } from "../reading.ts";
import { Request } from "../wire/codex.ts";
import { lineOf } from "./item.ts";

export interface Asks {
  /** Resolves to the answer for Codex; rejects for a request that oca has no answer to. */
  request(method: string, params: unknown): Promise<unknown>;
  answer(id: string, answer: Answer): void;
  /** Somebody is being asked. */
  readonly waiting: boolean;
}

interface AsksDeps {
  turn: Turn;
  desk: Desk;
  feed: Feed;
  /** The files of a change that Codex announced before. */
  changed(itemId: string): readonly string[];
  /** A refusal has no words on this wire: they are said beside it. */
  say(words: string): void;
}

type Of<M extends Request["method"]> = Extract<Request, { method: M }>["params"];

/** What Codex asks for: judged by the rules that hold for all agents, and put to a person where these say so. */
export function createAsks({ turn, desk, feed, changed, say }: AsksDeps): Asks {
  const waiting = new Map<string, (answer: Answer) => void>();
  let count = 0;

  const put = (key: string, what: Extract<What, { kind: "permission" | "question" }>): Promise<Answer> =>
    new Promise((resolve) => {
      const id = `ask-${++count}`;
      waiting.set(id, resolve);
      feed.put({ type: "asked", ask: { id, key, what } });
    });

  async function isAllowed(wish: Wish, why: string | null | undefined): Promise<boolean> {
    const verdict = rule(wish, turn, desk);
    if (verdict.is === "allow") return true;
    const answer: Answer =
      verdict.is === "deny"
        ? { is: "denied", reason: verdict.reason }
        : await put(wishKey(wish), {
            kind: "permission",
            tool: TOOLS[wish.what],
            detail: detailOf(wish),
            why: why ?? "",
          });
    if (answer.is === "denied" && answer.reason !== "") say(`Refused: ${detailOf(wish)}\n${answer.reason}`);
    return answer.is === "allowed";
  }

  async function questions({ questions: all }: Of<"item/tool/requestUserInput">): Promise<unknown> {
    const answers = all.map(async (one) => {
      const answer = await put(`question ${one.question}`, questionOf(one));
      return [one.id, { answers: wordsOf(answer, one.options ?? []) }] as const;
    });
    return { answers: Object.fromEntries(await Promise.all(answers)) };
  }

  const editWish = ({ itemId, grantRoot }: Of<"item/fileChange/requestApproval">): Wish => ({
    what: "edit",
    paths: [...changed(itemId), ...(grantRoot ? [grantRoot] : [])],
    detail: "",
  });

  async function request(method: string, params: unknown): Promise<unknown> {
    const asked = Request.safeParse({ method, params }).data;
    if (!asked) throw new Error(`oca has no answer to ${method}`);
    switch (asked.method) {
      case "item/tool/requestUserInput":
        return questions(asked.params);
      case "item/commandExecution/requestApproval":
        return decision(await isAllowed(commandWish(asked.params), asked.params.reason));
      case "item/fileChange/requestApproval":
        return decision(await isAllowed(editWish(asked.params), asked.params.reason));
      case "item/permissions/requestApproval": {
        const { permissions, reason } = asked.params;
        const allowed = await isAllowed({ what: "other", paths: [], detail: JSON.stringify(permissions) }, reason);
        return { permissions: allowed ? permissions : {}, scope: "turn" };
      }
      case "mcpServer/elicitation/request":
        return { action: (await mayUse(asked.params)) ? "accept" : "decline", content: {}, _meta: null };
      default:
        return never(asked);
    }
  }

  /** A form with fields wants more than a yes: nobody is asked for it. */
  const mayUse = async ({
    serverName,
    message,
    requestedSchema,
  }: Of<"mcpServer/elicitation/request">): Promise<boolean> =>
    Object.keys(requestedSchema?.properties ?? {}).length === 0 &&
    isAllowed({ what: "mcp", paths: [], detail: serverName }, message);

  return {
    request,
    answer: (id, answer) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    },
    get waiting() {
      return waiting.size > 0;
    },
  };
}

const TOOLS: Readonly<Record<Wish["what"], string>> = {
  read: "Read",
  edit: "Edit",
  command: "Shell",
  fetch: "Network",
  mcp: "MCP",
  delegate: "Agent",
  other: "Rights",
};

const detailOf = ({ detail, paths }: Wish): string => (detail === "" ? paths.join("\n") : detail);
const decision = (isAllowed: boolean): object => ({ decision: isAllowed ? "accept" : "decline" });

const COMMIT = /\bgit\s+(?:-\S+\s+)*(?:add|commit)\b/;

/** Git's folder stays closed even to a command that the plan names: oca commits, with hooks off. */
function rule(wish: Wish, turn: Turn, desk: Desk): Verdict {
  const commits = wish.what === "command" && COMMIT.test(wish.detail);
  if (commits && !desk.contained && desk.trust !== "bypass")
    return { is: "deny", reason: "Leave your changes in the working tree: they are committed for you." };
  return judge(wish, turn.kind, desk);
}

function commandWish(of: Of<"item/commandExecution/requestApproval">): Wish {
  if (of.networkApprovalContext) return { what: "fetch", paths: [], detail: of.networkApprovalContext.host };
  const detail = lineOf(of.command ?? "");
  // What Codex itself takes for reading is too much: `rg --pre` runs programs.
  const paths = pathsRead(detail);
  return paths ? { what: "read", paths, detail } : { what: "command", paths: [], detail };
}

type Asked = Of<"item/tool/requestUserInput">["questions"][number];
const RECOMMENDED = / \(recommended\)$/i;

function questionOf({ question, options, isOther }: Asked): Extract<What, { kind: "question" }> {
  const choices = options ?? [];
  const best = choices.findIndex(({ label }) => RECOMMENDED.test(label));
  return {
    kind: "question",
    text: question,
    options: choices.map(({ label, description }) => ({ label: label.replace(RECOMMENDED, ""), detail: description })),
    multi: false,
    free: isOther || choices.length === 0,
    recommended: best < 0 ? null : best,
  };
}

/** Codex knows its options by their whole labels. */
function wordsOf(answer: Answer, options: readonly { label: string }[]): string[] {
  if (answer.is !== "picked") return [];
  const own = (label: string): string =>
    options.find((option) => option.label.replace(RECOMMENDED, "") === label)?.label ?? label;
  return [...answer.labels.map(own), ...(answer.text === null ? [] : [answer.text])];
}
