import { readFile } from "node:fs/promises";
import { type ClientConnection, type ContentBlock, methods } from "@agentclientprotocol/sdk";
import type { Outcome } from "../../core/outcome.ts";
import { judge } from "../../core/permit.ts";
import type { Desk } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { joined } from "../../core/prompt.ts";
import { withPaths } from "../attach.ts";
import { failed } from "../feed.ts";
import { leftOut } from "../mcp.ts";
import { planIn } from "../proposal.ts";
import { Late, within } from "../watch.ts";
import { type Init, Prompted, type Update } from "../wire/acp.ts";
import { createDial } from "./dial.ts";
import { initialize, lack, open, writeMemory } from "./open.ts";
import { halt, type Line, type Scene } from "./scene.ts";
import { connect } from "./wire.ts";
import { wishOf } from "./wish.ts";

/** Speaks with the agent until its turn is over; rejects when the process ends first. */
export async function converse(scene: Scene, child: Child): Promise<Outcome> {
  const { turn, desk, how, feed, story, talk, watch } = scene;
  const connection = connect(child, {
    touch: watch.touch,
    update: (update) => hear(scene, update),
    permit: (request) => talk.permit(request),
    inquire: (form) => talk.inquire(form),
  });
  const seconds = Math.round(how.times.startMs / 1000);
  const late = (): Error => new Late(`${how.name} was not ready within ${seconds} s.`);
  const { init, memory } = await within(how.times.startMs, begin(scene, connection), late);
  const words = { type: "text" as const, text: withPaths(turn.prompt, unseen(desk, init)) };
  const prompt = [words, ...(await pictures(desk, init))];
  if (scene.halted) return scene.halted;
  const line: Line = { connection, memory, prompts: [] };
  story.begin(memory.cost);
  line.prompts.push(send(line, prompt));
  scene.line = line;
  const put = (cost: number): void => feed.put({ type: "token", token: writeMemory({ ...memory, cost }) });
  if (!how.quirks.rewinds || desk.memory) put(memory.cost);
  const answers: Prompted[] = [];
  for await (const answer of inTurn(line.prompts)) {
    answers.push(answer);
    const reasons = scene.halted ? null : talk.reasons();
    if (reasons !== null) line.prompts.push(send(line, [{ type: "text", text: reasons }]));
  }
  scene.line = null;
  talk.close();
  story.close();
  story.spent(answers);
  const outcome = scene.halted ?? outcomeOf(scene, answers.at(-1)?.stopReason);
  if (outcome.ok || !how.quirks.rewinds) put(story.cost ?? memory.cost);
  return outcome;
}

/** Words that are put in during the turn make the list longer while it is read. */
async function* inTurn<T>(list: readonly Promise<T>[]): AsyncGenerator<T> {
  for (const one of list) yield await one;
}

async function begin(scene: Scene, connection: ClientConnection) {
  const { turn, desk, how, watch, feed } = scene;
  const { agent } = connection;
  const { name, quirks } = how;
  const init = await initialize(agent);
  for (const server of desk.mcp) {
    const why = lack(server, { init, quirks });
    if (why !== null) feed.put(leftOut(server.name, why));
  }
  const { opened, memory } = await open({ agent, name, init, quirks, desk, quiet: watch.quiet });
  const dial = createDial({ agent, name, sessionId: memory.id, opened, quirks });
  scene.dial = dial;
  await dial.setMode(turn.kind);
  if (desk.model !== null) await dial.setModel(desk.model);
  if (desk.effort !== null) await dial.setEffort(desk.effort);
  return { init, memory };
}

function send({ connection, memory }: Line, prompt: ContentBlock[]): Promise<Prompted> {
  const answer = connection.agent
    .request(methods.agent.session.prompt, { sessionId: memory.id, prompt })
    .then((said) => Prompted.parse(said));
  // Whoever reads the answers hears of it; a turn that has failed before needs no second failure.
  answer.catch(() => undefined);
  return answer;
}

/** Words count as heard when the agent has answered them. */
export function steer({ line, halted, feed }: Scene, words: readonly { message: string; text: string }[]): void {
  if (!line || halted) return;
  const answer = send(line, [{ type: "text", text: joined(words.map(({ text }) => text)) }]);
  line.prompts.push(answer);
  const messages = words.map(({ message }) => message);
  answer.then(
    ({ stopReason }) => {
      if (stopReason !== "cancelled") feed.put({ type: "heard", messages });
    },
    () => undefined, // they wait for the next turn
  );
}

function hear(scene: Scene, update: Update): void {
  const { turn, story, dial, how, line } = scene;
  dial?.take(update);
  story.take(update);
  if (turn.kind !== "plan" || !line) return;
  const stray = dial?.strayed() ?? null;
  const done = stray === null ? unasked(scene, update) : null;
  if (stray !== null) halt(scene, failed("failed", `${how.name} left its read-only mode for ${stray}.`));
  if (done !== null) halt(scene, failed("failed", `${how.name} did this in a planning turn, without asking: ${done}`));
}

const ACTS: readonly string[] = ["command", "fetch", "mcp"];

/** What was done in a plan turn although the rules refuse it, by an agent that should have asked. Edits are found after the turn. */
function unasked({ turn, desk, story, talk, how }: Scene, update: Update): string | null {
  if (update.sessionUpdate !== "tool_call" && update.sessionUpdate !== "tool_call_update") return null;
  if (update.status !== "completed" || talk.asked(update.toolCallId) || how.quirks.holds === "own") return null;
  const wish = wishOf(story.tool(update));
  return ACTS.includes(wish.what) && judge(wish, turn.kind, desk).is === "deny" ? wish.detail : null;
}

function outcomeOf({ turn, story, how: { name } }: Scene, stopReason = "nothing said"): Outcome {
  const words = story.last();
  switch (stopReason) {
    case "end_turn": {
      const plan = turn.kind === "plan" ? planIn(words) : null;
      if (plan !== null) return { ok: true, answer: "", plan };
      if (turn.kind === "plan" && words === "") return failed("failed", `${name} ended its turn without a word.`);
      return { ok: true, answer: words, plan: null };
    }
    case "refusal":
      return failed("refused", words || `${name}'s model refused to answer.`);
    case "cancelled":
      return failed("failed", `${name} cancelled its own turn.`);
    case "max_tokens":
      return failed("failed", `${name} reached the limit of words for one turn.`);
    case "max_turn_requests":
      return failed("failed", `${name} reached its limit of steps for one turn.`);
    default:
      return failed("failed", `${name} ended its turn for a reason that is not known here: ${stopReason}`);
  }
}

const takesPictures = (init: Init): boolean => init.agentCapabilities?.promptCapabilities?.image === true;
const isPicture = ({ mime }: Desk["files"][number]): boolean => mime.startsWith("image/");

const unseen = ({ files }: Desk, init: Init): Desk["files"] =>
  files.filter((file) => !(takesPictures(init) && isPicture(file)));

function pictures({ files }: Desk, init: Init): Promise<ContentBlock[]> {
  const shown = takesPictures(init) ? files.filter(isPicture) : [];
  return Promise.all(
    shown.map(async ({ path, mime }): Promise<ContentBlock> => {
      return { type: "image", mimeType: mime, data: await readFile(path, "base64") };
    }),
  );
}
