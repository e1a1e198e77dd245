import type {
  CreateElicitationResponse,
  ElicitationContentValue,
  RequestPermissionResponse,
} from "@agentclientprotocol/sdk";
import type { Answer, What } from "../../core/ask.ts";
import type { Turn } from "../../core/parts.ts";
import { inside, judge, type Wish, wishKey } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Feed } from "../feed.ts";
import { followed } from "../links.ts";
import type { Quirks } from "../quirks.ts";
import type { Call, Form, Permission } from "../wire/acp.ts";
import { answerOf, questionOf } from "./form.ts";
import { isModeSwitch, proposed } from "./plan.ts";
import type { Story } from "./story.ts";
import { wishOf } from "./wish.ts";

type Asked = Extract<What, { kind: "permission" | "question" }>;

export interface TalkOptions {
  feed: Feed;
  story: Story;
  turn: Turn;
  desk: Desk;
  quirks: Quirks;
  /** A plan was proposed: the turn is over. */
  onPlan(markdown: string): void;
}

/** What an agent asks for while it works, and who answers: the rules, or a person. */
export interface Talk {
  permit(request: Permission): Promise<RequestPermissionResponse>;
  inquire(form: Form): Promise<CreateElicitationResponse>;
  answer(askId: string, answer: Answer): void;
  /** Everything that waits, and all that comes, is answered `cancelled`: without it some agents never end their turn. */
  close(): void;
  readonly waiting: boolean;
  /** Did this tool ask? */
  asked(toolCallId: string): boolean;
  /** Why a person refused: the protocol has no place for it, so it is said in a prompt of its own. */
  reasons(): string | null;
}

const CANCELLED: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

export function createTalk({ feed, story, turn, desk, quirks, onPlan }: TalkOptions): Talk {
  const asks = createAsks(feed);
  const seen = new Set<string>();
  let closed = false;
  let refused: string[] = [];

  async function permit({ toolCall, options }: Permission): Promise<RequestPermissionResponse> {
    seen.add(toolCall.toolCallId);
    const call = story.tool(toolCall);
    const may = isModeSwitch(call, quirks) ? await leave(call) : await allowed(call);
    return may === null ? CANCELLED : choose(options, may);
  }

  /** Null: the turn is over. */
  async function leave(call: Call): Promise<false | null> {
    const plan = turn.kind === "plan" ? await proposed(call, quirks, desk.home) : null;
    if (plan === null) return false;
    onPlan(plan);
    return null;
  }

  async function allowed(call: Call): Promise<boolean | null> {
    const named = wishOf(call);
    const wish = { ...named, paths: await followed(named.paths, desk.cwd) };
    const verdict = isOwn(wish, await followed([desk.home], desk.cwd))
      ? { is: "allow" }
      : judge(wish, turn.kind, { ...desk, contained: false });
    if (verdict.is !== "ask") return verdict.is === "allow";
    const said = await asks.ask(wishKey(wish), permissionOf(call, wish));
    if (said?.is === "denied" && said.reason !== "") refused.push(`- ${wish.detail}: ${said.reason}`);
    return said && said.is === "allowed";
  }

  async function inquire({ mode, message, requestedSchema }: Form): Promise<CreateElicitationResponse> {
    if (mode !== "form" || !requestedSchema) return { action: "decline" };
    story.flush();
    const fields = Object.entries(requestedSchema.properties);
    const answers = await Promise.all(
      fields.map(async ([name, field]) => {
        const what = questionOf(field, field.description ?? field.title ?? message);
        return { name, field, answer: await asks.ask(`${what.text} ${name}`, what) };
      }),
    );
    const content: Record<string, ElicitationContentValue> = {};
    for (const { name, field, answer } of answers) {
      if (answer === null) return { action: "cancel" };
      if (answer.is !== "picked") return { action: "decline" };
      content[name] = answerOf(field, answer);
    }
    return { action: "accept", content };
  }

  return {
    permit: (request) => (closed ? Promise.resolve(CANCELLED) : permit(request)),
    inquire: (form) => (closed ? Promise.resolve({ action: "cancel" }) : inquire(form)),
    answer: asks.answer,
    close: () => {
      closed = true;
      asks.close();
    },
    get waiting() {
      return asks.waiting;
    },
    asked: (id) => seen.has(id),
    reasons: () => {
      const said = refused;
      refused = [];
      return said.length === 0 ? null : `A person refused this, and said why:\n${said.join("\n")}`;
    },
  };
}

/** What waits for a person. Nobody's answer is null: the turn was called off. */
function createAsks(feed: Feed) {
  const waiting = new Map<string, (answer: Answer | null) => void>();
  let closed = false;
  let count = 0;
  const answer = (id: string, said: Answer | null): void => {
    const resolve = waiting.get(id);
    waiting.delete(id);
    resolve?.(said);
  };
  return {
    answer,
    get waiting() {
      return waiting.size > 0;
    },
    ask: (key: string, what: Asked): Promise<Answer | null> => {
      if (closed) return Promise.resolve(null);
      const id = `a${++count}`;
      const { promise, resolve } = Promise.withResolvers<Answer | null>();
      waiting.set(id, resolve);
      feed.put({ type: "asked", ask: { id, key, what } });
      return promise;
    },
    close: (): void => {
      closed = true;
      for (const id of [...waiting.keys()]) answer(id, null);
    },
  };
}

/** By kind: the ids and names differ from agent to agent. Always for once, because rules for longer are oca's. */
function choose(options: Permission["options"], yes: boolean): RequestPermissionResponse {
  const kinds = yes ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"];
  const option = kinds.map((kind) => options.find((one) => one.kind === kind)).find((one) => one !== undefined);
  return option ? { outcome: { outcome: "selected", optionId: option.optionId } } : CANCELLED;
}

/** Some agents keep their plans and notes as files in their own folder, by whichever name of it. */
const isOwn = ({ what, paths }: Wish, homes: readonly string[]): boolean =>
  what === "edit" && paths.length > 0 && paths.every((path) => homes.some((home) => inside(path, home)));

const permissionOf = (call: Call, { what, detail, paths }: Wish): Asked => ({
  kind: "permission",
  tool: call.name ?? call.kind ?? what,
  detail: what === "edit" ? paths.join(" ") || detail : detail,
  why: (call.content ?? [])
    .map((part) => (part && "text" in part ? part.text : ""))
    .join("\n")
    .trim(),
});
