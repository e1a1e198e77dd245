import type { Outcome } from "../../core/outcome.ts";
import { never } from "../../lib/never.ts";
import { failed } from "../feed.ts";
import { planIn } from "../proposal.ts";
import { trouble } from "../trouble.ts";
import type { Info, Messages, News, Part } from "../wire/opencode.ts";
import { failure, givenUp, LOGIN } from "./end.ts";
import { agentOf } from "./launch.ts";
import { halt, type Scene } from "./scene.ts";
import { lastWords } from "./story.ts";
import { ending, nameOf } from "./turn.ts";

/** What an event of OpenCode's means for the turn. Events of helpers come along: they have conversations of their own. */
export function read(scene: Scene, news: News): void {
  scene.touch();
  const { story, asks, meter, session } = scene;
  const { type, properties: of } = news;
  switch (type) {
    case "session.created":
    case "session.updated":
      meter.take(of.info);
      meter.tell();
      break;
    case "session.status":
      status(scene, of);
      break;
    case "session.error":
      if (of.sessionID === session) broken(scene, failure(of.error, Date.now()));
      break;
    case "message.updated":
      if (of.info.sessionID === session) check(scene, of.info);
      break;
    case "message.part.delta":
      story.delta(of);
      break;
    case "message.part.updated":
      part(scene, of.part);
      break;
    case "permission.asked":
      asks.permission(of);
      break;
    case "permission.replied":
      asks.closed(of.requestID);
      break;
    case "question.asked":
      asks.question(of);
      break;
    case "todo.updated":
      if (of.sessionID === session) story.todos(of.todos);
      break;
    default:
      never(type);
  }
}

function status(scene: Scene, { sessionID, status }: Extract<News, { type: "session.status" }>["properties"]): void {
  if (status.type === "retry") {
    scene.story.note(status.message);
    const outcome = givenUp(status, Date.now());
    if (outcome) halt(scene, outcome);
  } else if (sessionID === scene.session && status.type === "busy") scene.isBusy = true;
  else if (sessionID === scene.session) void idle(scene);
}

/** What fails before it is begun is followed by no idle. */
function broken(scene: Scene, outcome: Outcome): void {
  scene.wrong ??= outcome;
  if (!scene.isBusy) scene.ended.resolve(scene.halted ?? scene.wrong);
}

/** Agent and model are read back from what really answers; a difference ends the turn. */
function check(scene: Scene, info: Info): void {
  if (info.role === "user") scene.said.add(info.id);
  if (info.role === "user" || info.summary) return; // made of earlier messages, by an agent for that
  const { turn, desk } = scene;
  const differences = [
    { what: "agent", has: info.agent ?? "none", told: agentOf(turn) },
    { what: "model", has: nameOf(info), told: desk.model },
  ].filter(({ has, told }) => told !== null && has !== told);
  const words = differences.map(
    ({ what, has, told }) => `OpenCode works with the ${what} ${has}, although ${told} was asked for.`,
  );
  if (words.length > 0) halt(scene, failed("failed", words.join("\n")));
}

function part({ story, session, said, steered, feed }: Scene, one: Part): void {
  const isOurs = one.sessionID === session && said.has(one.messageID);
  if (one.type === "tool" || (one.sessionID === session && !isOurs)) story.part(one);
  const at = isOurs && one.type === "text" ? steered.findIndex(({ text }) => text === one.text) : -1;
  const [heard] = at < 0 ? [] : steered.splice(at, 1);
  if (heard) feed.put({ type: "heard", messages: [heard.message] });
}

/** An unanswered message makes OpenCode go on by itself; when it does not, the turn ends as it is. */
const LULL_MS = 3000;

/** OpenCode may be idle twice, and between the turn and words that were put in late. */
async function idle(scene: Scene): Promise<void> {
  const { ended, http, session } = scene;
  const why = scene.halted ?? (scene.isBusy ? scene.wrong : null);
  if (why) ended.resolve(why);
  if (why || !scene.isBusy || !http) return;
  scene.isBusy = false;
  try {
    await Promise.allSettled(scene.steered.map(({ sent }) => sent));
    const { words, isAnswered } = await ending(http, session, scene.said);
    const finish = (): void => {
      if (!scene.isBusy) ended.resolve(outcomeOf(scene, words));
    };
    const timer = setTimeout(finish, isAnswered ? 0 : LULL_MS);
    await ended.promise.finally(() => clearTimeout(timer));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ended.resolve(scene.halted ?? trouble(why, { fix: LOGIN, now: Date.now() }));
  }
}

function outcomeOf({ turn }: Scene, words: Messages): Outcome {
  const last = words.at(-1)?.info;
  if (last?.role !== "assistant") return failed("failed", "OpenCode ended its turn without an answer.");
  const text = lastWords(words);
  if (last.finish === "content-filter") return failed("refused", text || "The provider filtered the answer.");
  return { ok: true, answer: text, plan: turn.kind === "plan" ? planIn(text) : null };
}
