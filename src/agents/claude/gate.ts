import type { Answer } from "../../core/ask.ts";
import type { Turn } from "../../core/parts.ts";
import { inside, judge, type Verdict, type Wish, wishKey } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { mute, quoted } from "../../lib/mute.ts";
import { type Input, type Question, Questions, type Request } from "../wire/claude.ts";
import type { Asked, Asks } from "./asks.ts";
import { wishOf } from "./wish.ts";

/** Everything a turn may do goes through here: every tool before it runs, helpers' too, and what the rules leave to a person. */
export interface Gate {
  /** Resolves to the reply; null: the request was withdrawn. Rejects for a request that we do not know. */
  reply(id: string, request: Request): Promise<object | null>;
  /** The plan that was proposed last. */
  readonly plan: string | null;
}

const HANDED = "The plan was handed to the people who decide. Their answer comes as the next message.";
const NO_PLAN = "There is no plan yet: write it into the plan file first.";
const OWN: Verdict = { is: "deny", reason: "This belongs to the agent itself, not to its work." };
const FREE = new Set(["AskUserQuestion", "TodoWrite"]);

export function createGate({ turn, desk, asks }: { turn: Turn; desk: Desk; asks: Asks }): Gate {
  let plan: string | null = null;

  /** Ends the turn there and then, and leaves in its memory that the plan was handed over, not that it was refused. */
  function propose({ plan: markdown }: Input): object {
    const text = typeof markdown === "string" ? markdown.trim() : "";
    if (turn.kind !== "plan" || text === "") return hooked("deny", NO_PLAN);
    plan = text;
    return { continue: false, stopReason: HANDED, ...hooked("deny", HANDED) };
  }

  return {
    reply: async (id, request) => {
      switch (request.subtype) {
        case "hook_callback": {
          const { tool_name: tool, tool_input: input } = request.input;
          return tool === "ExitPlanMode" ? propose(input) : before(tool, input, { turn, desk });
        }
        case "can_use_tool":
          return request.tool_name === "AskUserQuestion"
            ? inquire(id, request.input, asks)
            : permit(id, request, { turn, desk, asks });
        default:
          throw new Error("oca does not know this request");
      }
    },
    get plan() {
      return plan;
    },
  };
}

/** Before any tool runs: what the rules decide is decided here. `{}` leaves it to the CLI, which asks for what is not harmless. */
async function before(tool: string, input: Input, at: { turn: Turn; desk: Desk }): Promise<object> {
  if (FREE.has(tool)) return {};
  const wish = await wishOf(tool, input, at.desk);
  // The plan's own file, and what the CLI keeps for this conversation: it knows which they are.
  if (isOwn(wish, at.desk)) return {};
  const verdict = verdictOn(wish, at);
  if (verdict.is === "ask" && wish.what === "command") return {};
  if (at.turn.kind !== "write" && wish.what === "command" && verdict.is === "allow") return silenced(input, at.desk);
  return hooked(verdict.is, verdict.is === "deny" ? verdict.reason : "");
}

/** A shell that is held by the walls alone would still reach the network. */
function silenced(input: Input, { home }: Desk): object {
  const command = [...mute(home), "bash", "-c", String(input["command"])].map(quoted).join(" ");
  const { hookSpecificOutput } = hooked("allow", "");
  return { hookSpecificOutput: { ...hookSpecificOutput, updatedInput: { ...input, command } } };
}

async function permit(
  id: string,
  { tool_name: tool, input, description, decision_reason }: Extract<Request, { subtype: "can_use_tool" }>,
  { asks, ...at }: { turn: Turn; desk: Desk; asks: Asks },
): Promise<object | null> {
  const wish = await wishOf(tool, input, at.desk);
  const verdict = isOwn(wish, at.desk) ? OWN : verdictOn(wish, at);
  if (verdict.is === "allow") return allowed(input);
  if (verdict.is === "deny") return denied(verdict.reason);
  const why = description ?? decision_reason ?? "";
  const answer = await asks.ask(id, wishKey(wish), { kind: "permission", tool, detail: wish.detail, why });
  if (answer === null) return null;
  if (answer.is === "allowed") return allowed(input);
  return denied(answer.is === "denied" ? answer.reason : "");
}

/** All questions of one call stand side by side, and their answers go back together. */
async function inquire(id: string, input: Input, asks: Asks): Promise<object | null> {
  const questions = Questions.safeParse(input).data?.questions;
  if (!questions) return denied("Ask at least one question.");
  const answers = await Promise.all(questions.map((one) => asks.ask(id, one.question, questionOf(one))));
  const said = questions.map((one, n) => [one.question, wordsOf(answers[n])] as const);
  return answers.includes(null) ? null : allowed({ ...input, answers: Object.fromEntries(said) });
}

const isOwn = ({ paths }: Wish, { home }: Desk): boolean =>
  paths.length > 0 && paths.every((path) => inside(path, home));

const verdictOn = (wish: Wish, { turn, desk }: { turn: Turn; desk: Desk }): Verdict =>
  wish.paths.some((path) => inside(path, desk.home)) ? OWN : judge(wish, turn.kind, desk);

const hooked = (permissionDecision: Verdict["is"], permissionDecisionReason: string) => ({
  hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, permissionDecisionReason },
});
const allowed = (updatedInput: Input): object => ({ behavior: "allow", updatedInput });
const denied = (reason: string): object => ({ behavior: "deny", message: reason || "A person said no to this." });

function questionOf({ question, multiSelect, options }: Question): Asked {
  const recommended = options.findIndex(({ label }) => /\(recommended\)/i.test(label));
  return {
    kind: "question",
    text: question,
    options: options.map(({ label, description }) => ({ label, detail: description })),
    multi: multiSelect,
    free: true,
    recommended: recommended === -1 ? null : recommended,
  };
}

function wordsOf(answer: Answer | null | undefined): string {
  if (answer?.is !== "picked") return "(no answer)";
  return [...answer.labels, ...(answer.text === null ? [] : [answer.text])].join(", ");
}
